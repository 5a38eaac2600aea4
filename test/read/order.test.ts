import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import { makeReader } from "../../src/read/answer.ts"
import { decide } from "../../src/read/critical.ts"
import { directoryMemory } from "../../src/read/directory-memory.ts"
import { memberStatusOf } from "../../src/read/member-status.ts"
import { type Fixture, memory } from "../../src/read/memory.ts"
import { makeAddNames } from "../../src/read/names.ts"
import { settingsOf } from "../../src/read/settings.ts"
import type { NamedId, Source } from "../../src/read/source.ts"

const T = (minute: number) => `2026-05-06T08:0${minute}:00.000Z`

const readerOf = (fixture: Fixture, change: Partial<Source> = {}) =>
  Effect.flatMap(settingsOf({ prefix: "memory", remember: 0 }), (settings) =>
    makeReader({ ...memory(fixture), ...change }, settings)
  )

const session = (sessionId: string, since?: string) =>
  ({ sessionId, phase: "interacting", open: true, ...(since === undefined ? {} : { since }) }) as never

describe("the order of an answer", () => {
  const idle = { presence: "ON_QUEUE", routingStatus: "IDLE" }

  it.effect("is that of times, then that of ids, and what has no time is last, in whatever order rows come", () =>
    Effect.gen(function* () {
      const sessions = [session("b", T(1)), session("e"), session("a", T(1)), session("d"), session("c", T(0))]
      const agents = {
        a: { ...idle, routingStatusSince: T(1), sessions },
        b: { ...idle, routingStatusSince: T(0) },
        c: { ...idle, routingStatusSince: T(1) },
        d: idle
      }
      const members = Object.keys(agents)
      for (const turn of [false, true]) {
        const turned = <A>(all: ReadonlyArray<A>) => (turn ? all.toReversed() : all)
        const fixture = { agents, queues: { q: { members } } }
        const source = memory(fixture)
        const reader = yield* readerOf(fixture, {
          members: (from, id) => Effect.map(source.members(from, id), turned),
          rows: (from, id) => Effect.map(source.rows(from, id), turned)
        })
        assert.deepStrictEqual(
          (yield* reader.agent("a"))?.sessions.map(({ sessionId }) => sessionId),
          ["c", "a", "b", "d", "e"]
        )
        assert.deepStrictEqual(
          (yield* reader.available("q"))?.agents.map(({ agentId }) => agentId),
          ["b", "a", "c", "d"]
        )
        assert.deepStrictEqual(
          (yield* reader.members("q"))?.members.map(({ agentId }) => agentId),
          ["a", "b", "c", "d"]
        )
      }
    })
  )

  it.effect("reads no rows of nobody", () =>
    Effect.gen(function* () {
      const reader = yield* readerOf({}, { states: () => Effect.die("it asked") })
      assert.deepStrictEqual(yield* reader.agents([]), [])
    })
  )

  it.effect("comes within five seconds, or is a failure that names the call", () =>
    Effect.gen(function* () {
      const { agent, agents, queue, available, members, rows, row, list } = yield* readerOf(
        {},
        { context: () => Effect.never, directory: { ...directoryMemory({}), list: () => Effect.never } }
      )
      const projection = { name: "agents", key: "agentId" }
      const calls: Readonly<Record<string, Effect.Effect<unknown, { readonly message: string }>>> = {
        agent: agent("a"),
        agents: agents(["a"]),
        queue: queue("q"),
        available: available("q"),
        members: members("q"),
        rows: rows(projection, "a"),
        row: row(projection, "a"),
        list: list("agents")
      }
      for (const [op, call] of Object.entries(calls)) {
        const fiber = yield* Effect.forkChild(Effect.flip(call))
        yield* TestClock.adjust(4_999)
        assert.isUndefined(fiber.pollUnsafe(), op)
        yield* TestClock.adjust(1)
        assert.match((yield* Fiber.join(fiber)).message, new RegExp(`^${op}: Timeout`))
      }
    })
  )
})

