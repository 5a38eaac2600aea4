import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { generation } from "../../../src/domain/projection.ts"
import { linksOf } from "../../../src/domain/stages.ts"
import { next, someEntries, someEvents, someRows } from "../../../src/pipeline/audit/look.ts"
import { lookAtEntries, lookAtEvents, sayings } from "../../../src/pipeline/audit/look-at-events.ts"
import { rowsWrong, summarisedEntities, summaryWrong } from "../../../src/pipeline/audit/look-at-rows.ts"
import { AuditLimits } from "../../../src/pipeline/audit/settings.ts"
import { EntityIndex } from "../../../src/store/entity-index.ts"
import { EventStore } from "../../../src/store/event-store.ts"
import { type RowKey, rowKey } from "../../../src/store/projection-store.ts"
import { StoreError } from "../../../src/store/store-error.ts"
import { GENEROUS } from "../../support/audited-day.ts"
import type { Wraps } from "../../support/core.ts"
import { forge, having } from "../../support/corruptions.ts"
import { lamp, left, pane, rowAt, seat } from "./corrupted.ts"
import { desks, EVENTS, HOUR, makeSmall, type Said, type Small, START, saidOf, saying, screens } from "./small.ts"

const IN_USE = [desks, screens]
const links = linksOf(IN_USE)

const within = (core: Small, effect: Effect.Effect<unknown, unknown, never>, bounds = {}) =>
  core.run(Effect.provideService(effect, AuditLimits, { ...GENEROUS, ...bounds })) as Promise<never>

const rowsOf = async (core: Small, of = desks, bounds = {}) =>
  ((await within(core, someRows(links, of, undefined) as never, bounds)) as { found: ReadonlyArray<object> }).found

const eventsOf = async (core: Small, bounds = {}) =>
  ((await within(core, someEvents(IN_USE, undefined, 0) as never, bounds)) as { found: ReadonlyArray<object> }).found

/** Calls of the store of rows, as a text for each. */
const noting = (calls: Array<string>): Wraps => ({
  rows: (inner) => ({
    ...inner,
    load: (keys, consistent) => {
      calls.push(`load ${keys.map(({ row }) => row).join()} ${consistent === true}`)
      return inner.load(keys, consistent)
    },
    rows: (projection, entity) => {
      calls.push(`rows ${projection} ${entity}`)
      return inner.rows(projection, entity)
    },
    summary: (projection, entity) => {
      calls.push(`summary ${projection} ${entity}`)
      return inner.summary(projection, entity)
    }
  })
})

const gone = new StoreError({ store: "event store", operation: "read", reason: "NoSuchKey", retryable: false })
/** The body of this event is gone. */
const without = (id: string): Wraps => ({
  events: (inner) => ({ ...inner, read: (ids) => (ids.includes(id) ? Effect.fail(gone) : inner.read(ids)) })
})

