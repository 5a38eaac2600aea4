import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import type { StreamRecord } from "aws-in-process"
import { effectClock } from "aws-in-process/clock"
import { seededRandom } from "aws-in-process/random"
import { Effect, Layer } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { canonical } from "../../src/domain/json.ts"
import { type Columns, generation, type Projection, STATE_ROW } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { capture } from "../../src/local/capture.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { promote, type Readers } from "../../src/pipeline/generations.ts"
import { beginRun } from "../../src/pipeline/replay/record.ts"
import { type Change, type ChangesOptions, changesOf } from "../../src/read/changes.ts"
import type { Item } from "../../src/store/aws/attribute.ts"
import { control } from "../../src/store/aws/control.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { toEntityRow } from "../../src/store/aws/row-item.ts"
import { Connection } from "../../src/store/connection.ts"
import { Control } from "../../src/store/control.ts"
import { delivered as projections } from "../support/delivered.ts"
import { historyOf, START } from "../support/history.ts"
import { seeds, UNHURRIED } from "../support/seeds.ts"
import { devStack, runStack } from "../support/stack.ts"

const W = 5_000
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const PREFIX = "genesys-cloud-projections-dev"
const FIRST: ChangesOptions = {
  prefix: PREFIX,
  readers: Object.fromEntries(projections.map((p) => [p.name, { generation: generation(p) }]))
}

type Run = Awaited<ReturnType<typeof runStack>>
type Told = { readonly record: StreamRecord; readonly now: number }

/** What the streams of generations tell, in the order and at the time that they do. */
const listen = (run: Run, ...generations: ReadonlyArray<string>): ReadonlyArray<Told> => {
  const told: Array<Told> = []
  for (const name of generations)
    run.stack.dynamodb.onStream(`${PREFIX}-${name}`, (record) => told.push({ record, now: run.clock.now() }))
  return told
}

const all = (told: ReadonlyArray<Told>, options = FIRST) =>
  changesOf(
    told.map(({ record }) => record),
    options
  )

const projectionOf = ({ eventSourceARN }: StreamRecord): Projection<Event> =>
  projections.find((p) => eventSourceARN.includes(`-${generation(p)}/`)) ?? assert.fail(eventSourceARN)

const keyOf = ({ projection, entity, row }: { projection: string; entity: string; row: string }) =>
  `${projection.replace(/-v\d+$/, "")} ${entity} ${row}`

const tableOf = async (run: Run): Promise<ReadonlyMap<string, Columns>> =>
  new Map((await run.rows()).map((row) => [keyOf(row), row.columns]))

/** Whoever keeps a copy of the tables: what is older than what it has is over. */
const copyOf = (changes: ReadonlyArray<Change>): ReadonlyMap<string, Columns> => {
  const held = new Map<string, Change>()
  for (const change of changes)
    if (change.version > (held.get(keyOf(change))?.version ?? 0)) held.set(keyOf(change), change)
  return new Map([...held].flatMap(([key, { after }]) => (after === undefined ? [] : [[key, after]])))
}

const sorted = (rows: ReadonlyMap<string, Columns>) =>
  [...rows].map(([key, columns]) => `${key} ${canonical(columns)}`).sort()

const live = async (seed: number, chaos: number, more: Parameters<typeof runStack>[0] = {}) => {
  const run = await runStack({ captured: await devStack({ projectionStreams: true }), seed, chaos, ...more })
  const history = historyOf(250, { seed, chaos: chaos / 2 })
  const told = listen(run, ...projections.map(generation))
  run.feed(history)
  await run.reach(history.at(-1)?.at ?? 0)
  return { run, told }
}

/** Everything that is stored, once more into generations, by the functions of the stack. */
const replayInto = async (run: Run, segments: number, ...generations: ReadonlyArray<string>) => {
  const services = operated(run)
  const during = async <A>(promise: Promise<A>) => {
    let over = false
    const result = promise.finally(() => {
      over = true
    })
    for (let minutes = 0; !over && minutes < 120; minutes++) await run.reach(run.clock.now() + MINUTE)
    return result
  }
  for (const name of generations) {
    const plan = {
      id: `again-${name}`,
      generation: name,
      scope: {},
      segments,
      write: true,
      park: true,
      eventsPerSecond: 1_000,
      budget: {}
    }
    await during(Effect.runPromise(Effect.provide(beginRun(plan), services)))
    await during(
      run.stack.machines[0]?.run({ replayId: plan.id, segments: Array.from({ length: segments }, (_, i) => i) }) ??
        Promise.reject()
    )
  }
}

