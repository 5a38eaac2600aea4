import { ofQueue, own } from "../metric.ts"
import { type AlarmTable, asBefore, atOnce, fiveMinutes } from "./alarm.ts"

/** Ms after the end of a window by which it is archived, and by which it is confirmed: a week later, with a day to spare. */
const ARCHIVED_MS = 2 * 86_400_000
const CONFIRMED_MS = 9 * 86_400_000

/** Does what leaves the event table stand in the archive? Only in a stack with a retention of events. */
export const archiveAlarms: AlarmTable = (on) =>
  on.functions.archive === undefined || on.archiveDlq === undefined
    ? []
    : [
        {
          name: "archive-late",
          section: "archive-late",
          says: "A week of events is over for two days and not archived; it stays in the event table meanwhile.",
          signal: own(on, "archive", "archiveAge", "Maximum"),
          compare: ">",
          threshold: ARCHIVED_MS,
          ...fiveMinutes(1),
          missing: asBefore
        },
        {
          name: "archive-unconfirmed",
          section: "archive-unconfirmed",
          says: "The archive of a week of events is not confirmed two days after its time; the week stays in the event table.",
          signal: own(on, "archive", "confirmAge", "Maximum"),
          compare: ">",
          threshold: CONFIRMED_MS,
          ...fiveMinutes(1),
          missing: asBefore
        },
        {
          name: "archive-gap",
          section: "archive-gap",
          says: "The archive lacked events that the event table has; they were archived again.",
          signal: own(on, "archive", "missing", "Maximum"),
          compare: ">",
          threshold: 0,
          ...fiveMinutes(1),
          missing: asBefore
        },
        {
          name: "archive-dlq-depth",
          section: "archive-dlq-depth",
          says: "The schedule cannot start archive; meanwhile nothing is archived, and nothing new leaves the event table.",
          signal: ofQueue(on.archiveDlq, "ApproximateNumberOfMessagesVisible", "Maximum"),
          ...atOnce
        }
      ]
