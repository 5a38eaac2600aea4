import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { projections as first } from "../../projections/index.ts"
import type { Delta } from "../../src/domain/delta.ts"
import { type Derivation, derivedIn } from "../../src/domain/derivation.ts"
import { generation, type Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { applyDeltas } from "../../src/pipeline/derive.ts"
import { promote, retire } from "../../src/pipeline/generations.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { makeCore, modelOf } from "../support/core.ts"
import { arrivalsOf, historyOf } from "../support/history.ts"
import { seeds } from "../support/seeds.ts"

const END = Date.UTC(2030, 0)

const raised = (projection: Projection<Event>): Projection<Event> => ({
  ...projection,
  version: projection.version + 1
})

const isOf = (projections: ReadonlyArray<Projection<Event>>) => {
  const names = new Set(projections.map(generation))
  return (line: string) => names.has(line.split(" ")[0] as ReturnType<typeof generation>)
}

/** A day in whose middle the list of projections changes, and rows as they are after it. */
const lived = async (seed: number, change: (listed: Array<Projection<Event>>) => void) => {
  const listed: Array<Projection<Event>> = [...first]
  const core = makeCore({ projections: listed })
  const arrivals = arrivalsOf(historyOf(300, { seed, chaos: 0.4 }))
  await core.deliver(arrivals.slice(0, 150))
  await core.settle(core.queue.take(END))
  change(listed)
  await core.deliver(arrivals.slice(150))
  await core.settle(core.queue.take(END))
  return core
}

describe("a new generation of everything, which no replay has filled yet", () => {
  it.each(seeds(3))("[P8] changes no row of those that were there before (seed %i)", async (seed) => {
    const alone = (await lived(seed, () => {})).dump()
    const core = await lived(seed, (listed) => listed.push(...first.map(raised)))
    const rows = core.dump()
    assert.isAbove(rows.filter(isOf(first.map(raised))).length, 40)
    assert.deepStrictEqual(rows.filter(isOf(first)), alone)
    const stored = core.events.stored()
    const all = [...first, ...first.map(raised)]
    assert.deepStrictEqual(rows.filter(isOf(first)), modelOf(stored, all).filter(isOf(first)))
  })
})

const derived = (since?: number): Derivation => ({
  from: "source",
  ...(since === undefined ? {} : { since }),
  register: "copy",
  reads: (updated) => ({ rows: updated.map(([row]) => row), open: false }),
  rows: (entity, rows) => [{ entity, row: "target", of: () => rows.get("row")?.get("value") }]
})

const projection = (name: string, version: number, ...derivations: ReadonlyArray<Derivation>): Projection<Event> => ({
  ...{ name, version, key: "id", topics: ["v2.test"], tombstoneSeconds: 60, derived: derivations },
  deltas: () => [],
  view: () => ({}),
  closed: () => false
})

const said = (version: number): Delta => ({
  ...{ projection: `source-v${version}`, entity: "e", row: "row", register: "value", value: version, late: false },
  stamp: { clock: version, published: version, eventId: `event-${version}` }
})

const SOURCES = [2, 1, 3].map((version) => projection("source", version))

describe("what follows from a projection that has several generations", () => {
  const followed = async (target: Projection<Event>, live: ReadonlyArray<Projection<Event>>) => {
    const rows = memoryProjectionStore()
    const deltas = [1, 2, 3].map(said)
    const all = [target, ...SOURCES]
    await Effect.runPromise(applyDeltas(deltas, all, { live: [target, ...live] }).pipe(Effect.provide(rows.layer)))
    const found = rows.rows(generation(target), "e").find(({ row }) => row === "target")
    return found && derivedIn(found.registers, "copy")?.value
  }

  it("[P8] follows from the lowest that is fed, of those that the derivation understands", async () => {
    const [any, since] = [projection("target", 1, derived()), projection("target", 1, derived(2))]
    assert.strictEqual(await followed(any, SOURCES), 1)
    assert.strictEqual(await followed(since, SOURCES), 2)
    assert.strictEqual(
      await followed(any, SOURCES.slice(2)),
      3,
      "1 and 2 are retired, and what was on its way is merged alone"
    )
    assert.isUndefined(await followed(since, SOURCES.slice(1, 2)))
  })

  it("[P8] cannot retire the last one that will do", async () => {
    const listed = [projection("target", 1, derived(2)), ...SOURCES]
    const core = makeCore({ projections: listed })
    const refused = async (name: string) => {
      const result = await core.run(Effect.result(retire(name, "maria")))
      return result._tag === "Failure" && result.failure._tag === "GenerationRefused"
        ? result.failure.reason
        : result._tag
    }
    assert.strictEqual(await refused("source-v2"), "Success")
    assert.strictEqual(await refused("source-v3"), "isSource")
    await core.run(promote("source-v3", "maria"))
    assert.strictEqual(await refused("source-v1"), "Success")
  })
})