const operated = (run: Run, listed: ReadonlyArray<Projection<Event>> = projections) =>
  Layer.mergeAll(control(String(run.captured.outputs.controlTableName)), effectClock(run.clock)).pipe(
    Layer.provide(DynamoDb.layer),
    Layer.provide(Layer.succeed(Connection, run.stack.operator)),
    Layer.provideMerge(Layer.succeed(Projections, listed))
  )

describe("changes", () => {
  it.each(seeds(3))(
    "[P3] [P5] are announced once each, in order, after they have settled, and add up to the tables (seed %i)",
    UNHURRIED,
    async (seed) => {
      const { run, told } = await live(seed, 0)
      await run.settle()
      const copy = new Map<string, Columns>()
      const ids = new Set<string>()
      for (const { record, now } of told)
        for (const change of all([{ record, now }])) {
          const key = keyOf(change)
          assert.deepStrictEqual(change.before, copy.get(key), `${change.id} follows what was announced`)
          assert.notDeepEqual(change.after, change.before, change.id)
          copy.set(key, change.after as Columns)
          ids.add(change.id)
          assert.isAtLeast(now, Date.parse(change.asOf) + W, change.id)
        }
      assert.deepStrictEqual(sorted(copy), sorted(await tableOf(run)))
      assert.strictEqual(ids.size, all(told).length)
      assert.isAbove(ids.size, 100)
      assert.isAbove(told.length, ids.size, "some writes change nothing that readers see")
      await run.stack.stop()
    }
  )

  it("are those of the rows as they are written", UNHURRIED, async () => {
    const { run, told } = await live(3, 0)
    await run.settle()
    const seen = new Map<string, string>()
    let visible = 0
    for (const { record } of told) {
      const projection = projectionOf(record)
      const key = JSON.stringify(record.dynamodb.Keys)
      const item = (record.dynamodb.NewImage ?? {}) as unknown as Item
      if (item.asOf === undefined) continue
      const columns = canonical(toEntityRow({ table: "", key: projection.key }, item).columns)
      if (seen.get(key) !== columns) visible++
      seen.set(key, columns)
    }
    assert.strictEqual(all(told).length, visible)
    await run.stack.stop()
  })

  it("[P8] are not announced again when the whole store is replayed into the same generation", UNHURRIED, async () => {
    const { run, told } = await live(5, 0)
    await run.settle()
    const before = told.length
    await replayInto(run, 2, ...projections.map(generation))
    assert.isAbove(told.length, before, "the replay writes summaries and keeps tombstones longer")
    assert.deepStrictEqual(all(told.slice(before)), [])
    await run.stack.stop()
  })

  it(
    "[P8] do not come of tombstones, neither when they expire nor when a replay brings them back",
    UNHURRIED,
    async () => {
      const path = mkdtempSync(join(tmpdir(), "changes-"))
      try {
        const first = await live(6, 0, { path })
        await first.run.settle()
        await first.run.stack.stop()
        const run = await runStack({ captured: first.run.captured, path, start: START + 2 * DAY })
        const told = listen(run, ...projections.map(generation))
        await run.reach(run.clock.now() + 61 * MINUTE)
        assert.isAbove(told.length, 20)
        assert.isTrue(told.every(({ record }) => record.userIdentity?.principalId === "dynamodb.amazonaws.com"))
        const expired = told.length
        // In one segment: with more, an end may come after its start here too, and readers see the session open meanwhile.
        await replayInto(run, 1, ...projections.map(generation))
        assert.isAbove(
          told
            .slice(expired)
            .filter(({ record }) => record.eventName === "INSERT" && record.dynamodb.NewImage?.expiresAt !== undefined)
            .length,
          0
        )
        assert.deepStrictEqual(all(told), [])
        await run.stack.stop()
      } finally {
        rmSync(path, { recursive: true, force: true })
      }
    }
  )

  it.each(seeds(2))(
    "[P3] end in the tables however often and in whatever order they are delivered (seed %i)",
    UNHURRIED,
    async (seed) => {
      const { run, told } = await live(seed, 0.5)
      run.stack.calm()
      await run.settle()
      const table = sorted(await tableOf(run))
      const once = new Set(told.map(({ record }) => record.eventID))
      assert.isAbove(told.length, once.size, "the engine delivers some again")
      const firsts = [...new Map(all(told).map((change) => [change.id, change])).values()]
      for (const [key, changes] of Map.groupBy(firsts, keyOf))
        assert.deepStrictEqual(
          changes.slice(1).map(({ before }) => before),
          changes.slice(0, -1).map(({ after }) => after),
          key
        )
      assert.deepStrictEqual(sorted(copyOf(all(told))), table)
      const shuffled = seededRandom(seed).shuffle([...told, ...told])
      assert.deepStrictEqual(sorted(copyOf(all(shuffled))), table)
      assert.sameMembers([...new Set(all(shuffled).map(({ id }) => id))], [...new Set(all(told).map(({ id }) => id))])
      await run.stack.stop()
    }
  )
})

