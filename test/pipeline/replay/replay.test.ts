import { assert, describe, it } from "@effect/vitest"
import { virtualClock } from "aws-in-process/clock"
import { seededRandom } from "aws-in-process/random"
import { Effect } from "effect"
import { agents } from "../../../projections/agents.ts"
import { conversations } from "../../../projections/conversations.ts"
import { LOST_END_MS } from "../../../projections/session.ts"
import { generation } from "../../../src/domain/projection.ts"
import { dueAt } from "../../../src/domain/settle.ts"
import { replayAll } from "../../../src/pipeline/replay/replay.ts"
import { makeCore, modelOf, WINDOW } from "../../support/core.ts"
import { AGENT, arrival, arrivalsOf, historyOf, START, statusLine } from "../../support/history.ts"
import { type Around, GENERATIONS, makeReplays, planOf, total } from "../../support/replay.ts"
import { cases, seeds, UNHURRIED } from "../../support/seeds.ts"

const AGENTS = generation(agents)
const END = Date.UTC(2030, 0)

/** A centre with late events, clocks that are ahead, duplicates and noise, as live folds it. */
const lived = async (seed: number, count = 300, chaos = 0.5) => {
  const core = makeCore()
  await core.deliver(arrivalsOf(historyOf(count, { seed, chaos })))
  await core.settle(core.queue.take(END))
  return core
}

/** The table of a row of a dump. */
const generationOf = (line: string): string | undefined => line.split(" ")[0]

/** Lets everybody else go first, as often as `turns` says. */
const yielding = (turns: () => number): Required<Pick<Around, "source" | "rows">> => {
  const after = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      let all: Effect.Effect<void> = Effect.void
      for (let i = turns(); i > 0; i--) all = Effect.andThen(all, Effect.yieldNow)
      return Effect.andThen(all, effect)
    })
  return {
    source: (inner) => ({ page: (request) => after(inner.page(request)) }),
    rows: (inner) => ({
      ...inner,
      load: (keys, consistent) => after(inner.load(keys, consistent)),
      save: (writes) => after(inner.save(writes)),
      open: (...of) => after(inner.open(...of)),
      summary: (...of) => after(inner.summary(...of)),
      summarise: (...summary) => after(inner.summarise(...summary))
    })
  }
}

