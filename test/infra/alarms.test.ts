import { readFileSync } from "node:fs"
import { assert, beforeAll, describe, it } from "vitest"
import { METRIC_DIMENSIONS, METRIC_NAMESPACE, metricsOf } from "../../src/domain/metrics.ts"
import { incidents } from "../../src/infra/alarms/incidents.ts"
import type { Expected } from "../../src/infra/alarms/slow.ts"
import { alarmTable } from "../../src/infra/alarms.ts"
import { decodeConfig } from "../../src/infra/decode-config.ts"
import type { Metric, Watched } from "../../src/infra/metric.ts"
import type { Captured } from "../../src/local/capture.ts"
import { captureOnce } from "../support/capture-once.ts"
import { only, overridesOf, partnerSource, resourcesOf } from "./captured.ts"
import { watched } from "./watched.ts"

const withCopy: Watched<string> = {
  ...watched,
  copy: { rule: "copy-rule", bus: "bus", dlq: "copy-dlq" },
  archiveCopy: { source: "archive", destination: "elsewhere", rule: "archive" },
  reconcileDlq: "reconcile-dlq",
  archiveDlq: "archive-dlq",
  auditDlq: "audit-dlq",
  functions: { ...watched.functions, reconcile: "reconcile-fn", archive: "archive-fn", audit: "audit-fn" },
  logGroups: { ...watched.logGroups, reconcile: "reconcile-logs", archive: "archive-logs", audit: "audit-logs" }
}

/** What a stack needs for sweeps that begin by themselves. */
const sweeping = {
  genesysCredentialsSecret: "genesys/projections",
  genesysDomain: "mypurecloud.de",
  reconcileSchedule: "rate(15 minutes)"
}
const quick = { appendSeconds: 0.05, projectSeconds: 0.1 }
const table = (overrides: Readonly<Record<string, string>> = {}, expected: Expected = quick) =>
  alarmTable(
    withCopy,
    decodeConfig({ genesysEventSource: partnerSource, ...sweeping, ...overrides }, "eu-central-1"),
    expected
  )
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
      [
        "append-stalled",
        "project-stalled",
        "iterator-age",
        "stream-expiring",
        "breaker-open",
        "reconcile-late",
        "archive-late",
        "archive-unconfirmed",
        "archive-gap",
        "rows-differ"
      ]
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

  it("rings when a dead letter is an hour old, two weeks before it expires", () => {
    for (const name of ["rule-dlq-age", "settle-dlq-age"]) {
      const { threshold, compare, signal } = named(name)
      assert.deepStrictEqual([threshold, compare], [3_600, ">"], name)
      assert.include(JSON.stringify(signal), "ApproximateAgeOfOldestMessage")
    }
  })

  it("calls an invocation slow that takes twice what the model of the stack expects, and none below 200 ms", () => {
    const slow = (expected: Expected) =>
      table({}, expected).flatMap(({ name, threshold }) => (name.endsWith("-slow") ? [threshold] : []))
    assert.deepStrictEqual(slow(quick), [200, 200])
    assert.deepStrictEqual(slow({ appendSeconds: 0.23, projectSeconds: 1.5 }), [460, 3_000])
  })

  it("has for essential only what is lost, has stopped or waits for a person", () => {
    const names = table({ alarms: "essential" }).map(({ name }) => name)
    assert.isBelow(names.length, table().length / 2)
    assert.includeMembers(names, ["delivery-lost", "records-lost", "append-stalled", "settle-dlq-depth", "parked"])
    for (const name of ["append-slow", "settle-lag", "late-events", "new-topic"]) assert.notInclude(names, name)
  })

  it("has each alarm in one incident, and the essential ones in those that nothing holds back", () => {
    const sections = Object.values(incidents).flatMap((incident) => incident.sections)
    assert.sameMembers(sections, [...new Set(table().map(({ section }) => section))])
    const heldBack = Object.values(incidents).flatMap((one) => (one.after === undefined ? [] : one.sections))
    for (const { section } of table({ alarms: "essential" })) assert.notInclude(heldBack, section)
  })

  it("watches every function and table there is", () => {
    const names = table().map(({ name }) => name)
    for (const fn of Object.keys(watched.functions)) assert.includeMembers(names, [`${fn}-errors`, `${fn}-throttles`])
    for (const name of Object.keys(watched.tables)) assert.include(names, `${name}-table-throttles`)
  })
})

