import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { iso } from "../../../src/domain/stamp.ts"
import { exampleEnvelope } from "../../../src/genesys/example.ts"
import type { OrganisationFixture } from "../../../src/genesys-api/organisation-memory.ts"
import { SIMULATED_SOURCE } from "../../../src/local/partner.ts"
import type { Checkpoint } from "../../../src/pipeline/reconcile/checkpoint.ts"
import type { SweepReport } from "../../../src/pipeline/reconcile/sweep.ts"
import { centre, failed, type Service, sweeping } from "./sweeping.ts"

type Sweeping = ReturnType<typeof sweeping>

const run = (sweeps: Sweeping, ms?: number, start = true): Promise<SweepReport> =>
  Effect.runPromise(sweeps.invoke(ms, start))

const checkpoint = (sweeps: Sweeping): Checkpoint => sweeps.checkpoint()

/** An organisation of which one call goes wrong, the `nth` of them. */
const failing =
  (call: "users" | "statuses" | "members", nth: number, error = failed("forbidden")) =>
  (inner: Service): Service => {
    let calls = 0
    const guarded = (...args: ReadonlyArray<never>) => {
      calls++
      const made: (...args: ReadonlyArray<never>) => Effect.Effect<unknown, unknown> = inner[call]
      return calls === nth ? Effect.fail(error) : made(...args)
    }
    return { ...inner, [call]: guarded }
  }

const assertFails = (promise: Promise<unknown>, message: RegExp) =>
  promise.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => assert.match(String(error), message)
  )

