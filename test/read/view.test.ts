import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeReader } from "../../src/read/answer.ts"
import { ReaderError } from "../../src/read/errors.ts"
import { type Fixture, memory } from "../../src/read/memory.ts"
import type { ReaderOptions } from "../../src/read/options.ts"
import { settingsOf } from "../../src/read/settings.ts"
import type { Source } from "../../src/read/source.ts"

const NOW = Date.parse("2026-05-06T08:00:00.000Z")
const iso = (ms: number) => new Date(NOW + ms).toISOString()
const PROJECTION = { name: "notes", key: "id" }

const readerOf = (fixture: Fixture, change: Partial<Source> = {}, options: Partial<ReaderOptions> = {}) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(NOW)
    const settings = yield* settingsOf({ prefix: "memory", ...options })
    return yield* makeReader({ ...memory(fixture), ...change }, settings)
  })

/** A source whose control table is counted. */
const counted = (fixture: Fixture = {}) => {
  let reads = 0
  const { context } = memory(fixture)
  const change: Partial<Source> = {
    context: (names) => {
      reads++
      return context(names)
    }
  }
  return { change, reads: () => reads }
}

describe("an answer that would be too old", () => {
  it.effect("is looked for again once the watermark may have moved, a second after it was read", () =>
    Effect.gen(function* () {
      const { change, reads } = counted({ behindMs: 1 })
      const reader = yield* readerOf({}, change)
      const stale = Effect.flip(reader.agents([], { maxAge: 5_500 }))
      yield* reader.agents([])
      yield* TestClock.adjust(999)
      assert.deepInclude(yield* stale, { reason: "behind", ageMs: 6_000 })
      assert.strictEqual(reads(), 1)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* reader.agents([], { maxAge: 5_500 }), [])
      assert.strictEqual(reads(), 2)
    })
  )

  it.effect("is not looked for again where none is that fresh, from the settle window on", () =>
    Effect.gen(function* () {
      const { change, reads } = counted({ behindMs: 1_000 })
      const reader = yield* readerOf({ behindMs: 1_000 }, change)
      yield* reader.agents([])
      yield* TestClock.adjust(2_000)
      const reason = (maxAge: number) => Effect.map(Effect.flip(reader.agents([], { maxAge })), (error) => error)
      assert.deepInclude(yield* reason(4_999), { reason: "window" })
      assert.strictEqual(reads(), 1)
      assert.deepInclude(yield* reason(5_000), { reason: "behind" })
    })
  )
})

describe("a call that fails", () => {
  it.effect("is made once more only where its table is gone", () =>
    Effect.gen(function* () {
      for (const [reason, calls] of [
        ["AccessDeniedException", 1],
        ["ResourceNotFoundException", 2]
      ] as const) {
        let made = 0
        const reader = yield* readerOf(
          {},
          {
            rows: () => {
              made++
              return Effect.fail(new ReaderError({ op: "Query", reason, retryable: false }))
            }
          }
        )
        assert.deepInclude(yield* Effect.flip(reader.agent("a")), { reason })
        assert.strictEqual(made, calls)
      }
    })
  )

  it.effect("for want of a generation says which table names none", () =>
    Effect.gen(function* () {
      const source = memory({})
      const reader = yield* readerOf(
        {},
        { context: (names) => Effect.map(source.context(names), (found) => ({ ...found, generations: new Map() })) }
      )
      assert.deepInclude(yield* Effect.flip(reader.agent("a")), { projection: "agents", table: "memory-control" })
    })
  )

  it.effect("for want of time says which call it was", () =>
    Effect.gen(function* () {
      const reader = yield* readerOf({}, { context: () => Effect.never })
      const calls: Readonly<Record<string, Effect.Effect<unknown, { readonly message: string }>>> = {
        interval: reader.interval("q", iso(0), iso(900_000)),
        today: reader.today("q", "UTC"),
        agentInterval: reader.agentInterval("a", iso(0), iso(900_000)),
        agentToday: reader.agentToday("a", "UTC")
      }
      for (const [op, call] of Object.entries(calls)) {
        const fiber = yield* Effect.forkChild(Effect.flip(call))
        yield* TestClock.adjust(5_000)
        assert.match((yield* Fiber.join(fiber)).message, new RegExp(`^${op}: Timeout`))
      }
    })
  )
})

describe("an answer", () => {
  const row = (asOf: string, more: object = {}) => ({ columns: { asOf }, asOf, ...more })
  const fixture: Fixture = {
    projections: { notes: { e: { b: row(iso(-9_000)), c: row(iso(-20_000)), a: row(iso(-10_000)) } } }
  }

  it.effect("is as new as its newest row, wherever that stands, and has its rows in the order of their keys", () =>
    Effect.gen(function* () {
      const reader = yield* readerOf(fixture)
      const found = yield* reader.rows(PROJECTION, "e")
      assert.strictEqual(found?.asOf, iso(-9_000))
      assert.deepStrictEqual(
        found?.rows.map((one) => one.row),
        ["a", "b", "c"]
      )
    })
  )

  it.effect("is in the window where a row is newer than what has settled, and not where it is as old", () =>
    Effect.gen(function* () {
      const inWindow = (behindMs: number) =>
        Effect.flatMap(readerOf({ ...fixture, behindMs }), (reader) =>
          Effect.map(reader.rows(PROJECTION, "e"), (found) => found?.inWindow)
        )
      assert.strictEqual(yield* inWindow(4_000), false)
      assert.strictEqual(yield* inWindow(4_001), true)
    })
  )

  it.effect("about a queue of a test has its members as rows", () =>
    Effect.gen(function* () {
      const at = iso(-60_000)
      const reader = yield* readerOf({ queues: { q: { members: ["a"], asOf: at }, r: { members: ["b"] } } })
      const queues = { name: "queues", key: "queueId" }
      const memberOf = (id: string) => Effect.map(reader.rows(queues, id), (found) => found?.rows[0]?.columns)
      assert.deepStrictEqual(yield* memberOf("q"), { userId: "a", joined: true, since: at })
      assert.deepStrictEqual(yield* memberOf("r"), { userId: "b", joined: true, since: iso(0) })
    })
  )
})

