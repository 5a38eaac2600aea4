import { ofFunction, ofMachine, own } from "../metric.ts"
import { type AlarmTable, atOnce, minutesWithLate, quiet, total } from "./alarm.ts"

/** Does a replay that was begun go on to its end? */
export const replayAlarms: AlarmTable = (on) => [
  {
    name: "replay-failed",
    section: "replay-failed",
    says: "A replay has failed: an event is refused, or its function keeps failing. Live traffic is not affected.",
    signal: total({
      failed: ofMachine(on.replayMachine, "ExecutionsFailed"),
      timedOut: ofMachine(on.replayMachine, "ExecutionsTimedOut")
    }),
    ...atOnce,
    ...minutesWithLate(1)
  },
  {
    name: "replay-stuck",
    section: "replay-stuck",
    says: "A replay runs, but has finished no event for half an hour.",
    // An invocation counts when it begins, and says what it did when it ends: after a quarter of an hour at most.
    signal: {
      expression: "IF(begun > 0 AND FILL(done, 0) == 0, 1, 0)",
      of: { begun: ofFunction(on.functions.replay, "Invocations"), done: own(on, "replay", "progress") }
    },
    compare: ">=",
    threshold: 1,
    periodSeconds: 900,
    periods: 3,
    breaches: 2,
    missing: quiet
  }
]
