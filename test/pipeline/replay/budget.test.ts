import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { projections } from "../../../projections/index.ts"
import { Projections } from "../../../src/pipeline/folding.ts"
import { type ReplayPlan, ReplayRefused } from "../../../src/pipeline/replay/plan.ts"
import { LEAST_DAYS, stopRun } from "../../../src/pipeline/replay/record.ts"
import { replayAll } from "../../../src/pipeline/replay/replay.ts"
import { CapacityUsed } from "../../../src/store/counters.ts"
import { ProjectionStore } from "../../../src/store/projection-store.ts"
import { makeCore } from "../../support/core.ts"
import { arrival, arrivalsOf, historyOf, START, statusLine } from "../../support/history.ts"
import { type Around, GENERATIONS, makeReplays, planOf, resume, total } from "../../support/replay.ts"

const [AGENTS] = GENERATIONS as [string]
const DAY_MS = 86_400_000

const filled = async (count: number) => {
  const core = makeCore()
  await core.deliver(
    Array.from({ length: count }, (_, i) => arrival(statusLine(`e-${i}`, "IDLE", START + i), START + i))
  )
  return core
}

/** Writes that cost a unit a row. */
const costly: Around = {
  rows: (inner) => ({
    ...inner,
    save: (writes) =>
      Effect.gen(function* () {
        const { add } = yield* CapacityUsed
        add("writeUnits", writes.length)
        return yield* inner.save(writes)
      })
  }),
  source: (inner) => ({ page: (request) => Effect.map(inner.page(request), (page) => ({ ...page, readUnits: 4 })) })
}

describe("the two paces of a replay", () => {
  it("[P9] are one of events that are read and one of rows that are written, so that many events of few rows are soon read", async () => {
    const seconds = async (core: ReturnType<typeof makeCore>, rates: Partial<ReplayPlan>) => {
      const replays = makeReplays(core.events)
      const began = replays.clock.now()
      const [report] = await replays.replay({ generation: AGENTS, ...rates }, { bounds: { registers: 10_000 } })
      return { took: (replays.clock.now() - began) / 1_000, rows: report?.counts.rows ?? 0 }
    }
    const one = await filled(500)
    assert.isBelow((await seconds(one, { eventsPerSecond: 1_000, rowsPerSecond: 1 })).took, 3)
    assert.isAbove((await seconds(one, { eventsPerSecond: 10, rowsPerSecond: 1_000 })).took, 40)
    const many = makeCore()
    await many.deliver(arrivalsOf(historyOf(300, { chaos: 0 })))
    const { took, rows } = await seconds(many, { eventsPerSecond: 1_000, rowsPerSecond: 1 })
    assert.isAbove(rows, 10)
    assert.isAtLeast(took, rows - 2)
    // A plan that an earlier version has stored says one of them.
    assert.isBelow((await seconds(many, { eventsPerSecond: 1_000 })).took, 3)
  })
})

describe("the budget of a replay", () => {
  it.each([{ readUnits: 40 }, { writeUnits: 10 }, { dollars: 10 * 0.625e-6 }])(
    "[P8] [P9] ends it, overdrawn by no more than one page and one write: %o",
    async (budget) => {
      const core = makeCore()
      await core.deliver(arrivalsOf(historyOf(300, { chaos: 0 })))
      const replays = makeReplays(core.events)
      const options = { around: costly, bounds: { registers: 1 } }
      const [report] = await replays.replay({ budget, eventsPerSecond: 5 }, options)
      assert.strictEqual(report?.state, "budget")
      const { readUnits, writeUnits } = report?.counts ?? { readUnits: 0, writeUnits: 0 }
      if ("readUnits" in budget) assert.isTrue(readUnits >= 40 && readUnits <= 44)
      if ("writeUnits" in budget) assert.isTrue(writeUnits >= 10 && writeUnits <= 30)
      if ("dollars" in budget) assert.isTrue(report?.dollars !== undefined && report.dollars >= budget.dollars)
      const [rest] = await replays.replay({ eventsPerSecond: 500 }, options)
      assert.strictEqual(rest?.state, "done")
      assert.strictEqual(rest?.counts.scanned, core.events.stored().size)
    }
  )

  it("[P8] that is nothing reads nothing", async () => {
    const replays = makeReplays((await filled(5)).events)
    const [report] = await replays.replay({ budget: { items: 0 } })
    assert.deepStrictEqual([report?.state, report?.counts.scanned], ["budget", 0])
  })
})

