import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Control } from "../../src/store/control.ts"

/** What every control table does. The layer makes an empty one. */
export const controlContract = (name: string, layer: Layer.Layer<Control>) =>
  describe(`${name} keeps the contract of the control table`, () => {
    const test = (title: string, body: (control: Control["Service"]) => Effect.Effect<void, unknown>) =>
      it.effect(title, () => Control.use(body).pipe(Effect.provide(Layer.fresh(layer))))

    test("answers nothing at version 0 for a key that was never written", (control) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* control.read("a"), { value: undefined, version: 0 })
      }))

    test("keeps values as they are, by key, and counts their writes", (control) =>
      Effect.gen(function* () {
        const value = { state: "open", until: 1_767_600_000_000, odd: ["é", null, { deep: 1.5 }], empty: "" }
        assert.strictEqual(yield* control.write("a", value, 0), "written")
        assert.strictEqual(yield* control.write("b", null, 0), "written")
        assert.deepStrictEqual(yield* control.read("a"), { value, version: 1 })
        assert.deepStrictEqual(yield* control.read("b"), { value: null, version: 1 })
        assert.strictEqual(yield* control.write("a", "other", 1), "written")
        assert.deepStrictEqual(yield* control.read("a"), { value: "other", version: 2 })
      }))

    test("writes only over the version that was read", (control) =>
      Effect.gen(function* () {
        assert.strictEqual(yield* control.write("a", 1, 1), "conflict")
        assert.strictEqual(yield* control.write("a", 1, 0), "written")
        for (const version of [0, 2]) assert.strictEqual(yield* control.write("a", 2, version), "conflict")
        assert.deepStrictEqual(yield* control.read("a"), { value: 1, version: 1 })
      }))

    test("lets one of many writers win each round", (control) =>
      Effect.gen(function* () {
        for (let version = 0; version < 3; version++) {
          const results = yield* Effect.all(
            Array.from({ length: 8 }, (_, n) => control.write("a", n, version)),
            { concurrency: 8 }
          )
          assert.strictEqual(results.filter((result) => result === "written").length, 1)
        }
        assert.strictEqual((yield* control.read("a")).version, 3)
      }))
  })
