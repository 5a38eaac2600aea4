import { ofFunction, ofStream, ofTable, own } from "../metric.ts"
import { type Alarm, type AlarmTable, fiveMinutes, minutes, minutesWithLate, quiet, share, total } from "./alarm.ts"

/** At least once in every one of five minutes: retries ride out less. */
const keepsOn = { compare: ">=", threshold: 1, ...minutes(5), missing: quiet } as const

const keepsOnInAll = { ...keepsOn, ...minutesWithLate(5) } as const

/** Does something fail, or refuse for want of capacity? */
export const refusedAlarms: AlarmTable = (on) => [
  ...Object.entries(on.functions).flatMap(
    ([name, fn]): ReadonlyArray<Alarm> => [
      {
        name: `${name}-errors`,
        section: "function-errors",
        says: `Invocations of ${name} fail.`,
        signal: ofFunction(fn, "Errors"),
        // After a failure it tries again five minutes later.
        ...(name === "reconcile" || name === "archive"
          ? { ...keepsOn, ...fiveMinutes(3) }
          : { ...keepsOn, breaches: 3 })
      },
      {
        name: `${name}-throttles`,
        section: "function-throttles",
        says: `Lambda refuses invocations of ${name} for lack of concurrency.`,
        signal: ofFunction(fn, "Throttles"),
        ...keepsOn
      }
    ]
  ),
  ...Object.entries(on.tables).map(
    ([name, table]): Alarm => ({
      name: `${name}-table-throttles`,
      section: "table-throttles",
      says: `DynamoDB refuses reads or writes of the table ${name}.`,
      signal: total({ reads: ofTable(table, "ReadThrottleEvents"), writes: ofTable(table, "WriteThrottleEvents") }),
      ...keepsOnInAll
    })
  ),
  {
    name: "stream-throttles",
    section: "stream-throttles",
    says: "Kinesis refuses reads or writes for lack of shards.",
    signal: total({
      reads: ofStream(on.stream, "ReadProvisionedThroughputExceeded"),
      writes: ofStream(on.stream, "WriteProvisionedThroughputExceeded")
    }),
    ...keepsOnInAll
  },
  {
    name: "retry-storm",
    section: "retry-storm",
    says: "Append makes one retry for every four events.",
    signal: share(own(on, "append", "received"), own(on, "append", "retries")),
    compare: ">",
    threshold: 25,
    ...fiveMinutes(2),
    missing: quiet
  }
]
