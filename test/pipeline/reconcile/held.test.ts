import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { openRows, readHeld } from "../../../src/pipeline/reconcile/held.ts"
import { ProjectionStore } from "../../../src/store/projection-store.ts"
import { place } from "./one-unit.ts"
import { AGENT, call, heldBy, QUEUE } from "./support.ts"

const started = call.starts(1_000, AGENT, QUEUE)

describe("the rows of entities", () => {
  it.effect("are their state, those that are open and those that are named, each once, as they are now", () => {
    const { layer, calls, hold } = place()
    return Effect.gen(function* () {
      yield* TestClock.setTime(5)
      yield* hold("agents-v2", AGENT, [started])
      assert.deepStrictEqual(yield* openRows("agents-v2", AGENT), ["session#s1"])
      const wanted = [
        { entity: AGENT, rows: ["session#s1", "session#s2"] },
        { entity: "nobody", rows: [] }
      ]
      const held = yield* readHeld("agents-v2", wanted, undefined)
      assert.deepStrictEqual(calls, [`load ${AGENT}/state ${AGENT}/session#s1 ${AGENT}/session#s2 nobody/state now`])
      assert.deepStrictEqual([...held.keys()], [AGENT, "nobody"])
      assert.deepStrictEqual([...(held.get(AGENT)?.rows ?? [])], [...heldBy(AGENT, [started]).rows])
      assert.deepStrictEqual(held.get("nobody"), { rows: new Map(), read: 5 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("know since when events of sessions come, once that is known", () =>
    Effect.gen(function* () {
      const held = yield* readHeld("agents-v2", [{ entity: AGENT, rows: [] }], 3)
      assert.deepStrictEqual(held.get(AGENT), { rows: new Map(), read: 0, heard: 3 })
    }).pipe(Effect.provide(place().layer))
  )

  it.effect("are absent where nothing is left in them", () =>
    Effect.gen(function* () {
      const row = { projection: "agents-v2", entity: AGENT, row: "state", registers: new Map(), columns: {}, asOf: 0 }
      yield* ProjectionStore.use(({ save }) => save([{ ...row, from: undefined, counted: false }]))
      const held = yield* readHeld("agents-v2", [{ entity: AGENT, rows: [] }], undefined)
      assert.deepStrictEqual(held.get(AGENT)?.rows, new Map())
    }).pipe(Effect.provide(place().layer))
  )
})