/** What the alarm's expression says of one period, as CloudWatch does: nothing where a metric has no point that is not filled. */
const evaluate = (expression: string, points: Readonly<Record<string, number | undefined>>): number | undefined => {
  const missing = Symbol("missing")
  const point = (name: string) => {
    const value = points[name]
    if (value === undefined) throw missing
    return value
  }
  const script = expression
    .replace(/FILL\((\w+), (\d+)\)/g, (_, name, value) => `(points.${name} ?? ${value})`)
    .replace(/\b(?!points|IF|AND)[a-z]\w*\b(?<!points\.\w*)/g, (name) => `point("${name}")`)
    .replaceAll(" AND ", " && ")
  const IF = (condition: boolean, a: number, b: number) => (condition ? a : b)
  try {
    return Number(new Function("points", "point", "IF", `return ${script}`)(points, point, IF))
  } catch (error) {
    if (error === missing) return undefined
    throw error
  }
}

/** The alarm as CloudWatch has it, over the newest points: periods without a point are passed over while there are older ones. */
const rings = (alarm: ReturnType<typeof table>[number], values: ReadonlyArray<number | undefined>): boolean => {
  const seen = values.filter((value) => value !== undefined).slice(-alarm.periods)
  const breaching = seen.filter((value) => (alarm.compare === ">" ? value > alarm.threshold : value >= alarm.threshold))
  return breaching.length >= alarm.breaches
}

