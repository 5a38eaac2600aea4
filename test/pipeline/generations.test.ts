import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { promote, readersOf, retire, rollback, status } from "../../src/pipeline/generations.ts"
import { Control } from "../../src/store/control.ts"
import { memoryControl } from "../../src/store/memory/control.ts"

const version = (of: Projection<Event>, number: number): Projection<Event> => ({ ...of, version: number })
const LISTED = [agents, version(agents, 3), version(agents, 4), queues]

const started = (listed: ReadonlyArray<Projection<Event>> = LISTED) => {
  const control = memoryControl()
  const run = <A, E>(effect: Effect.Effect<A, E, Control>) =>
    Effect.runPromise(Effect.provide(effect, Layer.merge(control.layer, Layer.succeed(Projections, listed))))
  return {
    control,
    run,
    /** The reason of a refusal. */
    refused: <A, E extends { readonly message: string }>(effect: Effect.Effect<A, E, Control>) =>
      run(Effect.map(Effect.flip(effect), (error) => ("reason" in error ? error.reason : error.message)))
  }
}

describe("generations", () => {
  it("[P8] start with readers on the lowest version, and each projection by itself", async () => {
    const { run } = started([version(agents, 4), version(agents, 3), queues])
    assert.strictEqual(await run(readersOf("agents")), "agents-v3")
    assert.deepStrictEqual(await run(status), [
      { generation: "agents-v4", name: "agents", version: 4, readers: false, previous: false },
      { generation: "agents-v3", name: "agents", version: 3, readers: true, previous: false },
      { generation: "queues-v2", name: "queues", version: 2, readers: true, previous: false }
    ])
  })

  it("[P8] are promoted and rolled back by one write, which is the same both ways", async () => {
    const { run, control } = started()
    const readers = () => control.held().get("readers/agents")
    const promoted = await run(promote("agents-v3", "maria"))
    assert.isTrue(promoted.changed)
    assert.deepStrictEqual(readers(), {
      value: { generation: "agents-v3", previous: "agents-v2", at: promoted.at ?? 0, by: "maria" },
      version: 1
    })
    assert.strictEqual(await run(readersOf("agents")), "agents-v3")
    assert.strictEqual(await run(readersOf("queues")), "queues-v2")
    assert.isFalse((await run(promote("agents-v3", "otto"))).changed)
    assert.strictEqual(readers()?.version, 1, "nothing is written where nothing changes")

    await run(rollback("agents", "otto"))
    assert.strictEqual(await run(readersOf("agents")), "agents-v2")
    await run(rollback("agents", "otto"))
    assert.strictEqual(await run(readersOf("agents")), "agents-v3")
    assert.strictEqual(readers()?.version, 3)
    assert.deepStrictEqual(
      (await run(status)).filter(({ previous }) => previous).map(({ generation }) => generation),
      ["agents-v2"]
    )
  })

  it("[P8] are not promoted when unlisted or retired, and not rolled back to nothing", async () => {
    const { run, refused } = started()
    assert.strictEqual(await refused(promote("agents-v5", "m")), "unlisted")
    assert.strictEqual(await refused(rollback("agents", "m")), "noPrevious")
    assert.strictEqual(await refused(rollback("wallboards", "m")), "unlisted")
    assert.strictEqual(await refused(readersOf("wallboards")), "unlisted")
    await run(promote("agents-v3", "m"))
    await run(retire("agents-v2", "m"))
    assert.strictEqual(await refused(promote("agents-v2", "m")), "retired")
    assert.strictEqual(await refused(rollback("agents", "m")), "retired")
    assert.strictEqual(await run(readersOf("agents")), "agents-v3")
  })

  it("[P8] are retired only when no reader uses them and another is live, and once", async () => {
    const { run, refused, control } = started()
    assert.strictEqual(await refused(retire("queues-v2", "m")), "onlyOne")
    assert.strictEqual(await refused(retire("agents-v2", "m")), "inUse")
    assert.strictEqual(await refused(retire("agents-v9", "m")), "unlisted")
    assert.strictEqual([...control.held().keys()].length, 0, "a refusal writes nothing")
    const first = await run(retire("agents-v4", "maria"))
    assert.isTrue(first.changed)
    assert.deepStrictEqual(await run(retire("agents-v4", "otto")), { at: first.at, by: "maria", changed: false })
    await run(promote("agents-v3", "m"))
    await run(retire("agents-v2", "m"))
    assert.strictEqual(await refused(retire("agents-v3", "m")), "onlyOne")
    const marks = (await run(status)).map(({ generation, retired }) => [generation, retired?.by])
    assert.deepStrictEqual(marks, [
      ["agents-v2", "m"],
      ["agents-v3", undefined],
      ["agents-v4", "maria"],
      ["queues-v2", undefined]
    ])
  })
})

describe("two who decide at once", () => {
  /** Runs both, the first being stopped before each of its calls in turn until the second is through. */
  const race = async (
    first: Effect.Effect<unknown, unknown, Control>,
    second: Effect.Effect<unknown, unknown, Control>,
    stopAt: number
  ) => {
    const { run, control } = started()
    let calls = 0
    const stopping = Layer.effect(
      Control,
      Effect.map(Control, (inner): Control["Service"] => {
        const turn = Effect.suspend(() =>
          calls++ === stopAt ? Effect.asVoid(Effect.promise(() => run(Effect.exit(second)))) : Effect.void
        )
        return {
          read: (key) => Effect.andThen(turn, inner.read(key)),
          write: (key, value, at) => Effect.andThen(turn, inner.write(key, value, at))
        }
      })
    ).pipe(Layer.provide(control.layer))
    const result = await Effect.runPromise(
      Effect.result(first).pipe(Effect.provide(stopping), Effect.provideService(Projections, LISTED))
    )
    return { ended: calls <= stopAt, result, all: await run(status) }
  }

  it("[P8] never leave readers on what is retired, wherever one is stopped", async () => {
    const orders = [
      [promote("agents-v3", "a"), retire("agents-v3", "b")],
      [retire("agents-v3", "b"), promote("agents-v3", "a")]
    ] as const
    let refusals = 0
    for (const [first, second] of orders)
      for (let stopAt = 0; ; stopAt++) {
        const { ended, result, all } = await race(first, second, stopAt)
        if (ended) break
        if (Result.isFailure(result)) refusals++
        for (const { readers, retired } of all) assert.isFalse(readers && retired !== undefined, `at ${stopAt}`)
      }
    assert.isAbove(refusals, 2)
  })

  it("[P8] on two promotions: one holds and the other is told", async () => {
    const { result, all } = await race(promote("agents-v3", "a"), promote("agents-v4", "b"), 2)
    assert.isTrue(Result.isFailure(result))
    assert.deepStrictEqual(
      all.filter(({ readers }) => readers).map(({ generation }) => generation),
      ["agents-v4", "queues-v2"]
    )
  })
})
