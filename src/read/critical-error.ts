import { Data } from "effect"
import type { NoAnswer, NoAnswerReason } from "../genesys-api/error.ts"
import type { Agent } from "./answers.ts"

/** `unordered`: the sources contradict each other, and Genesys states no time. The others: Genesys gave no usable response. */
export type NotConfirmedReason = NoAnswerReason | "unordered"

/**
 * No source could confirm the agent: do not decide. `projected` is what the projection says, undefined if it has no row: you may display
 * it, but assign no work on it. `retryAfterMs` is the time until a call may succeed, `status` that of Genesys' response, each if known.
 */
export class NotConfirmed extends Data.TaggedError("NotConfirmed")<{
  readonly reason: NotConfirmedReason
  readonly projected: Agent | undefined
  readonly retryAfterMs?: number
  readonly status?: number
  readonly message: string
}> {}

/** The failure of a decision that an answer of Genesys was missing for. */
export const notConfirmed = (projected: Agent | undefined, { reason, message, retryAfterMs, status }: NoAnswer) =>
  new NotConfirmed({
    reason,
    projected,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === undefined ? {} : { status })
  })

/** The failure of a decision between two that contradict each other. */
export const unordered = (projected: Agent) =>
  new NotConfirmed({
    reason: "unordered",
    projected,
    message:
      "unordered: Genesys states another value than the projection, and not since when; nothing says which is newer"
  })

/** The failure of a decision that the projection was too slow for. */
export const late = () =>
  new NotConfirmed({
    reason: "timedOut",
    projected: undefined,
    message: "timedOut: the projection did not answer within genesys.timeout"
  })
