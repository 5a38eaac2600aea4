import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { agentIntervals } from "../../projections/agent-intervals.ts"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queueIntervals } from "../../projections/queue-intervals.ts"
import { queues } from "../../projections/queues.ts"
import { metricsOf } from "../../src/domain/metrics.ts"
import { EVENT_DOLLARS } from "../../src/domain/prices.ts"
import { generation } from "../../src/domain/projection.ts"
import { DELTAS_PER_EVENT, type Load } from "../../src/infra/capacity.ts"
import { decodeConfig } from "../../src/infra/decode-config.ts"
import { type Captured, capture } from "../../src/local/capture.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { projectFile, stackConfig } from "../../src/local/stack-config.ts"
import { type Cause, makeCauses } from "../support/causes.ts"
import { historyOf } from "../support/history.ts"
import { runStack } from "../support/stack.ts"
import { archiveTable, copyTable, erasureTable } from "./archive-costs.ts"
import { billOf, type Counted, isStored, millionsOf, optionsOf, type Standing } from "./cost-model.ts"
import {
  billTable,
  causesTable,
  countedTable,
  optionsTable,
  priceOf,
  quietTable,
  type Rate,
  rates,
  readCauses,
  readCounted,
  storageTable
} from "./cost-tables.ts"
import { pageOf, root } from "./pages.ts"

const PARTNER = "aws.partner/genesys.com/cloud/5ca1ab1e-0000-4000-8000-000000000001/costs"

/** The page is about these, whatever else a copy of the project folds. */
const AS_DELIVERED = [agents, queues, conversations, queueIntervals]

/** With what `agentIntervals: true` adds. */
const WITH_AGENT_INTERVALS = { agentIntervals: true, projections: [...AS_DELIVERED, agentIntervals] }

/** Units that it takes, an event. */
const AGENT_INTERVAL_UNITS: Cause = { write: 0.12, read: 0.09 }

/** Dollars per million events at 1,000 events a second, everything but what is stored. */
const MOST_PER_MILLION = 3.2

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

/** How long a day must have gone on before it is counted, in seconds: then the timers of its first conversations have gone off too. */
const MORNING_SECONDS = 700

/** Seconds that a batch of project may wait to fill, where somebody would rather pay less. */
const PATIENCE = 5

/** Events a second, and how many of them are counted. */
const RATE = 5
const EVENTS = 1_300

/**
 * Units of a centre of ten agents for each event a second, which the simulator takes to be what a working day is like, and what they were
 * spent on. What comes in and what is done in the same span of time is counted. The morning, while everybody logs on and nobody talks
 * yet, is not: it is the cheapest of the day.
 */
const count = async (
  batchWindowSeconds: number,
  settleBatchWindowSeconds = 0,
  { agentIntervals, projections } = { agentIntervals: false, projections: AS_DELIVERED }
) => {
  const [rate, morning, events] = [RATE, RATE * MORNING_SECONDS, EVENTS]
  const settings = {
    genesysEventSource: SIMULATED_SOURCE,
    batchWindowSeconds,
    settleBatchWindowSeconds,
    agentIntervals
  }
  const captured = await capture("dev", settings, projections)
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
  const { listen, causes } = makeCauses(new Map(Object.entries(tables).map(([name, table]) => [table.name, name])))
  const stop = run.stack.dynamodb.onBilled(listen)
  await run.reach(history[morning + events]?.at ?? 0)
  stop()
  const after = countedSoFar()
  await run.settle()
  const of = after.appended - before.appended
  const day = run.lines.slice(before.lines, after.lines)
  const lines = (message: string) => day.filter((line) => line.includes(`"message":"${message}"`))
  const [appends, projects] = [lines("append"), lines("project")]
  const bytes = (of: ReadonlyArray<string>) => of.reduce((sum, line) => sum + Buffer.byteLength(line), 0) / of.length
  const items = await run.eventItems()
  assert.deepStrictEqual(
    [run.lines.filter((line) => line.includes('"message":"invocation failed"')), run.counters.appended],
    [[], history.length]
  )
  assert.isEmpty(run.quarantined())
  await run.stack.stop()
  const counted: Counted = {
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
  const each = ([cause, { write, read }]: readonly [string, Cause]) =>
    [cause, { write: round(write / of), read: round(read / of) }] as const
  return { counted, causes: new Map([...causes].map(each)) }
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
  // Only a stack that sweeps has those of reconcile, and only one that audits itself those of audit.
  metrics: Object.entries(metricsOf).reduce(
    (sum, [fn, names]) => sum + (fn === "reconcile" || fn === "audit" ? 0 : names.length),
    0
  ),
  idleMetrics: metricsOf.append.length + metricsOf.project.length + metricsOf.redrive.length,
  customerKey: config.customerKey,
  recovery: config.protect,
  retentionHours: config.streamRetentionHours
})

