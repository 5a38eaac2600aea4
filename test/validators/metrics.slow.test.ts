import { assert, beforeAll, describe, it } from "@effect/vitest"
import { effectClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { projections } from "../../projections/index.ts"
import { METRIC_NAMESPACE } from "../../src/domain/metrics.ts"
import { generation } from "../../src/domain/projection.ts"
import type { Captured } from "../../src/local/capture.ts"
import { beginRun } from "../../src/pipeline/replay/record.ts"
import { control } from "../../src/store/aws/control.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { Connection } from "../../src/store/connection.ts"
import { emfFaults } from "../support/emf.ts"
import { bigLine, historyOf } from "../support/history.ts"
import { startLine, unlistableLine } from "../support/hostile.ts"
import { devStack, runStack } from "../support/stack.ts"
import { awsMetrics } from "./aws-metrics.ts"
import { stacks } from "./stacks.ts"

interface Looked {
  /** The alarm or the dashboard. */
  readonly by: string
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
}

interface AlarmMetric {
  readonly namespace?: string
  readonly metricName?: string
  readonly dimensions?: Readonly<Record<string, string>>
}

const ofAlarm = (by: string, inputs: Readonly<Record<string, unknown>>): ReadonlyArray<Looked> => {
  const queries = (inputs.metricQueries ?? []) as ReadonlyArray<{ readonly metric?: AlarmMetric }>
  return [inputs as AlarmMetric, ...queries.flatMap(({ metric }) => metric ?? [])].flatMap(
    ({ namespace, metricName: name, dimensions = {} }) =>
      namespace === undefined || name === undefined ? [] : [{ by, namespace, name, dimensions }]
  )
}

/** A line of a chart: namespace, name, dimensions by turns, options. */
const ofLine = (by: string, line: ReadonlyArray<unknown>): ReadonlyArray<Looked> => {
  const [namespace, name, ...rest] = line.filter((part): part is string => typeof part === "string")
  if (namespace === undefined || name === undefined) return []
  const dimensions = Object.fromEntries(rest.flatMap((part, i) => (i % 2 === 0 ? [[part, rest[i + 1] ?? ""]] : [])))
  return [{ by, namespace, name, dimensions }]
}

/** Every metric that an alarm or a chart of a stack looks at. */
const looked = ({ resources }: Captured): ReadonlyArray<Looked> =>
  resources.flatMap(({ type, name, inputs }) => {
    if (type === "aws:cloudwatch/metricAlarm:MetricAlarm") return ofAlarm(name, inputs)
    if (type !== "aws:cloudwatch/dashboard:Dashboard") return []
    const { widgets } = JSON.parse(String(inputs.dashboardBody)) as {
      readonly widgets: ReadonlyArray<{
        readonly properties: { readonly metrics?: ReadonlyArray<ReadonlyArray<unknown>> }
      }>
    }
    return widgets.flatMap(({ properties }) => (properties.metrics ?? []).flatMap((line) => ofLine(name, line)))
  })

/** The rules of a bucket that is copied: their ids, and the buckets of another account that they copy into. */
const copiesOf = ({ rules }: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  (Array.isArray(rules) ? rules : []).flatMap(({ id, destination }) =>
    destination === undefined ? [] : [id, String(destination.bucket).split(":").at(-1) ?? ""]
  )

const dimensionsOf = ({ dimensions }: Looked): string => Object.keys(dimensions).sort().join()

const MINUTE = 60_000

/** A run in which every function works: events, one that nobody can read, two that no table can hold, updates, ticks of redrive, and a replay. */
const simulated = async () => {
  const captured = await devStack({ alarms: "all" })
  const run = await runStack({ captured })
  const history = historyOf(120)
  run.feed(history)
  await run.reach(Math.max(...history.map(({ at }) => at)) + MINUTE)
  run.send(bigLine("big"))
  run.send("no event")
  run.send(startLine("unwritable", { session: "s".repeat(1_100) }))
  run.send(unlistableLine("unlistable", "agent"))
  await run.reach(run.clock.now() + 2 * MINUTE)
  const [of] = projections.map(generation)
  const plan = {
    id: "seen",
    generation: of ?? "",
    scope: {},
    segments: 2,
    write: true,
    park: true,
    eventsPerSecond: 1_000,
    budget: {}
  }
  const table = control(String(captured.outputs.controlTableName)).pipe(
    Layer.provide(DynamoDb.layer),
    Layer.provide(Layer.succeed(Connection, run.stack.operator))
  )
  let begun = false
  const work = Effect.runPromise(beginRun(plan).pipe(Effect.provide([table, effectClock(run.clock)])))
    .then(() => run.stack.machines[0]?.run({ replayId: plan.id, segments: [0, 1] }))
    .finally(() => {
      begun = true
    })
  while (!begun) await run.reach(run.clock.now() + MINUTE)
  await work
  await run.stack.stop()
  const documents = run.lines
    .filter((line) => line.startsWith("{"))
    .map((line) => ({ line, document: JSON.parse(line) }))
    .filter(({ document }) => "_aws" in document)
  return { captured, documents }
}

describe("metrics", () => {
  let made: Awaited<ReturnType<typeof simulated>>
  beforeAll(async () => {
    made = await simulated()
  })

  it("are embedded as CloudWatch's specification says, in every line of every function", () => {
    const functions = new Set(made.documents.map(({ document }) => document.function))
    assert.sameMembers([...functions], ["append", "project", "redrive", "replay"])
    for (const { line, document } of made.documents)
      assert.deepStrictEqual(emfFaults(line.trimEnd(), document._aws.Timestamp), [], line)
  })

  it("of ours that an alarm or a chart looks at are sent by a function, under the same dimensions", () => {
    const sent = new Set<string>()
    for (const { document } of made.documents)
      for (const { Namespace, Dimensions, Metrics } of document._aws.CloudWatchMetrics)
        for (const set of Dimensions as ReadonlyArray<ReadonlyArray<string>>)
          for (const { Name } of Metrics) {
            const dimensions = Object.fromEntries(set.map((name) => [name, document[name]]))
            sent.add(JSON.stringify([Namespace, Name, Object.entries(dimensions).sort()]))
          }
    const own = looked(made.captured).filter(({ namespace }) => namespace === METRIC_NAMESPACE)
    assert.isAbove(own.length, 30)
    const missing = own.filter(
      ({ namespace, name, dimensions }) =>
        !sent.has(JSON.stringify([namespace, name, Object.entries(dimensions).sort()]))
    )
    assert.deepStrictEqual(missing, [])
  })

  it("of AWS that an alarm or a chart looks at are listed by AWS, under the same dimensions", async () => {
    const all = (await stacks()).flatMap(({ captured }) => looked(captured))
    const aws = all.filter(({ namespace }) => namespace !== METRIC_NAMESPACE)
    const isListed = (one: Looked) => awsMetrics[one.namespace]?.dimensions[dimensionsOf(one)]?.includes(one.name)
    assert.deepStrictEqual(
      aws.filter((one) => !isListed(one)),
      []
    )
    const seen = new Set(aws.map((one) => `${one.namespace} ${dimensionsOf(one)} ${one.name}`))
    const listed = Object.entries(awsMetrics).flatMap(([namespace, { dimensions }]) =>
      Object.entries(dimensions).flatMap(([set, names]) => names.map((name) => `${namespace} ${set} ${name}`))
    )
    // A list that holds more than is looked at would hide a metric that nobody sends.
    assert.sameMembers(listed, [...seen])
  })

  it("of AWS are those of resources that the stack has", async () => {
    for (const { name, captured } of await stacks()) {
      const known = new Set(
        captured.resources.flatMap(({ inputs, outputs }) => [
          ...Object.values(inputs),
          ...Object.values(outputs),
          ...copiesOf(inputs)
        ])
      )
      for (const { by, namespace, dimensions } of looked(captured))
        if (namespace !== METRIC_NAMESPACE)
          for (const [dimension, value] of Object.entries(dimensions))
            assert.isTrue(known.has(value), `${name}, ${by}: ${dimension} ${value}`)
    }
  })
})
