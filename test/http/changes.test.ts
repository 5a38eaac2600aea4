import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { events as described } from "../../src/http/answers.ts"
import { handle } from "../../src/http/handle.ts"
import type { Gone } from "../../src/http/reply.ts"
import { type Fixture, Reader, ReaderError } from "../../src/read/index.ts"
import { asked, assertDescribed, SETTINGS } from "./asked.ts"

const T0 = Date.parse("2026-05-06T10:00:00.000Z")
const asOf = "2026-05-06T09:59:00.000Z"
const agents = {
  ada: { presence: "ON_QUEUE", routingStatus: "IDLE", asOf },
  bob: { presence: "MEAL", routingStatus: "OFF_QUEUE", asOf }
}
const fixture: Fixture = { agents, queues: { support: { waiting: 0, asOf } } }

interface Event {
  readonly event: string
  readonly id: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

/** What a client of server-sent events makes of a text. */
const parse = (text: string) => {
  const blocks = text.split("\n\n").filter((block) => block !== "")
  const fields = blocks.map(
    (block) => new Map(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]))
  )
  const events = fields.flatMap((of): ReadonlyArray<Event> => {
    const [event, data] = [of.get("event"), of.get("data")]
    return event === undefined || data === undefined ? [] : [{ event, id: of.get("id"), data: JSON.parse(data) }]
  })
  return { events, retries: fields.flatMap((of) => (of.has("retry") ? [Number(of.get("retry"))] : [])) }
}

/** A reader whose fixture may change under way, or which may fail. */
const changing = () => {
  const now = { fixture, error: undefined as ReaderError | undefined }
  const call =
    (name: "agents" | "queue") =>
    (...args: ReadonlyArray<unknown>) =>
      Effect.suspend(
        (): Effect.Effect<unknown, unknown> =>
          now.error === undefined
            ? Reader.use((reader) =>
                (reader[name] as (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown>)(...args)
              ).pipe(Effect.provide(Reader.memory(now.fixture)))
            : Effect.fail(now.error)
      )
  const layer = Layer.succeed(Reader, { agents: call("agents"), queue: call("queue") } as unknown as Reader["Service"])
  return { now, layer }
}

const follow = Effect.fnUntraced(function* (target: string, lastEventId?: string, streamMs = SETTINGS.streamMs) {
  const said: Array<string> = []
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId }
  const { reply } = yield* handle(asked(target, headers), { ...SETTINGS, streamMs })
  assert.deepStrictEqual([reply.status, reply.headers["content-type"]], [200, "text/event-stream"])
  const { follow } = reply
  if (follow === undefined) return assert.fail("there is no stream")
  const fiber = yield* Effect.forkChild(
    follow((text) =>
      Effect.sync(() => {
        said.push(text)
      })
    )
  )
  yield* TestClock.adjust(0)
  return {
    fiber,
    /** What was said since it was asked last. */
    take: () => parse(said.splice(0).join(""))
  }
})

const kinds = (events: ReadonlyArray<Event>) => events.map(({ event, data }) => [event, data.agentId ?? data.queueId])

const onChanging = <A, E>(run: (now: ReturnType<typeof changing>["now"]) => Effect.Effect<A, E, Reader>) => {
  const { now, layer } = changing()
  return TestClock.setTime(T0).pipe(Effect.andThen(run(now)), Effect.provide(layer))
}

