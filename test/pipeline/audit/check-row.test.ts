import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Delta } from "../../../src/domain/delta.ts"
import { generation, type Projection } from "../../../src/domain/projection.ts"
import type { Register, Row } from "../../../src/domain/row.ts"
import type { Event } from "../../../src/genesys/event.ts"
import {
  type AuditedRow,
  isExpired,
  isSummary,
  missingUpdates,
  namedEvents,
  ownProblems,
  unexplainedRegisters
} from "../../../src/pipeline/audit/check-row.ts"
import {
  type AuditCheckpoint,
  AuditOvertaken,
  addAuditCounts,
  named,
  noAuditCounts,
  readAudit,
  type Seen,
  writeAudit
} from "../../../src/pipeline/audit/checkpoint.ts"
import { DISCREPANCY_KINDS, type Discrepancy, discrepancyKey } from "../../../src/pipeline/audit/discrepancy.ts"
import { AuditLimits, keptMs } from "../../../src/pipeline/audit/settings.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"
import type { StoredRow } from "../../../src/store/projection-store.ts"

const DAY = 86_400_000
const NOW = 1_700_000_000_000

/** A projection whose rows show their registers, are closed by a register `end`, and counted where they begin with `s`. */
const projection = (more: Partial<Projection<Event>> = {}): Projection<Event> => ({
  name: "p",
  version: 1,
  key: "id",
  topics: [],
  deltas: () => [],
  view: (_, row) => Object.fromEntries([...row].map(([name, { value }]) => [name, value])) as never,
  closed: (_, row) => row.has("end"),
  tombstoneSeconds: DAY / 1_000,
  ...more
})
const summary = (more: object = {}) =>
  projection({ summary: { reads: (row: string) => row.startsWith("s"), of: () => ({}), ...more } as never })

const stamp = (clock: number, eventId = `e-${clock}`, published = clock) => ({ clock, published, eventId })
const register = (value: unknown, ...of: Parameters<typeof stamp>) => ({ value, stamp: stamp(...of) }) as Register
const rowOf = (registers: Readonly<Record<string, Register>>): Row => new Map(Object.entries(registers))

const held = (registers: Row, more: Partial<AuditedRow> = {}): AuditedRow => ({
  entity: "e",
  row: "s",
  registers,
  columns: Object.fromEntries([...registers].map(([name, { value }]) => [name, value])) as never,
  asOf: Math.max(0, ...[...registers.values()].map((one) => one.stamp.clock)),
  version: 1,
  open: false,
  ...more
})

const boom = () => {
  throw new Error("boom")
}

