import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { Delta } from "../../../src/domain/delta.ts"
import type { Derivation } from "../../../src/domain/derivation.ts"
import type { Projection } from "../../../src/domain/projection.ts"
import type { Event } from "../../../src/genesys/event.ts"
import type { Refused } from "../../../src/pipeline/refused.ts"
import { ReplayRefused } from "../../../src/pipeline/replay/plan.ts"
import { makeWriter } from "../../../src/pipeline/replay/write.ts"
import { CapacityUsed } from "../../../src/store/counters.ts"
import { ProjectionStore } from "../../../src/store/projection-store.ts"
import { START } from "../../support/history.ts"
import { NOW, noneDone, notes, ports } from "./ports.ts"

const { counts: NONE } = noneDone

const delta = (entity: string, more: Partial<Delta> = {}, at = 0): Delta => ({
  ...{ projection: "notes-v1", entity, row: "state", register: "text", value: "said", late: false },
  stamp: { clock: START + at, published: START + at, eventId: "e" },
  ...more
})

const deltas = (count: number, of: (i: number) => Delta = (i) => delta(`e${i}`)): ReadonlyArray<Delta> =>
  Array.from({ length: count }, (_, i) => of(i))

/** Notes whose summary says how many rows are open. */
const summarised = (more: Partial<Projection<Event>> = {}) =>
  notes(
    {},
    { summary: { reads: (row) => row !== "state", columns: [], of: (rows) => ({ open: rows.length }) }, ...more }
  )

/** What is written of a row of `sources` follows for a note. */
const follows: Derivation = {
  from: "sources",
  register: "followed",
  reads: (updated) => ({ rows: [...new Set(updated.map(([row]) => row))], open: false }),
  rows: (entity, rows) =>
    [...rows].map(([row, registers]) => ({ entity: `of ${entity}`, row, of: () => registers.get("text") }))
}

interface Making {
  readonly fed?: ReadonlyArray<Projection<Event>>
  readonly rate?: number
  readonly stale?: ReadonlyArray<readonly [string, number]>
  readonly sources?: ReadonlyArray<Projection<Event>>
  readonly onRefused?: (refused: ReadonlyArray<Refused>) => Effect.Effect<number, ReplayRefused>
}

const writerOf = (projection: Projection<Event>, making: Making = {}) => {
  const {
    rate = Number.POSITIVE_INFINITY,
    stale = [],
    sources = [],
    fed = [...sources, projection],
    onRefused = (refused) => Effect.succeed(refused.length)
  } = making
  return makeWriter(projection, sources, fed, rate, 0, stale, onRefused)
}

