import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { metricsOf } from "../../src/domain/metrics.ts"
import { EVENT_DOLLARS } from "../../src/domain/prices.ts"
import { DELTAS_PER_EVENT, type Load } from "../../src/infra/capacity.ts"
import { decodeConfig } from "../../src/infra/decode-config.ts"
import { type Captured, capture } from "../../src/local/capture.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { projectFile, stackConfig } from "../../src/local/stack-config.ts"
import { historyOf } from "../support/history.ts"
import { runStack } from "../support/stack.ts"
import { billOf, type Counted, isStored, millionsOf, optionsOf, type Standing } from "./cost-model.ts"
import {
  billTable,
  countedTable,
  optionsTable,
  quietTable,
  type Rate,
  rates,
  readCounted,
  storageTable
} from "./cost-tables.ts"
import { pageOf, root } from "./pages.ts"

const PARTNER = "aws.partner/genesys.com/cloud/5ca1ab1e-0000-4000-8000-000000000001/costs"

/** The page is about these, whatever else a copy of the project folds. */
const AS_DELIVERED = [agents, queues, conversations]

/** Dollars per million events at 1,000 events a second, everything but what is stored. */
const MOST_PER_MILLION = 3.4

/** Bytes of an item as DynamoDB counts them: names, texts and bytes as they are, a byte for two digits of a number. */
const bytesOf = (item: Readonly<Record<string, { S?: string; N?: string; B?: Uint8Array }>>): number =>
  Object.entries(item).reduce(
    (sum, [name, { S, N, B }]) =>
      sum +
      name.length +
      (S === undefined ? (N === undefined ? (B?.length ?? 1) : Math.ceil(N.length / 2) + 1) : Buffer.byteLength(S)),
    0
  )

const round = (value: number): number => Number(value.toPrecision(3))

/**
 * Units of a centre of ten agents for each event a second, which the simulator takes to be what a working day is like. The first `morning` events, while
 * everybody logs on and nobody talks yet, are not counted: they are the cheapest of the day.
 */
const count = async (rate: number, morning: number, events: number, batchWindowSeconds: number): Promise<Counted> => {
  const captured = await capture("dev", { genesysEventSource: SIMULATED_SOURCE, batchWindowSeconds }, AS_DELIVERED)
  const run = await runStack({ captured })
  const history = historyOf(morning + events, { rate, agents: rate * 10, queues: Math.ceil((rate * 10) / 15) })
  run.feed(history)
  const tables = (captured.outputs.projectionTables ?? {}) as Readonly<Record<string, { readonly name: string }>>
  const countedSoFar = () => {
    const usage = run.stack.dynamodb.usage()
    const units = run.units()
    return {
      events: units.events,
      rows: units.projections,
      reads: Object.values(tables).reduce((sum, { name }) => sum + (usage[name]?.read ?? 0), 0),
      control: { read: 0, write: 0, ...usage[String(captured.outputs.controlTableName)] },
      appended: run.counters.appended,
      lines: run.lines.length
    }
  }
  await run.reach(history[morning]?.at ?? 0)
  const before = countedSoFar()
  await run.reach(history.at(-1)?.at ?? 0)
  await run.settle()
  const after = countedSoFar()
  const of = after.appended - before.appended
  const day = run.lines.slice(before.lines)
  const lines = (message: string) => day.filter((line) => line.includes(`"message":"${message}"`))
  const [appends, projects] = [lines("append"), lines("project")]
  const bytes = (of: ReadonlyArray<string>) => of.reduce((sum, line) => sum + Buffer.byteLength(line), 0) / of.length
  const items = await run.eventItems()
  assert.deepStrictEqual([lines("invocation failed"), run.counters.appended], [[], history.length])
  assert.isEmpty(run.quarantined())
  await run.stack.stop()
  return {
    storeWrites: round((after.events - before.events) / of),
    tableWrites: round((after.rows - before.rows) / of),
    tableReads: round((after.reads - before.reads) / of),
    deltas: round(projects.reduce((sum, line) => sum + Number(JSON.parse(line).deltas), 0) / of),
    itemBytes: round(items.reduce((sum, item) => sum + bytesOf(item as never), 0) / items.length),
    messages: round(appends.reduce((sum, line) => sum + Number(JSON.parse(line).messages), 0) / appends.length),
    appendLineBytes: round(bytes(appends)),
    projectLineBytes: round(bytes(projects)),
    controlWrites: round((after.control.write - before.control.write) / projects.length),
    controlReads: round((after.control.read - before.control.read) / projects.length)
  }
}

const near = (a: Counted, b: Counted): boolean =>
  Object.entries(a).every(
    ([unit, value]) => Math.abs(value - (b[unit as keyof Counted] ?? Number.NaN)) <= 0.05 * value + 0.01
  )

