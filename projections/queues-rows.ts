import { Schema } from "effect"
import { count, flag, type RowKind, text, time } from "./row-kind.ts"
import { endedBy, userSession } from "./session-rows.ts"

const { optionalKey } = Schema

const byMedia = (what: string) =>
  Schema.Record(Schema.String, Schema.Int).annotate({
    description: `the same by medium, \`UNKNOWN\` where no event named it; a medium with no ${what} is absent`
  })

export const QueueState = Schema.Struct({
  members: optionalKey(count("members that are joined; absent while no member was ever reported")),
  waiting: count("sessions that wait for an agent, alerted or not"),
  waitingByMedia: byMedia("session that waits"),
  alerting: count("sessions that alert an agent, who has not answered"),
  alertingByMedia: byMedia("session that alerts"),
  interacting: count("sessions that an agent serves"),
  interactingByMedia: byMedia("session that is served"),
  monitoring: count("sessions in which somebody listens or coaches, and serves nobody"),
  monitoringByMedia: byMedia("session that is monitored"),
  wrapup: count("sessions in after-call work"),
  wrapupByMedia: byMedia("session in after-call work"),
  oldestWaitingSince: optionalKey(time("since when the session that has waited longest waits; absent when none waits"))
})

export const QueueMember = Schema.Struct({
  userId: text("the agent, as in the row key"),
  joined: flag("whether the agent takes work of the queue; a row that says no is deleted after a day"),
  since: optionalKey(time("since when that is so, where that is known"))
})

export const QueueSession = Schema.Struct({
  ...userSession,
  phase: text(
    "`waiting` of a wait; of an agent's session `alerting`, `interacting`, `monitoring` (listens or coaches, and serves nobody) or `wrapup`; `ended` of both"
  ),
  since: optionalKey(time("when the wait, or the agent's session, began; absent where no event said so")),
  endedBy: optionalKey(text(endedBy("`acd.end` of a wait; `user.end`, `TERMINATED` or `acw` of an agent's session"))),
  userId: optionalKey(text("the agent; absent of a wait")),
  segment: optionalKey(text("what the agent does in it, as Genesys spells it"))
})

/** What Genesys reports of one metric, or of one qualifier of it. */
const Observed = Schema.Struct({
  interval: optionalKey(
    Schema.Struct({ from: time("its beginning"), to: time("its end, which is not in it") }).annotate({
      description:
        "the time over which an aggregate is taken: the last one that was reported, and its last correction; absent for an observation, which is of an instant"
    })
  ),
  stats: Schema.Record(Schema.String, Schema.Finite).annotate({
    description: "`count`, and what other numbers Genesys reports; one that it does not is absent"
  }),
  at: time("when Genesys observed it; of an aggregate, up to when it was counted")
})

const EACH =
  "`stats`, with `count` and what other numbers Genesys reports; `at`, when it observed them, or up to when an aggregate was counted; and `interval` (`from`, `to`) of an aggregate"

const media = text("lower case (`voice`); `all` for all together")

export const QueueObservation = Schema.Struct({
  media,
  metrics: Schema.Record(Schema.String, Observed).annotate({
    description: `by what Genesys counts (\`oWaiting\`, \`oInteracting\`, ...): ${EACH}`
  })
})

export const QueueQualified = Schema.Struct({
  media,
  metric: text("what Genesys counts (`oUserRoutingStatuses`, ...)"),
  qualifiers: Schema.Record(Schema.String, Observed).annotate({
    description: `by what the metric is divided by (\`IDLE\`, ...): ${EACH}`
  })
})

/** The rows of `queues`, in the order of its documentation. */
export const rows: ReadonlyArray<RowKind> = [
  { row: "state", meaning: "Counts of the sets in the other rows.", columns: QueueState },
  { row: "member#<userId>", meaning: "An agent who is, or was, joined to the queue.", columns: QueueMember },
  { row: "session#<sessionId>", meaning: "A wait for an agent, or a session of an agent.", columns: QueueSession },
  { row: "observation#<media>", meaning: "Counts of a medium as Genesys reports them.", columns: QueueObservation },
  {
    row: "observation#<media>#<metric>",
    meaning: "A count that Genesys divides by a qualifier.",
    columns: QueueQualified
  }
]
