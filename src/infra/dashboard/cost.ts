import { type Metric, ofFunction, ofLogGroup, ofQueue, ofRule, ofStream, ofTable, type Watched } from "../metric.ts"
import type { Line, Section } from "./chart.ts"
import { prices } from "./prices.ts"

export interface Capacity {
  readonly shards: number
  /** Of each function. */
  readonly memoryMb: number
}

/** What is billed, in its own unit, and what one of it costs. `at` is metric math over the metrics by their ids. */
interface Item {
  readonly id: string
  readonly label: string
  readonly metrics: Readonly<Record<string, Metric<string>>>
  readonly at: (ids: ReadonlyArray<string>) => string
  readonly dollars: number
  /** Billed whatever happens, in dollars an hour. */
  readonly standing?: number
}

const sum = (ids: ReadonlyArray<string>): string => `(${ids.map((id) => `FILL(${id}, 0)`).join(" + ")})`

const items = (on: Watched<string>, { shards, memoryMb }: Capacity): ReadonlyArray<Item> => {
  const functions = Object.values(on.functions)
  const tables = Object.values(on.tables)
  const queues = [on.settle, on.settleDlq, on.ruleDlq]
  const calls = ["NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfEmptyReceives", "NumberOfMessagesDeleted"]
  const ids = (prefix: string, metrics: ReadonlyArray<Metric<string>>) =>
    Object.fromEntries(metrics.map((metric, i) => [`${prefix}${i}`, metric]))
  const logGroups = Object.values(on.logGroups)
  return [
    {
      id: "bus",
      label: "bus",
      metrics: { matched: ofRule(on, "MatchedEvents") },
      at: sum,
      dollars: prices.event
    },
    {
      id: "stream",
      label: "stream",
      metrics: { puts: ofStream(on.stream, "IncomingRecords") },
      at: sum,
      dollars: prices.streamPut,
      standing: shards * prices.shardHour
    },
    {
      id: "gbs",
      label: "functions, GB-s",
      metrics: ids(
        "duration",
        functions.map((fn) => ofFunction(fn, "Duration"))
      ),
      at: (durations) => `${sum(durations)} * ${memoryMb / 1_024 / 1_000}`,
      dollars: prices.lambdaGbSecond
    },
    {
      id: "requests",
      label: "functions, requests",
      metrics: ids(
        "invocations",
        functions.map((fn) => ofFunction(fn, "Invocations"))
      ),
      at: sum,
      dollars: prices.lambdaRequest
    },
    {
      id: "writes",
      label: "tables, write units",
      metrics: ids(
        "written",
        tables.map((table) => ofTable(table, "ConsumedWriteCapacityUnits"))
      ),
      at: sum,
      dollars: prices.writeUnit
    },
    {
      id: "reads",
      label: "tables, read units",
      metrics: ids(
        "read",
        tables.map((table) => ofTable(table, "ConsumedReadCapacityUnits"))
      ),
      at: sum,
      dollars: prices.readUnit
    },
    {
      id: "queues",
      label: "queues",
      metrics: ids(
        "calls",
        queues.flatMap((queue) => calls.map((name) => ofQueue(queue, name)))
      ),
      at: sum,
      dollars: prices.queueRequest
    },
    {
      id: "logs",
      label: "logs, GB",
      metrics: ids(
        "bytes",
        logGroups.map((group) => ofLogGroup(group, "IncomingBytes"))
      ),
      at: (bytes) => `${sum(bytes)} / ${1_000 ** 3}`,
      dollars: prices.logGb
    }
  ]
}

const inputs = (all: ReadonlyArray<Item>): ReadonlyArray<Line> =>
  all.flatMap(({ metrics }) =>
    Object.entries(metrics).map(([id, metric]): Line => ({ id, label: id, metric, hidden: true }))
  )

const amount = ({ metrics, at }: Item): string => at(Object.keys(metrics))

/** Dollars an hour. A standing charge rides on the series, for metric math draws no line for a constant. */
const price = (item: Item): string =>
  `${amount(item)} * ${item.dollars.toFixed(12)}${item.standing === undefined ? "" : ` + ${item.standing}`}`

const HOUR = 3_600

export const costSection = (on: Watched<string>, capacity: Capacity): Section => {
  const all = items(on, capacity)
  const only = (...wanted: ReadonlyArray<string>) => all.filter(({ id }) => wanted.includes(id))
  const units = (title: string, ...wanted: ReadonlyArray<string>) => ({
    title,
    periodSeconds: HOUR,
    lines: [
      ...inputs(only(...wanted)),
      ...only(...wanted).map((item) => ({ label: item.label, expression: amount(item) }))
    ]
  })
  const priced: ReadonlyArray<Line> = [
    ...inputs(all),
    ...all.map((item): Line => ({ id: item.id, label: item.label, expression: price(item) }))
  ]
  const whole = all.map(({ id }) => id).join(" + ")
  return {
    question: "What does it cost?",
    reading:
      "By the hour. Dollars are estimates from list prices in us-east-1: batches of queue calls count as single ones, storage is left out.",
    charts: [
      units("Events and records", "bus", "stream"),
      units("Write and read units", "writes", "reads"),
      units("GB-seconds", "gbs"),
      units("Calls", "requests", "queues"),
      { title: "Dollars an hour", unit: "$", periodSeconds: HOUR, lines: priced },
      {
        title: "Dollars per million events",
        unit: "$",
        periodSeconds: HOUR,
        lines: [
          ...priced.map((part) => ({ ...part, hidden: true }) satisfies Line),
          { label: "per million", expression: `1000000 * (${whole}) / matched` }
        ]
      }
    ]
  }
}