describe("a writer", () => {
  it.effect("keeps of each register the last that was gathered, and writes each row once", () => {
    const { layer, written, rows } = ports()
    return Effect.gen(function* () {
      const { gather, flush, isFull } = yield* writerOf(notes())
      gather([delta("a", { value: "later" }, 5), delta("a", { register: "other" })])
      gather([delta("a", { value: "earlier" }, 4), delta("b", { value: "first" })])
      // Of two that have one stamp the last: it is one event that says both.
      gather([delta("b", { value: "second" })])
      assert.isFalse(isFull())
      assert.deepStrictEqual(yield* flush(false), Result.succeed({ ...NONE, rows: 2 }))
      assert.deepStrictEqual(written, [["notes-v1 a state", "notes-v1 b state"]])
      assert.deepStrictEqual(
        [rows("a"), rows("b")],
        [{ state: { text: "later", other: "said" } }, { state: { text: "second" } }]
      )
      // What was written is not held any more.
      assert.deepStrictEqual(yield* flush(false), Result.succeed(NONE))
      assert.lengthOf(written, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is full at as many registers as it may hold, and needs time to write them and ten seconds", () => {
    const { layer } = ports({ bounds: { registers: 3 } })
    return Effect.gen(function* () {
      const { gather, isFull, needs } = yield* writerOf(notes(), { rate: 4 })
      assert.strictEqual(needs(), 10_000)
      gather(deltas(2))
      assert.deepStrictEqual([isFull(), needs()], [false, 10_500])
      gather([delta("e0"), delta("e2")])
      assert.deepStrictEqual([isFull(), needs()], [true, 10_750])
    }).pipe(Effect.provide(layer))
  })

  for (const [rate, count, batches, waits] of [
    [0.5, 3, [1, 1, 1], [2_000, 2_000, 2_000]],
    [1.5, 5, [2, 2, 1], [1_333.333, 1_333.333, 666.667]],
    [1_000, 1_001, [1_000, 1], [1_000, 1]],
    [5_000, 2_001, [1_000, 1_000, 1], [200, 200, 0.2]]
  ] as ReadonlyArray<readonly [number, number, Array<number>, Array<number>]>)
    it.effect(
      `writes ${count} rows at ${rate} a second, as many at a time as a second takes, and a thousand at most`,
      () => {
        const made = ports()
        return Effect.gen(function* () {
          const { gather, flush } = yield* writerOf(notes(), { rate })
          gather(deltas(count))
          yield* flush(false)
          assert.deepStrictEqual(
            made.written.map(({ length }) => length),
            batches
          )
          assert.deepStrictEqual(
            made.waits.map((ms) => Math.round(ms * 1_000) / 1_000),
            waits
          )
        }).pipe(Effect.provide(made.layer))
      }
    )

  it.effect("puts off the summaries of what it has written, and derives each once, at last", () => {
    const made = ports()
    return Effect.gen(function* () {
      const { gather, flush, stale } = yield* writerOf(summarised(), { stale: [["c", 7]] })
      gather([delta("a", { row: "one" }, 1), delta("a", { row: "two" }, 2), delta("b", { row: "one" }, 3), delta("d")])
      yield* flush(false)
      gather([delta("a", { row: "one", value: "again" }, 1.5)])
      assert.deepStrictEqual(yield* flush(false), Result.succeed({ ...NONE, rows: 1 }))
      assert.deepStrictEqual([...stale()].sort(), [
        ["a", START + 2],
        ["b", START + 3],
        ["c", 7]
      ])
      assert.deepStrictEqual(yield* flush(true), Result.succeed({ ...NONE, summaries: 3 }))
      assert.deepStrictEqual([stale(), made.rows("a").state], [[], { open: 2 }])
      assert.deepStrictEqual(yield* flush(true), Result.succeed(NONE))
    }).pipe(Effect.provide(made.layer))
  })

  for (const [name, ids, isDerived] of [
    ["a thousand entities", Array.from({ length: 1_000 }, (_, i) => `${i}`), false],
    ["more than a thousand entities", Array.from({ length: 1_001 }, (_, i) => `${i}`), true],
    ["entities whose ids have 100,000 bytes", Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(1_000, "e")), false],
    ["entities whose ids have more", [...Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(1_000, "e")), "x"], true]
  ] as const)
    it.effect(`${isDerived ? "does not put off" : "puts off"} the summaries of ${name}`, () => {
      const { layer } = ports()
      return Effect.gen(function* () {
        const { flush, stale } = yield* writerOf(summarised(), { stale: ids.map((id) => [id, 0] as const) })
        yield* flush(false)
        assert.deepStrictEqual(stale(), isDerived ? [] : ids.map((id) => [id, 0] as const))
      }).pipe(Effect.provide(layer))
    })

  it.effect("writes own rows before those that they derive from, and summarises its own alone", () => {
    const { layer, written } = ports()
    const sources = summarised({ name: "sources" })
    return Effect.gen(function* () {
      const { gather, flush, stale } = yield* writerOf(summarised(), { sources: [sources], rate: 1 })
      gather([
        delta("s1", { projection: "sources-v1", row: "one" }),
        delta("n1", { row: "one" }),
        delta("s2", { projection: "sources-v1", row: "one" }),
        delta("n2", { row: "one" })
      ])
      yield* flush(false)
      assert.deepStrictEqual(written.flat(), [
        ...["notes-v1 n1 one", "notes-v1 n2 one", "sources-v1 s1 one", "sources-v1 s2 one"]
      ])
      assert.deepStrictEqual(
        stale().map(([entity]) => entity),
        ["n1", "n2"]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("holds its rate for what follows from rows as well", () => {
    const made = ports()
    return Effect.gen(function* () {
      const sources = [notes({}, { name: "sources" })]
      const { gather, flush } = yield* writerOf(notes({}, { derived: [follows] }), { sources, rate: 1 })
      gather(deltas(2, (i) => delta(`s${i}`, { projection: "sources-v1" })))
      assert.deepStrictEqual(yield* flush(false), Result.succeed({ ...NONE, rows: 4 }))
      // One row, and the one that follows from it, a second each.
      assert.deepStrictEqual(made.waits, [1_000, 1_000, 1_000])
    }).pipe(Effect.provide(made.layer))
  })

  it.effect("does not catch up on what was missed by being slow", () => {
    const made = ports()
    return Effect.gen(function* () {
      const { gather, flush } = yield* writerOf(notes(), { rate: 1 })
      for (const entity of ["a", "b"]) {
        gather([delta(entity)])
        yield* flush(false)
        yield* made.take(5_000)
      }
      assert.deepStrictEqual(made.waits, [1_000, 1_000])
    }).pipe(Effect.provide(made.layer))
  })

  it.effect("counts what its writes cost, and that of summaries", () => {
    const costly = ports({
      rows: (inner) => ({
        ...inner,
        save: (writes) =>
          Effect.andThen(
            CapacityUsed.use(({ add }) => Effect.sync(() => add("writeUnits", 3))),
            inner.save(writes)
          ),
        summarise: (...args) =>
          Effect.andThen(
            CapacityUsed.use(({ add }) => Effect.sync(() => add("readUnits", 5))),
            inner.summarise(...args)
          )
      })
    })
    return Effect.gen(function* () {
      const { gather, flush } = yield* writerOf(summarised(), { rate: 1 })
      gather(deltas(2, (i) => delta(`e${i}`, { row: "one" })))
      assert.deepStrictEqual(
        yield* flush(true),
        Result.succeed({ ...NONE, rows: 2, summaries: 2, writeUnits: 6, readUnits: 10 })
      )
    }).pipe(Effect.provide(costly.layer))
  })
})

describe("what follows from rows that are written", () => {
  const HOURS = 3_600_000
  const sources = notes({}, { name: "sources" })
  const target = summarised({ derived: [follows] })
  /** An update of a source that was published so many ms before the replay. */
  const source = (entity: string, ms: number, register = "text"): Delta => ({
    ...delta(entity, { projection: "sources-v1", row: "one", register }),
    stamp: { clock: START, published: NOW - ms, eventId: "e" }
  })

  for (const [name, updates, isTold] of [
    ["of twelve hours ago", [source("s", 12 * HOURS)], true],
    ["of before that", [source("s", 12 * HOURS + 1)], false],
    ["of which one is new", [source("old", 24 * HOURS), source("s", 1)], true],
    ["with an update that is new", [source("s", 24 * HOURS), source("s", 1, "other")], true]
  ] as const)
    it.effect(`${isTold ? "is written" : "is left to the live path"} in another generation, for rows ${name}`, () => {
      const made = ports()
      return Effect.gen(function* () {
        const { gather, flush } = yield* writerOf(sources, { fed: [sources, target] })
        gather(updates)
        const rows = new Set(updates.map(({ entity }) => entity)).size
        assert.deepStrictEqual(
          yield* flush(true),
          Result.succeed(isTold ? { ...NONE, rows: 2 * rows, summaries: rows } : { ...NONE, rows })
        )
        assert.deepStrictEqual(made.rows("of s").state, isTold ? { open: 1 } : undefined)
      }).pipe(Effect.provide(made.layer))
    })

  it.effect("is written for rows that a run which was killed has written", () => {
    const made = ports()
    return Effect.gen(function* () {
      const update = source("s", 24 * HOURS)
      const first = yield* writerOf(sources)
      first.gather([update])
      assert.deepStrictEqual(yield* first.flush(false), Result.succeed({ ...NONE, rows: 1 }))
      const { gather, flush } = yield* writerOf(target, { sources: [sources] })
      gather([update])
      assert.deepStrictEqual(yield* flush(false), Result.succeed({ ...NONE, rows: 1 }))
    }).pipe(Effect.provide(made.layer))
  })
})

describe("what is not yet due", () => {
  const SETTLE = 5_000

  /** Registers that are due so many ms after a replay has begun, and earlier. */
  const early = (made: ReturnType<typeof ports>, ...ms: ReadonlyArray<number>) =>
    ms.map((at, i) => delta(`early ${i}`, {}, made.now() - START - SETTLE + at))

  it.effect("is written when the last of it is, after all that is", () => {
    const made = ports()
    return Effect.gen(function* () {
      const { gather, flush } = yield* writerOf(notes())
      gather([...early(made, 300, 100), delta("due"), ...early(made, 0).map((one) => ({ ...one, entity: "just due" }))])
      const began = made.now()
      assert.deepStrictEqual(yield* flush(false), Result.succeed({ ...NONE, rows: 4 }))
      assert.deepStrictEqual(made.written, [
        ["notes-v1 due state", "notes-v1 just due state"],
        ["notes-v1 early 0 state", "notes-v1 early 1 state"]
      ])
      assert.deepStrictEqual([made.waits, made.now() - began], [[300], 300])
    }).pipe(Effect.provide(made.layer))
  })

  it.effect("is waited for no longer than it takes: what was written meanwhile took time as well", () => {
    const made = ports({ writeMs: 250 })
    return Effect.gen(function* () {
      const { gather, flush } = yield* writerOf(notes())
      gather([...early(made, 300), delta("due")])
      yield* flush(false)
      gather([...early(made, 100), delta("due too")])
      yield* flush(false)
      assert.deepStrictEqual(made.waits, [50, 0])
    }).pipe(Effect.provide(made.layer))
  })

  for (const [isLate, ends] of [
    [false, 10_300],
    [true, 10_299]
  ] as const)
    it.effect(
      `${isLate ? "is left to be read again" : "is waited for"} where ten seconds are ${isLate ? "not " : ""}left after it`,
      () => {
        const made = ports({ ends: ports().now() + ends })
        return Effect.gen(function* () {
          const { gather, flush, stale } = yield* writerOf(summarised())
          gather([...early(made, 300), delta("due", { row: "one" })])
          const done = yield* flush(false)
          assert.strictEqual(Result.isFailure(done), isLate)
          const counts = Result.isFailure(done) ? done.failure : done.success
          // What was put off is derived now where this run is at its end.
          assert.deepStrictEqual(counts, isLate ? { ...NONE, rows: 1, summaries: 1 } : { ...NONE, rows: 2 })
          assert.deepStrictEqual([stale().length, made.waits], isLate ? [0, []] : [1, [300]])
        }).pipe(Effect.provide(made.layer))
      }
    )
})

describe("what cannot be written", () => {
  const refused: Array<Refused> = []
  const collect = (all: ReadonlyArray<Refused>) =>
    Effect.sync(() => {
      refused.push(...all)
      return all.length
    })

  it.effect("of a row is told of with its update, and counted as parked", () => {
    const broken = notes(
      {},
      {
        view: () => {
          throw new TypeError("secret")
        }
      }
    )
    return Effect.gen(function* () {
      refused.splice(0)
      const { gather, flush } = yield* writerOf(broken, { onRefused: collect })
      gather([delta("a")])
      assert.deepStrictEqual(yield* flush(true), Result.succeed({ ...NONE, parked: 1 }))
      assert.deepStrictEqual(
        refused.map(({ deltas, detail }) => [deltas, detail]),
        [[[delta("a")], "`view` threw TypeError"]]
      )
    }).pipe(Effect.provide(ports().layer))
  })

  it.effect("of a summary is told of with an update of a row that it reads, which derives it again", () => {
    const broken = summarised({
      summary: {
        reads: (row) => row === "two",
        columns: [],
        of: () => {
          throw new TypeError("secret")
        }
      }
    })
    return Effect.gen(function* () {
      refused.splice(0)
      const { gather, flush } = yield* writerOf(broken, { onRefused: collect })
      gather([delta("a", { row: "one" }), delta("a", { row: "two", value: "why" })])
      assert.deepStrictEqual(yield* flush(true), Result.succeed({ ...NONE, rows: 2, parked: 1 }))
      assert.deepStrictEqual(refused, [
        {
          projection: "notes-v1",
          deltas: [delta("a", { row: "two", value: "why" })],
          reason: "ProjectionThrew",
          detail: "`summary` threw TypeError"
        }
      ] as never)
    }).pipe(Effect.provide(ports().layer))
  })

  it.effect("of a summary is told of by nothing that follows from other rows, and alone where no row is left", () => {
    const broken = summarised({
      summary: {
        reads: () => true,
        columns: [],
        of: () => {
          throw new TypeError("secret")
        }
      }
    })
    const { stamp } = delta("a")
    const registers = new Map(["~followed", "text"].map((name) => [name, { value: name, stamp }]))
    const row = { projection: "notes-v1", entity: "a", row: "one", registers, columns: {}, asOf: 0 }
    return Effect.gen(function* () {
      refused.splice(0)
      yield* ProjectionStore.use(({ save }) => save([{ ...row, from: undefined, counted: true }]))
      const stale = [["a", 1] as const, ["nobody", 1] as const]
      const { flush } = yield* writerOf(broken, { stale, onRefused: collect })
      yield* flush(true)
      assert.deepStrictEqual(
        refused.map(({ deltas }) => deltas.map(({ register, late }) => [register, late])),
        [[["text", false]], []]
      )
    }).pipe(Effect.provide(ports().layer))
  })

  it.effect("ends the replay where it is not to be parked", () => {
    const broken = notes(
      {},
      {
        view: () => {
          throw new TypeError("secret")
        }
      }
    )
    const failure = new ReplayRefused({ eventId: "e", reason: "so" })
    return Effect.gen(function* () {
      const onRefused = (all: ReadonlyArray<Refused>) => (all.length === 0 ? Effect.succeed(0) : Effect.fail(failure))
      const { gather, flush } = yield* writerOf(broken, { onRefused })
      gather([delta("a")])
      assert.strictEqual(yield* Effect.flip(flush(true)), failure)
    }).pipe(Effect.provide(ports().layer))
  })
})
