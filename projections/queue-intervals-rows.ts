import { Schema } from "effect"
import { flag, number, type RowKind, text, time } from "./row-kind.ts"

const { optionalKey } = Schema

const key = {
  interval: time("when the interval of 15 minutes began, as in the row key"),
  sessionId: text("the session, as in the row key"),
  mediaType: optionalKey(text("`VOICE`, `CHAT`, ... as Genesys spells it"))
} as const

const late = optionalKey(flag("true where something of it arrived a minute after the interval was over, or later"))

export const QueueIntervalWait = Schema.Struct({
  ...key,
  participant: text("`acd`"),
  offeredAt: optionalKey(
    time("when the wait began; absent where that was in an earlier interval, or no event said so")
  ),
  endedAt: optionalKey(time("when the wait ended; absent where that was in a later interval, or no event said so")),
  outcome: optionalKey(text("how it ended: `ANSWERED`, `ABANDON`, `FLOW_OUT`, or another that Genesys adds")),
  answeredBy: optionalKey(text("the agent who answered")),
  waitMs: optionalKey(number("how long it waited, in ms")),
  late
})

export const QueueIntervalAgent = Schema.Struct({
  ...key,
  participant: text("`user`"),
  userId: optionalKey(text("the agent")),
  endedAt: optionalKey(time("when the agent's session ended; absent where that was in an earlier interval")),
  disconnectType: optionalKey(text("why it ended, as Genesys spells it")),
  alertingMs: optionalKey(number("how long the agent was alerted, in ms")),
  contactingMs: optionalKey(number("how long the agent's own line was called, in ms")),
  dialingMs: optionalKey(number("how long the customer was called, in ms")),
  interactingMs: optionalKey(number("how long agent and customer talked, in ms")),
  heldMs: optionalKey(number("how long the customer was on hold, in ms")),
  wrapupAt: optionalKey(
    time("when after-call work ended; absent where that was in another interval, or there was none")
  ),
  wrapupMs: optionalKey(number("how long after-call work took, in ms")),
  late
})

/** The rows of `queue-intervals`. */
export const rows: ReadonlyArray<RowKind> = [
  {
    row: "<interval>#wait#<sessionId>",
    meaning: "A wait that was offered or ended in the interval.",
    columns: QueueIntervalWait
  },
  {
    row: "<interval>#agent#<sessionId>",
    meaning: "A session of an agent that ended in the interval, or its after-call work.",
    columns: QueueIntervalAgent
  }
]
