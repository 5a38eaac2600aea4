import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { Executions } from "../../src/store/executions.ts"

/** `end` brings the execution of a name to its end: well, or with a failure. */
export interface Place {
  readonly layer: Layer.Layer<Executions>
  readonly end: (name: string, how: "well" | "badly") => Effect.Effect<void>
}

const INPUT = JSON.stringify({ replayId: "r", segments: [0] })

/**
 * What every place of executions does. `make` returns an empty one. `idempotent`: false for an engine that refuses a name in use whatever the
 * input is, unlike Step Functions.
 */
export const executionsContract = (name: string, make: () => Place, { idempotent = true } = {}) =>
  describe(`${name} keeps the contract of executions`, () => {
    const test = (
      title: string,
      body: (executions: Executions["Service"], end: Place["end"]) => Effect.Effect<void, unknown>,
      { skipped = false } = {}
    ) =>
      (skipped ? it.effect.skip : it.effect)(title, () => {
        const { layer, end } = make()
        return Executions.use((executions) => body(executions, end)).pipe(Effect.provide(layer))
      })

    test("knows nothing of a name that was never used", ({ status }) =>
      Effect.gen(function* () {
        assert.isUndefined(yield* status("never"))
      }))

    test("starts an execution, which runs until it ends", ({ start, status }, end) =>
      Effect.gen(function* () {
        assert.strictEqual(yield* start("a", INPUT), "started")
        const running = yield* status("a")
        assert.strictEqual(running?.status, "running")
        assert.isDefined(running?.startedAt)
        yield* end("a", "well")
        assert.deepStrictEqual(yield* status("a"), { ...running, status: "succeeded" })
      }))

    test("says with what it failed", ({ start, status }, end) =>
      Effect.gen(function* () {
        yield* start("a", INPUT)
        yield* end("a", "badly")
        const { startedAt: _, ...failed } = (yield* status("a")) ?? assert.fail()
        assert.deepStrictEqual(failed, { status: "failed", error: "Broken", cause: "out of order" })
      }))

    test(
      "begins nothing twice: a name that runs with the same input is started, any other is taken",
      ({ start }, end) =>
        Effect.gen(function* () {
          const both = yield* Effect.all([start("a", INPUT), start("a", INPUT)], { concurrency: 2 })
          assert.deepStrictEqual(both, ["started", "started"])
          assert.strictEqual(yield* start("a", "{}"), "taken")
          yield* end("a", "well")
          assert.strictEqual(yield* start("a", INPUT), "taken")
          assert.strictEqual(yield* start("b", INPUT), "started")
        }),
      { skipped: !idempotent }
    )
  })
