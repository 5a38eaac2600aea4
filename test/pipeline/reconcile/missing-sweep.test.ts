import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import type { OrganisationFixture } from "../../../src/genesys-api/organisation-memory.ts"
import type { Missing } from "../../../src/pipeline/reconcile/answers.ts"
import type { Checkpoint } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { RECONCILE_KEY } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { keep, MOST_ITEMS, NOTHING_KEPT } from "../../../src/pipeline/reconcile/kept.ts"
import type { SweepReport } from "../../../src/pipeline/reconcile/sweep.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"
import { centre, failed, type Service, sweeping } from "./sweeping.ts"

type Sweeping = ReturnType<typeof sweeping>

const DAY = 86_400_000

const run = (sweeps: Sweeping, start = true): Promise<SweepReport> => Effect.runPromise(sweeps.invoke(900_000, start))

const checkpoint = (sweeps: Sweeping): Checkpoint => sweeps.checkpoint()

/** What says of something that it is over. */
const closings = (sweeps: Sweeping): ReadonlyArray<string> =>
  sweeps.sent().filter((text) => /"listed":false|"joined":false/.test(text))

const emptied = ({ statuses: _, waiting: __, members: ___, ...rest }: OrganisationFixture): OrganisationFixture => rest

/** The rows know three sessions, a wait and so many members, of which the API then lists none. */
const lost = async (options: Parameters<typeof sweeping>[0] = {}, agents = 25) => {
  let fixture = centre(agents, 6)
  const sweeps = sweeping({ users: 500, ...options, fixture: () => fixture })
  await run(sweeps)
  await sweeps.fold()
  fixture = emptied(fixture)
  sweeps.wait(120_000)
  return sweeps
}

describe("what no answer has listed", () => {
  it("[P4] is said to be over once the whole sweep has been answered, and by no half of one", async () => {
    let works = true
    const broken = (inner: Service): Service => ({
      ...inner,
      divisions: (next) => (works ? inner.divisions(next) : Effect.fail(failed("forbidden")))
    })
    const sweeps = await lost({ before: broken })
    works = false
    for (let tries = 0; tries < 3; tries++) {
      const exit = await Effect.runPromiseExit(sweeps.invoke(900_000, true))
      assert.isTrue(Exit.isFailure(exit))
      sweeps.wait(240_000)
    }
    assert.deepStrictEqual(checkpoint(sweeps).sweep?.counts.missing, { session: 3, wait: 1, member: 25 })
    assert.deepStrictEqual(closings(sweeps), [])
    const asked = sweeps.now()
    works = true
    const { state, last } = await run(sweeps)
    assert.strictEqual(state, "complete")
    assert.strictEqual(closings(sweeps).length, 29)
    assert.deepStrictEqual([last?.counts.closed, last?.counts.stated], [4, { sessionSeen: 4, member: 25 }])
    // As of the answers that lacked it, though others came much later.
    for (const text of closings(sweeps)) assert.isBelow(Date.parse(JSON.parse(text).detail.timestamp), asked - 600_000)
  })

  it("[P4] is never said by a sweep that was given up", async () => {
    let works = true
    const broken = (inner: Service): Service => ({
      ...inner,
      divisions: (next) => (works ? inner.divisions(next) : Effect.fail(failed("forbidden")))
    })
    let fixture = centre(25, 6)
    const sweeps = sweeping({ fixture: () => fixture, before: broken })
    await run(sweeps)
    await sweeps.fold()
    sweeps.wait(120_000)
    const listed = fixture
    fixture = emptied(listed)
    works = false
    await Effect.runPromiseExit(sweeps.invoke(900_000, true))
    assert.strictEqual(checkpoint(sweeps).sweep?.kept?.items, 1)
    fixture = listed
    works = true
    sweeps.wait(DAY + 1)
    const { last } = await run(sweeps)
    assert.deepStrictEqual([last?.counts.missing, closings(sweeps)], [{}, []])
    // Nothing of it is left either.
    assert.strictEqual(sweeps.control.held().get(`${RECONCILE_KEY}/missing/0`)?.value, null)
  })

  it("[P4] is said once, whichever write a sweep is killed at, before it or after", async () => {
    let writes = 0
    const whole = await lost({ around: (write) => Effect.tap(write, () => Effect.sync(() => void writes++)) })
    const before = writes
    await run(whole)
    const subjects = (sweeps: Sweeping) =>
      closings(sweeps).map((text) => JSON.stringify(JSON.parse(text).detail.eventBody))
    const wanted = subjects(whole).sort()
    assert.strictEqual(wanted.length, 29)
    const total = writes - before
    assert.isAbove(total, 8)
    for (let at = 0; at < 2 * total; at++) {
      let left = Number.POSITIVE_INFINITY
      const killing = <A, E>(write: Effect.Effect<A, E>): Effect.Effect<A, E> =>
        Effect.suspend(() => {
          if (left-- > 0) return write
          left = Number.POSITIVE_INFINITY
          return at % 2 === 0 ? Effect.interrupt : Effect.andThen(write, Effect.interrupt)
        })
      const sweeps = await lost({ around: killing })
      left = at >> 1
      await Effect.runPromiseExit(sweeps.invoke(900_000, true))
      sweeps.wait(900_001)
      const { state } = await run(sweeps)
      assert.strictEqual(state, "complete", `killed at ${at}`)
      assert.deepStrictEqual([...new Set(subjects(sweeps))].sort(), wanted, `killed at ${at}`)
      const { conflicts } = await sweeps.fold()
      assert.strictEqual(conflicts, 0)
      assert.deepStrictEqual(
        [...sweeps.control.held()].filter(([key, { value }]) => key !== RECONCILE_KEY && value !== null),
        []
      )
    }
  })

  it("closes nothing where more than half of what the rows have is missing, until somebody accepts that", async () => {
    const sweeps = await lost({}, 240)
    const { last, run: report } = await run(sweeps)
    assert.deepStrictEqual(last?.refused, { kind: "member", missing: 240, known: 240 })
    assert.deepStrictEqual([closings(sweeps), last?.counts.closed, report.closed], [[], 0, 0])
    sweeps.wait(60_000)
    await sweeps.accept("an operator")
    const accepted = await run(sweeps)
    assert.isUndefined(accepted.last?.refused)
    assert.strictEqual(closings(sweeps).length, 244)
    // It holds for one sweep.
    assert.strictEqual(sweeps.control.held().get(`${RECONCILE_KEY}/accepted`)?.value, null)
  })

  it("does not take somebody's word for longer than a day", async () => {
    const sweeps = await lost({}, 240)
    await sweeps.accept("an operator")
    sweeps.wait(DAY)
    assert.deepStrictEqual((await run(sweeps)).last?.refused?.missing, 240)
  })
})

