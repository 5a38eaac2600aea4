import { readFileSync } from "node:fs"
import { assert, beforeAll, describe, it } from "vitest"
import { METRIC_DIMENSIONS, METRIC_NAMESPACE, metricsOf } from "../../src/domain/metrics.ts"
import { alarmTable } from "../../src/infra/alarms.ts"
import { decodeConfig } from "../../src/infra/decode-config.ts"
import type { Metric, Watched } from "../../src/infra/metric.ts"
import type { Captured } from "../../src/local/capture.ts"
import { captureOnce } from "../support/capture-once.ts"
import { overridesOf, partnerSource, resourcesOf } from "./captured.ts"
import { watched } from "./watched.ts"

const withCopy: Watched<string> = { ...watched, copy: { rule: "copy-rule", bus: "bus", dlq: "copy-dlq" } }
const table = (overrides: Readonly<Record<string, string>> = {}) =>
  alarmTable(withCopy, decodeConfig({ genesysEventSource: partnerSource, ...overrides }, "eu-central-1"))
const named = (name: string, overrides: Readonly<Record<string, string>> = {}) => {
  const alarm = table(overrides).find((one) => one.name === name)
  assert.isDefined(alarm, name)
  return alarm as NonNullable<typeof alarm>
}

const metricsIn = (alarm: ReturnType<typeof table>[number]): ReadonlyArray<Metric> =>
  "expression" in alarm.signal ? Object.values(alarm.signal.of) : [alarm.signal]

describe("the alarm table", () => {
  it("gives every alarm a name of its own, a sentence, and a form that CloudWatch takes", () => {
    const alarms = table()
    assert.strictEqual(new Set(alarms.map(({ name }) => name)).size, alarms.length)
    for (const { name, says, breaches, periods, periodSeconds } of alarms) {
      assert.match(name, /^[a-z][a-z0-9-]*$/)
      assert.match(says, /^[A-Z].*\.$/, name)
      assert.isAtLeast(breaches, 1, name)
      assert.isAtMost(breaches, periods, name)
      assert.strictEqual(periodSeconds % 60, 0, name)
      // More than a day in periods under an hour is refused.
      assert.isAtMost(periods * periodSeconds, 86_400, name)
    }
  })

  it("looks at metrics that a function writes, by the dimensions under which it writes them", () => {
    const own = table()
      .flatMap(metricsIn)
      .filter(({ namespace }) => namespace === METRIC_NAMESPACE)
    assert.isAbove(own.length, 10)
    for (const { name, dimensions } of own) {
      assert.sameMembers(Object.keys(dimensions), [...METRIC_DIMENSIONS])
      assert.include(metricsOf[dimensions.function as keyof typeof metricsOf] as ReadonlyArray<string>, name)
      assert.strictEqual(dimensions.stack, "prod")
    }
  })

  it("names every metric of an expression in it, and no other", () => {
    for (const { name, signal } of table()) {
      if (!("expression" in signal)) continue
      const functions = new Set(["IF", "FILL", "AND"])
      const ids = new Set((signal.expression.match(/[A-Za-z]\w*/g) ?? []).filter((word) => !functions.has(word)))
      assert.sameMembers([...ids], Object.keys(signal.of), name)
      for (const id of ids) assert.match(id, /^[a-z][a-zA-Z0-9_]*$/, name)
      assert.isAtMost(Object.keys(signal.of).length, 9, name)
    }
  })

  it("says what silence means, and why", () => {
    const meaning = (as: string) => table().filter(({ missing }) => missing.as === as)
    for (const { missing } of table()) assert.isNotEmpty(missing.because)
    assert.deepStrictEqual(
      meaning("breaching").map(({ name }) => name),
      ["source-silent"]
    )
    assert.sameMembers(
      meaning("ignore").map(({ name }) => name),
      ["append-stalled", "project-stalled", "iterator-age", "stream-expiring", "breaker-open"]
    )
  })

  it("takes a bus of our own for silent on purpose, and a source for gone after the configured time", () => {
    assert.notInclude(
      table({ genesysEventSource: "" }).map(({ name }) => name),
      "source-silent"
    )
    assert.strictEqual(named("source-silent", { quietMinutes: "91" }).periods, 19)
  })

  it("takes its thresholds from the configuration", () => {
    assert.strictEqual(
      named("settle-backlog", { settleWindowSeconds: "20", skewBoundSeconds: "100" }).threshold,
      20 + 100 + 300
    )
    assert.strictEqual(named("settle-lag", { settleWindowSeconds: "20" }).threshold, 30_000)
    assert.strictEqual(named("stream-expiring", { streamRetentionHours: "48" }).threshold, 12 * 3_600_000)
    assert.strictEqual(named("iterator-age", { batchWindowSeconds: "5" }).threshold, 65_000)
    assert.strictEqual(named("append-slow").threshold, 200)
  })

  it("watches every function and table there is", () => {
    const names = table().map(({ name }) => name)
    for (const fn of Object.keys(watched.functions)) assert.includeMembers(names, [`${fn}-errors`, `${fn}-throttles`])
    for (const name of Object.keys(watched.tables)) assert.include(names, `${name}-table-throttles`)
  })
})

