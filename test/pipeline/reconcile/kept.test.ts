import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Missing } from "../../../src/pipeline/reconcile/answers.ts"
import { emptyKept, keep, NOTHING_KEPT, readKept } from "../../../src/pipeline/reconcile/kept.ts"
import { place } from "./one-unit.ts"

const ITEM = 256 * 1_024

/** Something missing that takes so many bytes in an item, with the comma after it. */
const missing = (bytes = 300, sessionId = ""): Missing => {
  const of = (id: string): Missing => ({
    kind: "session",
    told: "new",
    statement: { at: 1, facet: { facet: "sessionSeen", userId: "a", sessionId: id, value: false } }
  })
  const rest = bytes - JSON.stringify(of(sessionId)).length - 1
  return of(sessionId + "s".repeat(rest))
}

const began = 7
const kept = (items: number, last: number, more: { readonly slots?: number; readonly over?: number } = {}) => ({
  ...{ items, last, slots: items, over: 0 },
  ...more
})

describe("what a sweep keeps of what is missing", () => {
  it.effect("is nothing, and costs nothing, until something is", () => {
    const { layer, calls } = place()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* keep(began), { items: 0, last: 0, slots: 0, over: 0 })
      const sofar = kept(2, 3)
      assert.strictEqual(yield* keep(began, sofar, []), sofar)
      assert.deepStrictEqual([calls, NOTHING_KEPT], [[], kept(0, 0)])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is added to the last item while that has room, with a read and a write of it", () => {
    const { layer, calls } = place()
    return Effect.gen(function* () {
      const first = yield* keep(began, undefined, [missing(300, "1")])
      assert.deepStrictEqual(first, kept(1, 1))
      assert.deepStrictEqual(calls.splice(0), ["read reconcile/missing/0", "write reconcile/missing/0"])
      assert.deepStrictEqual(yield* keep(began, first, [missing(300, "2"), missing(300, "3")]), kept(1, 3))
      assert.deepStrictEqual(calls.splice(0).slice(1), ["read reconcile/missing/0", "write reconcile/missing/0"])
      assert.deepStrictEqual(
        yield* readKept(began, 0),
        ["1", "2", "3"].map((id) => missing(300, id))
      )
    }).pipe(Effect.provide(layer))
  })

  for (const [name, sizes, last] of [
    ["fills an item to its last byte", [ITEM - 600, 300, 300], kept(1, 3)],
    ["begins another where one byte is too much", [ITEM - 600, 300, 301], kept(2, 1)],
    ["begins one for what fills it alone", [300, ITEM, 300], kept(3, 1)],
    ["fills the next one to its last byte as well", [ITEM - 600, 700, ITEM - 700], kept(2, 2)]
  ] as const) {
    const all = sizes.map((bytes, i) => missing(bytes, String(i)))
    it.effect(`${name}, by one page`, () => {
      const { layer } = place()
      return Effect.gen(function* () {
        assert.deepStrictEqual(yield* keep(began, undefined, all), last)
        const items = yield* Effect.forEach([0, 1, 2], (item) => readKept(began, item))
        assert.deepStrictEqual(items.flat(), all)
        assert.strictEqual(items[last.items - 1]?.length, last.last)
      }).pipe(Effect.provide(layer))
    })

    it.effect(`${name}, by a page for each`, () => {
      const { layer } = place()
      return Effect.gen(function* () {
        const sofar = yield* Effect.reduce(
          all,
          () => NOTHING_KEPT,
          (sofar, one) => keep(began, sofar, [one])
        )
        assert.deepStrictEqual(sofar, last)
        assert.deepStrictEqual((yield* Effect.forEach([0, 1, 2], (item) => readKept(began, item))).flat(), all)
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("is 64 items at most; what has no room in them is counted, and what has is kept after it", () => {
    const { layer, control } = place()
    return Effect.gen(function* () {
      const page = Array.from({ length: 66 }, () => missing(ITEM - 300))
      const first = yield* keep(began, undefined, page)
      assert.deepStrictEqual(first, kept(64, 1, { over: 2 }))
      assert.deepStrictEqual(yield* keep(began, first, [missing(301), missing(300)]), kept(64, 2, { over: 3 }))
      assert.strictEqual(control().size, 64)
    }).pipe(Effect.provide(layer))
  })

  it.effect("knows of items that an earlier sweep has left, which are still to be emptied", () => {
    const { layer } = place()
    return Effect.gen(function* () {
      const sofar = yield* keep(began, kept(0, 0, { slots: 5 }), [missing()])
      assert.deepStrictEqual(sofar, kept(1, 1, { slots: 5 }))
      assert.deepStrictEqual(yield* readKept(began, 1), [])
      assert.deepStrictEqual(yield* readKept(began + 1, 0), [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("overwrites what a page has left that did not come to its checkpoint", () => {
    const { layer } = place()
    return Effect.gen(function* () {
      const first = yield* keep(began, undefined, [missing(300, "1")])
      yield* keep(began, first, [missing(300, "2")])
      assert.deepStrictEqual(yield* keep(began, first, [missing(300, "3")]), kept(1, 2))
      assert.deepStrictEqual(yield* readKept(began, 0), [missing(300, "1"), missing(300, "3")])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is written at the third try where others come before it twice, and is theirs after that", () => {
    const [twice, thrice] = [place({ wins: 2 }), place({ wins: 3 })]
    return Effect.gen(function* () {
      yield* Effect.provide(emptyKept(4), twice.layer)
      assert.deepStrictEqual([...twice.control()], [["reconcile/missing/4", { value: null, version: 1 }]])
      const { _tag } = yield* Effect.flip(Effect.provide(emptyKept(4), thrice.layer))
      assert.strictEqual(_tag, "Overtaken")
      for (const { calls } of [twice, thrice])
        assert.strictEqual(calls.filter((call) => call.startsWith("write")).length, 3)
    })
  })
})
