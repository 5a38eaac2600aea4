import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Statement } from "../../../src/genesys/snapshot.ts"
import { sendStatements } from "../../../src/pipeline/reconcile/send.ts"
import { place } from "./one-unit.ts"

const statement = (agentId: string): Statement => ({
  facet: { facet: "routingStatus", agentId, value: "IDLE" },
  at: Date.parse("2026-03-02T12:00:00Z")
})

describe("statements", () => {
  it.effect("go onto the stream as events, each by its topic, with an id that follows from what it says", () => {
    const { layer, sent } = place()
    return Effect.gen(function* () {
      yield* sendStatements([statement("a"), statement("b")])
      assert.deepStrictEqual(
        sent.map(({ key, body }) => [key, JSON.parse(body).id]),
        [
          ["snapshot.agents.a", "snapshot-jEm73tKzvg6swTTZVE91I0"],
          ["snapshot.agents.b", "snapshot-mp_P269M7_9IxK1mgIBPaL"]
        ]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("that are none ask nothing of the stream", () => {
    const { layer, calls } = place()
    return Effect.gen(function* () {
      yield* sendStatements([])
      assert.deepStrictEqual(calls, [])
    }).pipe(Effect.provide(layer))
  })

  for (const [_tag, retryable] of [
    ["unavailable", true],
    ["refused", false]
  ] as const)
    it.effect(`that the stream finds ${_tag} fail, ${retryable ? "and may go again" : "for good"}`, () =>
      Effect.gen(function* () {
        const { store, operation, reason, ...failure } = yield* Effect.flip(sendStatements([statement("a")]))
        assert.deepStrictEqual([store, operation, reason], ["stream", "put", "Closed"])
        assert.strictEqual(failure.retryable, retryable)
      }).pipe(Effect.provide(place({ outcome: { _tag, reason: "Closed" } }).layer))
    )
})
