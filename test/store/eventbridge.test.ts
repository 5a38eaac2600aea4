import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventBus } from "../../src/store/aws/event-bus.ts"
import { partnerSources } from "../../src/store/aws/partner-sources.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { EventBus } from "../../src/store/event-bus.ts"
import { PartnerSources } from "../../src/store/partner-sources.ts"
import { type Answer, answering, asking } from "./answering.ts"

const event = (detail = "{}") => ({ source: "s", topic: "t", detail, at: 1_000 })

/** What one `PutEvents` takes, less what is counted of an event without its detail. */
const ROOM = 256 * 1_024 - (14 + "st".length)

describe("a bus on EventBridge", () => {
  /** Puts events where each call takes all of them, and returns how many were in each call. */
  const sizes = Effect.fnUntraced(function* (events: Parameters<EventBus["Service"]["put"]>[0]) {
    const { asked, on } = answering((_, { Entries }) => ({ Entries: (Entries as []).map(() => ({ EventId: "1" })) }))
    const outcomes = yield* on(eventBus("bus"))(EventBus.use((of) => of.put(events)))
    assert.lengthOf(outcomes, events.length)
    return asked.map(([, input]) => (input as { readonly Entries: [] }).Entries.length)
  })

  it.effect("is given each event with its time", () =>
    Effect.gen(function* () {
      const { asked, on } = answering([{ Entries: [{ EventId: "1" }] }])
      const outcomes = yield* on(eventBus("bus"))(EventBus.use((of) => of.put([event()])))
      assert.deepStrictEqual(outcomes, [{ _tag: "accepted" }])
      const entry = { EventBusName: "bus", Source: "s", DetailType: "t", Detail: "{}", Time: new Date(1_000) }
      assert.deepStrictEqual(asked, [["PutEvents", { Entries: [entry] }]])
    })
  )

  it.effect("takes ten events a call", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sizes(Array.from({ length: 21 }, () => event())), [10, 10, 1])
    })
  )

  it.effect("takes 256 KB a call, with the time and the names of each event", () =>
    Effect.gen(function* () {
      const [most, small] = [event("x".repeat(ROOM - 18)), event("{}")]
      assert.deepStrictEqual(yield* sizes([most, small]), [2])
      assert.deepStrictEqual(yield* sizes([event(`${most.detail}x`), small]), [1, 1])
      assert.deepStrictEqual(yield* sizes([event(most.detail), { ...small, source: "ss" }]), [1, 1])
      assert.deepStrictEqual(yield* sizes([event(most.detail), { ...small, topic: "tt" }]), [1, 1])
    })
  )

  it.live("is given again what it did not take, and what it says nothing of", () =>
    Effect.gen(function* () {
      const answers: ReadonlyArray<Answer> = [
        { Entries: [{ EventId: "1" }, { ErrorCode: "ThrottlingException" }] },
        {},
        { Entries: [{ EventId: "2" }] }
      ]
      const { asked, on } = answering(answers)
      const outcomes = yield* on(eventBus("bus"))(EventBus.use((of) => of.put([event("1"), event("2")])))
      assert.deepStrictEqual(outcomes, [{ _tag: "accepted" }, { _tag: "accepted" }])
      assert.deepStrictEqual(
        asked.map(([, input]) => (input as { readonly Entries: ReadonlyArray<{ Detail: string }> }).Entries),
        [["1", "2"], ["2"], ["2"]].map((some) =>
          some.map((Detail) => ({ EventBusName: "bus", Source: "s", DetailType: "t", Detail, Time: new Date(1_000) }))
        )
      )
    })
  )

  it.effect("says of an event why it was not taken, or that there was no answer", () =>
    Effect.gen(function* () {
      const { on } = answering([{ Entries: [{ ErrorCode: "InternalFailure" }] }])
      const work = EventBus.use((of) => of.put([event("1"), event("2")])).pipe(Effect.provideService(Deadline, 0))
      assert.deepStrictEqual(yield* on(eventBus("bus"))(work), [
        { _tag: "unavailable", reason: "InternalFailure" },
        { _tag: "unavailable", reason: "NoAnswer" }
      ])
    })
  )
})