const id = (kind: string, n: number) => `${kind}${String(n).padStart(12, "0")}`.padStart(36, "3f2a9c51-")

const session = (n: number): Missing => ({
  kind: "session",
  told: "corrected",
  statement: {
    at: 1_777_000_000_000,
    facet: {
      facet: "sessionSeen",
      userId: id("u", n),
      conversationId: id("c", n),
      queueId: id("q", n),
      sessionId: id("s", n),
      value: false
    }
  }
})

const member = (n: number): Missing => ({
  kind: "member",
  told: "corrected",
  statement: {
    at: 1_777_000_000_000,
    facet: { facet: "member", queueId: id("q", n), userId: id("u", n), joined: false }
  }
})

describe("what is kept of it", () => {
  it("holds half of what 20,000 agents and 2,000 queues of 50 members have, in items that a table takes", async () => {
    const control = memoryControl()
    const pages = [
      ...Array.from({ length: 40 }, () => Array.from({ length: 300 }, (_, i) => session(i))),
      ...Array.from({ length: 80 }, () => Array.from({ length: 625 }, (_, i) => member(i)))
    ]
    const kept = await Effect.runPromise(
      Effect.reduce(
        pages,
        () => NOTHING_KEPT,
        (sofar, page) => keep(7, sofar, page)
      ).pipe(Effect.provide(control.layer))
    )
    const sizes = [...control.held().values()].map(({ value }) => Buffer.byteLength(JSON.stringify(value)))
    assert.deepStrictEqual([kept.items, kept.over], [sizes.length, 0])
    assert.isAtMost(sizes.length, MOST_ITEMS)
    assert.isBelow(Math.max(...sizes), 300_000)
    assert.isAbove(Math.max(...sizes), 200_000)
  })
})
