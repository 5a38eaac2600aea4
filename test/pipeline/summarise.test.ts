import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { queues } from "../../projections/queues.ts"
import { generation, STATE_ROW } from "../../src/domain/projection.ts"
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