describe("alarms on expressions, whose metrics arrive late", () => {
  const faulty: Readonly<Record<string, number>> = {
    ...{ waiting: 5, done: 0, begun: 1 },
    ...{ dropped: 3, undelivered: 3, failed: 1, timedOut: 1, reads: 4, writes: 4 },
    ...{ whole: 100, part0: 90, part1: 0 }
  }
  const alarms = table().flatMap((alarm) => ("expression" in alarm.signal ? [{ ...alarm, signal: alarm.signal }] : []))

  it("are these", () => {
    assert.includeMembers(
      alarms.map(({ name }) => name),
      ["append-stalled", "project-stalled", "records-lost", "replay-failed", "replay-stuck", "stream-throttles"]
    )
  })

  it.each(alarms.map((alarm) => [alarm.name, alarm] as const))(
    "%s rings while the newest point of any metric is missing, and ends when the fault does",
    (_, alarm) => {
      const ids = Object.keys(alarm.signal.of)
      // What a function says of itself is one line, and comes together.
      const comesWith = (id: string) => {
        const { namespace, dimensions, name } = alarm.signal.of[id] as Metric
        return namespace === METRIC_NAMESPACE ? String(dimensions.function) : name
      }
      const sources = [...new Set(ids.map(comesWith))]
      for (let late = 0; late < 2 ** sources.length; late++) {
        const isLate = (id: string) => ((late >> sources.indexOf(comesWith(id))) & 1) === 1
        const period = (at: (id: string) => number, newest: boolean) =>
          evaluate(
            alarm.signal.expression,
            Object.fromEntries(ids.map((id) => [id, newest && isLate(id) ? undefined : at(id)]))
          )
        const lasting = Array.from({ length: 8 }, (_, i) => period((id) => faulty[id] ?? Number.NaN, i === 7))
        assert.isTrue(rings(alarm, lasting), `late: ${ids.filter(isLate)}`)
        const well = (id: string) => (id === "done" || id === "begun" || id === "whole" ? 100 : 0)
        const over = Array.from({ length: 8 }, (_, i) => period(well, i === 7))
        assert.isFalse(rings(alarm, over), `over, late: ${ids.filter(isLate)}`)
      }
    }
  )
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
    for (const [, anchor = ""] of page.matchAll(/\]\(#([^)]+)\)/g))
      assert.include([...sections.keys(), "incidents", "scaling-a-running-stack"], anchor)
  })

  it("lists the incidents, each with the sections of its alarms", () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.*?) \| (.*?) \|$/gm)].map(([, name, says, of = ""]) => [
      name,
      says,
      [...of.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor)
    ])
    assert.deepStrictEqual<unknown>(
      rows,
      Object.entries(incidents).map(([name, { says, sections: of }]) => [name, says, of])
    )
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

  it("tell the notices when they begin and when they are over, by themselves or by an incident", () => {
    const topic = captured.outputs.noticesTopicArn
    const joined = resourcesOf(captured, "aws:cloudwatch/compositeAlarm:CompositeAlarm")
    assert.sameMembers(
      joined.map(({ name }) => name),
      // Neither sweeps the API of Genesys Cloud, archives, nor audits itself.
      stack === "prod"
        ? Object.keys(incidents).flatMap((name) =>
            /^(reconcile|archive|archive-copy|untrue)$/.test(name) ? [] : `incident-${name}`
          )
        : []
    )
    assert.isAbove(alarms().length, stack === "prod" ? 40 : 15)
    for (const { name, inputs } of alarms()) {
      assert.strictEqual(inputs.name, `genesys-cloud-projections-${stack}-${name}`)
      const telling =
        stack === "prod" ? joined.filter((one) => `${one.inputs.alarmRule}`.includes(`"${inputs.name}"`)) : [{ inputs }]
      assert.lengthOf(telling, 1, name)
      assert.deepStrictEqual([telling[0]?.inputs.alarmActions, telling[0]?.inputs.okActions], [[topic], [topic]], name)
      if (stack === "prod") assert.notProperty(inputs, "alarmActions")
    }
  })

  it("end their text with a link to their section", () => {
    assert.strictEqual(named("append-slow").section, "function-slow")
    for (const { name, inputs } of alarms()) {
      const text = String(inputs.alarmDescription)
      assert.match(text, / What to do: docs\/operations\.md#[a-z-]+$/, name)
      assert.isAtMost(text.length, 1_024, name)
    }
  })

  it("name the resources of the stack", () => {
    const [late] = alarms().filter(({ name }) => name === "append-slow")
    // In dev it is none of the essential ones. In prod the model expects 0.23 s.
    if (stack === "prod")
      assert.deepInclude(late?.inputs, {
        namespace: "AWS/Lambda",
        metricName: "Duration",
        dimensions: { FunctionName: `genesys-cloud-projections-${stack}-append` },
        extendedStatistic: "p95",
        evaluateLowSampleCountPercentiles: "ignore",
        threshold: 460,
        treatMissingData: "notBreaching"
      })
    else assert.isUndefined(late)
    const [stalled] = alarms().filter(({ name }) => name === "append-stalled")
    assert.deepStrictEqual(stalled?.inputs.metricQueries, [
      {
        id: "signal",
        expression: "IF(waiting > 0 AND FILL(done, 0) == 0, 1, 0)",
        label: "IF(waiting > 0 AND FILL(done, 0) == 0, 1, 0)",
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
          // Not the name of the stack alone: another project of the account may have a stack of that name.
          dimensions: { stack: `genesys-cloud-projections-${stack}`, function: "append" },
          stat: "Sum",
          period: 60
        },
        returnData: false
      }
    ])
  })
})

it("an incident that follows from another is told when that one is over", async () => {
  const captured = await captureOnce("prod", overridesOf("prod"))
  const type = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
  const slow = only(captured, type, "incident-slow")
  assert.deepStrictEqual(slow.inputs.actionsSuppressor, {
    alarm: "genesys-cloud-projections-prod-incident-stopped",
    waitPeriod: 120,
    extensionPeriod: 300
  })
  for (const { name, inputs } of resourcesOf(captured, type)) {
    assert.isAtMost(`${inputs.alarmRule}`.length, 10_240, name)
    assert.match(`${inputs.alarmDescription}`, / What to do: docs\/operations\.md#incidents$/, name)
    if (name !== "incident-slow") assert.notProperty(inputs, "actionsSuppressor")
  }
})

it("the link of an alarm goes where people read the page", async () => {
  const captured = await captureOnce("dev", { operationsPage: "https://example.org/operations" })
  for (const { name, inputs } of resourcesOf(captured, "aws:cloudwatch/metricAlarm:MetricAlarm"))
    assert.match(String(inputs.alarmDescription), /https:\/\/example\.org\/operations#[a-z-]+$/, name)
})
