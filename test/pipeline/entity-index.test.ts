import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { deriveDeltas, generation } from "../../src/domain/projection.ts"
import { explainPast } from "../../src/pipeline/explain.ts"
import { type EntityEntry, EntityIndex } from "../../src/store/entity-index.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { decoded } from "../store/events.ts"
import { type Core, makeCore, WINDOW, type Wraps } from "../support/core.ts"
import { delivered as projections } from "../support/delivered.ts"
import { bothVersions } from "../support/generations.ts"
import { AGENT, arrival, arrivalsOf, historyOf, START, statusLine } from "../support/history.ts"

const END = Date.UTC(2030, 0)

const indexing = (wraps: Wraps = {}) => makeCore({ index: (inner) => inner, ...wraps })

/** What the index must hold by the folds alone: one entry for each entity of each stored event. */
const expected = (core: Core): ReadonlyArray<string> => {
  const found = new Set<string>()
  for (const [eventId, { envelope, received }] of core.events.stored())
    for (const of of projections)
      for (const { entity } of deriveDeltas([of], decoded(envelope, received), WINDOW))
        found.add(JSON.stringify({ projection: of.name, entity, eventId, received }))
  return [...found].sort()
}

const entered = (core: Core) =>
  core.index
    .entries()
    .map(({ projection, entity, eventId, received }: EntityEntry) =>
      JSON.stringify({ projection, entity, eventId, received })
    )
    .sort()

const indexOf = (core: Core) => Effect.runPromise(Effect.provide(EntityIndex.use(Effect.succeed), core.index.layer))

describe("append with an index by entity", () => {
  it("[P2] finds every stored event by each of its entities and the first arrival, and by nothing else", async () => {
    const core = indexing()
    const arrivals = arrivalsOf(historyOf(500, { seed: 5, chaos: 0.5 }))
    for (let from = 0; from < arrivals.length; from += 50) await core.deliver(arrivals.slice(from, from + 50))
    assert.deepStrictEqual(entered(core), expected(core))
    assert.isAbove(core.index.entries().length, core.events.stored().size / 2)
  })

  it("enters an event once for all versions of a projection", async () => {
    const core = indexing({ projections: bothVersions })
    await core.deliver([arrival(statusLine("e-1", "IDLE", START), START)])
    assert.deepStrictEqual(core.index.entries(), [
      { projection: "agents", entity: AGENT, eventId: "e-1", received: START }
    ])
  })

  it("enters an event by what is folded of it, though one projection throws and another has no entity", async () => {
    const [of, ...others] = projections
    const broken = (name: string, deltas: () => never) => ({ ...of, name, deltas }) as never as (typeof projections)[0]
    const throws = broken("throws", () => {
      throw new Error("boom")
    })
    const nameless = broken("nameless", () => [{ entity: 5, row: "r", register: "x", value: 1 }] as never)
    const core = indexing({ projections: [throws, nameless, ...(of === undefined ? [] : [of]), ...others] })
    const { failed, parked } = await core.deliver([arrival(statusLine("e-1", "IDLE", START), START)])
    assert.deepStrictEqual([failed, parked], [[], 1])
    assert.deepStrictEqual(core.index.entries(), [
      { projection: "agents", entity: AGENT, eventId: "e-1", received: START }
    ])
  })

  it("[P2] fails all that is stored when the index does, and the retry comes back as duplicates and is entered", async () => {
    let broken = true
    const fault = new StoreError({ store: "entity index", operation: "add", reason: "AccessDenied", retryable: false })
    const core = indexing({ index: (inner) => ({ ...inner, add: (all) => (broken ? fault : inner.add(all)) }) })
    const records = [
      arrival(statusLine("e-1", "IDLE", START), START),
      arrival("no event", START),
      arrival(statusLine("e-2", "INTERACTING", START + 1), START + 1)
    ]
    const first = await core.deliver(records)
    assert.deepStrictEqual([first.failed, first.appended, first.quarantined], [[0, 2], 0, 1])
    broken = false
    // Later, as a retry after a redrive is: the first arrival counts.
    const second = await core.deliver([0, 2].map((at) => ({ ...records[at], received: START + 90_000 }) as never))
    assert.deepStrictEqual([second.failed, second.duplicates], [[], 2])
    assert.deepStrictEqual(entered(core), expected(core))
    assert.lengthOf(core.index.entries(), 2)
  })

  it("[P7] is asked nothing for what is no event, and for events that nothing folds", async () => {
    const core = indexing({
      projections: [],
      index: (inner) => ({
        ...inner,
        add: () => Effect.die(new Error("asked")),
        page: () => Effect.die(new Error("asked"))
      })
    })
    const { failed } = await core.deliver([arrival(statusLine("e-1", "IDLE", START), START), arrival("{", START)])
    assert.deepStrictEqual(failed, [])
  })
})

describe("explain by the index", () => {
  it("[P8] says of every entity what the whole store says, and reads its events alone", async () => {
    const core = indexing()
    await core.deliver(arrivalsOf(historyOf(400, { seed: 3, chaos: 0.4 })))
    await core.settle(core.queue.take(END))
    const arrivals = [...core.events.stored().values()].map(({ received }) => received)
    const time = arrivals[Math.floor(arrivals.length / 2)] ?? 0
    const byIndex = await indexOf(core)
    const entities = new Map(core.index.entries().map((one) => [`${one.projection} ${one.entity}`, one]))
    assert.isAbove(entities.size, 10)
    for (const { projection, entity } of entities.values()) {
      const name = projections.filter((one) => one.name === projection).map(generation)[0] ?? ""
      for (const when of [{ at: time }, { arrived: time }, { at: END }]) {
        const options = { ...when, tombstones: true }
        const byScan = await core.run(explainPast(name, entity, options))
        const found = await core.run(explainPast(name, entity, { ...options, index: byIndex }))
        assert.deepStrictEqual([found.rows, found.folded], [byScan.rows, byScan.folded])
        const isSource = projection === "conversations"
        assert.include([1, isSource ? 1 : 2], byScan.scanned / arrivals.length)
        const known = core.index
          .entries()
          .filter((one) => one.projection === projection && one.entity === entity)
          .filter(({ received }) => !("arrived" in when) || received <= time)
        assert.strictEqual(found.unreadable, 0)
        // Those of the entity, and those of the conversations and agents that its rows follow from.
        if (isSource) assert.strictEqual(found.scanned, known.length)
        else assert.isAtLeast(found.scanned, known.length)
      }
    }
  })

  it("[P7] counts a body that is gone and reads the others, and hides no other failure", async () => {
    let reason = "NoSuchKey"
    const core = indexing({
      events: (inner) => ({
        ...inner,
        read: (ids) =>
          ids.includes("e-3")
            ? Effect.fail(new StoreError({ store: "event store", operation: "read", reason, retryable: false }))
            : inner.read(ids)
      })
    })
    const lines = ["IDLE", "INTERACTING", "IDLE", "OFF_QUEUE", "IDLE", "NOT_RESPONDING", "IDLE"]
    await core.deliver(lines.map((value, i) => arrival(statusLine(`e-${i}`, value, START + i), START + i)))
    const past = explainPast("agents-v2", AGENT, { at: END, index: await indexOf(core) })
    const { scanned, folded, unreadable, rows } = await core.run(past)
    assert.deepStrictEqual([scanned, folded, unreadable, rows.length], [7, 6, 1, 1])
    reason = "AccessDenied"
    assert.strictEqual((await core.run(Effect.flip(past))).message, "event store: read: AccessDenied")
  })
})