describe("a sweep", () => {
  it("says of everybody what the rows do not hold, names them, and then has nothing more to say", async () => {
    const sweeps = sweeping()
    const { state, last } = await run(sweeps)
    assert.strictEqual(state, "complete")
    const { stated, corrected, requests, known, missing, ...counts } = last?.counts ?? assert.fail("no counts")
    assert.deepStrictEqual(counts, { agents: 25, queues: 6, members: 25, former: 0, names: 3, early: {}, closed: 0 })
    assert.deepStrictEqual([known, missing], [{ session: 0, wait: 0, member: 0 }, {}])
    assert.deepStrictEqual(corrected, {})
    assert.deepInclude(stated, { presence: 25, routingStatus: 25, member: 25, segment: 3, acdSession: 1 })
    assert.strictEqual(requests, sweeps.asked.length)
    assert.strictEqual(sweeps.directory.held().length, 25 + 6 + 3 + 1)

    const report = await sweeps.fold()
    assert.deepStrictEqual([report.appended, report.quarantined, report.unrouted], [sweeps.ids().length, 0, 0])
    const [agent] = sweeps.rows("agents-v2", "agent-1").filter(({ row }) => row === "state")
    assert.deepInclude(agent?.columns, { presence: "ON_QUEUE", routingStatus: "INTERACTING" })

    sweeps.wait(60_000)
    const again = await run(sweeps)
    assert.deepStrictEqual(again.last?.counts.stated, {})
  })

  it("is the same events when it is made twice, which are stored once", async () => {
    const sweeps = sweeping()
    await run(sweeps)
    const first = new Set(sweeps.ids().filter((id) => id.startsWith("snapshot-")))
    assert.strictEqual(first.size, sweeps.ids().length)
    const other = sweeping()
    await run(other)
    assert.deepStrictEqual(new Set(other.ids()), first)
    await run(other)
    const { appended, conflicts } = await other.fold()
    // Members and what else has no clock of its own is stated as of the request.
    assert.isAtMost(appended, first.size + 25)
    assert.strictEqual(conflicts, 0)
  })

  it("asks what agents do only where they work, or rows say that they do", async () => {
    const sweeps = sweeping()
    await run(sweeps)
    assert.deepStrictEqual(
      sweeps.asked.filter((call) => call.startsWith("statuses")),
      ["statuses agent-1 agent-2 agent-3"]
    )
  })

  it("closes what the API does not list any more, once everything was listed", async () => {
    let fixture = centre(25, 6)
    const sweeps = sweeping({ fixture: () => fixture })
    await run(sweeps)
    await sweeps.fold()
    const { statuses: _, waiting: __, ...rest } = fixture
    fixture = { ...rest, members: { "queue-1": ["agent-1"] } }
    sweeps.wait(120_000)
    const { last } = await run(sweeps)
    assert.deepInclude(last?.counts.stated, { sessionSeen: 4, member: 24 })
    assert.strictEqual(last?.counts.closed, 4)
    await sweeps.fold()
    const session = sweeps.rows("agents-v2", "agent-1").find(({ row }) => row === "session#session-1")
    assert.deepInclude(session?.columns, { phase: "ended", endedBy: "snapshot" })
  })

  it("closes nothing by an answer that is not complete", async () => {
    let fixture = centre(25, 6)
    let complete = true
    const partly = (inner: Service): Service => ({
      ...inner,
      statuses: (ids) =>
        Effect.map(inner.statuses(ids), (said) => ({
          ...said,
          items: said.items.map((item) => ({ ...item, complete }))
        })),
      members: (id, next) => Effect.map(inner.members(id, next), (page) => ({ ...page, complete })),
      observations: (ids) =>
        Effect.map(inner.observations(ids), (said) => ({
          ...said,
          items: said.items.map((item) => ({ ...item, complete }))
        }))
    })
    const sweeps = sweeping({ fixture: () => fixture, before: partly })
    await run(sweeps)
    await sweeps.fold()
    complete = false
    const { statuses: _, waiting: __, members: ___, ...rest } = fixture
    fixture = rest
    sweeps.wait(120_000)
    const { last } = await run(sweeps)
    assert.deepStrictEqual([last?.counts.closed, last?.counts.stated.member], [0, undefined])
  })

  it("looks twice before it says that somebody has left a queue of several pages", async () => {
    let shifted = false
    const fixture = centre(25, 1)
    // Between the first and the second page somebody leaves, and agent-11 moves to the page that has been read.
    const shifting = (inner: Service): Service => ({
      ...inner,
      members: (id, next) =>
        Effect.map(inner.members(id, next), (page) => {
          if (!shifted || next !== "10") return page
          shifted = false
          return { ...page, items: page.items.slice(1) }
        })
    })
    const sweeps = sweeping({ fixture: () => fixture, before: shifting })
    await run(sweeps)
    await sweeps.fold()
    sweeps.wait(120_000)
    shifted = true
    const { last } = await run(sweeps)
    assert.strictEqual(shifted, false)
    assert.deepStrictEqual(last?.counts.stated, {})
  })

  it("does not follow pages of members that repeat themselves, and closes nothing by them", async () => {
    let repeating = false
    const repeated = (inner: Service): Service => ({
      ...inner,
      members: (id, next) =>
        Effect.map(inner.members(id, repeating ? undefined : next), (page) =>
          repeating ? { ...page, next: String(Number(next ?? 0) + 1) } : page
        )
    })
    const sweeps = sweeping({ fixture: () => centre(25, 1), before: repeated })
    await run(sweeps)
    await sweeps.fold()
    sweeps.wait(120_000)
    repeating = true
    const { last } = await run(sweeps)
    assert.deepStrictEqual(last?.counts.stated, {})
  })

  it("asks again before it says that somebody has left a queue whom events have told of", async () => {
    const whole = centre(10, 1)
    let fixture: OrganisationFixture = { ...whole, members: {} }
    let asked = 0
    const lagging = (inner: Service): Service => ({
      ...inner,
      members: (id, next) =>
        Effect.map(inner.members(id, next), (page) => (asked++ === 0 ? { ...page, items: page.items.slice(1) } : page))
    })
    const sweeps = sweeping({ fixture: () => fixture, before: lagging, meanwhile: async () => {} })
    await run(sweeps)
    await sweeps.fold()
    // An own list without a time: nobody can tell how old it is.
    const list = exampleEnvelope("v2.users.{id}.activity", {
      ids: ["agent-1"],
      published: iso(sweeps.now()),
      source: SIMULATED_SOURCE,
      body: { id: "agent-1", activeQueueIds: ["queue-1"] }
    })
    await sweeps.deliver([JSON.stringify({ ...list, id: "the list of agent-1" })])
    assert.isTrue(sweeps.rows("queues-v2", "queue-1").some(({ row }) => row === "member#agent-1"))
    fixture = whole
    sweeps.wait(120_000)
    asked = 0
    const { last } = await run(sweeps)
    assert.deepStrictEqual([last?.counts.missing, last?.counts.stated.member, asked], [{}, 9, 2])
  })

  it("gives up a list that never ends, and says which", async () => {
    const endless = (inner: Service): Service => ({
      ...inner,
      divisions: (next) => Effect.map(inner.divisions(), (page) => ({ ...page, next: String(Number(next ?? 0) + 1) }))
    })
    const sweeps = sweeping({ before: endless, requestMs: 1 })
    const error = await Effect.runPromise(Effect.flip(sweeps.invoke(900_000, true)))
    assert.match(error.message, /^GET \/api\/v2\/authorization\/divisions: there is always a next page/)
    assert.strictEqual(sweeps.asked.filter((call) => call === "divisions").length, 1_000)
  })

  it("skips a queue that is gone since it was listed", async () => {
    const sweeps = sweeping({ before: failing("members", 2, failed("notFound")) })
    assert.strictEqual((await run(sweeps)).state, "complete")
  })
})

