import { Data } from "effect"
import { type Fields, fieldsOf, textOf } from "./http.ts"

/** Why a call to the Genesys Cloud API came to nothing. */
export type CallFailure =
  | "refused"
  | "forbidden"
  | "notFound"
  | "conflict"
  | "invalid"
  | "rateLimited"
  | "unavailable"
  | "timedOut"
  | "unreadable"
  | "endless"
  | "noCredentials"

const sentences: Readonly<Record<CallFailure, string>> = {
  refused:
    "Genesys does not accept the OAuth client; check its id and secret, its grant (Client Credentials), and that its organisation is in this region",
  forbidden: "the OAuth client lacks a permission; give its role in Genesys Cloud what the call needs",
  notFound: "the organisation has no such thing",
  conflict: "somebody else changed it in the meantime; read it again and repeat the command",
  invalid: "Genesys does not accept the request",
  rateLimited: "the rate limit of the OAuth client is reached; wait, or use fewer requests a minute",
  unavailable: "the API could not be reached, or failed",
  timedOut: "the API did not respond in time",
  unreadable: "the response does not follow the API documentation",
  endless:
    "there is always a next page, far beyond what an organisation has; report it to Genesys Cloud, with the call and the time",
  noCredentials:
    "the credentials could not be read; the secret must hold the JSON object { clientId, clientSecret } and be readable by this role"
}

// A code or permission that programmers gave, such as `bad.request` or `routing:queue:view`. A message might quote what was sent.
const CODE = /^[a-z][a-z0-9._-]{1,60}$/i
const PERMISSION = /\b[a-zA-Z]{2,40}:[a-zA-Z]{1,40}:[a-zA-Z]{2,40}\b/g

/** What may be told of the body of an error: its code, and the permissions that it asks for. */
export const problemIn = (body: Fields): { readonly code?: string; readonly permissions?: ReadonlyArray<string> } => {
  const code = textOf(body.code)
  const texts = [textOf(body.message), ...Object.values(fieldsOf(body.messageParams)).map(textOf)]
  const permissions = [...new Set(texts.flatMap((text) => text?.match(PERMISSION) ?? []))]
  return {
    ...(code !== undefined && CODE.test(code) ? { code } : {}),
    ...(permissions.length === 0 ? {} : { permissions })
  }
}

/** The method and path of a request without its query, and with `{id}` for every id. */
export const describeCall = (method: string, path: string): string =>
  `${method} ${(path.split("?")[0] ?? "").replaceAll(/(?<=\/)[^/]*\d[^/]*(?=\/|$)(?<!\/v2)/g, "{id}")}`

/**
 * A call to the Genesys Cloud API came to nothing. `call`: its method and path, without any id. `status`: that of the response.
 * `code` and `permissions`: what the response names. `retryAfterMs`: the time until it may be tried again. `detail`: the name of an error.
 * Neither these nor the message hold any other part of a request or a response.
 */
export class CallFailed extends Data.TaggedError("CallFailed")<{
  readonly reason: CallFailure
  readonly call: string
  readonly status?: number
  readonly code?: string
  readonly permissions?: ReadonlyArray<string>
  readonly retryAfterMs?: number
  readonly detail?: string
}> {
  override get message(): string {
    const known = [
      this.status === undefined ? undefined : `status ${this.status}`,
      this.code,
      this.permissions === undefined ? undefined : `needs ${this.permissions.join(" or ")}`,
      this.detail,
      this.retryAfterMs === undefined ? undefined : `wait ${Math.ceil(this.retryAfterMs / 1_000)} s`
    ].filter((part) => part !== undefined)
    return `${this.call}: ${sentences[this.reason]}${known.length === 0 ? "" : ` (${known.join(", ")})`}`
  }
}
