import { ofQueue, ofReplication, own } from "../metric.ts"
import { type AlarmTable, asBefore, atOnce, fiveMinutes, quiet } from "./alarm.ts"

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

/** S3 copies most objects within minutes, and a week of a large centre within hours. */
const COPIED_SECONDS = 6 * 3_600

/** Is the copy in another account whole? Only in a stack with an `archiveCopyBucketArn`. */
export const archiveCopyAlarms: AlarmTable = ({ archiveCopy }) =>
  archiveCopy === undefined
    ? []
    : [
        {
          name: "archive-copy-failed",
          section: "archive-copy-failed",
          says: "S3 cannot copy objects of the archive to the other account, and does not try them again.",
          signal: ofReplication(archiveCopy, "OperationsFailedReplication"),
          ...atOnce
        },
        {
          name: "archive-copy-late",
          section: "archive-copy-late",
          says: "The copy of the archive in the other account is six hours behind.",
          signal: ofReplication(archiveCopy, "ReplicationLatency", "Maximum"),
          compare: ">",
          threshold: COPIED_SECONDS,
          ...fiveMinutes(1),
          missing: quiet
        }
      ]
