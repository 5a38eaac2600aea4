import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { queues } from "../../projections/queues.ts"
import { type Columns, generation, type Projection, STATE_ROW } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { type Stale, summarise } from "../../src/pipeline/summarise.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"

const QUEUES = generation(queues)
const WRITERS = 60

const stale = (latest: number): ReadonlyMap<string, Stale> =>
  new Map([["q", { projection: QUEUES, entity: "q", latest }]])

/** A table that counts the writes of summaries, and whose calls let everybody else go first. */
const counting = (inner: ProjectionStore["Service"], counts: { written: number; conflicts: number }) => {
  const after = <A, E>(effect: Effect.Effect<A, E>) => Effect.andThen(Effect.yieldNow, effect)
  return ProjectionStore.of({
    ...inner,
    summary: (...of) => after(inner.summary(...of)),
    open: (...of) => after(inner.open(...of)),
    summarise: (...of) =>
      after(inner.summarise(...of)).pipe(
        Effect.tap((result) =>
          Effect.sync(() => {
            counts[result === "written" ? "written" : "conflicts"]++
          })
        )
      )
  })
}

const started = () => {
  const rows = memoryProjectionStore()
  const counts = { written: 0, conflicts: 0 }
  const run = <A, E>(effect: Effect.Effect<A, E, ProjectionStore>) =>
    Effect.runPromise(
      Effect.flatMap(ProjectionStore, (inner) =>
        Effect.provideService(effect, ProjectionStore, counting(inner, counts))
      ).pipe(Effect.provide(rows.layer))
    )
  const write = (of: ReadonlyMap<string, Stale>) => summarise(of, (name) => (name === QUEUES ? queues : undefined))
  const state = () => rows.rows(QUEUES, "q").find(({ row }) => row === STATE_ROW)
  return { counts, run, write, state }
}

describe("a summary that many write at once", () => {
  it("[P3] ends for all of them where they say the same: who lost the race has nothing to add", async () => {
    const { counts, run, write, state } = started()
    await run(
      Effect.all(
        Array.from({ length: WRITERS }, () => write(stale(5))),
        { concurrency: "unbounded" }
      )
    )
    assert.strictEqual(state()?.asOf, 5)
    assert.strictEqual(counts.written, 1)
    assert.isAbove(counts.conflicts, WRITERS / 2, "they did meet")
  })

  it("[P3] has the greatest time of those who wrote rows, whoever was last", async () => {
    const { counts, run, write, state } = started()
    const times = Array.from({ length: 30 }, (_, i) => (i * 7) % 30)
    await run(Effect.forEach(times, (at) => write(stale(at)), { concurrency: "unbounded" }))
    assert.strictEqual(state()?.asOf, 29)
    assert.isAtMost(counts.written, times.length)
  })

  it("[P3] is written by whoever is told to, also where it stands already", async () => {
    const { counts, run, write } = started()
    await run(write(stale(5)))
    await run(write(stale(5)))
    assert.strictEqual(counts.written, 2, "somebody who read before may not write any more")
  })
})

describe("a summary that others write all the time", () => {
  it.effect("is tried forty times, and then said to be contended, so that it is tried again", () =>
    Effect.gen(function* () {
      let tries = 0
      const inner = yield* ProjectionStore
      const store = ProjectionStore.of({
        ...inner,
        summarise: () =>
          Effect.sync(() => {
            tries++
            return "conflict" as const
          })
      })
      const failed = summarise(stale(5), () => queues).pipe(Effect.provideService(ProjectionStore, store), Effect.flip)
      assert.deepInclude(yield* failed, {
        ...{ store: "projection store", operation: "summarise", retryable: true },
        reason: "still contended after 40 rounds"
      })
      assert.strictEqual(tries, 40)
    }).pipe(Effect.provide(memoryProjectionStore().layer))
  )
})

describe("what a summary is made from", () => {
  const count = (open: ReadonlyArray<unknown>): Columns => ({ count: open.length })
  const join = (parts: ReadonlyArray<Columns>): Columns => ({
    count: parts.reduce((sum, part) => sum + Number(part.count), 0)
  })
  /** Counts the open rows of an entity, in parts where it can join them. Returns what was read of them, and the count. */
  const counted = Effect.fnUntraced(function* (touched: ReadonlySet<string>, more: object = {}) {
    const inner = yield* ProjectionStore
    const asked: Array<string | undefined> = []
    const store = ProjectionStore.of({
      ...inner,
      open: (projection, entity, part) => {
        asked.push(part)
        return inner.open(projection, entity, part)
      }
    })
    const all = new Map([["e", { projection: "rooms-v1", entity: "e", latest: 5, touched }]])
    const rooms = { summary: { reads: () => true, columns: [], of: count, ...more } } as never as Projection<Event>
    yield* Effect.provideService(
      summarise(all, () => rooms),
      ProjectionStore,
      store
    )
    return { asked, count: (yield* inner.summary("rooms-v1", "e")).columns.count }
  })
  const seat = (row: string) =>
    ProjectionStore.use(({ save }) =>
      save([
        {
          ...{ projection: "rooms-v1", entity: "e", row, registers: new Map(), columns: {}, asOf: 5 },
          ...{ from: undefined, counted: true }
        }
      ])
    )

  it.effect("is the part of the rows that were touched, where others need not be read again", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(Array(35).keys(), (i) => seat(`seat#${i}`))
      yield* seat("desk#1")
      assert.deepStrictEqual(yield* counted(new Set(["desk#1"]), { join }), { asked: [undefined], count: 36 })
      yield* seat("desk#2")
      assert.deepStrictEqual(yield* counted(new Set(["desk#2"]), { join }), { asked: ["desk#"], count: 37 })
      yield* seat("seat#99")
      assert.deepStrictEqual(yield* counted(new Set(["seat#99", "desk#2"]), { join }), {
        asked: [undefined],
        count: 38
      })
      // Parts that an earlier version kept are of no use to one that joins none.
      assert.deepStrictEqual(yield* counted(new Set(["desk#2"])), { asked: [undefined], count: 38 })
    }).pipe(Effect.provide(memoryProjectionStore().layer))
  )
})