describe("what a test says of an agent or a queue", () => {
  const off = { routingStatus: "OFF_QUEUE" }

  it.effect("is shown since when it holds, where that follows, and counts nothing that it leaves out", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse(T(9)))
      const reader = yield* readerOf({
        agents: {
          a: { ...off, presence: "BREAK", presenceSince: T(1) },
          b: { ...off, presence: "BREAK" },
          c: {
            ...off,
            presence: "AVAILABLE",
            presenceSince: T(1),
            outOfOffice: true,
            asOf: T(2),
            sessions: [session("s")]
          },
          d: { sessions: [{ ...(session("w") as object), open: false, phase: "wrapup" } as never] }
        },
        queues: { q: {} }
      })
      const shown = (id: string) =>
        Effect.map(reader.agent(id), (agent) => [agent?.state, agent?.since, agent?.asOf, agent?.sessions.length])
      assert.deepStrictEqual(yield* shown("a"), ["Break", T(1), T(9), 0])
      assert.deepStrictEqual(yield* shown("b"), ["Break", undefined, T(9), 0])
      assert.deepStrictEqual(yield* shown("c"), ["Out of Office", undefined, T(2), 1])
      assert.strictEqual((yield* shown("d"))[3], 1)
      assert.notProperty(yield* reader.agent("b"), "since")
      assert.notProperty(yield* reader.agent("b"), "revised")
      const queue = yield* reader.queue("q")
      const counts = ["members", "waiting", "alerting", "interacting", "monitoring", "wrapup"] as const
      assert.deepStrictEqual(
        counts.map((name) => queue?.[name]),
        [0, 0, 0, 0, 0, 0]
      )
      const projection = { name: "agents", key: "agentId" }
      assert.deepStrictEqual(
        (yield* reader.rows(projection, "c"))?.rows.map(({ row }) => row),
        ["session#s", "state"]
      )
      assert.isUndefined(yield* reader.available("nothing"))
    })
  )
})

describe("what a member of a queue does", () => {
  it("is not responding only where the agent is on queue, and unknown where nothing is known", () => {
    const status = (presence?: string, routingStatus?: string) =>
      memberStatusOf({
        ...(presence === undefined ? {} : { presence }),
        ...(routingStatus === undefined ? {} : { routingStatus })
      })
    assert.strictEqual(status("ON_QUEUE", "NOT_RESPONDING"), "notResponding")
    assert.strictEqual(status("BREAK", "NOT_RESPONDING"), "offQueue")
    assert.strictEqual(status("OFFLINE"), "offQueue")
    assert.strictEqual(status("ON_QUEUE", "OFF_QUEUE"), "offQueue")
    assert.strictEqual(status("ON_QUEUE", "IDLE"), "idle")
    assert.strictEqual(status(), "unknown")
  })
})

describe("a decision", () => {
  const genesys = { presence: { value: "AVAILABLE", since: T(3) }, routingStatus: { value: "OFF_QUEUE", since: T(3) } }
  const freshness = { asOf: T(1), inWindow: false, generation: "agents-v1", readAt: T(4) }
  const projected = { agentId: "a", state: "Available", ...freshness }
  const decided = (said: typeof genesys, agent: object | undefined) =>
    Result.getOrThrow(decide("a", said, agent as never))

  it("is shown since when the facet holds that decides it", () => {
    assert.deepInclude(decided(genesys, undefined), { state: "Available", since: T(3) })
    const { since: _, ...presence } = genesys.presence
    assert.notProperty(decided({ ...genesys, presence: presence as never }, undefined), "since")
    const away = { ...projected, presence: "AWAY" }
    assert.deepStrictEqual(decided(genesys, away).presence, {
      value: "AVAILABLE",
      since: T(3),
      decidedBy: "genesys",
      clocks: { genesys: T(3) }
    })
  })

  it("shows the projection's since of what Genesys is not asked for", () => {
    const out = { ...projected, state: "Out of Office", since: T(2), outOfOffice: true }
    assert.deepInclude(decided(genesys, out), { state: "Out of Office", since: T(2) })
    const offline = { ...genesys, presence: { value: "Offline", since: T(3) } }
    const gone = { ...projected, since: T(2), userState: "deleted" }
    assert.strictEqual(decided(offline, gone).since, T(2))
    assert.notStrictEqual(decided(offline, gone).state, "Offline")
    // Genesys was asked now: who is logged in was not deleted.
    assert.deepInclude(decided(genesys, gone), { state: "Available", since: T(3) })
  })
})