describe("a stream of changes", () => {
  it.effect("begins with everything that is followed and known, and says how fresh it is", () =>
    onChanging(() =>
      Effect.gen(function* () {
        const stream = yield* follow("/changes?agents=bob,ada,eve&queues=support")
        const { events, retries } = stream.take()
        assert.deepStrictEqual(kinds(events), [
          ["agent", "ada"],
          ["agent", "bob"],
          ["queue", "support"],
          ["freshness", undefined]
        ])
        assert.deepStrictEqual(events[3]?.data, {
          settledThrough: "2026-05-06T09:59:55.000Z",
          readAt: "2026-05-06T10:00:00.000Z"
        })
        assert.deepStrictEqual(retries, [1_000])
        for (const { event, data } of events) assertDescribed(described, event, data)
      })
    )
  )

  it.effect("sends what has changed, once, and what is gone", () =>
    onChanging((now) =>
      Effect.gen(function* () {
        const stream = yield* follow("/changes?agents=ada,bob&queues=support")
        stream.take()
        now.fixture = { ...fixture, agents: { ...agents, ada: { ...agents.ada, routingStatus: "INTERACTING" } } }
        yield* TestClock.adjust(2_000)
        const { events } = stream.take()
        assert.deepStrictEqual(kinds(events), [
          ["agent", "ada"],
          ["freshness", undefined]
        ])
        assert.include(events[0]?.data, { state: "Interacting" })
        yield* TestClock.adjust(2_000)
        assert.deepStrictEqual(stream.take().events, [])
        now.fixture = { ...now.fixture, agents: { ada: now.fixture.agents?.ada ?? {} }, queues: {} }
        yield* TestClock.adjust(2_000)
        assert.deepStrictEqual(kinds(stream.take().events), [
          ["gone", "bob"],
          ["gone", "support"],
          ["freshness", undefined]
        ])
      })
    )
  )

  it.effect("says every 15 seconds that it lives and how fresh it is, while nothing changes", () =>
    onChanging(() =>
      Effect.gen(function* () {
        const stream = yield* follow("/changes?agents=ada")
        stream.take()
        const spoken: Array<number> = []
        for (let second = 1; second <= 60; second++) {
          yield* TestClock.adjust(1_000)
          const { events } = stream.take()
          if (events.length > 0) spoken.push(second)
          assert.isTrue(events.every(({ event }) => event === "freshness"))
        }
        assert.deepStrictEqual(spoken, [16, 32, 48])
      })
    )
  )

  it.effect("goes on after the last event that the client got, with what has changed since", () =>
    onChanging((now) =>
      Effect.gen(function* () {
        const before = yield* follow("/changes?agents=ada,bob&queues=support")
        const lastId = before.take().events.at(-1)?.id
        yield* Fiber.interrupt(before.fiber)
        now.fixture = { ...fixture, queues: { support: { waiting: 3, asOf } } }
        // In another order it follows the same.
        const after = yield* follow("/changes?queues=support&agents=bob,ada", lastId)
        assert.deepStrictEqual(kinds(after.take().events), [
          ["queue", "support"],
          ["freshness", undefined]
        ])
        for (const other of ["", "nonsense", `${lastId}x`]) {
          const anew = yield* follow("/changes?agents=ada,bob&queues=support", other)
          assert.lengthOf(anew.take().events, 4, other)
        }
        const fewer = yield* follow("/changes?agents=ada", lastId)
        assert.deepStrictEqual(kinds(fewer.take().events)[0], ["agent", "ada"])
      })
    )
  )

  it.effect("ends when its time is over, and spreads those who come back", () =>
    onChanging(() =>
      Effect.gen(function* () {
        const again = new Set<number>()
        for (let i = 0; i < 5; i++) {
          const stream = yield* follow("/changes?agents=ada", undefined, 10_000)
          yield* TestClock.adjust(9_999)
          assert.isUndefined(stream.fiber.pollUnsafe())
          yield* TestClock.adjust(1)
          yield* Fiber.join(stream.fiber)
          const [first, last = 0] = stream.take().retries
          assert.strictEqual(first, 1_000)
          assert.isTrue(last >= 250 && last <= 2_500, String(last))
          again.add(last)
        }
        assert.isAbove(again.size, 1)
      })
    )
  )

  it.effect("ends with a problem where the tables cannot be read any more, and asks the client to wait", () =>
    onChanging((now) =>
      Effect.gen(function* () {
        const stream = yield* follow("/changes?agents=ada")
        stream.take()
        now.error = new ReaderError({ op: "BatchGetItem", reason: "ThrottlingException", retryable: true })
        yield* TestClock.adjust(2_000)
        yield* Fiber.join(stream.fiber)
        const { events, retries } = stream.take()
        assert.deepStrictEqual(
          events.map(({ event, data }) => [event, data.status]),
          [["problem", 503]]
        )
        assert.deepStrictEqual(retries, [5_000])
      })
    )
  )

  it.effect("ends with a problem, and without what was read, where a reading breaks", () =>
    onChanging((now) =>
      Effect.gen(function* () {
        const stream = yield* follow("/changes?agents=ada")
        stream.take()
        Object.defineProperty(now, "error", {
          get: () => {
            throw new SyntaxError("a value of somebody")
          }
        })
        yield* TestClock.adjust(2_000)
        yield* Fiber.join(stream.fiber)
        const { events, retries } = stream.take()
        assert.deepStrictEqual(
          events.map(({ event, data }) => [event, data.status]),
          [["problem", 500]]
        )
        assert.notInclude(JSON.stringify(events), "somebody")
        assert.deepStrictEqual(retries, [5_000])
      })
    )
  )

  it.effect("ends at once where nobody reads it any more", () =>
    onChanging(() =>
      Effect.gen(function* () {
        const { reply } = yield* handle(asked("/changes?agents=ada"), SETTINGS)
        let written = 0
        const gone: Gone = { _tag: "Gone" }
        const fiber = yield* Effect.forkChild(
          Effect.flip(
            reply.follow?.(() => (++written > 2 ? Effect.fail(gone) : Effect.void)) ?? Effect.die("no stream")
          )
        )
        yield* TestClock.adjust(20_000)
        assert.deepStrictEqual([yield* Fiber.join(fiber), written], [gone, 3])
      })
    )
  )
})