describe("docs/operations.md", () => {
  const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8")
  const sections = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf("\n")), text] as const)
  )

  it("has a section for every alarm, and an alarm for every section", () => {
    assert.sameMembers([...sections.keys()], [...new Set(table().map(({ section }) => section))])
  })

  it("says in each what it means, what users notice, where to look, what to do and when it is over", () => {
    for (const [name, text] of sections) {
      const parts = [...text.matchAll(/^\*\*([^*]+?)\.?\*\*/gm)].map(([, part]) => part)
      assert.includeMembers(parts, ["Means", "Users notice", "Over when"], name)
      assert.isTrue(parts.includes("Look and do") || (parts.includes("Look") && parts.includes("Do")), name)
    }
  })

  it("links to sections that there are", () => {
    for (const [, anchor = ""] of page.matchAll(/\]\(#([^)]+)\)/g)) assert.include([...sections.keys()], anchor)
  })

  it("asks for outputs that the stack has", async () => {
    const { outputs } = await captureOnce("prod", overridesOf("prod"))
    const commands = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, text]) => text).join("\n")
    const asked = [...commands.matchAll(/(?<=[\n( ])(?:out|queue) (\w+)/g)].map(([, name]) => name)
    // `ask` finds the log by the name of the function.
    const functions = [...commands.matchAll(/(?<=\n)ask (\w+)/g)].map(([, name]) => `${name}FunctionName`)
    assert.isAbove(asked.length + functions.length, 40)
    for (const name of new Set([...asked, ...functions])) assert.property(outputs, name ?? "")
  })
})

describe.each(["dev", "prod"])("the alarms of %s", (stack) => {
  let captured: Captured
  beforeAll(async () => {
    captured = await captureOnce(stack, overridesOf(stack))
  })
  const alarms = () => resourcesOf(captured, "aws:cloudwatch/metricAlarm:MetricAlarm")

  it("tell the notices when they begin and when they are over", () => {
    const topic = captured.outputs.noticesTopicArn
    assert.isAbove(alarms().length, 25)
    for (const { name, inputs } of alarms()) {
      assert.deepStrictEqual([inputs.alarmActions, inputs.okActions], [[topic], [topic]], name)
      assert.strictEqual(inputs.name, `genesys-cloud-projections-${stack}-${name}`)
    }
  })

  it("end their text with a link to their section", () => {
    const { section } = Object.groupBy(table(), ({ name }) => name)["append-slow"]?.[0] ?? { section: "" }
    assert.strictEqual(section, "function-slow")
    for (const { name, inputs } of alarms()) {
      const text = String(inputs.alarmDescription)
      assert.match(text, / What to do: docs\/operations\.md#[a-z-]+$/, name)
      assert.isAtMost(text.length, 1_024, name)
    }
  })

  it("name the resources of the stack", () => {
    const [late] = alarms().filter(({ name }) => name === "append-slow")
    assert.deepInclude(late?.inputs, {
      namespace: "AWS/Lambda",
      metricName: "Duration",
      dimensions: { FunctionName: `genesys-cloud-projections-${stack}-append` },
      extendedStatistic: "p95",
      evaluateLowSampleCountPercentiles: "ignore",
      threshold: 200,
      treatMissingData: "notBreaching"
    })
    const [stalled] = alarms().filter(({ name }) => name === "append-stalled")
    assert.deepStrictEqual(stalled?.inputs.metricQueries, [
      {
        id: "signal",
        expression: "IF(FILL(waiting, 0) > 0 AND FILL(done, 0) == 0, 1, 0)",
        label: "IF(FILL(waiting, 0) > 0 AND FILL(done, 0) == 0, 1, 0)",
        returnData: true
      },
      {
        id: "waiting",
        metric: {
          namespace: "AWS/Kinesis",
          metricName: "IncomingRecords",
          dimensions: { StreamName: `genesys-cloud-projections-${stack}-stream` },
          stat: "Sum",
          period: 60
        },
        returnData: false
      },
      {
        id: "done",
        metric: {
          namespace: "GenesysProjections",
          metricName: "progress",
          dimensions: { stack, function: "append" },
          stat: "Sum",
          period: 60
        },
        returnData: false
      }
    ])
  })
})

it("the link of an alarm goes where people read the page", async () => {
  const captured = await captureOnce("dev", { operationsPage: "https://example.org/operations" })
  for (const { name, inputs } of resourcesOf(captured, "aws:cloudwatch/metricAlarm:MetricAlarm"))
    assert.match(String(inputs.alarmDescription), /https:\/\/example\.org\/operations#[a-z-]+$/, name)
})