describe("what EventBridge knows of partners", () => {
  const sources = asking(partnerSources)
  const ask = <A, E>(answer: Answer, work: Effect.Effect<A, E, PartnerSources>) => sources([answer], work)
  const gone = "ResourceNotFoundException"

  it.effect("is in which account that is, by the bus that every account has", () =>
    Effect.gen(function* () {
      const account = PartnerSources.use((of) => of.account)
      const arn = "arn:aws:events:eu-west-1:444455556666:event-bus/default"
      const { asked, value } = yield* ask({ Arn: arn }, account)
      assert.deepStrictEqual(value, "444455556666")
      assert.deepStrictEqual(asked, [["DescribeEventBus", { Name: "default" }]])
      for (const answer of [{}, { Arn: "" }, { Arn: arn.replace("444455556666", "1444455556666") }]) {
        assert.deepInclude(yield* Effect.flip(ask(answer, account)), {
          store: "event sources of partners",
          operation: "account",
          reason: "the bus default has no ARN",
          retryable: false
        })
      }
    })
  )

  it.effect("is the state of a source, and when AWS deletes it", () =>
    Effect.gen(function* () {
      const source = PartnerSources.use((of) => of.source("aws.partner/x"))
      const { asked, value } = yield* ask({ State: "PENDING", ExpirationTime: new Date(5) }, source)
      assert.deepStrictEqual(value, { state: "PENDING", expiresAt: 5 })
      assert.deepStrictEqual(asked, [["DescribeEventSource", { Name: "aws.partner/x" }]])
      assert.deepStrictEqual((yield* ask({ State: "ACTIVE" }, source)).value, { state: "ACTIVE" })
      assert.deepStrictEqual((yield* ask({}, source)).value, { state: "" })
      assert.deepStrictEqual((yield* ask(gone, source)).value, undefined)
    })
  )

  it.effect("is whether there is a bus", () =>
    Effect.gen(function* () {
      const hasBus = PartnerSources.use((of) => of.hasBus("b"))
      const { asked, value } = yield* ask({ Name: "b" }, hasBus)
      assert.deepStrictEqual(value, true)
      assert.deepStrictEqual(asked, [["DescribeEventBus", { Name: "b" }]])
      assert.deepStrictEqual((yield* ask(gone, hasBus)).value, false)
    })
  )

  it.effect("is whether a rule is enabled, and what it takes", () =>
    Effect.gen(function* () {
      const rule = PartnerSources.use((of) => of.rule("b", "r"))
      const { asked, value } = yield* ask({ State: "ENABLED", EventPattern: "{}" }, rule)
      assert.deepStrictEqual(value, { enabled: true, pattern: "{}" })
      assert.deepStrictEqual(asked, [["DescribeRule", { EventBusName: "b", Name: "r" }]])
      assert.deepStrictEqual((yield* ask({ State: "DISABLED" }, rule)).value, { enabled: false, pattern: "" })
      assert.deepStrictEqual((yield* ask(gone, rule)).value, undefined)
    })
  )

  it.effect.each([
    ["source", PartnerSources.use((of) => of.source("n"))],
    ["hasBus", PartnerSources.use((of) => of.hasBus("b"))],
    ["rule", PartnerSources.use((of) => of.rule("b", "r"))]
  ] as const)("fails where AWS refuses: %s", ([operation, work]) =>
    Effect.gen(function* () {
      const refused = ask("AccessDeniedException", work as Effect.Effect<unknown, object, PartnerSources>)
      assert.deepInclude(yield* Effect.flip(refused), {
        store: "event sources of partners",
        operation,
        reason: "AccessDeniedException"
      })
    })
  )
})