describe("a row by itself", () => {
  const x = rowOf({ x: register(1, 5) })
  const ended = rowOf({ x: register(1, 5), end: register(1, 6) })

  it("is sound where everything follows from its registers", () => {
    assert.deepStrictEqual(ownProblems(projection(), held(x)), [])
    assert.deepStrictEqual(ownProblems(projection(), held(ended, { expiresAt: 9 })), [])
    assert.deepStrictEqual(ownProblems(summary(), held(x, { open: true })), [])
    assert.deepStrictEqual(ownProblems(summary(), held(ended, { expiresAt: 9 })), [])
  })

  it("has other columns than its registers say, or is of another time", () => {
    const problem = (more: Partial<AuditedRow>) => ownProblems(projection(), held(x, more))
    assert.deepStrictEqual(problem({ columns: { x: 2 } }), [{ kind: "columns", names: ["x"] }])
    assert.deepStrictEqual(problem({ columns: {} }), [{ kind: "columns", names: ["x"] }])
    assert.deepStrictEqual(problem({ columns: { z: 1, x: 1, a: 1 } }), [{ kind: "columns", names: ["a", "z"] }])
    assert.deepStrictEqual(problem({ asOf: 6 }), [{ kind: "columns", names: ["asOf"] }])
    assert.deepStrictEqual(problem({ columns: { x: 1, gone: undefined } as never }), [])
    const nested = projection({ view: () => ({ x: { b: 1, a: 2 } }) as never })
    assert.deepStrictEqual(ownProblems(nested, held(x, { columns: { x: { a: 2, b: 1 } } })), [])
    const half = projection({ view: () => ({ x: "\ud800" }) })
    assert.deepStrictEqual(ownProblems(half, held(x, { columns: { x: "\ufffd" } })), [])
  })

  it("has no expiry though it is closed, or one though it is open", () => {
    assert.deepStrictEqual(ownProblems(projection(), held(ended)), [{ kind: "tombstone" }])
    assert.deepStrictEqual(ownProblems(projection(), held(x, { expiresAt: 9 })), [{ kind: "tombstone" }])
  })

  it("is in the index of open rows where it must not be, or is not where it must", () => {
    assert.deepStrictEqual(ownProblems(summary(), held(x)), [{ kind: "openIndex" }])
    assert.deepStrictEqual(ownProblems(summary(), held(ended, { expiresAt: 9, open: true })), [{ kind: "openIndex" }])
    assert.deepStrictEqual(ownProblems(summary(), held(x, { row: "other", open: true })), [{ kind: "openIndex" }])
    const remembers = summary({ remembers: () => true })
    assert.deepStrictEqual(ownProblems(remembers, held(ended, { expiresAt: 9, open: true })), [])
    assert.deepStrictEqual(ownProblems(remembers, held(ended, { expiresAt: 9 })), [{ kind: "openIndex" }])
    // Without a summary there is no such index.
    assert.deepStrictEqual(ownProblems(projection(), held(x, { open: true })), [])
  })

  it("is a row too many where it has no registers, and is no summary and no tombstone", () => {
    const none = held(new Map(), { row: "state" })
    assert.deepStrictEqual(ownProblems(projection(), none), [{ kind: "unexplained", names: [] }])
    assert.deepStrictEqual(ownProblems(projection(), { ...none, expiresAt: 9 }), [])
    assert.deepStrictEqual(ownProblems(summary(), none), [])
    assert.deepStrictEqual(ownProblems(summary(), { ...none, row: "s1" }), [{ kind: "unexplained", names: [] }])
    assert.isFalse(isSummary(summary({ of: undefined }), "state"))
  })

  it("is not compared with what its projection throws on", () => {
    assert.deepStrictEqual(ownProblems(projection({ view: boom }), held(x, { columns: {} })), [])
  })

  it("is gone from the second on at which it expires", () => {
    assert.isFalse(isExpired({}, NOW))
    assert.isTrue(isExpired({ expiresAt: NOW / 1_000 }, NOW))
    assert.isFalse(isExpired({ expiresAt: NOW / 1_000 }, NOW - 1))
  })
})