describe("the pace of a replay", () => {
  it("[P8] is kept in reading and in writing, by all segments together", async () => {
    const core = makeCore()
    await core.deliver(arrivalsOf(historyOf(300, { chaos: 0 })))
    for (const segments of [1, 4]) {
      const replays = makeReplays(core.events)
      const began = replays.clock.now()
      const done: Array<readonly [time: number, count: number]> = []
      const around: Around = {
        rows: (inner) => ({
          ...inner,
          save: (writes) => {
            done.push([replays.clock.now(), writes.length])
            return inner.save(writes)
          }
        })
      }
      const reports = await replays.replay({ segments, eventsPerSecond: 20 }, { around })
      const seconds = (replays.clock.now() - began) / 1_000
      assert.isAtLeast(seconds, total(reports, "scanned") / 20 - 5 * segments)
      for (const [from] of done) {
        const inASecond = done.filter(([time]) => time >= from && time < from + 1_000)
        assert.isAtMost(
          inASecond.reduce((sum, [, count]) => sum + count, 0),
          2 * 20
        )
      }
    }
  })
})

describe("an event that cannot be folded", () => {
  const [agents] = projections
  const picky = [
    {
      ...agents,
      deltas: (event: Parameters<typeof agents.deltas>[0]) => {
        if (event.id === "e-13") throw new TypeError("secret")
        return agents.deltas(event)
      }
    }
  ]

  it("[P8] ends the replay with its id, topic and reason, and with nothing of what it says", async () => {
    const replays = makeReplays((await filled(30)).events)
    const error = await replays.run(
      Effect.flip(replayAll(planOf({ eventsPerSecond: 10 }))).pipe(Effect.provideService(Projections, picky))
    )
    assert.instanceOf(error, ReplayRefused)
    const { eventId, topic, reason } = error as ReplayRefused
    assert.deepStrictEqual(
      [eventId, topic, reason],
      ["e-13", "v2.users.{id}.routingStatus", "an update of agents-v2: `deltas` threw TypeError"]
    )
    // What came before it is written, and a fold that is mended goes on from there.
    const pages: Array<string | undefined> = []
    const source: Around["source"] = (inner) => ({
      page: (request) => {
        pages.push(request.cursor)
        return inner.page(request)
      }
    })
    const [report] = await replays.replay({ eventsPerSecond: 10 }, { around: { source } })
    assert.deepStrictEqual([report?.state, report?.counts.scanned, pages[0]], ["done", 30, "10"])
  })

  it("[P7] [P8] is parked where that is asked for, and counted", async () => {
    const core = await filled(30)
    const replays = makeReplays(core.events)
    const damaged: Around["source"] = (inner) => ({
      page: (request) =>
        Effect.map(inner.page(request), (page) =>
          page.cursor === undefined
            ? { ...page, unreadable: [{ id: "e-77", topic: "t", reason: "its body cannot be restored" }] }
            : page
        )
    })
    const plan = planOf({ park: true })
    const [report] = await replays.run(replayAll(plan).pipe(Effect.provideService(Projections, picky)), {
      around: { source: damaged }
    })
    assert.deepStrictEqual([report?.state, report?.counts.parked, report?.counts.folded], ["done", 2, 29])
    const kept = [...replays.parked.kept()]
    assert.isTrue(kept.every(([key]) => key.startsWith("parked/replay/")))
    assert.deepStrictEqual(kept.map(([, { detail }]) => detail).sort(), [
      "event e-13 (v2.users.{id}.routingStatus): an update of agents-v2: `deltas` threw TypeError",
      "event e-77 (t): its body cannot be restored"
    ])
    const error = await replays.run(Effect.flip(replayAll(planOf({ id: "again" }))), { around: { source: damaged } })
    assert.match(error.message, /e-77/)
  })

  it("[P8] is refused by the decoder now: it is named with the rule, and not passed over", async () => {
    const replays = makeReplays((await filled(3)).events)
    const source: Around["source"] = (inner) => ({
      page: (request) =>
        Effect.map(inner.page(request), (page) => ({
          ...page,
          events: page.events.map((event) => ({ ...event, envelope: { ...event.envelope, time: "secret" } }))
        }))
    })
    const error = await replays.run(Effect.flip(replayAll(planOf())), { around: { source } })
    assert.match(error.message, /e-0 .*InvalidDate: \$\.time/)
    assert.notMatch(error.message, /secret/)
  })
})

