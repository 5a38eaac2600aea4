import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import {
  type Breaker,
  type BreakerEvent,
  type BreakerRules,
  closed,
  longestRecovery,
  type Permit,
  permitOf,
  step
} from "../../src/domain/breaker.ts"

const rules: BreakerRules = {
  failures: 3,
  share: 0.5,
  calls: 6,
  window: 60_000,
  coolDown: 10_000,
  longestCoolDown: 35_000,
  lease: 5_000,
  successes: 2
}

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** A breaker on a clock of its own, as its holders see it. */
const makeWorld = (from: Breaker = closed, start = 1_000_000) => {
  let breaker = from
  let now = start
  const on = (type: BreakerEvent["type"], holder = "a"): Permit => {
    breaker = step(rules, breaker, { type, holder }, now)
    return permitOf(breaker, holder)
  }
  return {
    on,
    many: (count: number, type: BreakerEvent["type"]) => {
      for (let i = 0; i < count; i++) on(type)
    },
    pass: (ms: number) => {
      now += ms
    },
    get now() {
      return now
    },
    get breaker() {
      return breaker
    }
  }
}

describe("a breaker", () => {
  it("opens on failures in a row, and not on fewer", () => {
    const world = makeWorld()
    world.many(2, "failed")
    world.on("succeeded")
    world.many(2, "failed")
    assert.strictEqual(world.on("ask"), "pass")
    world.on("failed")
    assert.strictEqual(world.on("ask"), "wait")
    assert.deepStrictEqual(world.breaker, { state: "open", until: world.now + 10_000, rounds: 1 })
  })

  it("opens on a share of failures among enough calls in a window, and not over two windows", () => {
    const alternate = (pause: number) => {
      const world = makeWorld()
      for (let i = 0; i < 20 && world.breaker.state === "closed"; i++) {
        world.on(i % 2 === 0 ? "failed" : "succeeded")
        world.pass(pause)
      }
      return world.breaker.state
    }
    assert.strictEqual(alternate(1_000), "open")
    assert.strictEqual(alternate(20_000), "closed")
  })

  it("cools down for twice as long after each probe that fails, up to the longest", () => {
    const world = makeWorld()
    world.many(3, "failed")
    const waits: Array<number> = []
    for (let i = 0; i < 5; i++) {
      assert.strictEqual(world.breaker.state, "open")
      const wait = (world.breaker as { until: number }).until - world.now
      waits.push(wait)
      world.pass(wait - 1)
      assert.strictEqual(world.on("ask"), "wait")
      world.pass(1)
      assert.strictEqual(world.on("ask"), "probe")
      world.on("failed")
    }
    assert.deepStrictEqual(waits, [10_000, 20_000, 35_000, 35_000, 35_000])
  })

  it("lets one probe through at a time, until its lease is over", () => {
    const world = makeWorld({ state: "open", until: 0, rounds: 1 })
    assert.strictEqual(world.on("ask", "a"), "probe")
    assert.strictEqual(world.on("ask", "b"), "wait")
    world.pass(4_999)
    assert.strictEqual(world.on("ask", "b"), "wait")
    assert.strictEqual(world.on("ask", "a"), "probe")
    world.pass(1)
    assert.strictEqual(world.on("ask", "b"), "probe")
    assert.strictEqual(permitOf(world.breaker, "a"), "wait")
    const before = world.breaker
    world.on("failed", "a")
    world.on("succeeded", "a")
    assert.strictEqual(world.breaker, before, "what a given up probe reports changes nothing")
  })

  it("closes after enough probes that succeed, and starts afresh", () => {
    const world = makeWorld({ state: "open", until: 0, rounds: 9 })
    world.on("ask")
    world.on("succeeded")
    assert.strictEqual(world.breaker.state, "halfOpen")
    assert.strictEqual(world.on("ask"), "probe")
    world.on("refused")
    assert.strictEqual(world.breaker, closed)
  })

  it("gives back a probe that had nothing to call with", () => {
    const world = makeWorld({ state: "open", until: 0, rounds: 1 })
    world.on("ask", "a")
    world.on("abandoned", "a")
    assert.strictEqual(world.on("ask", "b"), "probe")
  })

  it("changes nothing while all goes well, so that nothing need be written", () => {
    const world = makeWorld()
    for (const type of ["ask", "succeeded", "refused", "abandoned"] as const) world.on(type)
    assert.strictEqual(world.breaker, closed)
  })
})

const types = ["ask", "succeeded", "refused", "failed", "abandoned"] as const

