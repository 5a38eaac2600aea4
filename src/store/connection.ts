import { Context } from "effect"

/** Credentials of AWS. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Where and as whom an AWS client makes its calls. Empty on AWS: the environment decides. */
export interface ConnectionSettings {
  readonly region?: string
  readonly endpoint?: string
  /** Credentials, or a function that fetches new ones when they expire, such as a provider of the SDK. */
  readonly credentials?: Credentials | (() => Promise<Credentials>)
  /** Anything that the SDK accepts as `requestHandler`, such as the local engine. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own type differs by client
  readonly requestHandler?: any
}

export const Connection = Context.Reference<ConnectionSettings>("projections/Connection", { defaultValue: () => ({}) })
