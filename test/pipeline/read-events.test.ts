import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { readEvents } from "../../src/pipeline/read-events.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { StoreError } from "../../src/store/store-error.ts"

describe("events whose bodies may be gone", () => {
  const failing = (bad: ReadonlySet<string>, reason: string) => {
    const calls: Array<number> = []
    const layer = Layer.succeed(EventStore, {
      append: () => Effect.die("it appends"),
      read: (ids) => {
        const some = [...ids]
        calls.push(some.length)
        return some.some((id) => bad.has(id))
          ? Effect.fail(new StoreError({ store: "event store", operation: "read", reason, retryable: false }))
          : Effect.succeed(new Map(some.map((id) => [id, { envelope: { id } as never, received: 1 }])))
      }
    })
    return { calls, layer }
  }

  it.effect("are read but for those, which are looked for by halves", () => {
    const { calls, layer } = failing(new Set(["b", "e"]), "NoSuchKey")
    return Effect.gen(function* () {
      const { stored, gone } = yield* readEvents(["a", "b", "c", "d", "e"])
      assert.deepStrictEqual([...stored.keys()].sort(), ["a", "c", "d"])
      assert.deepStrictEqual([...gone], ["b", "e"])
      assert.deepStrictEqual(calls.toSorted(), [1, 1, 1, 1, 1, 2, 2, 3, 5])
      assert.deepStrictEqual(yield* readEvents([]), { stored: new Map(), gone: new Set<string>() })
      assert.lengthOf(calls, 9)
    }).pipe(Effect.provide(layer))
  })

  it.effect("are not looked for where something else is wrong", () => {
    const { calls, layer } = failing(new Set(["b"]), "AccessDenied")
    return Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(readEvents(["a", "b"]))).reason, "AccessDenied")
      assert.deepStrictEqual(calls, [2])
    }).pipe(Effect.provide(layer))
  })
})
