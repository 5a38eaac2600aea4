import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { iso } from "../../../src/domain/stamp.ts"
import { exampleEnvelope } from "../../../src/genesys/example.ts"
import { SIMULATED_SOURCE } from "../../../src/local/partner.ts"
import { type Checkpoint, noCounts, RECONCILE_KEY } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { TOLD_MS } from "../../../src/pipeline/reconcile/compare.ts"
import type { SweepReport } from "../../../src/pipeline/reconcile/sweep.ts"
import { START } from "../../support/history.ts"
import { centre, failed, type Service, sweeping } from "./sweeping.ts"

type Sweeping = ReturnType<typeof sweeping>

const DAY = 86_400_000

const run = (sweeps: Sweeping, ms = 900_000, start = true): Promise<SweepReport> =>
  Effect.runPromise(sweeps.invoke(ms, start))

const checkpoint = (sweeps: Sweeping): Checkpoint => sweeps.checkpoint()

/** How often the checkpoint was written. */
const writes = (sweeps: Sweeping): number => sweeps.control.held().get(RECONCILE_KEY)?.version ?? 0

const small = (more: Parameters<typeof sweeping>[0] = {}) => sweeping({ fixture: () => centre(2, 1), ...more })

describe("the time of an invocation", () => {
  it("ends ten seconds before its deadline: nothing is asked where no more is left", async () => {
    const sweeps = small()
    const { state, run: done, sweep } = await run(sweeps, 10_000)
    assert.deepStrictEqual([state, done, sweep?.counts, sweeps.asked], ["paused", noCounts, noCounts, []])
    await run(sweeps, 10_001, false)
    assert.deepStrictEqual(sweeps.asked, ["users ", "statuses agent-1 agent-2"])
  })

  it("is fifteen minutes where nobody says so, for which the sweep is held", async () => {
    let held: Checkpoint["sweep"]
    const looking = (inner: Service): Service => ({
      ...inner,
      users: (next) =>
        Effect.suspend(() => {
          held ??= checkpoint(sweeps).sweep
          return inner.users(next)
        })
    })
    const sweeps = small({ before: looking })
    await run(sweeps, Number.POSITIVE_INFINITY)
    assert.strictEqual(held?.until, START + 900_000)
    assert.match(held?.holder ?? "", /^\d+-/)
  })

  it("is enough for half as many queues where it was not enough for one step, and for one at least", async () => {
    const sweeps = small()
    await run(sweeps, 10_001)
    assert.deepStrictEqual([checkpoint(sweeps).sweep?.phase, checkpoint(sweeps).sweep?.chunk], ["queues", 25])
    for (const chunk of [12, 6, 3, 1, 1]) {
      await run(sweeps, 10_000, false)
      assert.strictEqual(checkpoint(sweeps).sweep?.chunk, chunk)
    }
  })

  it("is counted in the requests and the agents of this invocation, and of all together", async () => {
    const sweeps = sweeping()
    const first = await run(sweeps, 10_001)
    assert.deepStrictEqual([first.run.requests, first.run.agents], [2, 10])
    const rest = await run(sweeps, 900_000, false)
    assert.deepStrictEqual([rest.run.requests, rest.run.agents], [sweeps.asked.length - 2, 15])
    assert.deepStrictEqual([rest.last?.counts.requests, rest.last?.counts.agents], [sweeps.asked.length, 25])
  })
})

describe("what is remembered of sweeps", () => {
  it("is nothing before the first, and the last whole one from then on", async () => {
    const sweeps = small()
    assert.deepStrictEqual(await run(sweeps, 900_000, false), { state: "idle", run: noCounts })
    await run(sweeps, 10_001)
    assert.hasAllKeys(checkpoint(sweeps), ["sweep"])
    const { last } = await run(sweeps, 900_000, false)
    assert.hasAllKeys(last, ["began", "ended", "counts"])
    assert.deepStrictEqual(checkpoint(sweeps), { last: last ?? assert.fail("it is not whole") })
    assert.deepStrictEqual(await run(sweeps, 900_000, false), { state: "idle", run: noCounts, last: last as never })
    const next = await run(sweeps, 10_001)
    assert.deepStrictEqual([next.last, checkpoint(sweeps).last], [last, last])
  })

  it("is a sweep that is not a day old; one that is begins anew", async () => {
    const [young, old] = [small(), small()]
    for (const [sweeps, age] of [
      [young, DAY - 1],
      [old, DAY]
    ] as const) {
      await run(sweeps, 10_001)
      sweeps.wait(START + age - sweeps.now())
      await run(sweeps, 10_001, false)
    }
    assert.deepStrictEqual([checkpoint(young).sweep?.began, checkpoint(old).sweep?.began], [START, START + DAY])
  })

  it("is left alone for four minutes after it has failed, and shown meanwhile", async () => {
    let isRefused = true
    const refusing = (inner: Service): Service => ({
      ...inner,
      queues: (next) => (isRefused ? Effect.fail(failed("forbidden")) : inner.queues(next))
    })
    const sweeps = small({ before: refusing })
    await Effect.runPromiseExit(sweeps.invoke(900_000, true))
    const { sweep, failure } = checkpoint(sweeps)
    assert.strictEqual(failure?.at, sweeps.now())
    isRefused = false
    sweeps.wait(239_999)
    assert.deepStrictEqual(await run(sweeps, 900_000, false), { state: "idle", run: noCounts, sweep: sweep as never })
    sweeps.wait(1)
    assert.strictEqual((await run(sweeps, 900_000, false)).state, "complete")
  })

  it("is held by another invocation up to its end, and no longer", async () => {
    const sweeps = small()
    await run(sweeps, 10_001)
    const { sweep } = checkpoint(sweeps)
    await sweeps.hold({ sweep: { ...sweep, holder: "another", until: sweeps.now() + 60_000 } as never })
    sweeps.wait(59_999)
    assert.strictEqual((await run(sweeps)).state, "elsewhere")
    sweeps.wait(1)
    assert.strictEqual((await run(sweeps)).state, "complete")
  })

  it("is written once as it begins, and once after each step", async () => {
    const sweeps = sweeping()
    await run(sweeps)
    // Three pages of agents, one of queues, a chunk of them, five lists, and what is missing.
    assert.strictEqual(writes(sweeps), 1 + 3 + 1 + 1 + 5 + 1)
  })
})

