import { Schema } from "effect"
import { flag, type RowKind, text, time } from "./row-kind.ts"
import { endedBy } from "./session-rows.ts"

const { optionalKey } = Schema

export const ConversationSession = Schema.Struct({
  sessionId: text("the session, as in the row key"),
  participant: text("`customer`; `acd` of a wait in a queue; `user` of an agent"),
  open: flag("whether it goes on; a row that does not is deleted after a day"),
  mediaType: optionalKey(text("`VOICE`, `CHAT`, ... as Genesys spells it")),
  direction: optionalKey(text("`INBOUND`, `OUTBOUND`, ... as Genesys spells it")),
  queueId: optionalKey(text("the queue of a wait, or the one that an agent's session came by")),
  userId: optionalKey(text("the agent of a session of an agent")),
  since: optionalKey(time("when it began; absent where no event said so")),
  connectedSince: optionalKey(time("when the agent was last connected, where the topic of agent states is received")),
  endedAt: optionalKey(
    time("when it ended; only of a session that has. Where a rule ended it after a while, when that while was over")
  ),
  outcome: optionalKey(text("how a wait ended: `ANSWERED`, `ABANDON`, `FLOW_OUT`, or another that Genesys adds")),
  answeredBy: optionalKey(text("the agent who answered a wait")),
  endedBy: optionalKey(text(endedBy("absent where an event of the session ended it")))
})

/** The rows of `conversations`. */
export const rows: ReadonlyArray<RowKind> = [
  {
    row: "session#<sessionId>",
    meaning: "A session of the customer, a wait in a queue, or a session of an agent.",
    columns: ConversationSession
  }
]
