import { Context } from "effect"

/** The part of an AWS client's configuration that says where and as whom it speaks. Empty on AWS: the environment decides. */
export interface ConnectionSettings {
  readonly region?: string
  readonly endpoint?: string
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
  /** Anything that the SDK accepts as `requestHandler`, such as the local engine. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own type differs by client
  readonly requestHandler?: any
}

export const Connection = Context.Reference<ConnectionSettings>("projections/Connection", { defaultValue: () => ({}) })
