import type { Histogram } from "../domain/histogram.ts"
import {
  METRIC_DIMENSIONS,
  METRIC_NAMESPACE,
  type MeasuringFunction,
  type MetricName,
  metricsByKind,
  metricsOf,
  metricUnits
} from "../domain/metrics.ts"

/** What CloudWatch takes of metrics in one directive. */
const MAX_METRICS = 100

/** What a function says of a batch, by name. Some of it is metrics; the rest is for whoever reads the line. */
export interface Report {
  readonly [field: string]: unknown
}

/** Where CloudWatch finds which metrics in the line. */
export interface Directive {
  readonly Namespace: string
  readonly Dimensions: ReadonlyArray<ReadonlyArray<string>>
  readonly Metrics: ReadonlyArray<{ readonly Name: string; readonly Unit: string }>
}

/** A report in CloudWatch's embedded metric format. */
export interface Embedded extends Report {
  readonly _aws: { readonly Timestamp: number; readonly CloudWatchMetrics: ReadonlyArray<Directive> }
  readonly stack: string
  readonly function: MeasuringFunction
}

const isHistogram = (value: unknown): value is Histogram =>
  typeof value === "object" && value !== null && "Values" in value && "Counts" in value

const isEmpty = (value: unknown): boolean => isHistogram(value) && value.Values.length === 0

const unitOf = (fn: MeasuringFunction, field: string): string | undefined => {
  const metrics: ReadonlyArray<MetricName> = metricsOf[fn]
  const metric =
    metrics.find((name) => name === field) ??
    metrics.find(
      (name) => metricsByKind.includes(name) && field.startsWith(name) && /^[A-Z]/.test(field.slice(name.length))
    )
  return metric === undefined ? undefined : metricUnits[metric]
}

/**
 * The one line of a batch as an embedded metric document: CloudWatch makes metrics of those fields that `metricsOf` the function
 * names, and `stack` and `function` are their dimensions. `at` is epoch ms. A histogram without values is left out.
 */
export const embedded = (fn: MeasuringFunction, stack: string, at: number, report: Report): Embedded => {
  const fields = Object.entries(report).filter(([, value]) => !isEmpty(value))
  const metrics = fields.flatMap(([Name, value]) => {
    const Unit = typeof value === "number" || isHistogram(value) ? unitOf(fn, Name) : undefined
    return Unit === undefined ? [] : [{ Name, Unit }]
  })
  const directives = Array.from({ length: Math.ceil(metrics.length / MAX_METRICS) }, (_, i) => ({
    Namespace: METRIC_NAMESPACE,
    Dimensions: [METRIC_DIMENSIONS],
    Metrics: metrics.slice(i * MAX_METRICS, (i + 1) * MAX_METRICS)
  }))
  return {
    ...Object.fromEntries(fields),
    stack,
    function: fn,
    _aws: { Timestamp: at, CloudWatchMetrics: directives }
  }
}
