import { own } from "../metric.ts"
import { type AlarmTable, atOnce, fiveMinutes, quiet, share } from "./alarm.ts"

/** Has Genesys changed something? */
export const driftAlarms: AlarmTable = (on) => [
  {
    name: "new-topic",
    section: "new-topic",
    says: "Events of a topic that this version does not know have come in; they are stored, and folded into nothing.",
    signal: own(on, "append", "unknownTopics"),
    ...atOnce,
    periodSeconds: 300
  },
  {
    name: "schema-drift",
    section: "schema-drift",
    says: "One field or value that this version does not know comes with every ten events.",
    signal: share(
      own(on, "append", "received"),
      own(on, "append", "unknownFields"),
      own(on, "append", "unknownValues")
    ),
    compare: ">",
    threshold: 10,
    ...fiveMinutes(3),
    missing: quiet
  }
]