describe("an operator", () => {
  it("[P8] stops a replay at its next checkpoints, and lets it go on", async () => {
    const core = await filled(50)
    const replays = makeReplays(core.events)
    assert.isFalse(await replays.run(stopRun("replay")))
    const plan = planOf({ segments: 2, eventsPerSecond: 10 })
    let pages = 0
    const stopping: Around["source"] = (inner) => ({
      page: (request) =>
        Effect.tap(inner.page(request), () =>
          ++pages === 3 ? Effect.orDie(Effect.provide(stopRun(plan.id), replays.control.layer)) : Effect.void
        )
    })
    const reports = await replays.replay(plan, { bounds: { registers: 1 }, around: { source: stopping } })
    assert.isTrue(reports.some(({ state }) => state === "stopped"))
    const [joined] = await replays.run(Effect.all([resume(plan, 0)]))
    assert.strictEqual(joined?.state, "stopped")
    assert.isTrue((await replays.replay(plan)).every(({ state }) => state === "done"))
  })

  it("[P8] cannot go on with another plan under the same id, nor run one segment twice at a time", async () => {
    const replays = makeReplays((await filled(50)).events)
    await replays.replay({ budget: { items: 1 } })
    for (const plan of [{ segments: 2 }, { scope: { entity: "x" } }, { generation: GENERATIONS[1] as string }])
      assert.match(String(await replays.replay(plan).catch((error) => error.message)), /another replay/)
    const twice = Effect.forEach([1, 2], () => resume(planOf({ eventsPerSecond: 10 }), 0), { concurrency: 2 })
    assert.match((await replays.run(Effect.flip(twice), { bounds: { registers: 1 } })).message, /somebody else/)
  })
})

describe("tombstones of a replay", () => {
  const whole = { segment: 0, segments: 1 }

  /** Rows of agents that expire, and when (epoch seconds). */
  const expiring = (replays: ReturnType<typeof makeReplays>) =>
    replays.run(
      Effect.gen(function* () {
        const { pages } = yield* ProjectionStore
        const found: Array<number> = []
        for (let page = yield* pages(AGENTS, whole); ; page = yield* pages(AGENTS, { ...whole, cursor: page.cursor })) {
          found.push(...page.rows.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt])))
          if (page.cursor === undefined) return found
        }
      })
    )

  it("[P8] outlast it, also those that live has left, so that a start that is folded last opens nothing", async () => {
    const core = makeCore()
    await core.deliver(arrivalsOf(historyOf(300, { chaos: 0 })))
    await core.settle(core.queue.take(Date.UTC(2030, 0)))
    for (const rows of [undefined, core.rows]) {
      const replays = makeReplays(core.events, rows)
      const began = replays.clock.now()
      await replays.rebuild({ segments: 2 })
      const expiries = await expiring(replays)
      assert.isAbove(expiries.length, 3)
      for (const expiresAt of expiries) assert.isAtLeast(expiresAt * 1_000, began + LEAST_DAYS * DAY_MS)
    }
  })

  it("[P8] are why a replay is not resumed after a week", async () => {
    const replays = makeReplays((await filled(50)).events)
    const began = replays.clock.now()
    await replays.replay({ budget: { items: 1 } })
    replays.clock.advanceTo(began + LEAST_DAYS * DAY_MS)
    await replays.replay({ budget: { items: 2 } })
    replays.clock.advanceTo(replays.clock.now() + 1_000)
    assert.match(String(await replays.replay({}).catch((error) => error.message)), /more than 7 days ago/)
  })

  it("[P8] are kept for longer where the replay is to take longer, as it said when it began", async () => {
    const core = makeCore()
    await core.deliver(arrivalsOf(historyOf(300, { chaos: 0 })))
    const replays = makeReplays(core.events)
    const began = replays.clock.now()
    const generation = AGENTS
    await replays.replay({ generation, days: 40, budget: { items: 1 } })
    replays.clock.advanceTo(began + 39 * DAY_MS)
    // What it says later counts no more: its tombstones go by the first.
    await replays.replay({ generation, days: 90, budget: { items: 2 } })
    await replays.replay({ generation })
    const expiries = await expiring(replays)
    assert.isAbove(expiries.length, 0)
    for (const expiresAt of expiries) assert.isAtLeast(expiresAt * 1_000, began + 41 * DAY_MS)
    replays.clock.advanceTo(began + 40 * DAY_MS + 1_000)
    const late = await replays.replay({ generation, days: 90 }).catch((error) => error.message)
    assert.match(String(late), /more than 40 days ago/)
  })
})