describe("a page of rows", () => {
  it("reads of each source the rows once, and what follows from them, consistently", async () => {
    const calls: Array<string> = []
    const core = await makeSmall(undefined, noting(calls))
    calls.length = 0
    assert.deepStrictEqual(await rowsOf(core), [])
    assert.deepStrictEqual(calls, ["summary desks-v1 d", "rows desks-v1 d", "load pane true"])
    calls.length = 0
    assert.deepStrictEqual(await rowsOf(core, screens), [])
    assert.deepStrictEqual(calls, ["summary screens-v1 s", "rows desks-v1 d", "load pane true"])
    // What others derive from besides changes nothing.
    const walls = saidOf("walls", { derived: [{ ...links[0]?.derivation, from: "screens" } as never] })
    calls.length = 0
    await within(core, someRows(linksOf([...IN_USE, walls]), desks, undefined) as never)
    assert.deepStrictEqual(calls, ["summary desks-v1 d", "rows desks-v1 d", "load pane true"])
  })

  it("looks no second time from a row at what it was looked at from its source", async () => {
    const itself = { ...links[0]?.derivation, from: "desks" } as never
    const own = saidOf("desks", { derived: [itself] })
    const calls: Array<string> = []
    const lines = [saying("e1", 0, ["desks", "d", "seat#1", "x", 5], ["desks", "d", "seat#1", "screen", "d"])]
    const core = await makeSmall(lines, { projections: [own], ...noting(calls) })
    calls.length = 0
    assert.deepStrictEqual(await within(core, someRows(linksOf([own]), own, undefined) as never), {
      ...{ found: [], counts: { rows: 2 } }
    } as never)
    assert.deepStrictEqual(calls, ["rows desks-v1 d", "load pane true"])
  })

  it("has at most 50 rows, and names where the next begins", async () => {
    assert.deepStrictEqual(next({ cursor: "c" }), { cursor: "c" })
    assert.deepStrictEqual(next({}), {})
    const asked: Array<unknown> = []
    const core = await makeSmall(undefined, {
      rows: (inner) => ({
        ...inner,
        pages: (of, key) => {
          asked.push([of, key])
          return inner.pages(of, key)
        }
      })
    })
    await within(core, someRows(links, desks, undefined) as never)
    await within(core, someRows(links, desks, '["d","lamp"]') as never)
    const page = { segment: 0, segments: 1, limit: 50 }
    assert.deepStrictEqual(asked.slice(-2), [
      ["desks-v1", page],
      ["desks-v1", { ...page, cursor: '["d","lamp"]' }]
    ])
  })

  it("leaves out rows that have expired, whatever they say", async () => {
    const core = await makeSmall()
    const expiresAt = core.clock.now() / 1_000
    await forge(core, lamp, { columns: { on: 7 }, expiresAt })
    assert.deepStrictEqual(await rowsOf(core), [])
    await forge(core, lamp, { expiresAt: expiresAt + 1 })
    assert.lengthOf(await rowsOf(core), 2)
  })

  it("knows nothing of events that are gone or cannot be decoded, or were archived", async () => {
    const odd = { value: 2, stamp: { clock: START, published: START, eventId: "e3" } }
    const forged = async (core: Small, eventId = "e3") => {
      const registers = having(rowAt(core, lamp).registers, "on", { ...odd, stamp: { ...odd.stamp, eventId } })
      await forge(core, lamp, { registers, columns: { on: 2 }, asOf: START })
      return core
    }
    const kinds = async (core: Small, bounds = {}) => (await rowsOf(core, desks, bounds)).length
    assert.strictEqual(await kinds(await forged(await makeSmall())), 1)
    assert.strictEqual(await kinds(await forged(await makeSmall(undefined, without("e3")))), 0)
    const undecodable: Wraps = {
      events: (inner) => ({
        ...inner,
        read: (ids) =>
          Effect.map(inner.read(ids), (found) => new Map([...found].map(([id, one]) => [id, { ...one, envelope: {} }])))
      })
    }
    assert.strictEqual(await kinds(await forged(await makeSmall(undefined, undecodable))), 0)
    // The event is not stored. It was published three hours ago.
    const unstored = await forged(await makeSmall(), "none")
    assert.strictEqual(await kinds(unstored), 1)
    assert.strictEqual(await kinds(unstored, { eventsKeptMs: 3 * HOUR }), 1)
    assert.strictEqual(await kinds(unstored, { eventsKeptMs: 3 * HOUR - 1 }), 0)
  })

  it("is not explained by what an event says of another row", async () => {
    const both: ReadonlyArray<Said> = [
      ["desks", "d", "lamp", "on", 1],
      ["desks", "d", "other", "off", 1],
      ["desks", "f", "lamp", "off", 1]
    ]
    const core = await makeSmall([saying("e", 0, ...both)])
    const register = { value: 1, stamp: { clock: START, published: START, eventId: "e" } }
    await forge(core, lamp, {
      registers: having(rowAt(core, lamp).registers, "off", register),
      columns: { on: 1, off: 1 }
    })
    assert.deepStrictEqual(await rowsOf(core), [
      {
        kind: "unexplained",
        generation: "desks-v1",
        entity: "d",
        row: "lamp",
        names: ["off"],
        eventId: "e",
        version: 2
      }
    ])
  })
})

describe("a summary", () => {
  it("is looked at for each entity of which a row is counted, once", () => {
    const row = (entity: string, name: string, size = 1) => ({
      ...{ entity, row: name, registers: new Map(size === 0 ? [] : [["x", { value: 1, stamp: {} } as never]]) },
      ...{ columns: {}, asOf: 0, version: 1, open: false }
    })
    const rows = [row("a", "seat#1"), row("a", "seat#2"), row("b", "lamp"), row("c", "state"), row("d", "seat#1", 0)]
    assert.deepStrictEqual(summarisedEntities(desks, rows), ["a"])
    assert.deepStrictEqual(summarisedEntities(saidOf("desks"), rows), [])
    const all = saidOf("desks", { summary: { reads: () => true, columns: [], of: () => ({}) } })
    assert.deepStrictEqual(summarisedEntities(all, rows), ["a", "b"])
  })

  it("is wrong where there is none, and is not judged where its projection throws or makes none", async () => {
    const core = await makeSmall()
    const wrong = (of = desks, entity = "d") => within(core, summaryWrong(of, entity) as never)
    const absent = { kind: "summary", generation: "desks-v1", entity: "nobody", version: 0 }
    assert.deepStrictEqual(await wrong(), [] as never)
    assert.deepStrictEqual(await wrong(desks, "nobody"), [absent] as never)
    assert.deepStrictEqual(await wrong(saidOf("desks")), [] as never)
    const boom = (): never => {
      throw new Error("boom")
    }
    const throws = saidOf("desks", { summary: { reads: () => true, columns: [], of: boom } })
    assert.deepStrictEqual(await wrong(throws), [] as never)
    // One that says nothing is there all the same once it is written.
    const empty = saidOf("desks", { summary: { reads: () => true, columns: [], of: () => ({}) } })
    assert.deepStrictEqual(await wrong(empty, "nobody"), [absent] as never)
  })

  it("has no row without registers in its stead", async () => {
    const core = await makeSmall()
    const rows = (await within(core, rowsWrong(desks, []) as never)) as ReadonlyArray<object>
    assert.deepStrictEqual(rows, [])
  })
})