describe("a sweep over several invocations", () => {
  it("goes on where the last one stopped, says how far it is, and ends as in one", async () => {
    const whole = sweeping()
    await run(whole)
    const parts = sweeping()
    const states: Array<string> = []
    let report = await run(parts, 10_500)
    while (report.state === "paused" && states.length < 100) {
      const { sweep } = report
      states.push(`${sweep?.phase} ${sweep?.counts.agents}/${sweep?.totals.agents} ${sweep?.counts.queues}`)
      report = await run(parts, 10_500, false)
    }
    assert.isAbove(states.length, 3)
    assert.strictEqual(states[0], "agents 10/25 0")
    assert.strictEqual(report.state, "complete")
    const { requests: _, ...counts } = report.last?.counts ?? assert.fail("no counts")
    const { requests: __, ...wanted } = checkpoint(whole).last?.counts ?? assert.fail("no counts")
    assert.deepStrictEqual(counts, wanted)
    // Those without a clock are stated as of their request, which was at another time.
    assert.strictEqual(new Set(parts.ids()).size, new Set(whole.ids()).size)
    assert.deepStrictEqual(checkpoint(parts).sweep, undefined)
  })

  it("takes fewer queues at a time where a chunk takes longer than an invocation", async () => {
    const slow = sweeping({ requestMs: 4_000 })
    await run(slow, 40_000)
    let invocations = 1
    while (checkpoint(slow).sweep !== undefined && invocations < 60) {
      await run(slow, 21_000, false)
      invocations++
    }
    assert.isDefined(checkpoint(slow).last)
  })

  it("does nothing, with one read, where no sweep is under way", async () => {
    const sweeps = sweeping()
    assert.strictEqual((await run(sweeps, 900_000, false)).state, "idle")
    assert.deepStrictEqual([sweeps.asked.length, sweeps.control.held().size], [0, 0])
  })

  it("begins at the next tick when somebody has asked for it, once", async () => {
    const sweeps = sweeping()
    assert.strictEqual(await sweeps.ask("an operator"), "wanted")
    assert.strictEqual(await sweeps.ask("another"), "underWay")
    await run(sweeps, 12_000, false)
    assert.strictEqual(checkpoint(sweeps).sweep?.by, "an operator")
    assert.strictEqual(await sweeps.ask("another"), "underWay")
    await run(sweeps, 900_000, false)
    assert.isUndefined(checkpoint(sweeps).wanted)
    assert.strictEqual((await run(sweeps, 900_000, false)).state, "idle")
  })

  it("leaves a sweep alone that another invocation holds, until that one must be over", async () => {
    const sweeps = sweeping()
    await run(sweeps, 12_000)
    const held = checkpoint(sweeps)
    const until = sweeps.now() + 60_000
    await sweeps.hold({ ...held, sweep: { ...held.sweep, holder: "another", until } as never })
    const before = sweeps.asked.length
    assert.strictEqual((await run(sweeps)).state, "elsewhere")
    assert.strictEqual(sweeps.asked.length, before)
    sweeps.wait(60_001)
    assert.strictEqual((await run(sweeps)).state, "complete")
  })

  it("ends at the next checkpoint once another invocation has taken the sweep over", async () => {
    let sweeps: Sweeping | undefined
    const overtaking = (inner: Service): Service => ({
      ...inner,
      queues: (next) =>
        Effect.tap(inner.queues(next), () =>
          Effect.promise(async () => {
            if (sweeps !== undefined) await sweeps.hold({ ...checkpoint(sweeps) })
          })
        )
    })
    sweeps = sweeping({ before: overtaking })
    assert.strictEqual((await run(sweeps)).state, "elsewhere")
    assert.deepStrictEqual(
      sweeps.asked.filter((call) => call.startsWith("members")),
      []
    )
  })

  it("begins anew what was left for a day", async () => {
    const sweeps = sweeping()
    await run(sweeps, 12_000)
    const began = checkpoint(sweeps).sweep?.began ?? 0
    sweeps.wait(86_400_001)
    await run(sweeps, 12_000, false)
    assert.isAbove(checkpoint(sweeps).sweep?.began ?? 0, began + 86_400_000)
  })

  it("goes on after what failed, and remembers why it did", async () => {
    const sweeps = sweeping({ before: failing("users", 2) })
    const error = await Effect.runPromise(Effect.flip(sweeps.invoke(900_000, true)))
    assert.match(error.message, /lacks a permission/)
    assert.deepStrictEqual(checkpoint(sweeps).failure?.message, error.message)
    assert.strictEqual(checkpoint(sweeps).sweep?.counts.agents, 10)
    // What Genesys refuses now it refuses in a minute as well.
    assert.strictEqual((await run(sweeps, 900_000, false)).state, "idle")
    sweeps.wait(240_000)
    const { state } = await run(sweeps, 900_000, false)
    assert.strictEqual(state, "complete")
    assert.isUndefined(checkpoint(sweeps).failure)
    assert.strictEqual(checkpoint(sweeps).last?.counts.agents, 25)
  })

  it("leaves itself to the next one after a defect, and quotes nothing of it", async () => {
    let calls = 0
    const broken = (inner: Service): Service => ({
      ...inner,
      users: (next) => (calls++ === 1 ? Effect.die(new TypeError("kanarie")) : inner.users(next))
    })
    const sweeps = sweeping({ before: broken })
    await assertFails(run(sweeps), /kanarie/)
    const { sweep, failure } = checkpoint(sweeps)
    assert.deepStrictEqual([sweep?.holder, sweep?.until, sweep?.counts.agents], [undefined, undefined, 10])
    assert.match(failure?.message ?? "", /^a defect of this version; the log of the function reconcile names it$/)
    const { state, last } = await run(sweeps)
    assert.deepStrictEqual([state, last?.counts.agents], ["complete", 25])
  })

  it("waits for the next invocation with what the rate limit holds back beyond its own end", async () => {
    const held = failed("rateLimited", { retryAfterMs: 60_000 })
    const sweeps = sweeping({ before: failing("users", 2, held) })
    assert.strictEqual((await run(sweeps)).state, "paused")
    assert.isUndefined(checkpoint(sweeps).failure)
    assert.strictEqual((await run(sweeps, 900_000, false)).state, "complete")
  })

  it("does a page again that the stream did not take", async () => {
    const sweeps = sweeping()
    sweeps.sinkFault({ _tag: "unavailable", reason: "ProvisionedThroughputExceededException" })
    const error = await Effect.runPromise(Effect.flip(sweeps.invoke(900_000, true)))
    assert.match(error.message, /stream: put: ProvisionedThroughputExceededException/)
    assert.strictEqual(checkpoint(sweeps).sweep?.counts.agents, 0)
    sweeps.wait(240_000)
    assert.strictEqual((await run(sweeps, 900_000, false)).last?.counts.agents, 25)
  })

  it("[P11] sends no name and no address with an event, and remembers none in the checkpoint", async () => {
    const sweeps = sweeping()
    await run(sweeps, 12_000)
    assert.notMatch(JSON.stringify(checkpoint(sweeps)), /kanarie/)
    await run(sweeps, 900_000, false)
    assert.isAbove(sweeps.sent().length, 50)
    assert.notMatch(sweeps.sent().join("\n"), /kanarie/)
    assert.notMatch(JSON.stringify(checkpoint(sweeps)), /kanarie/)
  })
})
