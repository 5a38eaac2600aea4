import { Data } from "effect"

/** Why Genesys gave no response that a decision can rest on. */
export type NoAnswerReason =
  | "rateLimited"
  | "timedOut"
  | "unavailable"
  | "unreadable"
  | "refused"
  | "unknownAgent"
  | "noCredentials"

const sentences: Readonly<Record<NoAnswerReason, string>> = {
  rateLimited: "the rate limit is reached; wait retryAfterMs, and see genesys.requestsPerMinute",
  timedOut: "no response within genesys.timeout",
  unavailable: "the API could not be reached, or failed",
  unreadable: "the response does not follow the API documentation",
  refused:
    "the credentials were refused; genesys.credentials must be those of an OAuth client with the grant Client Credentials in the region genesys.domain",
  unknownAgent: "the API knows no active user with this id",
  noCredentials:
    "genesys.credentials could not be read; the secret must hold the JSON object { clientId, clientSecret } and be readable by this role"
}

export const noAnswerReasons = Object.keys(sentences) as ReadonlyArray<NoAnswerReason>

/**
 * Genesys gave no usable response. `status` is that of the response, `retryAfterMs` the time until the next call may be sent, each if known;
 * `detail` is the name of an error. Neither they nor the message contain any part of a request or of a response's body.
 */
export class NoAnswer extends Data.TaggedError("NoAnswer")<{
  readonly reason: NoAnswerReason
  readonly status?: number
  readonly retryAfterMs?: number
  readonly detail?: string
}> {
  override get message(): string {
    const known = [
      this.status === undefined ? undefined : `status ${this.status}`,
      this.detail,
      this.retryAfterMs === undefined ? undefined : `retryAfterMs ${this.retryAfterMs}`
    ].filter((part) => part !== undefined)
    return `${this.reason}: ${sentences[this.reason]}${known.length === 0 ? "" : ` (${known.join(", ")})`}`
  }
}

/** Whether Genesys said just now that it does not know the credentials or the token; not, that it did so a while ago. */
export const isRefusal = ({ reason, status, retryAfterMs }: NoAnswer): boolean =>
  reason === "refused" && status === 401 && retryAfterMs === undefined

// Names that programmers gave: ECONNREFUSED, AccessDeniedException. Anything else may quote what was sent.
const NAME = /^[A-Za-z_]{3,60}$/

const nameOf = (cause: unknown): string | undefined => {
  if (typeof cause !== "object" || cause === null) return undefined
  const { code, name, cause: inner } = cause as { readonly [key: string]: unknown }
  return nameOf(inner) ?? [code, name].find((text): text is string => typeof text === "string" && NAME.test(text))
}

/** What may be told of something thrown: the name or code of its innermost cause. */
export const detailOf = (cause: unknown): { readonly detail?: string } => {
  const detail = nameOf(cause)
  return detail === undefined ? {} : { detail }
}