describe("the registers of a row", () => {
  const delta = (name: string, value: unknown, ...of: Parameters<typeof stamp>): Delta =>
    ({ projection: "p-v1", entity: "e", row: "s", register: name, value, stamp: stamp(...of), late: false }) as never
  const said = (...deltas: ReadonlyArray<Delta>) => Map.groupBy(deltas, (one) => one.stamp.eventId)

  it("name the events that they come from, each once, but not what follows and what a rule set", () => {
    const row = rowOf({
      x: register(1, 1, "a"),
      y: register(1, 2, "a"),
      "~d": register(1, 3, "b"),
      z: register(1, 4, "")
    })
    assert.deepStrictEqual(namedEvents(row), ["a"])
  })

  it("are explained by what these events say of the row, at that clock", () => {
    const found = (value: unknown, ...deltas: ReadonlyArray<Delta>) =>
      unexplainedRegisters(projection(), "s", rowOf({ x: register(value, 5, "a") }), said(...deltas))
    assert.deepStrictEqual(found(1, delta("x", 1, 5, "a")), [])
    assert.deepStrictEqual(found({ a: 1, b: 2 }, delta("x", { b: 2, a: 1 }, 5, "a")), [])
    const wrong = [["x", "a"]]
    assert.deepStrictEqual<unknown>(found(2, delta("x", 1, 5, "a")), wrong)
    assert.deepStrictEqual<unknown>(found(1, delta("x", 1, 4, "a")), wrong)
    assert.deepStrictEqual<unknown>(found(1, delta("y", 1, 5, "a")), wrong)
    assert.deepStrictEqual<unknown>(found(1, delta("x", 1, 5, "b")), wrong)
    assert.deepStrictEqual<unknown>(found(1), wrong)
    // An event that says a register twice explains either.
    assert.deepStrictEqual(found(2, delta("x", 1, 5, "a"), delta("x", 2, 5, "a")), [])
  })

  it("need no explanation where they follow, or a rule set them", () => {
    const row = rowOf({ "~d": register(1, 3, "b"), z: register(1, 4, "") })
    assert.deepStrictEqual(unexplainedRegisters(projection(), "s", row, new Map()), [])
  })

  it("are explained by the projection's own merge of these updates", () => {
    // It puts every update away under one name.
    const merge: NonNullable<Projection<Event>["merge"]> = (_, row, updates) => {
      const all = [...updates].filter(([name]) => name !== "put")
      return all.length === 0 ? row : new Map([...row, ["put", all[0]?.[1] as Register]])
    }
    const row = rowOf({ put: register(1, 5, "a") })
    const found = (of: Partial<Projection<Event>>, ...deltas: ReadonlyArray<Delta>) =>
      unexplainedRegisters(projection(of), "s", row, said(...deltas)).length
    assert.strictEqual(found({ merge }, delta("x", 1, 5, "a")), 0)
    assert.strictEqual(found({ merge }), 1)
    assert.strictEqual(found({}, delta("x", 1, 5, "a")), 1)
    assert.strictEqual(found({ merge: boom }, delta("x", 1, 5, "a")), 1)
  })

  it("are what such a merge makes of these updates, by their names, and nothing else", () => {
    /** It puts \`x\` away under another name, and is told what it has put away. */
    const merge =
      (again: (put: Register, row: Row) => Row): NonNullable<Projection<Event>["merge"]> =>
      (_, row, updates) =>
        [...updates].reduce(
          (held: Row, [name, value]) =>
            name === "x" ? new Map([["put", value]]) : name === "put" ? again(value, held) : held,
          row
        )
    const found = (value: number, again: (put: Register, row: Row) => Row) =>
      unexplainedRegisters(
        projection({ merge: merge(again) }),
        "s",
        rowOf({ put: register(value, 5, "a") }),
        said(delta("x", 1, 5, "a"))
      ).length
    const compare = (put: Register, row: Row) => (row.get("put")?.value === put.value ? row : new Map([["put", put]]))
    assert.strictEqual(found(1, compare), 0)
    assert.strictEqual(found(2, compare), 1)
    // What it throws on is not held against the row.
    assert.strictEqual(found(2, boom), 0)
  })
})

