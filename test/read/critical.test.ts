import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Latch, Result, Schema } from "effect"
import { iso } from "../../src/domain/stamp.ts"
import { effectiveState } from "../../src/genesys/presence.ts"
import { NoAnswer } from "../../src/genesys-api/error.ts"
import type { Facet, GenesysSnapshot } from "../../src/genesys-api/snapshot.ts"
import type { Agent } from "../../src/read/answers.ts"
import { critical, decide } from "../../src/read/critical.ts"

const AGENT = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"

const T = Date.UTC(2026, 4, 6, 10, 0, 0)
const at = (ms: number) => iso(T + ms)

const says = (value: string, ms: number): Facet => ({ value, since: at(ms) })

const snapshot = (presence: Facet, routingStatus: Facet): GenesysSnapshot => ({ presence, routingStatus })

const row = (columns: Partial<Agent>): Agent => ({
  agentId: AGENT,
  state: "Unknown",
  asOf: at(0),
  inWindow: false,
  generation: "agents-v2",
  readAt: at(5_000),
  ...columns
})

const projected = (presence: string, presenceMs: number, routingStatus: string, routingMs: number): Agent =>
  row({ presence, presenceSince: at(presenceMs), routingStatus, routingStatusSince: at(routingMs) })

const decided = (genesys: GenesysSnapshot, agent: Agent | undefined) => Result.getOrThrow(decide(AGENT, genesys, agent))

describe("decide", () => {
  it("takes each facet from the source whose clock is newer, and says which it was", () => {
    const decision = decided(
      snapshot(says("ON_QUEUE", 100), says("IDLE", 100)),
      projected("AVAILABLE", 50, "INTERACTING", 200)
    )
    assert.deepStrictEqual(decision, {
      agentId: AGENT,
      state: "Interacting",
      since: at(200),
      availability: "possibly",
      presence: {
        value: "ON_QUEUE",
        since: at(100),
        decidedBy: "genesys",
        clocks: { genesys: at(100), projection: at(50) }
      },
      routingStatus: {
        value: "INTERACTING",
        since: at(200),
        decidedBy: "projection",
        clocks: { genesys: at(100), projection: at(200) }
      }
    })
  })

  it("knows no time of what the projection does not know", () => {
    const { presence } = decided(
      snapshot(says("ON_QUEUE", 100), says("IDLE", 100)),
      row({ presenceSince: at(200), routingStatus: "IDLE", routingStatusSince: at(100) })
    )
    assert.deepStrictEqual(presence, {
      value: "ON_QUEUE",
      since: at(100),
      decidedBy: "genesys",
      clocks: { genesys: at(100) }
    })
  })

  it("lets Genesys win where both clocks are equal", () => {
    const { presence, routingStatus } = decided(
      snapshot(says("BREAK", 100), says("OFF_QUEUE", 100)),
      projected("ON_QUEUE", 100, "IDLE", 100)
    )
    assert.deepStrictEqual([presence.value, presence.decidedBy], ["BREAK", "genesys"])
    assert.deepStrictEqual([routingStatus.value, routingStatus.decidedBy], ["OFF_QUEUE", "genesys"])
  })

  it("rests on Genesys alone where the projection has no row, or not the facet", () => {
    const genesys = snapshot(says("ON_QUEUE", 100), says("IDLE", 100))
    const alone = decided(genesys, undefined)
    assert.deepStrictEqual([alone.state, alone.since, alone.availability], ["On Queue", at(100), "yes"])
    assert.deepStrictEqual(alone.presence.clocks, { genesys: at(100) })
    const half = decided(genesys, row({ presence: "MEAL", presenceSince: at(300) }))
    assert.deepStrictEqual([half.state, half.presence.decidedBy], ["Meal", "projection"])
    assert.strictEqual(half.routingStatus.decidedBy, "genesys")
  })

  it("keeps values that it does not know as they came, and offers such an agent nothing", () => {
    const decision = decided(snapshot(says("NapPod", 100), says("DREAMING_LOUDLY", 100)), undefined)
    assert.strictEqual(decision.presence.value, "NapPod")
    assert.strictEqual(decision.state, "Dreaming Loudly")
    assert.strictEqual(decision.availability, "no")
    assert.strictEqual(decided(snapshot(says("ON_QUEUE", 1), says("DREAMING", 1)), undefined).availability, "unknown")
  })

  it("trusts a value without a time where the projection says the same, or nothing", () => {
    const untimed = snapshot({ value: "OFFLINE" }, { value: "OFF_QUEUE" })
    assert.deepStrictEqual(decided(untimed, undefined).presence, {
      value: "OFFLINE",
      decidedBy: "genesys",
      clocks: {}
    })
    assert.deepStrictEqual(decided(untimed, projected("OFFLINE", 10, "OFF_QUEUE", 20)).routingStatus, {
      value: "OFF_QUEUE",
      since: at(20),
      decidedBy: "projection",
      clocks: { projection: at(20) }
    })
  })

  it("does not decide between two values of which one has no time", () => {
    const agent = projected("ON_QUEUE", 10, "IDLE", 20)
    for (const genesys of [
      snapshot({ value: "BREAK" }, says("IDLE", 20)),
      snapshot(says("ON_QUEUE", 10), { value: "OFF_QUEUE" })
    ]) {
      const result = decide(AGENT, genesys, agent)
      assert.isTrue(Result.isFailure(result))
      if (Result.isFailure(result)) {
        assert.strictEqual(result.failure.reason, "unordered")
        assert.strictEqual(result.failure.projected, agent)
      }
    }
  })

  const facet = (values: ReadonlyArray<string>) =>
    Schema.Struct({
      value: Schema.Literals(values),
      ms: Schema.Int.check(Schema.isBetween({ minimum: -3, maximum: 3 }))
    })
  const presence = facet(["ON_QUEUE", "AVAILABLE", "OFFLINE", "Nap"])
  const routing = facet(["IDLE", "OFF_QUEUE", "INTERACTING", "DREAMING"])

  it.prop(
    "[P4] is never older than the newer of both sources",
    {
      genesys: Arbitrary.schema(Schema.Struct({ presence, routing })),
      projection: Arbitrary.schema(
        Schema.Struct({ presence: Schema.optional(presence), routing: Schema.optional(routing) })
      )
    },
    ({ genesys: g, projection: p }) => {
      const decision = decided(
        snapshot(says(g.presence.value, g.presence.ms), says(g.routing.value, g.routing.ms)),
        row({
          ...(p.presence && { presence: p.presence.value, presenceSince: at(p.presence.ms) }),
          ...(p.routing && { routingStatus: p.routing.value, routingStatusSince: at(p.routing.ms) })
        })
      )
      for (const [facet, theirs, ours] of [
        [decision.presence, g.presence, p.presence],
        [decision.routingStatus, g.routing, p.routing]
      ] as const) {
        const newest = Math.max(theirs.ms, ours?.ms ?? Number.NEGATIVE_INFINITY)
        const winner = newest === theirs.ms ? theirs : ours
        assert.strictEqual(facet.since, at(newest))
        assert.strictEqual(facet.value, winner?.value)
        assert.strictEqual(facet.since, facet.clocks[facet.decidedBy])
      }
      assert.strictEqual(
        decision.state,
        effectiveState({ presence: decision.presence.value, routingStatus: decision.routingStatus.value }).state
      )
    },
    { arbitrary: { runs: 300 } }
  )
})

