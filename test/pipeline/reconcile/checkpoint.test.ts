import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  addCounts,
  addFacets,
  noCounts,
  PHASES,
  QUEUES_A_CHUNK,
  readCheckpoint,
  type SweepCounts,
  totalOf,
  wantSweep,
  writeCheckpoint
} from "../../../src/pipeline/reconcile/checkpoint.ts"
import { place } from "./one-unit.ts"

const counts = (n: number, facet: string): SweepCounts => ({
  ...{ requests: n, agents: 10 * n, queues: 20 * n, members: 30 * n, former: 40 * n, names: 50 * n, closed: 60 * n },
  stated: { [facet]: n },
  corrected: { [facet]: 2 * n },
  early: { [facet]: 3 * n },
  known: { [facet]: 4 * n },
  missing: { [facet]: 5 * n }
})

describe("what a sweep goes through", () => {
  it("is the organisation by lists that depend on none after them, and what no list has at last", () => {
    assert.deepStrictEqual(PHASES, [
      ...(["agents", "queues", "inactive", "deleted", "presences", "wrapupCodes", "divisions", "missing"] as const)
    ])
    assert.strictEqual(QUEUES_A_CHUNK, 25)
  })
})

describe("counts", () => {
  it("begin with nothing", () => {
    const none = { requests: 0, agents: 0, queues: 0, members: 0, former: 0, names: 0, closed: 0 }
    assert.deepStrictEqual(noCounts, { ...none, stated: {}, corrected: {}, early: {}, known: {}, missing: {} })
  })

  it("add up, each by its facet", () => {
    assert.deepStrictEqual(addCounts(counts(1, "presence"), counts(2, "presence")), counts(3, "presence"))
    assert.deepStrictEqual(addFacets({ presence: 2 }, { member: 3 }), { presence: 2, member: 3 })
    assert.deepStrictEqual(addCounts(noCounts, counts(2, "member")), counts(2, "member"))
    assert.strictEqual(totalOf({ presence: 2, member: 3 }), 5)
    assert.strictEqual(totalOf({}), 0)
  })

  it("go on from a sweep that an earlier version began, which counted less", () => {
    const { former: _, known: __, missing: ___, ...earlier } = counts(1, "presence")
    const { former, known, missing } = addCounts(earlier as SweepCounts, counts(2, "presence"))
    assert.deepStrictEqual([former, known, missing], [80, { presence: 8 }, { presence: 10 }])
  })
})

describe("the checkpoint", () => {
  const { wanted } = { wanted: { at: 7, by: "an operator" } }

  it.effect("says nothing before the first sweep", () => {
    const { layer } = place()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* readCheckpoint, { checkpoint: {}, version: 0 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("is one item, which is written over the version that was read", () => {
    const { layer, calls, control } = place()
    return Effect.gen(function* () {
      assert.strictEqual(yield* writeCheckpoint({ wanted }, 0), 1)
      assert.strictEqual(yield* writeCheckpoint({}, 1), 2)
      assert.deepStrictEqual(calls, ["write reconcile", "write reconcile"])
      assert.deepStrictEqual([...control()], [["reconcile", { value: {}, version: 2 }]])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is taken for written where a lost answer had written it", () => {
    const { layer } = place()
    return Effect.gen(function* () {
      yield* writeCheckpoint({ wanted }, 0)
      assert.strictEqual(yield* writeCheckpoint({ wanted }, 0), 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is somebody else's where it says something else, or nothing", () => {
    const [held, none] = [place(), place({ wins: 1 })]
    return Effect.gen(function* () {
      yield* Effect.provide(writeCheckpoint({}, 0), held.layer)
      for (const { layer } of [held, none]) {
        const { _tag } = yield* Effect.flip(Effect.provide(writeCheckpoint({ wanted }, 0), layer))
        assert.strictEqual(_tag, "Overtaken")
      }
    })
  })

  it.effect("remembers who has asked for a sweep, and when, once", () => {
    const { layer, control } = place()
    return Effect.gen(function* () {
      yield* TestClock.setTime(7)
      assert.strictEqual(yield* wantSweep("an operator"), "wanted")
      assert.strictEqual(yield* wantSweep("another"), "underWay")
      assert.deepStrictEqual(control().get("reconcile"), { value: { wanted }, version: 1 })
    }).pipe(Effect.provide(layer))
  })
})