describe("an update of an event", () => {
  const delta = (name: string, value: unknown, clock: number, eventId = "a"): Delta =>
    ({
      projection: "p-v1",
      entity: "e",
      row: "s",
      register: name,
      value,
      stamp: stamp(clock, eventId),
      late: false
    }) as never
  const stated = (published: number, ...deltas: ReadonlyArray<Delta>) => ({
    ...{ eventId: "a", received: published, published },
    deltas
  })
  const stored = (registers: Row, more: Partial<StoredRow> = {}): StoredRow =>
    ({ registers, version: 1, columns: [], open: false, ...more }) as never
  const missing = (row: StoredRow | undefined, of: ReturnType<typeof stated>, more: Partial<Projection<Event>> = {}) =>
    missingUpdates(projection(more), row, of, NOW)
  const fresh = NOW - DAY / 2
  const old = NOW - 2 * DAY

  it("is missing where merging it would change the row", () => {
    const row = stored(rowOf({ x: register(1, fresh - 5, "o") }))
    assert.deepStrictEqual(missing(row, stated(fresh, delta("x", 2, fresh))), ["x"])
    assert.deepStrictEqual(missing(row, stated(fresh, delta("x", 2, fresh), delta("y", 2, fresh))), ["x", "y"])
    assert.deepStrictEqual(missing(row, stated(fresh, delta("x", 2, fresh - 6))), [])
    assert.deepStrictEqual(missing(undefined, stated(fresh, delta("x", 2, fresh))), ["x"])
    assert.deepStrictEqual(missing(row, stated(fresh)), [])
    // One that has lost is not missing, and one that tells of a long time ago is where another is recent.
    const lost = delta("x", 2, fresh - 6)
    assert.deepStrictEqual(missing(row, stated(fresh, lost, delta("y", 2, fresh))), ["y"])
    assert.deepStrictEqual(missing(undefined, stated(fresh, delta("x", 2, fresh), delta("y", 2, old))), ["x", "y"])
  })

  it("may have gone with its row three quarters of the life of a tombstone ago", () => {
    const edge = NOW - DAY * 0.75
    assert.deepStrictEqual(missing(undefined, stated(edge + 1, delta("x", 2, edge + 1))), ["x"])
    assert.deepStrictEqual(missing(undefined, stated(edge, delta("x", 2, edge))), [])
    const expired = stored(rowOf({ x: register(1, old, "o") }), { expiresAt: NOW / 1_000 })
    assert.deepStrictEqual(missing(expired, stated(edge, delta("x", 2, edge))), [])
    assert.deepStrictEqual(missing(stored(new Map()), stated(old, delta("x", 2, old))), [])
  })

  it("is missing of an older row that was there before", () => {
    const row = stored(rowOf({ x: register(1, old - 5, "o"), y: register(1, NOW, "n") }))
    assert.deepStrictEqual(missing(row, stated(old, delta("x", 2, old))), ["x"])
    assert.deepStrictEqual(missing(row, stated(old - 5, delta("x", 2, old))), ["x"])
    assert.deepStrictEqual(missing(row, stated(old - 6, delta("x", 2, old))), [])
    const single = stored(rowOf({ x: register(1, old - 5, "o") }))
    assert.deepStrictEqual(missing(single, stated(old, delta("x", 2, old))), ["x"])
  })

  it("is not missing where no table could hold it", () => {
    assert.deepStrictEqual(missing(undefined, stated(fresh, delta("x", 2, fresh)), { view: boom }), [])
  })

  it("is missing as a whole where the projection's own merge puts it away", () => {
    const merge = () => rowOf({ put: register(1, fresh, "z") })
    assert.deepStrictEqual(missing(undefined, stated(fresh, delta("x", 2, fresh)), { merge }), ["x"])
  })
})

describe("a discrepancy", () => {
  const one: Discrepancy = {
    ...{ kind: "update", generation: generation(projection()), entity: "e", row: "s", names: ["x"] },
    eventId: "a",
    version: 1
  }

  it("is known again by where it is, whatever was written meanwhile", () => {
    assert.strictEqual(discrepancyKey({ ...one, version: 2, names: ["y"] }), discrepancyKey(one))
    for (const other of [{ generation: "q-v1" }, { entity: "f" }, { row: "t" }, { kind: "columns" }] as const)
      assert.notStrictEqual(discrepancyKey({ ...one, ...other }), discrepancyKey(one))
  })

  it("of an update or an entry is of one event, and no other is", () => {
    for (const kind of DISCREPANCY_KINDS) {
      const isSame = discrepancyKey({ ...one, kind, eventId: "b" }) === discrepancyKey({ ...one, kind })
      assert.strictEqual(isSame, !["update", "entryMissing", "entryExtra"].includes(kind), kind)
    }
  })

  it("of a derived register is of its name and its source, and no other is", () => {
    for (const kind of DISCREPANCY_KINDS) {
      const key = (more: object) => discrepancyKey({ ...one, kind, source: { generation: "p", entity: "1" }, ...more })
      assert.strictEqual(key({ names: ["y"] }) === key({}), kind !== "derived", kind)
      assert.strictEqual(key({ source: { generation: "p", entity: "2" } }) === key({}), kind !== "derived", kind)
    }
  })
})