describe("a rebuild", () => {
  it.each(seeds(3))(
    "[P8] from the store equals live byte for byte, in any number of segments (seed %i)",
    async (seed) => {
      const core = await lived(seed)
      const live = core.dump()
      assert.isAbove(live.length, 60)
      for (const segments of [1, 2, 7]) {
        const replays = makeReplays(core.events)
        const reports = await replays.rebuild({ segments })
        assert.isTrue(reports.every(({ state }) => state === "done"))
        assert.strictEqual(total(reports, "scanned"), GENERATIONS.length * core.events.stored().size)
        assert.deepStrictEqual(await replays.dump(), live, `${segments} segments`)
      }
    }
  )

  it("[P8] writes by row and not by event", async () => {
    const core = await lived(1, 600, 0)
    const replays = makeReplays(core.events)
    const [report] = await replays.replay({}, { bounds: { registers: 100_000 } })
    const rows = await replays.dump()
    // The conversations, from which agents derive, are written with them.
    assert.deepStrictEqual(new Set(rows.map(generationOf)), new Set(["agents-v2", "conversations-v1"]))
    assert.strictEqual(report?.counts.rows, rows.length)
    assert.isBelow(rows.length, (report?.counts.folded ?? 0) / 1.5)
  })

  it("[P8] has nothing to do without events, and says so", async () => {
    const reports = await makeReplays(makeCore().events).rebuild({ segments: 3 })
    assert.isTrue(reports.every(({ state }) => state === "done"))
    assert.strictEqual(total(reports, "scanned") + total(reports, "rows"), 0)
  })

  it("[P8] of one event writes one row, and of an entity that nobody knows none", async () => {
    const core = makeCore()
    await core.deliver([arrival(statusLine("e-1", "IDLE", START), START)])
    const replays = makeReplays(core.events)
    const [one] = await replays.replay({ id: "one", scope: { entity: AGENT } })
    assert.deepStrictEqual([one?.counts.scanned, one?.counts.folded, one?.counts.rows], [1, 1, 1])
    const [none] = await replays.replay({ id: "none", scope: { entity: "nobody" } })
    assert.deepStrictEqual([none?.state, none?.counts.scanned, none?.counts.folded], ["done", 1, 0])
  })

  it("[P8] keeps to its scope: topics, time, entity", async () => {
    const core = await lived(1, 300, 0)
    const scoped = async (scope: object) => (await makeReplays(core.events).replay({ scope }))[0]?.counts.folded ?? 0
    const all = await scoped({})
    const middle = START + 1_500
    const [before, after] = [await scoped({ until: middle }), await scoped({ since: middle })]
    assert.strictEqual(before + after, all)
    assert.isAbove(before, 0)
    assert.isAbove(after, 0)
    const some = await scoped({ topics: ["v2.users.{id}.presence"] })
    assert.isTrue(some > 0 && some < all)
    assert.strictEqual(await scoped({ topics: [] }), 0)
  })

  it("[P8] of an entity whose rows are gone brings back what follows from other rows too", async () => {
    const core = await lived(2, 600)
    const live = core.dump()
    const entity = live.find((line) => line.startsWith("agents-") && line.includes("~connection"))?.split(" ")[1] ?? ""
    const replays = makeReplays(core.events, core.rows)
    core.rows.drop(AGENTS, entity)
    assert.notDeepEqual(await replays.dump(), live)
    await replays.replay({ id: "one", generation: AGENTS, scope: { entity } })
    assert.deepStrictEqual(await replays.dump(), live)
  })

  it("[P2] [P8] closes what a start has opened that came after the tombstone of its end had expired", async () => {
    const history = historyOf(600, { seed: 2 })
    const held = history.find(({ line }) => {
      const { detail } = JSON.parse(line)
      const ended = `v2.detail.events.conversation.${detail.eventBody.conversationId}.acd.end`
      return (
        detail.topicName.endsWith(".acd.start") &&
        history.some((one) => JSON.parse(one.line).detail.topicName === ended)
      )
    })
    const { conversationId, queueId } = JSON.parse(held?.line ?? "{}").detail.eventBody
    const core = makeCore()
    await core.deliver(arrivalsOf(history.filter((one) => one !== held)))
    await core.settle(core.queue.take(END))
    const entities = [
      ["conversations-v1", conversationId],
      ["queues-v2", queueId]
    ] as const
    for (const [generation, entity] of entities) core.rows.drop(generation, entity)

    const late = await core.deliver([arrival(held?.line ?? "", START + 2 * 86_400_000)])
    assert.deepStrictEqual([late.appended, late.late, late.failed], [1, 1, []])
    await core.settle(core.queue.take(END))
    const opened = core.rows.rows("queues-v2", queueId).filter(({ row }) => row !== "state")
    assert.isAbove(opened.filter(({ expiresAt }) => expiresAt === undefined).length, 0)

    const replays = makeReplays(core.events, core.rows)
    for (const [generation, entity] of entities) await replays.replay({ id: generation, generation, scope: { entity } })
    assert.deepStrictEqual(await replays.dump(), modelOf(core.events.stored()))
  })

  it("[P8] refuses a generation that is not listed, and a plan that makes no sense", async () => {
    const replays = makeReplays(makeCore().events)
    for (const plan of [{ generation: "agents-v99" }, { segments: 0 }, { segments: 1.5 }, { eventsPerSecond: 0 }])
      assert.match(String(await replays.replay(plan).catch((error) => error.message)), /^replay: /)
  })
})

