import { ofQueue, own } from "../metric.ts"
import { type AlarmTable, asBefore, atOnce, fiveMinutes, quiet } from "./alarm.ts"

/** Are the projections true, and does anybody look? Only in a stack that sweeps the Genesys Cloud API. */
export const reconcileAlarms: AlarmTable = (on, config) =>
  on.functions.reconcile === undefined || on.reconcileDlq === undefined
    ? []
    : [
        {
          name: "events-lost",
          section: "events-lost",
          says: `Events are being lost: a sweep of the Genesys Cloud API had to correct more than ${config.reconcileCorrections} facts.`,
          signal: own(on, "reconcile", "corrected", "Maximum"),
          compare: ">",
          threshold: config.reconcileCorrections,
          ...fiveMinutes(1),
          missing: quiet
        },
        ...(config.reconcileSchedule === ""
          ? []
          : [
              {
                name: "reconcile-late",
                section: "reconcile-late",
                says: `No sweep of the Genesys Cloud API has been whole for ${config.reconcileLateMinutes} minutes.`,
                signal: own(on, "reconcile", "sweepAge", "Maximum"),
                compare: ">" as const,
                threshold: config.reconcileLateMinutes * 60_000,
                ...fiveMinutes(1),
                missing: asBefore
              }
            ]),
        {
          name: "closings-refused",
          section: "closings-refused",
          says: "A sweep of the Genesys Cloud API found so much missing that it has closed nothing: a person must judge.",
          signal: own(on, "reconcile", "closingsRefused", "Maximum"),
          compare: ">=",
          threshold: 1,
          ...fiveMinutes(1),
          missing: quiet
        },
        {
          name: "reconcile-dlq-depth",
          section: "reconcile-dlq-depth",
          says: "The schedule cannot start reconcile; meanwhile no sweep begins or goes on.",
          signal: ofQueue(on.reconcileDlq, "ApproximateNumberOfMessagesVisible", "Maximum"),
          ...atOnce
        }
      ]