describe("what is remembered of audits", () => {
  const seen = (entity: string, at: number, row = "s"): Seen => ({
    ...{ kind: "columns", generation: "p-v1", entity, row },
    seen: at
  })

  it("names each discrepancy once, since it was first seen", () => {
    assert.deepStrictEqual(named([seen("a", 5)], [seen("b", 6), seen("a", 9), seen("b", 2)]), {
      kept: [seen("a", 5), seen("b", 2)],
      more: false
    })
  })

  it("names 200 of them, and no more than 150,000 bytes", () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => seen(`e${i}`, i))
    assert.deepInclude(named(many(200), []), { more: false })
    const over = named(many(200), [seen("more", 1)])
    assert.deepStrictEqual([over.kept.length, over.more], [200, true])
    const bytes = JSON.stringify(seen("", 1, "")).length
    const long = (length: number) => [seen("a", 1, "x".repeat(length))]
    assert.deepInclude(named(long(150_000 - bytes - 1), []), { more: false })
    assert.deepStrictEqual(named(long(150_000 - bytes), []), { kept: [], more: true })
    assert.deepStrictEqual(
      named(
        long(100_000),
        long(100_000).map((one) => ({ ...one, entity: "b" }))
      ).kept.length,
      1
    )
  })

  it("adds what was looked at", () => {
    const counts = { rows: 1, events: 2, entries: 3, readUnits: 4 }
    assert.deepStrictEqual(noAuditCounts, { rows: 0, events: 0, entries: 0, readUnits: 0 })
    assert.deepStrictEqual(addAuditCounts(counts, counts), { rows: 2, events: 4, entries: 6, readUnits: 8 })
    assert.deepStrictEqual(addAuditCounts(counts, {}), counts)
  })

  it("keeps events for a day less than the table does, and all where it does for ever", () => {
    assert.strictEqual(keptMs(0), Number.POSITIVE_INFINITY)
    assert.strictEqual(keptMs(30), 29 * DAY)
  })

  it.effect(
    "counts after two hours, is confirmed after ten minutes, and reads two units a second, unless told otherwise",
    () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* AuditLimits, {
          ...{ settledMs: 7_200_000, confirmMs: 600_000, readUnitsPerSecond: 2 },
          eventsKeptMs: Number.POSITIVE_INFINITY
        })
      })
  )

  const checkpoint: AuditCheckpoint = {
    ...{ began: 1, at: 2, balance: 3, positions: {}, counts: noAuditCounts },
    ...{ suspects: [], found: [seen("a", 1)], more: false }
  }

  it.effect("is written over what was read, and by nobody else's audit", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* readAudit, { checkpoint: undefined, version: 0 })
      yield* writeAudit(checkpoint, 0)
      const read = yield* readAudit
      assert.deepStrictEqual(read.checkpoint, checkpoint)
      assert.instanceOf(yield* Effect.flip(writeAudit({ ...checkpoint, at: 9 }, 0)), AuditOvertaken)
      assert.deepStrictEqual((yield* readAudit).checkpoint, checkpoint)
      // After a lost answer one's own write is there.
      yield* writeAudit(checkpoint, 0)
      yield* writeAudit({ ...checkpoint, at: 9 }, read.version)
      assert.strictEqual((yield* readAudit).checkpoint?.at, 9)
    }).pipe(Effect.provide(memoryControl().layer))
  )
})
