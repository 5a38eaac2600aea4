import { Clock, Config, Context, Effect, Layer } from "effect"
import { type MeasuringFunction, type MetricName, metricOfKind } from "../domain/metrics.ts"
import { RetryStatistics } from "../store/counters.ts"
import { embedded, type Report } from "./embedded.ts"

/** What the names of the stack begin with that the function belongs to, from STACK_NAME: a dimension of its metrics. */
export class StackName extends Context.Service<StackName, string>()("projections/StackName") {
  static readonly layer = Layer.effect(StackName, Config.NonEmptyString("STACK_NAME"))
}

/** Counts of one metric by kind, as fields of a report. */
export const byKind = (metric: MetricName, counts: Readonly<Record<string, number>>): Report =>
  Object.fromEntries(Object.entries(counts).map(([kind, count]) => [metricOfKind(metric, kind), count]))

/** Writes the one line of a batch, with its metrics, throttles and retries included. */
export const logReport = Effect.fnUntraced(function* (fn: MeasuringFunction, report: Report) {
  const { throttles, retries } = (yield* RetryStatistics).counts()
  const now = Math.floor(yield* Clock.currentTimeMillis)
  const line = embedded(fn, yield* StackName, now, { ...report, throttles, retries })
  yield* Effect.annotateLogs(Effect.logInfo(fn), line)
})
