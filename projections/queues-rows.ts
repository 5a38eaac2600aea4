import { Schema } from "effect"
import { count, flag, type RowKind, text, time } from "./row-kind.ts"

const { optionalKey } = Schema

const byMedia = (what: string) =>
  Schema.Record(Schema.String, Schema.Int).annotate({
    description: `the same by medium, \`UNKNOWN\` where no event named it; a medium with no ${what} is absent`
  })

export const QueueState = Schema.Struct({
  members: count("members that are joined"),
  waiting: count("sessions that wait for an agent"),
  waitingByMedia: byMedia("session that waits"),
  interacting: count("sessions that an agent serves"),
  interactingByMedia: byMedia("session that is served"),
  oldestWaitingSince: optionalKey(time("since when the session that has waited longest waits; absent when none waits"))
})

export const QueueMember = Schema.Struct({
  userId: text("the agent, as in the row key"),
  joined: flag("whether the agent takes work of the queue; a row that says no is deleted after a day"),
  since: time("since when that is so")
})

export const QueueSession = Schema.Struct({
  sessionId: text("the session, as in the row key"),
  waiting: optionalKey(flag("whether it waits for an agent; absent where no event said so")),
  waitingEndedAt: optionalKey(time("when it stopped to wait; only of one that has")),
  interacting: optionalKey(flag("whether an agent serves it; absent where no event said so")),
  interactingEndedAt: optionalKey(time("when that ended; only of one that has")),
  since: optionalKey(time("since when it is served, or else since when it waits; absent once neither is so")),
  conversationId: optionalKey(text("the conversation that the session is part of")),
  mediaType: optionalKey(text("`VOICE`, `CHAT`, ... as Genesys spells it")),
  direction: optionalKey(text("`INBOUND`, `OUTBOUND`, ... as Genesys spells it")),
  userId: optionalKey(text("the agent who serves it, where known")),
  wrapup: optionalKey(
    Schema.Struct({
      code: optionalKey(text("the code that the agent chose")),
      durationMs: optionalKey(Schema.Finite)
    }).annotate({ description: "after-call work: `code`, and `durationMs` in ms, where Genesys reports them" })
  )
})

export const QueueObservation = Schema.Struct({
  media: text("lower case (`voice`); `all` for all together"),
  metric: text("what Genesys counts (`oWaiting`, `oInteracting`, ...)"),
  qualifier: optionalKey(text("what the metric is divided by, where it is")),
  stats: Schema.Record(Schema.String, Schema.Finite).annotate({
    description: "`count`, and what other numbers Genesys reports; one that it does not is absent"
  }),
  at: time("when Genesys observed it")
})

/** The rows of `queues`, in the order of its documentation. */
export const rows: ReadonlyArray<RowKind> = [
  { row: "state", meaning: "Counts of the sets in the other rows.", columns: QueueState },
  { row: "member#<userId>", meaning: "An agent who is, or was, joined to the queue.", columns: QueueMember },
  { row: "session#<sessionId>", meaning: "A session that waits, is served, or was.", columns: QueueSession },
  {
    row: "observation#<media>#<metric>",
    meaning: "A count as Genesys reports it, followed by `#<qualifier>` where it has one.",
    columns: QueueObservation
  }
]