describe("a call that fails", () => {
  const once = (error: ReturnType<typeof failed>) => {
    let calls = 0
    return small({
      before: (inner) => ({ ...inner, queues: (next) => (calls++ === 0 ? Effect.fail(error) : inner.queues(next)) })
    })
  }

  it("pauses the sweep only where the rate limit says how long it holds", async () => {
    for (const [error, isPaused] of [
      [failed("rateLimited", { retryAfterMs: 60_000 }), true],
      [failed("rateLimited"), false],
      [failed("unavailable", { retryAfterMs: 60_000 }), false]
    ] as const) {
      const sweeps = once(error)
      const exit = await Effect.runPromiseExit(sweeps.invoke(900_000, true))
      assert.strictEqual(exit._tag, isPaused ? "Success" : "Failure")
      assert.strictEqual(checkpoint(sweeps).failure?.message, isPaused ? undefined : error.message)
      assert.strictEqual(checkpoint(sweeps).sweep?.until, undefined)
    }
  })
})

describe("what may be on its way as an event", () => {
  /** Two agents whose presence the API tells otherwise since two seconds before it is asked again. */
  const changing = async (requestMs: number, meanwhile?: () => Promise<unknown>) => {
    let fixture = centre(2, 1)
    const sweeps = sweeping({ fixture: () => fixture, requestMs, ...(meanwhile === undefined ? {} : { meanwhile }) })
    await run(sweeps)
    await sweeps.fold()
    await sweeps.deliver(
      (fixture.users ?? []).map(({ id }) =>
        JSON.stringify({
          ...exampleEnvelope("v2.users.{id}.presence", {
            ids: [id],
            published: iso(START + 1_000),
            source: SIMULATED_SOURCE,
            body: { presenceDefinition: { systemPresence: "BUSY" }, modifiedDate: iso(START + 1_000) }
          }),
          id: `busy ${id}`
        })
      )
    )
    sweeps.wait(600_000)
    const presence = { value: { systemPresence: "BREAK" }, since: sweeps.now() - 2_000 }
    fixture = { ...fixture, users: (fixture.users ?? []).map((user) => ({ ...user, presence })) }
    return { sweeps, before: { writes: writes(sweeps), waited: sweeps.waited() } }
  }
  const WRITES = 1 + 1 + 1 + 1 + 5 + 1

  it("is waited for once, after all else was asked, with a checkpoint before anything is said to be over", async () => {
    const { sweeps, before } = await changing(400, async () => {})
    const { last } = await run(sweeps)
    assert.deepStrictEqual([last?.counts.stated, last?.counts.corrected], [{ presence: 2 }, { presence: 2 }])
    // Nine requests have taken their time since it was asked what the agents do.
    assert.strictEqual(sweeps.waited() - before.waited, TOLD_MS - 9 * 400)
    assert.strictEqual(writes(sweeps) - before.writes, WRITES + 1)
  })

  it("is looked at on the way where its time has come by then", async () => {
    const { sweeps, before } = await changing(8_000)
    const { last } = await run(sweeps)
    assert.deepStrictEqual([last?.counts.stated, last?.counts.corrected], [{ presence: 2 }, { presence: 2 }])
    assert.deepStrictEqual([sweeps.waited(), writes(sweeps) - before.writes], [0, WRITES])
  })

  it("is said without another look where the invocation ends, up to five seconds before its deadline", async () => {
    // The first page takes six seconds: of the users, and of what they do.
    for (const [ms, isSaid] of [
      [11_000, false],
      [11_001, true]
    ] as const) {
      const { sweeps } = await changing(3_000)
      const { state, run: done } = await run(sweeps, ms)
      assert.strictEqual(state, "paused")
      assert.deepStrictEqual([done.stated, done.early], isSaid ? [{ presence: 2 }, { presence: 2 }] : [{}, {}])
    }
  })
})
