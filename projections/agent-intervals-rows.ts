import { Schema } from "effect"
import { presences, routingStatuses } from "../src/genesys/presence.ts"
import { among, count, number, type RowKind, text, time } from "./row-kind.ts"

const { optionalKey } = Schema

const changes = (description: string) =>
  optionalKey(Schema.Record(Schema.String, text("the word")).annotate({ description }))

export const AgentInterval = Schema.Struct({
  interval: time("when the interval of 15 minutes began, as in the row key"),
  presence: changes(`the presences that began in it, by the time at which each did: ${among(presences)}`),
  routingStatus: changes(
    `the routing statuses that began in it, by the time at which each did: ${among(routingStatuses)}`
  ),
  handled: optionalKey(count("sessions that ended in it and in which the agent was connected; absent for none")),
  notAnswered: optionalKey(
    count("alerts that ended in it without a talk, and not because the customer left; absent for none")
  ),
  transferred: optionalKey(count("of `handled`, those that the agent handed on; absent for none")),
  talkMs: optionalKey(number("how long agent and customer talked in `handled`, in ms; absent for none")),
  heldMs: optionalKey(number("how long the customer was on hold in `handled`, in ms; absent for none"))
})

/** The rows of `agent-intervals`. */
export const rows: ReadonlyArray<RowKind> = [
  {
    row: "<interval>",
    meaning: "What changed for an agent in an interval, and the sessions that ended in it.",
    columns: AgentInterval
  }
]
