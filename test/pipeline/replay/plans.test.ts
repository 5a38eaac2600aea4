import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ReplayPlan } from "../../../src/pipeline/replay/plan.ts"
import { MAX_AT_ONCE, projectionOf, replayAll } from "../../../src/pipeline/replay/replay.ts"
import { EventSource } from "../../../src/store/event-source.ts"
import { notes, pageOf, ports, type Said, stored, update } from "./ports.ts"

const SENSE = "replay: segments must be a whole number from 1, and the rates above 0"

describe("a plan", () => {
  for (const [more, wanted] of [
    [{}, undefined],
    [{ segments: 1, eventsPerSecond: 0.5 }, undefined],
    [{ rowsPerSecond: 0.5 }, undefined],
    [{ segments: 0 }, SENSE],
    [{ segments: 1.5 }, SENSE],
    [{ segments: -1 }, SENSE],
    [{ eventsPerSecond: 0 }, SENSE],
    [{ eventsPerSecond: 0, rowsPerSecond: 5 }, SENSE],
    [{ rowsPerSecond: 0 }, SENSE],
    [{ eventsPerSecond: Number.NaN }, SENSE],
    [{ generation: "notes-v9" }, "replay: no such generation: notes-v9; list it in projections/index.ts"]
  ] as ReadonlyArray<readonly [Partial<ReplayPlan>, string | undefined]>)
    it.effect(`${wanted === undefined ? "is run" : "is refused, with what to do"}: ${JSON.stringify(more)}`, () => {
      const { layer, plan } = ports()
      return Effect.gen(function* () {
        const folds = projectionOf(plan(more))
        if (wanted === undefined) assert.strictEqual((yield* folds).name, "notes")
        else assert.strictEqual((yield* Effect.flip(folds)).message, wanted)
      }).pipe(Effect.provide(layer))
    })

  /** How many segments read at a time. */
  const atOnce = Effect.fnUntraced(function* (more: Partial<ReplayPlan>) {
    const { layer, plan } = ports()
    let [active, most] = [0, 0]
    const page = () =>
      Effect.gen(function* () {
        most = Math.max(most, ++active)
        for (let turns = 0; turns < 50; turns++) yield* Effect.yieldNow
        active--
        return pageOf([])
      })
    const reports = yield* replayAll(plan(more)).pipe(
      Effect.provideService(EventSource, { page }),
      Effect.provide(layer)
    )
    assert.deepStrictEqual(
      reports.map(({ segment }) => segment),
      reports.map((_, i) => i)
    )
    return most
  })

  it.effect(
    "runs as many segments at a time as it says, all where it says nothing, and no more than a process holds",
    () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* atOnce({ segments: 3 }), 3)
        assert.strictEqual(yield* atOnce({ segments: 3, concurrency: 2 }), 2)
        assert.strictEqual(yield* atOnce({ segments: MAX_AT_ONCE + 4 }), MAX_AT_ONCE)
      })
  )

  it.effect("writes where it says so, and compares otherwise", () => {
    const said: Said = { e: [update("a")] }
    const { layer, plan, rows } = ports({ pages: [pageOf([stored("e")])], projection: notes(said) })
    return Effect.gen(function* () {
      const [verified] = yield* replayAll(plan({ id: "verify", write: false }))
      assert.deepStrictEqual([verified?.counts.differences, rows("a")], [1, {}])
      const [written] = yield* replayAll(plan())
      assert.deepStrictEqual([written?.counts.rows, rows("a")], [1, { state: { text: "said" } }])
    }).pipe(Effect.provide(layer))
  })
})
