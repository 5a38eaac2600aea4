import { createHash, createHmac } from "node:crypto"
import { S3Client } from "@aws-sdk/client-s3"
import { SignatureV4 } from "@smithy/signature-v4"

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** SHA-256 as the signer wants it: keyed where it has a secret. */
class Sha256 {
  private readonly hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string | Uint8Array)
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(data as string | Uint8Array)
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest()
  }
  reset(): void {
    throw new Error("a hash is used once")
  }
}

/** The credentials that the SDK finds; fails with what to do where there are none. */
export const findCredentials = async (region: string): Promise<Credentials> => {
  const client = new S3Client({ region })
  try {
    return await client.config.credentials()
  } catch (cause) {
    const [why] = (cause as Error).message.split("\n")
    throw new Error(`there are no AWS credentials (${why}): sign in, or set AWS_PROFILE`)
  } finally {
    client.destroy()
  }
}

/** Signs a call of a service of which the project has no client. */
export const signed = async (
  { region, credentials }: { readonly region: string; readonly credentials: Credentials },
  service: string,
  headers: Readonly<Record<string, string>>,
  body: string
) => {
  const hostname = `${service}.${region}.amazonaws.com`
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 })
  const request = { method: "POST", protocol: "https:", hostname, path: "/", query: {}, body }
  return signer.sign({ ...request, headers: { host: hostname, ...headers } })
}

const call = async (...of: Parameters<typeof signed>): Promise<string> => {
  const { hostname, headers, body } = await signed(...of)
  const response = await fetch(`https://${hostname}/`, { method: "POST", headers, body })
  const text = await response.text()
  if (!response.ok)
    throw new Error(`${of[1]} answers ${response.status}: ${text.replaceAll(/\s+/g, " ").slice(0, 300)}`)
  return text
}

type Where = Parameters<typeof signed>[0]

const sts = (where: Where, parameters: Readonly<Record<string, string>>): Promise<string> =>
  call(
    where,
    "sts",
    { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    new URLSearchParams({ ...parameters, Version: "2011-06-15" }).toString()
  )

/** The text of an element that is there once. */
const element = (xml: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ""

/** The number of the account. */
export const accountOf = async (where: Where): Promise<string> =>
  element(await sts(where, { Action: "GetCallerIdentity" }), "Account")

/** Credentials of a role for fifteen minutes. */
export const assume = async (where: Where, RoleArn: string): Promise<Credentials> => {
  const session = { RoleSessionName: "account-check", DurationSeconds: "900" }
  const xml = await sts(where, { Action: "AssumeRole", RoleArn, ...session })
  return {
    accessKeyId: element(xml, "AccessKeyId"),
    secretAccessKey: element(xml, "SecretAccessKey"),
    sessionToken: element(xml, "SessionToken")
  }
}

/** What one `PutEvents` takes. */
const ENTRIES = 10

/** Envelopes as entries of `PutEvents`, in calls. The bus gives each an id of its own. */
export const entriesOf = (lines: ReadonlyArray<string>, EventBusName: string, Source: string) => {
  const entries = lines.map((line) => {
    const { "detail-type": DetailType, detail } = JSON.parse(line)
    return { EventBusName, Source, DetailType, Detail: JSON.stringify(detail) }
  })
  return Array.from({ length: Math.ceil(entries.length / ENTRIES) }, (_, i) =>
    entries.slice(i * ENTRIES, (i + 1) * ENTRIES)
  )
}

export const putEvents = async (
  where: Where,
  lines: ReadonlyArray<string>,
  bus: string,
  source: string
): Promise<void> => {
  for (const Entries of entriesOf(lines, bus, source)) {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSEvents.PutEvents" }
    const { FailedEntryCount, Entries: results } = JSON.parse(
      await call(where, "events", headers, JSON.stringify({ Entries }))
    )
    const refused = (results as ReadonlyArray<{ readonly ErrorCode?: string }>).find(({ ErrorCode }) => ErrorCode)
    if (FailedEntryCount > 0) throw new Error(`the bus refused ${FailedEntryCount} events: ${refused?.ErrorCode}`)
  }
}