describe("a page of events", () => {
  it("looks at the rows of those that came two hours ago, and reads none where there are none", async () => {
    const calls: Array<string> = []
    const core = await makeSmall(undefined, noting(calls))
    core.rows.drop("desks-v1", "d")
    calls.length = 0
    const age = core.clock.now() - (START + 5_000)
    assert.deepStrictEqual(await eventsOf(core, { settledMs: age }), [])
    assert.deepStrictEqual(calls, [])
    assert.lengthOf(await eventsOf(core, { settledMs: age - 1 }), 4)
    assert.deepStrictEqual(calls, ["load seat#1,seat#2,lamp false"])
  })

  it("leaves out what cannot be decoded, rows that cannot be read, and generations that nobody uses", async () => {
    const core = await makeSmall()
    const stored = new Map([...core.events.stored(), ["odd", { envelope: {}, received: START }]])
    const said = (await within(core, sayings(IN_USE, stored) as never)) as ReadonlyArray<{ eventId: string }>
    assert.deepStrictEqual(
      said.map(({ eventId }) => eventId),
      ["e1", "e2", "e3", "e4"]
    )
    core.rows.drop("desks-v1", "d", "lamp")
    const look = (inUse: ReadonlyArray<typeof desks>) => within(core, lookAtEvents(inUse, stored, 0) as never)
    assert.lengthOf(await look([desks]), 1)
    assert.lengthOf(await look([screens]), 0)
    const unreadable = await makeSmall(undefined, {
      rows: (inner) => ({
        ...inner,
        load: (keys) =>
          Effect.succeed(
            new Map(
              keys.map((key: RowKey) => [
                rowKey(key),
                {
                  registers: new Map(),
                  unreadable: { reason: "x" },
                  ...(key.row === "lamp" && { expiresAt: 1 })
                } as never
              ])
            )
          )
      })
    })
    assert.deepStrictEqual(await eventsOf(unreadable), [])
  })

  it("asks the index for entries only where an event has some, and there is an index", async () => {
    const asked: Array<number> = []
    const index: NonNullable<Wraps["index"]> = (inner) => ({
      ...inner,
      missing: (entries) => {
        asked.push(entries.length)
        return inner.missing(entries)
      }
    })
    const core = await makeSmall([...EVENTS, saying("nothing", 9_000)], { index })
    assert.deepStrictEqual(await eventsOf(core), [])
    assert.deepStrictEqual(asked, [4])
    const silent = await makeSmall([saying("nothing", 9_000)], { index })
    assert.deepStrictEqual(await eventsOf(silent), [])
    assert.deepStrictEqual(asked, [4])
  })
})

describe("a page of entries", () => {
  const entry = { projection: "desks", entity: "d", eventId: "none", received: START + 5_000 }
  const extra = { kind: "entryExtra", generation: "desks", entity: "d", eventId: "none", received: START + 5_000 }
  const look = (core: Small, bounds = {}) => within(core, lookAtEntries(IN_USE, [entry], 0) as never, bounds)

  it("names entries of no event, but not where that may have been archived, or its body is gone", async () => {
    const core = await makeSmall()
    const age = core.clock.now() - entry.received
    assert.deepStrictEqual(await look(core), [extra] as never)
    assert.deepStrictEqual(await look(core, { settledMs: age }), [] as never)
    assert.deepStrictEqual(await look(core, { settledMs: age - 1 }), [extra] as never)
    assert.deepStrictEqual(await look(core, { eventsKeptMs: age }), [extra] as never)
    assert.deepStrictEqual(await look(core, { eventsKeptMs: age - 1 }), [] as never)
    assert.deepStrictEqual(await look(await makeSmall(undefined, without("none"))), [] as never)
  })

  it("looks at the events of its entries, each read once", async () => {
    const read: Array<ReadonlyArray<string>> = []
    const core = await makeSmall(undefined, {
      events: (inner) => ({
        ...inner,
        read: (ids) => {
          read.push(ids)
          return inner.read(ids)
        }
      })
    })
    core.rows.drop("desks-v1", "d", "lamp")
    const twice = [...core.index.entries(), ...core.index.entries()]
    read.length = 0
    const found = await within(core, lookAtEntries(IN_USE, twice, 0) as never)
    assert.lengthOf(found, 1)
    assert.deepStrictEqual(read, [["e1", "e2", "e3", "e4"]])
    const index = (await core.run(EntityIndex as never)) as EntityIndex["Service"]
    assert.deepInclude(await within(core, someEntries(IN_USE, index, undefined, 0) as never), {
      counts: { entries: 4 }
    })
    assert.isDefined(await core.run(EventStore))
    assert.deepStrictEqual([generation(desks), seat.row, left.row, pane.row], ["desks-v1", "seat#1", "seat#2", "pane"])
  })
})
