import { assert, describe, it } from "vitest"
import { type Chart, dashboardBody, type Line } from "../../src/infra/dashboard/chart.ts"
import { costSection } from "../../src/infra/dashboard/cost.ts"
import { prices } from "../../src/infra/dashboard/prices.ts"
import { captureOnce } from "../support/capture-once.ts"
import { only, overridesOf } from "./captured.ts"
import { watched } from "./watched.ts"

interface Widget {
  readonly type: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly properties: Readonly<Record<string, unknown>>
}

const cost = costSection(watched, { shards: 2, memoryMb: 1_024 })
const chart = (title: string): Chart => cost.charts.find((one) => one.title === title) as Chart

/** Evaluates the lines of a chart as CloudWatch would, for one hour with these values by metric name. */
const evaluate = ({ lines }: Chart, values: Readonly<Record<string, number>>): Readonly<Record<string, number>> => {
  const known: Record<string, number> = {}
  const shown: Record<string, number> = {}
  for (const line of lines) {
    const value = "metric" in line ? (values[line.metric.name] ?? 0) : arithmetic(line.expression, known)
    if (line.id !== undefined) known[line.id] = value
    if (!line.hidden) shown[line.label] = value
  }
  return shown
}

const arithmetic = (expression: string, known: Readonly<Record<string, number>>): number => {
  const names = Object.keys(known)
  const FILL = (value: number) => value
  return new Function("FILL", ...names, `return ${expression}`)(FILL, ...names.map((name) => known[name]))
}

describe("the body of a dashboard", () => {
  const line: Line = {
    label: "one",
    metric: { namespace: "N", name: "M", dimensions: { A: "a", B: "b" }, stat: "Sum" }
  }
  const body = dashboardBody(
    [
      {
        question: "First?",
        reading: "Read.",
        charts: Array.from({ length: 4 }, () => ({ title: "t", lines: [line] }))
      },
      { question: "Second?", reading: "On.", charts: [{ title: "t", lines: [line], unit: "s" }] }
    ],
    ["arn:1"],
    "eu-central-1"
  )
  const widgets = body.widgets as unknown as ReadonlyArray<Widget>

  it("shows alarms first, then section below section, three charts to a row", () => {
    assert.deepStrictEqual(
      widgets.map(({ type, x, y }) => [type, x, y]),
      [
        ["alarm", 0, 0],
        ["text", 0, 4],
        ["metric", 0, 6],
        ["metric", 8, 6],
        ["metric", 16, 6],
        ["metric", 0, 12],
        ["text", 0, 18],
        ["metric", 0, 20]
      ]
    )
  })

  it("overlaps nothing and fits the columns", () => {
    const cells = new Set<string>()
    for (const { x, y, width, height } of widgets) {
      assert.isAtMost(x + width, 24)
      for (let dx = 0; dx < width; dx++)
        for (let dy = 0; dy < height; dy++) {
          const cell = `${x + dx},${y + dy}`
          assert.isFalse(cells.has(cell), cell)
          cells.add(cell)
        }
    }
  })

  it("writes a metric as CloudWatch reads it", () => {
    assert.deepStrictEqual(widgets[2]?.properties.metrics, [
      ["N", "M", "A", "a", "B", "b", { stat: "Sum", label: "one" }]
    ])
    assert.strictEqual(widgets[2]?.properties.region, "eu-central-1")
  })
})

describe("what it costs", () => {
  it("is each unit times its price", () => {
    const of = (values: Readonly<Record<string, number>>) => evaluate(chart("Dollars an hour"), values)
    const idle = of({})
    assert.deepStrictEqual({ ...idle, stream: 0 }, Object.fromEntries(Object.keys(idle).map((name) => [name, 0])))
    assert.approximately(idle.stream ?? 0, 2 * prices.shardHour, 1e-12)
    assert.approximately(of({ MatchedEvents: 1_000_000 }).bus ?? 0, 1, 1e-6)
    // Of four functions: a million milliseconds of 1 GB each.
    assert.approximately(of({ Duration: 1_000_000 })["functions, GB-s"] ?? 0, 4_000 * prices.lambdaGbSecond, 1e-9)
    assert.approximately(of({ Invocations: 1_000_000 })["functions, requests"] ?? 0, 0.8, 1e-6)
    // Of both tables.
    assert.approximately(of({ ConsumedWriteCapacityUnits: 1_000_000 })["tables, write units"] ?? 0, 1.25, 1e-6)
    assert.approximately(of({ ConsumedReadCapacityUnits: 1_000_000 })["tables, read units"] ?? 0, 0.25, 1e-6)
    // Of three queues.
    assert.approximately(of({ NumberOfMessagesSent: 1_000_000 }).queues ?? 0, 1.2, 1e-6)
    assert.approximately(of({ IncomingBytes: 1e9 })["logs, GB"] ?? 0, 2, 1e-6)
    assert.approximately(of({ IncomingRecords: 1_000_000 }).stream ?? 0, 0.014 + 2 * prices.shardHour, 1e-6)
  })

  it("is shown by the million events", () => {
    const shown = evaluate(chart("Dollars per million events"), {
      MatchedEvents: 3_600_000,
      ConsumedWriteCapacityUnits: 3_600_000
    })
    assert.deepStrictEqual(Object.keys(shown), ["per million"])
    assert.approximately(shown["per million"] ?? 0, 1 + 1.25 + (2 * prices.shardHour) / 3.6, 1e-6)
  })

  it("keeps ids apart within a chart, and uses no id that is not there", () => {
    for (const { title, lines } of cost.charts) {
      const ids = lines.flatMap(({ id }) => (id === undefined ? [] : [id]))
      assert.strictEqual(new Set(ids).size, ids.length, title)
      for (const one of lines) {
        if (!("expression" in one)) continue
        for (const word of one.expression.match(/[A-Za-z]\w*/g) ?? [])
          if (word !== "FILL") assert.include(ids, word, title)
      }
      assert.isAtMost(lines.length, 100, title)
    }
  })
})

describe.each(["dev", "prod"])("the dashboard of %s", (stack) => {
  it("asks the four questions in their order, over all alarms", async () => {
    const captured = await captureOnce(stack, overridesOf(stack))
    const { inputs } = only(captured, "aws:cloudwatch/dashboard:Dashboard", "dashboard")
    const { widgets } = JSON.parse(String(inputs.dashboardBody)) as { widgets: ReadonlyArray<Widget> }
    const headings = widgets.flatMap(({ type, properties }) =>
      type === "text" ? [String(properties.markdown).split("\n")[0]] : []
    )
    assert.deepStrictEqual(headings, [
      "## Is it flowing?",
      "## Is it late?",
      "## Is something parked?",
      "## What does it cost?"
    ])
    const alarms = captured.resources
      .filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm")
      .map(({ outputs }) => outputs.arn)
    assert.sameMembers(widgets[0]?.properties.alarms as Array<unknown>, alarms)
    assert.strictEqual(
      captured.outputs.dashboardUrl,
      `https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/${inputs.dashboardName}`
    )
  })
})