describe("replay and live", () => {
  it.each(seeds(6))("[P8] interleaved in any order end as live alone does (seed %i)", async (seed) => {
    const random = seededRandom(seed)
    const core = makeCore()
    const history = arrivalsOf(historyOf(300, { seed, chaos: 0.3 }))
    // What came before the generation was there is never settled into it: replay alone brings it.
    const before = random.int(history.length)
    await core.deliver(history.slice(0, before))
    core.queue.take(END)
    const replays = makeReplays(core.events, core.rows)
    const around = yielding(() => random.int(4))
    const live = async () => {
      for (let at = before; at < history.length; at += 20) {
        await core.deliver(history.slice(at, at + 20))
        for (let i = random.int(5); i > 0; i--) await new Promise((resolve) => setImmediate(resolve))
        if (random.chance(0.5)) await core.settle(core.queue.take(END))
      }
      await core.settle(core.queue.take(END))
    }
    const [reports] = await Promise.all([replays.rebuild({ segments: 1 + random.int(3) }, { around }), live()])
    assert.isTrue(reports.every(({ state }) => state === "done"))
    assert.deepStrictEqual(await replays.dump(), modelOf(core.events.stored()))
  })

  it("[P8] two replays of overlapping ranges end as one", async () => {
    const core = await lived(5)
    const replays = makeReplays(core.events)
    const around = yielding(() => 1)
    const middle = START + 1_000
    for (const generation of GENERATIONS) {
      const one = { generation, segments: 2, id: `a ${generation}`, scope: { since: middle } }
      const other = { generation, segments: 3, id: `b ${generation}`, scope: { until: middle + 1_000 } }
      await replays.run(
        Effect.forEach([one, other], (plan) => replayAll(planOf(plan)), { concurrency: 2 }),
        { around }
      )
    }
    assert.deepStrictEqual(await replays.dump(), core.dump())
  })

  it("[P8] a replay of what is there already changes nothing but how long its tombstones stay", async () => {
    const core = await lived(4)
    const replays = makeReplays(core.events, core.rows)
    const live = core.dump()
    const changed: Array<string> = []
    const rows = (inner: Parameters<NonNullable<Around["rows"]>>[0]) => ({
      ...inner,
      save: (writes: Parameters<typeof inner.save>[0]) => {
        changed.push(...writes.filter(({ expiresAt }) => expiresAt === undefined).map(({ row }) => row))
        return inner.save(writes)
      }
    })
    await replays.rebuild({ segments: 3 }, { around: { rows } })
    assert.deepStrictEqual([changed, core.dump()], [[], live])
  })

  it("[P9] another replay on the same day writes nothing at all", async () => {
    const core = await lived(4)
    const clock = virtualClock(Date.UTC(2026, 4, 7, 9))
    const replays = makeReplays(core.events, core.rows, clock)
    const first = await replays.rebuild({ segments: 3 })
    assert.isAbove(total(first, "rows"), 0, "tombstones are kept longer")
    clock.advanceTo(Date.UTC(2026, 4, 7, 15))
    assert.strictEqual(total(await replays.rebuild({ id: "later", segments: 2 }), "rows"), 0)
    clock.advanceTo(Date.UTC(2026, 4, 8, 9))
    assert.strictEqual(total(await replays.rebuild({ id: "tomorrow", segments: 2 }), "rows"), total(first, "rows"))
  })

  it("[P5] [P8] nothing is written before it is due, and all of it is in the end", async () => {
    const core = makeCore()
    const lines = Array.from({ length: 40 }, (_, i) => statusLine(`e-${i}`, `S${i % 7}`, START + i * 500))
    await core.deliver(lines.map((line, i) => arrival(line, START + i * 500)))
    await core.deliver([arrival(statusLine("ahead", "AHEAD", START + 200_000), START)])
    core.queue.take(END)
    const clock = virtualClock(START + 15_000)
    const replays = makeReplays(core.events, undefined, clock)
    const rows = (inner: Parameters<NonNullable<Around["rows"]>>[0]) => ({
      ...inner,
      save: (writes: Parameters<typeof inner.save>[0]) => {
        for (const { registers } of writes)
          for (const { stamp } of registers.values()) assert.isAtMost(dueAt(stamp.clock, WINDOW), clock.now())
        return inner.save(writes)
      }
    })
    await replays.rebuild({}, { around: { rows } })
    assert.isAtLeast(clock.now(), START + 200_000 + WINDOW.settle)
    assert.deepStrictEqual(await replays.dump(), modelOf(core.events.stored()))
  })

  it("[P8] waits for timers of what came before it began, and leaves later ones to the live path", async () => {
    const core = makeCore()
    const gone = (id: string, at: number) =>
      arrival(
        JSON.stringify({
          ...{
            id,
            "detail-type": "v2.detail.events.conversation.{id}.customer.end",
            source: "aws.partner/genesys.com/x"
          },
          detail: {
            topicName: `v2.detail.events.conversation.${id}.customer.end`,
            eventBody: { eventTime: at, sessionId: `session-${id}`, mediaType: "VOICE" },
            timestamp: new Date(at).toISOString()
          }
        }),
        at
      )
    const [before, began, since] = [START, START + 20_000, START + 20_000 + WINDOW.skew]
    await core.deliver([gone("before", before)])
    // The generation is new: what came earlier was never sent to it.
    core.queue.take(END)
    await core.deliver([gone("since", since)])
    const clock = virtualClock(began)
    const replays = makeReplays(core.events, core.rows, clock)
    await replays.replay({ generation: generation(conversations), segments: 2 })
    assert.isAtLeast(clock.now(), before + LOST_END_MS + WINDOW.settle)
    assert.isBelow(clock.now(), since + LOST_END_MS)
    assert.notInclude(
      (await replays.dump()).find((line) => line.includes("session-since")),
      "customerGone"
    )
    await core.settle(core.queue.take(END))
    assert.deepStrictEqual(await replays.dump(), modelOf(core.events.stored()))
  })
})

