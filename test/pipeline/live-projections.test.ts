import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import { generation } from "../../src/domain/projection.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { promote, retire } from "../../src/pipeline/generations.ts"
import { LiveProjections, liveProjectionsLayer } from "../../src/pipeline/live-projections.ts"
import { Control } from "../../src/store/control.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { StoreError } from "../../src/store/store-error.ts"

const LISTED = [agents, { ...agents, version: 3 }, queues]
const ALL = LISTED.map(generation)

/** A control table that counts its reads and can be out. */
const started = () => {
  const table = memoryControl()
  const state = { reads: 0, out: false, waits: new Set<number>() }
  const counting = Layer.effect(
    Control,
    Effect.map(Control, (inner): Control["Service"] => ({
      ...inner,
      read: (key) =>
        Effect.flatMap(Deadline, (deadline) => {
          state.reads++
          state.waits.add(deadline)
          return state.out
            ? Effect.fail(
                new StoreError({
                  store: "control table",
                  operation: "read",
                  reason: "AccessDeniedException",
                  retryable: false
                })
              )
            : inner.read(key)
        })
    }))
  ).pipe(Layer.provide(table.layer))
  const layer = liveProjectionsLayer.pipe(
    Layer.provide(counting),
    Layer.provideMerge(Layer.succeed(Projections, LISTED))
  )
  const decide = <A, E>(effect: Effect.Effect<A, E, Control>) => Effect.provide(effect, table.layer)
  return { state, layer, decide }
}

const fed = Effect.gen(function* () {
  return (yield* yield* LiveProjections).map(generation)
})

describe("the live projections", () => {
  it.effect("[P8] leaves out a generation half a minute after it was retired, at most", () => {
    const { layer, decide } = started()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* fed, ALL)
      yield* decide(promote("agents-v3", "m"))
      yield* decide(retire("agents-v2", "m"))
      yield* TestClock.adjust("29 seconds")
      assert.deepStrictEqual(yield* fed, ALL)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* fed, ["agents-v3", "queues-v2"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("[P9] asks once in half a minute, however many batches there are", () => {
    const { layer, state } = started()
    return Effect.gen(function* () {
      yield* Effect.forEach(Array(500).keys(), () => fed, { concurrency: 8, discard: true })
      assert.strictEqual(state.reads, LISTED.length)
      yield* TestClock.adjust("30 seconds")
      yield* fed
      assert.strictEqual(state.reads, 2 * LISTED.length)
    }).pipe(Effect.provide(layer))
  })

  it.effect("waits a second for the answer, and no longer than its caller has", () => {
    const { layer, state } = started()
    return Effect.gen(function* () {
      yield* fed
      yield* TestClock.adjust("30 seconds")
      yield* Effect.provideService(fed, Deadline, 30_400)
      assert.deepStrictEqual([...state.waits], [1_000, 30_400])
    }).pipe(Effect.provide(layer))
  })

  it.effect("[P2] is all, or what it was, while the control table cannot be read", () => {
    const { layer, state, decide } = started()
    const lines: Array<string> = []
    return Effect.gen(function* () {
      state.out = true
      assert.deepStrictEqual(yield* fed, ALL)
      assert.include(lines.join(), "what is retired is not known: control table: read: AccessDeniedException")
      state.out = false
      yield* decide(retire("agents-v3", "m"))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* fed, ["agents-v2", "queues-v2"])
      state.out = true
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* fed, ["agents-v2", "queues-v2"])
    }).pipe(Effect.provide([layer, linesTo((line) => void lines.push(line))]))
  })
})