describe("docs/costs.md", () => {
  it("[P9] states what a run counts, and the bills that follow from it", { timeout: 600_000 }, async () => {
    const runs = new Map([
      ["batches wait 5 s", await count(5)],
      ["batches wait 1 s", await count(1)],
      ["and project 5 s", await count(1, PATIENCE)]
    ])
    const fresh = new Map([...runs].map(([title, { counted }]) => [title, counted]))
    const stated = readCounted(sectionOf("counted"))
    const holds = [...fresh].every(([title, units]) => {
      const said = stated.get(title)
      return said !== undefined && near(units, said)
    })
    // Small differences are of the order in which things happened: what is written stands while it is near.
    const counted = holds ? stated : fresh
    const [small, large, patient] = [...counted.values()] as [Counted, Counted, Counted]

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
    const runningOf = (lines: ReturnType<typeof billOf>) =>
      lines.reduce((sum, line) => sum + (isStored(line) ? 0 : line.dollars), 0)
    const patience = runningOf(billOf(prod(1_000).load, 1_000, patient, prodStanding)) - runningOf(billAt(1_000))
    const causes = holds ? readCauses(sectionOf("causes")) : (runs.get("batches wait 1 s")?.causes ?? new Map())
    const dollarsOf = ({ name, version }: typeof queueIntervals, of: ReadonlyMap<string, Cause>) => {
      const spent = [...of].flatMap(([cause, units]) =>
        cause.startsWith(generation({ name, version })) ? [units] : []
      )
      return millionsOf(1_000) * 1_000_000 * spent.reduce((sum, units) => sum + priceOf(units), 0)
    }
    const more = await count(1, 0, WITH_AGENT_INTERVALS)
    const [[, agentUnits] = assert.fail()] = [...more.causes].filter(([cause]) =>
      cause.startsWith(generation(agentIntervals))
    )
    // What docs/costs.md and the setting say of it.
    assert.closeTo(agentUnits.write, AGENT_INTERVAL_UNITS.write, 0.01)
    assert.closeTo(agentUnits.read, AGENT_INTERVAL_UNITS.read, 0.01)
    const sections: Readonly<Record<string, string>> = {
      counted: countedTable(counted),
      causes: causesTable(causes),
      bills: billTable(new Map(rates.map((rate) => [rate, billAt(rate)]))),
      quiet: quietTable(
        new Map([
          ["`dev`", billOf(dev.load, 0.001, small, devStanding)],
          ["`prod` for 1,000 events/s", billAt(1_000)]
        ])
      ),
      options: optionsTable([
        ...optionsOf(prod(1_000).load, 1_000),
        [`\`settleBatchWindowSeconds: ${PATIENCE}\`: rows change up to ${PATIENCE} s later`, patience],
        ["`queueIntervals: false`", -dollarsOf(queueIntervals, causes)],
        [
          "`agentIntervals: true`",
          dollarsOf(agentIntervals, new Map([[generation(agentIntervals), AGENT_INTERVAL_UNITS]]))
        ]
      ]),
      storage: storageTable((rate) => (rate === 10 ? small : large)),
      archive: archiveTable(Math.round(large.itemBytes)),
      copy: copyTable(),
      erasure: erasureTable(Math.round(large.itemBytes))
    }
    const running = runningOf(billAt(1_000))
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