const page = pageOf("docs/costs.md")
const marked = /<!-- begin (\w+) -->\n(.*?)\n<!-- end \1 -->/gs
const sectionOf = (name: string): string =>
  [...page.text.matchAll(marked)].find(([, found]) => found === name)?.[2] ?? ""

const loadOf = (stack: "dev" | "prod", settings: Parameters<typeof stackConfig>[1] = {}) => {
  const own = `${projectFile().name}:`
  const record = Object.fromEntries(
    Object.entries(stackConfig(stack, settings)).flatMap(([key, value]) =>
      key.startsWith(own) ? [[key.slice(own.length), value] as const] : []
    )
  )
  const config = decodeConfig(record, "us-east-1")
  const load: Load = { ...config, targets: 1, generations: 1 }
  return { config, load }
}

type Look = { readonly metricQueries?: ReadonlyArray<{ readonly metric?: unknown }> }

const standingOf = ({ config }: ReturnType<typeof loadOf>, { resources }: Captured): Standing => ({
  alarmMetrics: resources
    .filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm")
    .reduce(
      (sum, { inputs }) =>
        sum + ((inputs as Look).metricQueries?.filter(({ metric }) => metric !== undefined).length ?? 1),
      0
    ),
  incidents: resources.filter(({ type }) => type === "aws:cloudwatch/compositeAlarm:CompositeAlarm").length,
  // Only a stack that sweeps has those of reconcile.
  metrics: Object.entries(metricsOf).reduce((sum, [fn, names]) => sum + (fn === "reconcile" ? 0 : names.length), 0),
  idleMetrics: metricsOf.append.length + metricsOf.project.length + metricsOf.redrive.length,
  customerKey: config.customerKey,
  recovery: config.protect,
  retentionHours: config.streamRetentionHours
})

describe("docs/costs.md", () => {
  it("[P9] states what a run counts, and the bills that follow from it", { timeout: 600_000 }, async () => {
    const fresh = new Map([
      ["10 events/s, window 5 s", await count(10, 3_000, 1_000, 5)],
      ["30 events/s, window 1 s", await count(30, 4_000, 1_500, 1)]
    ])
    const stated = readCounted(sectionOf("counted"))
    const holds = [...fresh].every(([title, units]) => {
      const said = stated.get(title)
      return said !== undefined && near(units, said)
    })
    // Small differences are of the order in which things happened: what is written stands while it is near.
    const counted = holds ? stated : fresh
    const [small, large] = [...counted.values()] as [Counted, Counted]

    const dev = loadOf("dev")
    const prod = (peakEventsPerSecond: number) =>
      loadOf("prod", { genesysEventSource: PARTNER, peakEventsPerSecond, accountConcurrency: 10_000 })
    const [devStanding, prodStanding] = [
      standingOf(dev, await capture("dev", {}, AS_DELIVERED)),
      standingOf(
        prod(1_000),
        await capture("prod", { genesysEventSource: PARTNER, accountConcurrency: 10_000 }, AS_DELIVERED)
      )
    ]
    const billAt = (rate: Rate) =>
      rate === 10 ? billOf(dev.load, rate, small, devStanding) : billOf(prod(rate).load, rate, large, prodStanding)
    const sections: Readonly<Record<string, string>> = {
      counted: countedTable(counted),
      bills: billTable(new Map(rates.map((rate) => [rate, billAt(rate)]))),
      quiet: quietTable(
        new Map([
          ["`dev`", billOf(dev.load, 0.001, small, devStanding)],
          ["`prod` for 1,000 events/s", billAt(1_000)]
        ])
      ),
      options: optionsTable(optionsOf(prod(1_000).load, 1_000)),
      storage: storageTable((rate) => (rate === 10 ? small : large))
    }
    const running = billAt(1_000).reduce((sum, line) => sum + (isStored(line) ? 0 : line.dollars), 0)
    assert.isAtMost(running / millionsOf(1_000), MOST_PER_MILLION)
    // What the capacity of a stack is derived from.
    assert.closeTo(large.deltas, DELTAS_PER_EVENT, 0.05 * DELTAS_PER_EVENT)
    // What simulate says to whoever sends events to a small stack.
    const follows = billAt(10).reduce((sum, line) => sum + (isStored(line) ? 0 : line.dollars - line.standing), 0)
    assert.isAtMost(follows / millionsOf(10), EVENT_DOLLARS * 1_000_000)
    const names = [...page.text.matchAll(marked)].map(([, name]) => name)
    assert.sameMembers(names, Object.keys(sections))
    const written = page.text.replace(
      marked,
      (_, name: string) => `<!-- begin ${name} -->\n${sections[name]}\n<!-- end ${name} -->`
    )
    await expect(written).toMatchFileSnapshot(join(root, page.path))
  })
})
