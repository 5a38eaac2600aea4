import { Schema } from "effect"
import { presences, routingStatuses } from "../src/genesys/presence.ts"
import { among, flag, number, type RowKind, text, time } from "./row-kind.ts"
import { userSession } from "./session-rows.ts"

const { optionalKey } = Schema

/** Conversations of an agent in one medium. A count that Genesys does not report is absent, which is not zero. */
export const AgentLoad = Schema.Struct({
  active: optionalKey(number("ACD conversations that are going on")),
  acw: optionalKey(number("ACD conversations in after-call work")),
  enterpriseActive: optionalKey(number("other conversations that are going on")),
  enterpriseAcw: optionalKey(number("other conversations in after-call work"))
})

export const AgentStation = Schema.Struct({
  id: text("the station"),
  name: optionalKey(text("its name"))
})

const PersistentConnection = Schema.Struct({
  state: text(
    "`PERSISTED`, `ACTIVE_CALL`, `DISCONNECTED`, `FAILED`, or another that Genesys adds; after the last two a call must be set up anew"
  ),
  since: time("since when"),
  stationId: optionalKey(text("the station of the line"))
})

export const AgentState = Schema.Struct({
  state: text(
    "what a supervisor would read, in the words of Genesys: presence and routing status taken together, and `Out of Office` for an agent who is neither on queue nor on a conversation; `Inactive` or `Deleted` of a user who was deactivated or deleted; `Unknown` while one of them that matters was never seen"
  ),
  since: optionalKey(time("since when `state` holds; absent while it is `Unknown`")),
  presence: optionalKey(text(`what the agent declared: ${among(presences)}`)),
  presenceSince: optionalKey(time("since when `presence` holds")),
  presenceId: optionalKey(text("the organisation's own presence definition, where the event names one")),
  presenceSource: optionalKey(
    text(
      "the source whose presence counts as the agent's, by the id that Genesys gives it; absent until that was changed"
    )
  ),
  routingStatus: optionalKey(text(`what the platform observed: ${among(routingStatuses)}`)),
  routingStatusSince: optionalKey(time("since when `routingStatus` holds")),
  outOfOffice: optionalKey(flag("whether the agent is set out of office")),
  activeQueueIds: optionalKey(
    Schema.Array(Schema.String).annotate({ description: "the queues that the agent is joined to" })
  ),
  station: optionalKey(
    Schema.NullOr(AgentStation).annotate({
      description: "the station in use: `id`, and `name` where known; null for none"
    })
  ),
  persistentConnection: optionalKey(
    PersistentConnection.annotate({
      description:
        "the line that the agent's phone keeps open between calls: `state`, `since`, and `stationId` where known"
    })
  ),
  userState: optionalKey(
    text(
      "`inactive` of a user who was deactivated, `deleted`, or `active` of one who is back; absent while no audit told"
    )
  ),
  userStateSince: optionalKey(time("since when `userState` holds, as far as audits tell")),
  conversations: optionalKey(
    Schema.Record(Schema.String, AgentLoad).annotate({
      description:
        "conversations by medium (`voice`, `chat`, ...), each with those of `active`, `acw`, `enterpriseActive`, `enterpriseAcw` that Genesys reports"
    })
  )
})

export const AgentSession = Schema.Struct({
  ...userSession,
  open: flag(
    "whether the agent still works on it; wrap-up is no open work, and a row that has ended is deleted after a day"
  ),
  queueId: optionalKey(text("the queue that it came by")),
  segment: optionalKey(text("what the agent does in it, as Genesys spells it"))
})

/** The rows of `agents`, in the order of its documentation. */
export const rows: ReadonlyArray<RowKind> = [
  { row: "state", meaning: "What the agent is doing. A facet that was never seen is absent.", columns: AgentState },
  { row: "session#<sessionId>", meaning: "A session of the agent in a conversation.", columns: AgentSession }
]
