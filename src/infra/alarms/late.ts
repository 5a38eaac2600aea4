import { ofFunction, ofQueue, ofRule, own } from "../metric.ts"
import { type Alarm, type AlarmTable, asBefore, fiveMinutes, minutes, quiet, share } from "./alarm.ts"
import { slowMs } from "./slow.ts"

/** Is it late? */
export const lateAlarms: AlarmTable = (on, config, expected) => [
  {
    name: "iterator-age",
    section: "iterator-age",
    says: "Append reads the stream more than a minute behind.",
    signal: ofFunction(on.functions.append, "IteratorAge", "Maximum"),
    compare: ">",
    threshold: 1_000 * (60 + config.batchWindowSeconds),
    ...minutes(3),
    missing: asBefore
  },
  {
    name: "stream-expiring",
    section: "stream-expiring",
    says: "Append is behind by a quarter of the stream's retention; the stream deletes records that nobody reads in time.",
    signal: ofFunction(on.functions.append, "IteratorAge", "Maximum"),
    compare: ">",
    threshold: (config.streamRetentionHours * 3_600_000) / 4,
    ...minutes(1),
    missing: asBefore
  },
  {
    name: "settle-backlog",
    section: "settle-backlog",
    says: "The oldest update has waited five minutes longer than any should.",
    signal: ofQueue(on.settle, "ApproximateAgeOfOldestMessage", "Maximum"),
    compare: ">",
    threshold: config.settleWindowSeconds + config.skewBoundSeconds + 300,
    ...minutes(3),
    missing: quiet
  },
  {
    name: "settle-lag",
    section: "settle-lag",
    says: "One update in twenty is visible more than ten seconds after it has settled.",
    signal: own(on, "project", "settleLag", "p95"),
    compare: ">",
    threshold: 1_000 * (config.settleWindowSeconds + 10),
    ...fiveMinutes(3),
    missing: quiet
  },
  ...(["append", "project"] as const).map(
    (name): Alarm => ({
      name: `${name}-slow`,
      section: "function-slow",
      says: `One invocation of ${name} in twenty takes more than ${slowMs(expected)[name]} ms.`,
      signal: ofFunction(on.functions[name], "Duration", "p95"),
      compare: ">",
      threshold: slowMs(expected)[name],
      ...fiveMinutes(3),
      missing: quiet
    })
  ),
  {
    name: "late-events",
    section: "late-events",
    says: "More than 5 % of the events arrive after their settle window.",
    signal: share(own(on, "append", "received"), own(on, "append", "late")),
    compare: ">",
    threshold: 5,
    ...fiveMinutes(3),
    missing: quiet
  },
  {
    name: "future-clocks",
    section: "future-clocks",
    says: "More than 1 % of the events carry a clock that is further ahead than the skew bound.",
    signal: share(own(on, "append", "received"), own(on, "append", "future")),
    compare: ">",
    threshold: 1,
    ...fiveMinutes(3),
    missing: quiet
  },
  ...(on.copy === undefined
    ? []
    : ([
        {
          name: "copy-latency",
          section: "copy-latency",
          says: "One copy in twenty reaches the second region more than thirty seconds late.",
          signal: ofRule(on.copy, "IngestionToInvocationSuccessLatency", "p95"),
          compare: ">",
          threshold: 30_000,
          ...fiveMinutes(2),
          missing: quiet
        }
      ] as const))
]
