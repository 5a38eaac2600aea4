import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { WatermarkStore } from "../../src/store/watermark.ts"
import { ARRIVAL } from "./events.ts"

/** What every store of the watermark does. The layer makes an empty one. */
export const watermarkContract = (name: string, layer: Layer.Layer<WatermarkStore>) =>
  describe(`${name} keeps the contract of the watermark`, () => {
    const test = (title: string, body: (store: WatermarkStore["Service"]) => Effect.Effect<void, unknown>) =>
      it.effect(title, () => WatermarkStore.use(body).pipe(Effect.provide(Layer.fresh(layer))))

    test("has none at first, and then the last", (store) =>
      Effect.gen(function* () {
        assert.isUndefined(yield* store.read)
        for (const through of [ARRIVAL, ARRIVAL + 1]) {
          assert.strictEqual(yield* store.advance({ through, windowMs: 5_000 }), "moved")
          assert.deepStrictEqual(yield* store.read, { through, windowMs: 5_000 })
        }
      }))

    test("moves forward only, and keeps the window by which it was moved", (store) =>
      Effect.gen(function* () {
        const held = { through: ARRIVAL, windowMs: 20_000 }
        yield* store.advance(held)
        for (const through of [ARRIVAL, ARRIVAL - 1, 0])
          assert.strictEqual(yield* store.advance({ through, windowMs: 0 }), "behind")
        assert.deepStrictEqual(yield* store.read, held)
      }))

    test("ends at the farthest of many that move it at once", (store) =>
      Effect.gen(function* () {
        const levels = [3, 7, 1, 8, 5, 2].map((n) => ({ through: ARRIVAL + n, windowMs: 5_000 }))
        yield* Effect.forEach(levels, store.advance, { concurrency: levels.length })
        assert.strictEqual((yield* store.read)?.through, ARRIVAL + 8)
      }))
  })