/** What three holders do, who ask before they call as they should, forget to report, and report late. */
const history = Arbitrary.schema(
  Schema.Array(Schema.Struct({ type: between(0, 4), holder: between(0, 2), ms: between(0, 14_000) }))
)

const arbitraryBreaker = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      state: between(0, 2),
      n: between(0, 2),
      m: between(0, 9),
      at: between(-80_000, 80_000),
      probe: Schema.Boolean
    })
  ),
  ({ state, n, m, at, probe }): Breaker => {
    const until = 1_000_000 + Math.min(at, rules.lease)
    if (state === 0) return { state: "closed", inARow: n, since: 1_000_000 - Math.abs(at), calls: m + n, failed: n }
    if (state === 1) return { state: "open", until: 1_000_000 + Math.min(at, rules.longestCoolDown), rounds: m + 1 }
    return {
      state: "halfOpen",
      rounds: m,
      succeeded: Math.min(n, rules.successes - 1),
      ...(probe ? { probe: { holder: `crashed-${m}`, until } } : {})
    }
  }
)

describe("a closed breaker", () => {
  const next = (breaker: Breaker, type: BreakerEvent["type"], now = 1_000_000) =>
    step(rules, breaker, { type, holder: "a" }, now)
  const counted = { state: "closed", inARow: 1, since: 1_000_000, calls: 3, failed: 1 } as const

  it("counts a call that succeeds or is refused in the window of a failure, and begins afresh at its end", () => {
    for (const type of ["succeeded", "refused"] as const) {
      assert.deepStrictEqual(next(counted, type, 1_059_999), { ...counted, inARow: 0, calls: 4 })
      assert.deepStrictEqual(next(counted, type, 1_060_000), closed)
    }
    assert.deepStrictEqual(next(counted, "failed", 1_060_000), { ...counted, inARow: 2, since: 1_060_000, calls: 1 })
  })

  it("is the same value while nothing has failed, and after what is no call", () => {
    assert.strictEqual(next(closed, "succeeded"), closed)
    for (const type of ["ask", "abandoned"] as const) assert.strictEqual(next(counted, type), counted)
    assert.deepStrictEqual(closed, { state: "closed", inARow: 0, since: 0, calls: 0, failed: 0 })
  })

  it("is the same value after a success with nothing to forget, whenever its last window was", () => {
    const still = { ...closed, since: 5, calls: 2 }
    for (const type of ["succeeded", "refused"] as const) assert.strictEqual(next(still, type), still)
  })

  it("forgets failures in a row though their window is over", () => {
    assert.deepStrictEqual(next({ ...counted, failed: 0, inARow: 1 }, "succeeded"), closed)
    assert.deepStrictEqual(next({ ...counted, failed: 1, inARow: 0 }, "succeeded", 2_000_000), closed)
  })

  it("opens at exactly the share, and not below it", () => {
    const calls = { ...counted, inARow: 0, calls: 5 }
    assert.strictEqual(next({ ...calls, failed: 2 }, "failed").state, "open")
    assert.strictEqual(next({ ...calls, calls: 6, failed: 2 }, "failed").state, "closed")
  })
})

describe("a half-open breaker", () => {
  const holding = { state: "halfOpen", rounds: 1, succeeded: 0, probe: { holder: "a", until: 1_005_000 } } as const
  const next = (type: BreakerEvent["type"], holder = "a", breaker: Breaker = holding) =>
    step(rules, breaker, { type, holder }, 1_000_000)

  it("takes a refusal for an answer, and gives a probe back that is abandoned", () => {
    assert.deepStrictEqual(next("refused"), { state: "halfOpen", rounds: 1, succeeded: 1 })
    assert.deepStrictEqual(next("abandoned"), { state: "halfOpen", rounds: 1, succeeded: 0 })
  })

  it("hears nobody but the holder of its probe", () => {
    assert.strictEqual(next("failed", "b"), holding)
    const free = { state: "halfOpen", rounds: 1, succeeded: 0 } as const
    assert.strictEqual(next("failed", "a", free), free)
  })
})

it("says in how long a breaker recovers: the cool-down, a lease, its probes and two more", () => {
  assert.strictEqual(longestRecovery(rules, 60_000), 35_000 + 5_000 + 4 * 60_000)
})

it("does not prolong a probe for a holder who asks again", () => {
  const world = makeWorld({ state: "open", until: 1_000_000, rounds: 1 })
  assert.strictEqual(world.on("ask", "0"), "probe")
  world.pass(3_396)
  assert.strictEqual(world.on("ask", "0"), "probe")
  world.pass(1_603)
  assert.strictEqual(world.on("ask", "1"), "wait")
  world.pass(1)
  assert.strictEqual(world.on("ask", "1"), "probe")
  assert.strictEqual(world.on("failed", "0"), "wait")
})

