import { type Effect, Result } from "effect"
import type { DeadLetter, Source } from "../store/dead-letters.ts"
import { type HandedOver, SettleReturn, StreamSink } from "../store/hand-over.ts"
import { partitionKeyOf } from "../store/partition-key.ts"
import { decodeSettlement } from "../store/settle-queue.ts"

/** Why a dead letter is not brought back. */
export type ParkReason = "NotAnEvent" | "NotASettlement" | "TooManyAttempts" | "Refused"

/** Why, and one sentence that holds no value of the message. */
export interface Unrecoverable {
  readonly reason: ParkReason
  readonly detail: string
}

/** From one queue of dead letters back to where they came from. */
export interface Lane {
  readonly source: Source
  /** What a letter is handed to, which has a breaker of its own. */
  readonly dependency: string
  /** Whether a letter should not even be tried. */
  readonly unrecoverable: (letter: DeadLetter, maxAttempts: number) => Unrecoverable | undefined
  /** Returns one outcome for each letter, in the order of its input. Takes recoverable letters only. */
  readonly handOver: (
    letters: ReadonlyArray<DeadLetter>
  ) => Effect.Effect<ReadonlyArray<HandedOver>, never, StreamSink | SettleReturn>
}

const isSettlement = (body: string): boolean => Result.isSuccess(Result.try(() => decodeSettlement(body)))

/** Events that the rule could not deliver go into the stream. */
const rule: Lane = {
  source: "rule",
  dependency: "stream",
  unrecoverable: ({ body }) =>
    partitionKeyOf(body) === undefined
      ? { reason: "NotAnEvent", detail: "the body is not an event with an id and a detail" }
      : undefined,
  handOver: (letters) =>
    StreamSink.use(({ put }) =>
      put(letters.map(({ body }) => ({ key: partitionKeyOf(body) ?? "", data: Buffer.from(body) })))
    )
}

/** Settle messages that project gave up go back into the settle queue. */
const settle: Lane = {
  source: "settle",
  dependency: "settle",
  unrecoverable: ({ body, attempts }, maxAttempts) => {
    if (!isSettlement(body)) return { reason: "NotASettlement", detail: "the body is not a settle message" }
    return attempts >= maxAttempts
      ? { reason: "TooManyAttempts", detail: `project gave it up again after it was brought back ${attempts} times` }
      : undefined
  },
  handOver: (letters) =>
    SettleReturn.use(({ send }) => send(letters.map(({ body, attempts }) => ({ body, attempts: attempts + 1 }))))
}

export const lanes: ReadonlyArray<Lane> = [rule, settle]

/** After so many receives that ended in a refusal nothing will come of it. What is merely unavailable may wait for ever. */
export const refusedForGood = (
  { receives }: DeadLetter,
  outcome: HandedOver,
  maxAttempts: number
): Unrecoverable | undefined =>
  outcome._tag === "refused" && receives >= maxAttempts
    ? { reason: "Refused", detail: `refused as ${outcome.reason} after ${receives} receives` }
    : undefined