const again: Projection<Event> = {
  ...agents,
  version: 3,
  view: (row, registers) => ({ ...agents.view(row, registers), registers_: registers.size })
}
const LISTED = [agents, again, queues, conversations]

describe("changes of two generations", () => {
  it(
    "[P8] are announced by the one that readers use: not while the other is rebuilt, and at its promotion by exactly one",
    UNHURRIED,
    async () => {
      const settings = { genesysEventSource: SIMULATED_SOURCE, batchWindowSeconds: 1, projectionStreams: true }
      const captured = await capture("dev", settings, LISTED)
      const run = await runStack({ captured })
      const [v1, v2] = [listen(run, "agents-v2"), listen(run, "agents-v3")]
      const services = operated(run, LISTED)
      const operate = <A, E>(effect: Effect.Effect<A, E, Control>) =>
        Effect.runPromise(Effect.provide(effect, services))
      const options = async (): Promise<ChangesOptions> => {
        const { value } = await operate(Control.use(({ read }) => read("readers/agents")))
        return { prefix: PREFIX, readers: { agents: value as unknown as Readers } }
      }
      const history = historyOf(600, { rate: 20 })
      run.feed(history)
      const [start, end] = [history[0]?.at ?? 0, history.at(-1)?.at ?? 0]
      await run.reach(start + (end - start) / 2)
      const pointed = await options()
      assert.deepStrictEqual(pointed.readers.agents, { generation: "agents-v2" } as Readers)
      assert.isAbove(v2.length, 20, "the new generation is fed")
      assert.deepStrictEqual(all(v2, pointed), [])

      const during = operate(promote("agents-v3", "maria"))
      await run.reach(run.clock.now() + 1)
      const promoted = await during
      const { at = 0 } = promoted
      await run.reach(end)
      await run.settle()
      const after = await options()
      const withoutNew = ({ entity, row, after: { registers_: _, ...columns } = {} }: Change) =>
        `${entity} ${row} ${canonical(columns)}`
      const visible = (changes: ReadonlyArray<Change>) => changes.filter(({ changed }) => `${changed}` !== "registers_")
      const announced = [...visible(all(v1, after)), ...visible(all(v2, after))]
      const wanted = all(v1, { prefix: PREFIX, readers: { agents: { generation: "agents-v2" } } })
      assert.sameMembers(announced.map(withoutNew), wanted.map(withoutNew))
      const by = (name: string) => announced.filter((change) => change.generation === name).length
      assert.isAbove(by("agents-v2"), 20)
      assert.isAbove(by("agents-v3"), 20)
      // By when it was written, not by when it is read: both streams are read after the promotion here.
      for (const [told, name] of [
        [v1, "agents-v2"],
        [v2, "agents-v3"]
      ] as const)
        for (const { record, now } of told)
          for (const { id } of all([{ record, now }], after))
            assert.strictEqual(now < Math.ceil(at / 1_000) * 1_000, name === "agents-v2", id)
      assert.isDefined(v1.find(({ record }) => record.dynamodb.Keys.row?.S === STATE_ROW))
      await run.stack.stop()
    }
  )
})