describe("names in a test", () => {
  it.effect("are those that were asked for, a page at a time, of the kinds that were swept", () =>
    Effect.gen(function* () {
      const { names, list, lastSwept } = directoryMemory({
        agents: { a: { name: "Ada" }, b: { name: "Bob" }, c: { name: "Cid" } },
        queues: { a: { name: "Sales" } }
      })
      assert.deepStrictEqual(
        (yield* names([
          { kind: "agents", id: "b" },
          { kind: "queues", id: "a" }
        ])).map(({ kind, id }) => [kind, id]),
        [
          ["agents", "b"],
          ["queues", "a"]
        ]
      )
      const page = (limit: number, cursor?: string) =>
        list("agents", {}, cursor === undefined ? { limit } : { limit, cursor })
      const first = yield* page(2)
      assert.deepStrictEqual([first.entries.map(({ id }) => id), first.cursor], [["a", "b"], "2"])
      assert.notProperty(yield* page(2, "2"), "cursor")
      assert.notProperty(yield* page(3), "cursor")
      assert.deepStrictEqual(yield* lastSwept("agents"), { holds: "emails", divisions: [] })
      assert.isUndefined(yield* lastSwept("teams"))
    })
  )
})

describe("the names of an answer", () => {
  const setUp = () => {
    const asked: Array<ReadonlyArray<NamedId>> = []
    const directory = directoryMemory({})
    const add = makeAddNames({
      ...directory,
      names: (ids) => {
        asked.push(ids)
        return Effect.succeed(ids.map((id) => ({ ...id, name: `${id.kind} ${id.id}` })))
      }
    })
    return { asked, add }
  }
  const namesOf = (answer: unknown) => (answer as { readonly names: object }).names

  it.effect("are of every id that one may know, wherever it stands", () =>
    Effect.gen(function* () {
      const { add } = setUp()
      const answer = {
        agentId: "1",
        answeredBy: "2",
        activeQueueIds: ["3", 7],
        presenceId: "4",
        wrapup: { code: "5" },
        sessions: [{ userId: "6", queueId: "8", station: { code: "no", id: "no" } }],
        code: "no",
        entity: "9"
      }
      const found = {
        1: "agents",
        2: "agents",
        3: "queues",
        4: "presences",
        5: "wrapupCodes",
        6: "agents",
        8: "queues"
      }
      const names = Object.fromEntries(Object.entries(found).map(([id, kind]) => [id, `${kind} ${id}`]))
      assert.deepStrictEqual(namesOf(yield* add(answer)), names)
      assert.deepStrictEqual(namesOf(yield* add({ entity: "9" }, "agents")), { 9: "agents 9" })
      assert.deepStrictEqual(namesOf(yield* add({ entity: "9" }, "queues")), { 9: "queues 9" })
      assert.deepStrictEqual(namesOf(yield* add({ entity: "9" }, "others")), {})
    })
  )

  it.effect("are asked for once in a minute, not at all for nobody, and again once too many are remembered", () =>
    Effect.gen(function* () {
      const { add, asked } = setUp()
      yield* add({})
      assert.lengthOf(asked, 0)
      const all = (from: number, count: number) => ({
        activeQueueIds: Array.from({ length: count }, (_, i) => `q${from + i}`)
      })
      yield* add(all(0, 19_999))
      yield* add(all(19_999, 1))
      yield* add(all(0, 1))
      assert.lengthOf(asked, 2)
      yield* add(all(20_000, 1))
      yield* add(all(0, 1))
      assert.lengthOf(asked, 4)
      yield* TestClock.adjust(59_999)
      yield* add(all(0, 1))
      assert.lengthOf(asked, 4)
      yield* TestClock.adjust(1)
      yield* add(all(0, 1))
      assert.lengthOf(asked, 5)
      // The clock went back: nothing was remembered for longer than a minute.
      yield* TestClock.setTime(0)
      yield* add(all(0, 1))
      assert.lengthOf(asked, 6)
    })
  )
})
