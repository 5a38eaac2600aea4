import { type Metric, ofQueue, ofRule, ofStream, own } from "../metric.ts"
import { type AlarmTable, asBefore, atOnce, type Expression, fiveMinutes, minutesWithLate, silence } from "./alarm.ts"

/** Something goes in and nothing comes out. A counter that does not move says more than any state that a service shows. */
const stuck = (waiting: Metric, done: Metric): Expression => ({
  // Where nothing is known of what waits there is no point either, so that a late one is waited for.
  expression: "IF(waiting > 0 AND FILL(done, 0) == 0, 1, 0)",
  of: { waiting, done }
})

/** Is it flowing? */
export const flowAlarms: AlarmTable = (on, config) => {
  const quietPeriods = Math.ceil(config.quietMinutes / 5)
  return [
    // A bus of our own is silent whenever nobody feeds it.
    ...(config.genesysEventSource === "" && config.existingBusArn === ""
      ? []
      : ([
          {
            name: "source-silent",
            section: "source-silent",
            says: `No event has come from Genesys Cloud for ${config.quietMinutes} minutes.`,
            signal: ofRule(on, "MatchedEvents"),
            compare: "<",
            threshold: 1,
            ...fiveMinutes(quietPeriods),
            missing: silence
          }
        ] as const)),
    {
      name: "delivery-failed",
      section: "delivery-failed",
      says: "The bus gave up delivering events to the stream.",
      signal: ofRule(on, "FailedInvocations"),
      ...atOnce
    },
    {
      name: "delivery-lost",
      section: "delivery-lost",
      says: "Events are being lost: the bus can put them neither into the stream nor into the dead letters.",
      signal: ofRule(on, "InvocationsFailedToBeSentToDlq"),
      ...atOnce
    },
    {
      name: "append-stalled",
      section: "append-stalled",
      says: "Events come in, but append finishes none of them.",
      signal: stuck(ofStream(on.stream, "IncomingRecords"), own(on, "append", "progress")),
      compare: ">=",
      threshold: 1,
      ...minutesWithLate(5),
      missing: asBefore
    },
    {
      name: "project-stalled",
      section: "project-stalled",
      says: "Updates are due, but project finishes none of them.",
      signal: stuck(
        ofQueue(on.settle, "ApproximateNumberOfMessagesVisible", "Maximum"),
        own(on, "project", "progress")
      ),
      compare: ">=",
      threshold: 1,
      ...minutesWithLate(5),
      missing: asBefore
    },
    ...(on.copy === undefined
      ? []
      : [
          {
            name: "copy-failed",
            section: "copy-failed",
            says: "Copies of events do not reach the second region.",
            signal: ofRule(on.copy, "FailedInvocations"),
            ...atOnce
          }
        ])
  ]
}