describe("a breaker, whatever happens", () => {
  it.prop("opens exactly when the reports of its holders say so", [history], ([commands]) => {
    const world = makeWorld()
    // The model: the reports since it was closed, as a list.
    let reports: Array<{ readonly failed: boolean; readonly at: number }> = []
    let probesLeft: number = rules.successes
    for (const { type, holder, ms } of commands) {
      const event = types[type] as BreakerEvent["type"]
      const before = world.breaker
      world.on(event, `${holder}`)
      const after = world.breaker.state
      if (before.state === "closed") {
        if (event === "failed" || event === "succeeded" || event === "refused")
          reports.push({ failed: event === "failed", at: world.now })
        const row = reports.length - 1 - reports.findLastIndex(({ failed }) => !failed)
        let first: number | undefined
        let seen: typeof reports = []
        for (const report of reports) {
          if (first !== undefined && report.at >= first + rules.window) first = undefined
          if (first === undefined) seen = []
          if (first === undefined && !report.failed) continue
          first ??= report.at
          seen.push(report)
        }
        const failed = seen.filter((report) => report.failed).length
        const due =
          event === "failed" &&
          (row >= rules.failures || (seen.length >= rules.calls && failed >= rules.share * seen.length))
        assert.strictEqual(after, due ? "open" : "closed")
        probesLeft = rules.successes
      } else {
        const counts =
          before.state === "halfOpen" &&
          before.probe?.holder === `${holder}` &&
          (event === "succeeded" || event === "refused")
        if (counts) probesLeft--
        if (after === "open") probesLeft = rules.successes
        assert.strictEqual(after === "closed", probesLeft === 0)
        if (before.state === "halfOpen" && after === "open") assert.strictEqual(event, "failed")
        reports = []
      }
      world.pass(ms)
    }
  })

  it.prop("[P7] never opens on bad data", [history], ([commands]) => {
    const world = makeWorld()
    for (const { type, holder, ms } of commands) {
      const event = types[type] as BreakerEvent["type"]
      world.on(event === "failed" ? "refused" : event, `${holder}`)
      assert.strictEqual(world.on("ask", `${holder}`), "pass")
      world.pass(ms)
    }
  })

  it.prop("never has two probes under way", [arbitraryBreaker, history], ([from, commands]) => {
    const world = makeWorld(from)
    const underWay = new Map<string, number>()
    for (const { type, holder: n, ms } of commands) {
      const holder = `${n}`
      const event = types[type] as BreakerEvent["type"]
      const mayReport = underWay.has(holder)
      if (event !== "ask" && mayReport) {
        world.on(event, holder)
        underWay.delete(holder)
      } else if (world.on("ask", holder) === "probe") {
        for (const [other, until] of underWay)
          if (other !== holder) assert.isAtMost(until, world.now, "the other's lease is over")
        // Who asks again while the probe is under way is told of it, and has no longer for it.
        const lease = underWay.get(holder) ?? 0
        underWay.clear()
        underWay.set(holder, lease > world.now ? lease : world.now + rules.lease)
      }
      assert.isAtMost(
        ["0", "1", "2"].filter((one) => permitOf(world.breaker, one) === "probe").length,
        1,
        "one holder at most"
      )
      world.pass(ms)
    }
  })

  it.prop(
    "closes in time and lets the backlog drain once the dependency is well",
    [arbitraryBreaker, Arbitrary.schema(between(100, 20_000)), Arbitrary.schema(between(1, 40))],
    ([from, pause, backlog]) => {
      const world = makeWorld(from)
      const well = world.now
      let left = backlog
      let closedAt: number | undefined = from.state === "closed" ? well : undefined
      for (let n = 0; left > 0 && n < 1_000; n++) {
        const holder = `run-${n}`
        const permit = world.on("ask", holder)
        if (permit !== "wait") {
          left--
          world.on("succeeded", holder)
        }
        if (world.breaker.state === "closed") closedAt ??= world.now
        world.pass(pause)
      }
      assert.strictEqual(left, 0)
      // With fewer messages than it takes probes, it waits half open for the next one.
      if (backlog >= rules.successes)
        assert.isAtMost((closedAt ?? Number.POSITIVE_INFINITY) - well, longestRecovery(rules, pause))
    }
  )
})
