import { ofFunction, ofMapping, ofQueue, own } from "../metric.ts"
import { type AlarmTable, asBefore, atOnce, fiveMinutes, minutesWithLate, quiet, share, total } from "./alarm.ts"

/** Is something parked, or worse? */
export const parkedAlarms: AlarmTable = (on) => [
  {
    name: "rule-dlq-depth",
    section: "rule-dlq-depth",
    says: "Events that the bus could not deliver wait for a redrive.",
    signal: ofQueue(on.ruleDlq, "ApproximateNumberOfMessagesVisible", "Maximum"),
    ...atOnce
  },
  {
    name: "rule-dlq-age",
    section: "rule-dlq-age",
    says: "An event has been a dead letter of the rule for more than an hour: redrive does not bring it back.",
    signal: ofQueue(on.ruleDlq, "ApproximateAgeOfOldestMessage", "Maximum"),
    compare: ">",
    threshold: 3_600,
    ...fiveMinutes(1),
    missing: quiet
  },
  ...(on.copy === undefined
    ? []
    : ([
        {
          name: "copy-dlq-depth",
          section: "copy-dlq-depth",
          says: "Copies of events that did not reach the second region wait as dead letters; nothing redrives them.",
          signal: ofQueue(on.copy.dlq, "ApproximateNumberOfMessagesVisible", "Maximum"),
          ...atOnce
        }
      ] as const)),
  {
    name: "settle-dlq-depth",
    section: "settle-dlq-depth",
    says: "Updates that project could not fold wait for a redrive.",
    signal: ofQueue(on.settleDlq, "ApproximateNumberOfMessagesVisible", "Maximum"),
    ...atOnce
  },
  {
    name: "settle-dlq-age",
    section: "settle-dlq-age",
    says: "An update has been a dead letter for more than an hour: redrive does not bring it back.",
    signal: ofQueue(on.settleDlq, "ApproximateAgeOfOldestMessage", "Maximum"),
    compare: ">",
    threshold: 3_600,
    ...fiveMinutes(1),
    missing: quiet
  },
  {
    name: "redrive-dlq-depth",
    section: "redrive-dlq-depth",
    says: "The schedule cannot start redrive; meanwhile nothing is brought back.",
    signal: ofQueue(on.redriveDlq, "ApproximateNumberOfMessagesVisible", "Maximum"),
    ...atOnce
  },
  {
    name: "records-given-up",
    section: "records-given-up",
    says: "Records were given up after their last retry; they are in the failures bucket.",
    signal: ofMapping(on.appendMapping, "OnFailureDestinationDeliveredEventCount"),
    ...atOnce
  },
  {
    name: "records-lost",
    section: "records-lost",
    says: "Records were given up and did not reach the failures bucket: the stream has the only copy, for a while.",
    signal: total({
      dropped: ofMapping(on.appendMapping, "DroppedEventCount"),
      undelivered: ofFunction(on.functions.append, "DestinationDeliveryFailures")
    }),
    ...atOnce,
    ...minutesWithLate(1)
  },
  {
    name: "quarantined",
    section: "quarantined",
    says: "Events were quarantined in the last quarter of an hour.",
    signal: own(on, "append", "quarantined"),
    ...atOnce,
    periodSeconds: 900
  },
  {
    name: "quarantine-rate",
    section: "quarantine-rate",
    says: "More than 1 % of the events are quarantined.",
    signal: share(own(on, "append", "received"), own(on, "append", "quarantined")),
    compare: ">",
    threshold: 1,
    ...fiveMinutes(1),
    missing: quiet
  },
  {
    name: "conflicts",
    section: "conflicts",
    says: "Two events with one id have different content; the first is stored, the second is quarantined.",
    signal: own(on, "append", "conflicts"),
    ...atOnce
  },
  {
    name: "parked",
    section: "parked",
    says: "Redrive has parked messages that it could not bring back.",
    signal: own(on, "redrive", "parked"),
    ...atOnce
  },
  {
    name: "parked-events",
    section: "parked-updates",
    says: "Events were stored of which no table can hold everything; append has parked them, and all else goes on.",
    signal: own(on, "append", "parked"),
    ...atOnce
  },
  {
    name: "parked-updates",
    section: "parked-updates",
    says: "Project has parked updates that no table can hold; all else goes on.",
    signal: own(on, "project", "parked"),
    ...atOnce
  },
  {
    name: "breaker-open",
    section: "breaker-open",
    says: "The circuit breaker is not closed: redrive waits for a dependency to recover.",
    signal: own(on, "redrive", "breakerOpen", "Maximum"),
    ...atOnce,
    missing: asBefore
  }
]