describe("critical", () => {
  const agent = projected("ON_QUEUE", 10, "IDLE", 20)

  it.effect("fails closed without an answer of Genesys, with what the projection said", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        critical(
          AGENT,
          Effect.fail(new NoAnswer({ reason: "rateLimited", status: 429, retryAfterMs: 42_000 })),
          Effect.succeed(agent)
        )
      )
      assert.strictEqual(error._tag, "NotConfirmed")
      assert.deepStrictEqual([error.reason, error.status, error.retryAfterMs], ["rateLimited", 429, 42_000])
      assert.strictEqual(error.projected, agent)
    })
  )

  it.effect("fails with the projection's own failure, and does not decide on Genesys alone", () =>
    Effect.gen(function* () {
      const answer = Effect.succeed(snapshot(says("ON_QUEUE", 1), says("IDLE", 1)))
      assert.strictEqual(yield* Effect.flip(critical(AGENT, answer, Effect.fail("throttled"))), "throttled")
    })
  )

  it.effect("reads both sources at the same time", () =>
    Effect.gen(function* () {
      const both = [yield* Latch.make(), yield* Latch.make()] as const
      const meet = (mine: 0 | 1, other: 0 | 1) => Effect.andThen(both[mine].open, both[other].await)
      const decision = yield* critical(
        AGENT,
        Effect.as(meet(0, 1), snapshot(says("ON_QUEUE", 30), says("IDLE", 30))),
        Effect.as(meet(1, 0), agent)
      )
      assert.strictEqual(decision.state, "On Queue")
    })
  )
})