describe("the figures of a queue", () => {
  const QUARTER = 900_000
  const key = (ms: number) => `${iso(ms).slice(0, 16)}Z`
  const wait = (ms: number) => ({
    columns: { interval: iso(ms), outcome: "answered", waitMs: 1_000, offeredAt: iso(ms) }
  })
  const rows = Object.fromEntries([-2, -1, 0, 1].map((n) => [`${key(n * QUARTER)}#wait#s`, wait(n * QUARTER)]))
  const fixture: Fixture = { projections: { "queue-intervals": { q: rows } } }

  it.effect("are of rows from the first quarter on, until the last", () =>
    Effect.gen(function* () {
      const { rows: read } = memory(fixture)
      const from = { projection: { name: "queue-intervals", key: "queueId" }, generation: "v1", consistent: false }
      const keysOf = (first: string, last: string) =>
        Effect.map(read(from, "q", { first, last }), (found) => found.map(({ row }) => row))
      const all = Object.keys(rows)
      assert.deepStrictEqual(yield* keysOf(all[1] as string, all[2] as string), all.slice(1, 3))
      assert.deepStrictEqual(yield* keysOf(key(-QUARTER), key(0)), all.slice(1, 2))
      assert.deepStrictEqual(yield* keysOf("", "~"), all)
      const last = yield* read(from, "q", { first: "", last: all[2] as string, most: 2 })
      assert.deepStrictEqual(
        last.map(({ row }) => row),
        all.slice(1, 3)
      )
    })
  )

  it.effect("are settled from the moment on that all of an interval has", () =>
    Effect.gen(function* () {
      const report = (more: Fixture) =>
        Effect.flatMap(readerOf({ ...fixture, ...more }), (reader) =>
          reader.interval("q", iso(-2 * QUARTER), iso(QUARTER))
        )
      const settled = (behindMs: number) =>
        Effect.map(report({ behindMs }), ({ intervals }) => intervals.map((one) => one.settled))
      assert.deepStrictEqual(yield* settled(QUARTER - 5_000), [true, false, false])
      assert.deepStrictEqual(yield* settled(QUARTER - 4_999), [false, false, false])
      assert.strictEqual((yield* report({})).settledThrough, iso(-5_000))
    })
  )

  it.effect("are not settled as long as the stack has not said anything", () =>
    Effect.gen(function* () {
      const source = memory(fixture)
      const reader = yield* readerOf(fixture, {
        context: (names) => Effect.map(source.context(names), (found) => ({ ...found, level: undefined }))
      })
      const report = yield* reader.interval("q", iso(-QUARTER), iso(0))
      assert.strictEqual(report.intervals[0]?.settled, false)
      assert.notProperty(report, "settledThrough")
    })
  )

  it.effect("are of no interval that has not begun, and of five weeks at most", () =>
    Effect.gen(function* () {
      const reader = yield* readerOf(fixture)
      const day = 86_400_000
      const future = yield* reader.interval("q", iso(QUARTER), iso(2 * QUARTER))
      assert.deepStrictEqual(future.intervals, [])
      assert.lengthOf((yield* reader.interval("q", iso(-35 * day), iso(0), { minutes: 60 })).intervals, 35 * 24)
      for (const minutes of [15, 30, 60] as const)
        assert.lengthOf((yield* reader.interval("q", iso(-4 * QUARTER), iso(0), { minutes })).intervals, 60 / minutes)
      const problem = (...given: Parameters<typeof reader.interval>) =>
        Effect.map(Effect.flip(reader.interval(...given)), ({ message }) => message)
      assert.match(yield* problem("q", iso(-35 * day - QUARTER), iso(0)), /^to is .* by 35 days at most$/)
      const at = "it must be a Date or an ISO-8601 text at a quarter of an hour, such as 2026-05-06T10:15:00Z"
      assert.strictEqual(yield* problem("q", 2026 as never, iso(0)), `from is 2026; ${at}`)
      assert.strictEqual(yield* problem("q", iso(0), "2026-05-06T10:16:00Z"), `to is 2026-05-06T10:16:00Z; ${at}`)
      assert.strictEqual(
        yield* problem("", iso(0), iso(QUARTER)),
        "queueId is empty or too long; it must be the id of a queue"
      )
      const ofAgent = yield* reader.agentInterval("a", iso(0), iso(QUARTER))
      assert.deepInclude(ofAgent, { agentId: "a", generation: "agent-intervals-v1" })
      assert.strictEqual(
        (yield* Effect.flip(reader.agentInterval("", iso(0), iso(QUARTER)))).message,
        "agentId is empty or too long; it must be the id of an agent"
      )
      assert.strictEqual(
        yield* problem("q", iso(0), iso(QUARTER), { minutes: 20 as 30 }),
        "minutes is 20; it must be one of 15, 30, 60"
      )
    })
  )
})
