import type { Metric } from "../metric.ts"

/** A line of a chart: a metric, or an expression over lines of the same chart by their ids. */
export type Line =
  | { readonly label: string; readonly metric: Metric<string>; readonly id?: string; readonly hidden?: true }
  | { readonly label: string; readonly expression: string; readonly id?: string; readonly hidden?: true }

export interface Chart {
  readonly title: string
  readonly lines: ReadonlyArray<Line>
  /** What the axis counts, when it is not plain events. */
  readonly unit?: string
  readonly periodSeconds?: number
  /** Lines with a meaning of their own: a limit, a promise. */
  readonly marks?: ReadonlyArray<{ readonly label: string; readonly value: number }>
}

/** A question and the charts that answer it. */
export interface Section {
  readonly question: string
  /** One sentence on how to read it. */
  readonly reading: string
  readonly charts: ReadonlyArray<Chart>
}

/** CloudWatch lays out by 24 columns. */
const COLUMNS = 24
const CHART = { width: 8, height: 6 }
const HEADING = { width: COLUMNS, height: 2 }
const ALARMS = { width: COLUMNS, height: 4 }

const metricOf = (line: Line): ReadonlyArray<unknown> => {
  const { label, id, hidden } = line
  const options = { label, ...(id === undefined ? {} : { id }), ...(hidden ? { visible: false } : {}) }
  if ("expression" in line) return [{ expression: line.expression, ...options }]
  const { namespace, name, dimensions, stat } = line.metric
  return [namespace, name, ...Object.entries(dimensions).flat(), { stat, ...options }]
}

const chartWidget = ({ title, lines, unit, periodSeconds = 60, marks = [] }: Chart, region: string) => ({
  type: "metric",
  ...CHART,
  properties: {
    title,
    region,
    view: "timeSeries",
    period: periodSeconds,
    metrics: lines.map(metricOf),
    yAxis: { left: { min: 0, showUnits: false, ...(unit === undefined ? {} : { label: unit }) } },
    ...(marks.length === 0 ? {} : { annotations: { horizontal: marks } })
  }
})

/** What CloudWatch calls the body of a dashboard: all alarms, then section below section, three charts to a row. */
export const dashboardBody = (
  sections: ReadonlyArray<Section>,
  alarms: ReadonlyArray<string>,
  region: string
): { readonly widgets: ReadonlyArray<Readonly<Record<string, unknown>>> } => {
  const perRow = COLUMNS / CHART.width
  let y = 0
  const widgets: Array<Readonly<Record<string, unknown>>> = []
  const below = (widget: Readonly<Record<string, unknown>>, height: number) => {
    widgets.push({ ...widget, x: 0, y })
    y += height
  }
  below({ type: "alarm", ...ALARMS, properties: { title: "Alarms", alarms } }, ALARMS.height)
  for (const { question, reading, charts } of sections) {
    below({ type: "text", ...HEADING, properties: { markdown: `## ${question}\n${reading}` } }, HEADING.height)
    charts.forEach((chart, i) => {
      const [row, column] = [Math.floor(i / perRow), i % perRow]
      widgets.push({ ...chartWidget(chart, region), x: column * CHART.width, y: y + row * CHART.height })
    })
    y += Math.ceil(charts.length / perRow) * CHART.height
  }
  return { widgets }
}