describe("a replay that is killed", () => {
  /** Dies at the nth call of a port, before it or after it was done. */
  const deadly = (n: number, after: boolean) => {
    let calls = 0
    let pages = 0
    let unsaved = 0
    let most = 0
    const mortal = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.suspend(() => {
        if (calls++ !== n) return effect
        return after ? Effect.andThen(effect, Effect.die("killed")) : Effect.die("killed")
      })
    const around: Around = {
      source: (inner) => ({
        page: (request) => {
          pages++
          most = Math.max(most, ++unsaved)
          return mortal(inner.page(request))
        }
      }),
      rows: (inner) => ({
        ...inner,
        load: (keys, consistent) => mortal(inner.load(keys, consistent)),
        save: (writes) => mortal(inner.save(writes)),
        open: (...of) => mortal(inner.open(...of)),
        summary: (...of) => mortal(inner.summary(...of)),
        summarise: (...of) => mortal(inner.summarise(...of))
      }),
      control: (inner) => ({
        read: (key) => mortal(inner.read(key)),
        write: (...of) => mortal(Effect.tap(inner.write(...of), () => Effect.sync(() => (unsaved = 0))))
      })
    }
    return { around, calls: () => calls, pages: () => pages, most: () => most }
  }

  it.each(cases(GENERATIONS))(
    "[P8] at any step, and resumed, ends as an uninterrupted one, and repeats little (%s)",
    UNHURRIED,
    async (generation) => {
      const core = await lived(3, 120)
      const plan = { generation, eventsPerSecond: 12 }
      const whole = makeReplays(core.events)
      const never = deadly(Number.POSITIVE_INFINITY, false)
      await whole.replay(plan, { around: never.around })
      const [expected, steps, pages] = [await whole.dump(), never.calls(), never.pages()]
      assert.isAbove(steps, 20)
      for (let n = 0; n < steps; n++)
        for (const after of [false, true]) {
          const replays = makeReplays(core.events)
          const dying = deadly(n, after)
          await replays.replay(plan, { around: dying.around }).then(
            () => assert.fail(`not killed at ${n}`),
            () => undefined
          )
          const second = deadly(Number.POSITIVE_INFINITY, false)
          const [report] = await replays.replay(plan, { around: second.around })
          assert.strictEqual(report?.state, "done")
          assert.deepStrictEqual(await replays.dump(), expected, `killed ${after ? "after" : "before"} call ${n}`)
          assert.isAtMost(dying.pages() + second.pages(), pages + never.most())
          assert.strictEqual(report?.counts.scanned, core.events.stored().size)
        }
    }
  )
})

describe("a replay stops", () => {
  it("[P8] when its budget is spent, and goes on with a greater one", async () => {
    const core = await lived(2)
    const replays = makeReplays(core.events)
    const size = core.events.stored().size
    const first = await replays.rebuild({ segments: 3, budget: { items: 50 } })
    assert.isTrue(first.every(({ state }) => state === "budget"))
    assert.strictEqual(total(first, "scanned"), 50 * GENERATIONS.length)
    const again = await replays.rebuild({ segments: 3, budget: { items: 50 } })
    assert.strictEqual(total(again, "scanned"), 50 * GENERATIONS.length)
    const rest = await replays.rebuild({ segments: 3, budget: { items: 3 * size } })
    assert.isTrue(rest.every(({ state }) => state === "done"))
    assert.strictEqual(total(rest, "scanned"), size * GENERATIONS.length)
    assert.deepStrictEqual(await replays.dump(), core.dump())
  })

  it("[P8] while time is left to write what it read, and goes on from there", async () => {
    const core = await lived(2)
    const replays = makeReplays(core.events)
    let runs = 0
    for (let state = "running"; state !== "done"; runs++) {
      const [report] = await replays.replay({ eventsPerSecond: 10 }, { ends: replays.clock.now() + 25_000 })
      state = report?.state ?? "none"
      assert.include(["deadline", "done"], state)
    }
    assert.isAbove(runs, 2)
    // The agents, and the conversations from which they derive.
    const replayed = ["agents-v2", "conversations-v1"]
    const expected = core.dump().filter((line) => replayed.includes(generationOf(line) ?? ""))
    assert.deepStrictEqual(await replays.dump(), expected)
  })
})
