import { ofQueue, own } from "../metric.ts"
import { type AlarmTable, asBefore, atOnce, fiveMinutes } from "./alarm.ts"

/** Are rows still what the events say? Only in a stack that audits itself. */
export const auditAlarms: AlarmTable = (on) =>
  on.functions.audit === undefined || on.auditDlq === undefined
    ? []
    : [
        {
          name: "rows-differ",
          section: "rows-differ",
          says: "Rows are not what the events say: npx projections audit lists them.",
          signal: own(on, "audit", "discrepancies", "Maximum"),
          compare: ">=",
          threshold: 1,
          ...fiveMinutes(1),
          missing: asBefore
        },
        {
          name: "audit-dlq-depth",
          section: "audit-dlq-depth",
          says: "The schedule cannot start audit; meanwhile nobody looks whether rows are right.",
          signal: ofQueue(on.auditDlq, "ApproximateNumberOfMessagesVisible", "Maximum"),
          ...atOnce
        }
      ]
