import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { eventOf, given, ProjectionAssertionError } from "../../src/testing/index.ts"

const all = [queues, agents, conversations] as const
const AT = Date.parse("2026-05-06T10:00:00.000Z")
const acd = (phase: "start" | "end", sessionId: string, at: number) =>
  eventOf({
    topic: `v2.detail.events.conversation.{id}.acd.${phase}`,
    ids: "c1",
    body: { eventTime: AT + at, sessionId, queueId: "q", mediaType: "VOICE", subject: undefined },
    at: AT + at + 50
  })
const [started, ended] = [acd("start", "s", 0), acd("end", "s", 1_000)]

const refused = (assertion: () => unknown): ProjectionAssertionError => {
  try {
    assertion()
  } catch (error) {
    if (error instanceof ProjectionAssertionError) return error
    throw error
  }
  throw new Error("nothing was refused")
}

describe("given", () => {
  it("says what a row is, in every order", () => {
    const row = given(all, started, ended).row("q", "session#s")
    row.isClosed()
    row.has({ phase: "ended", endedBy: "acd.end", endedAt: "2026-05-06T10:00:01.000Z" })
    row.is({ ...row.columns() })
    given(all, started).row("q", "session#s").isOpen()
    given(all).row("q").isAbsent()
    assert.deepStrictEqual(given(all, started).rows(), [
      ["q", "session#s"],
      ["q", "state"]
    ])
  })

  it("derives the row of a summary from the open rows", () => {
    given(all, started, acd("start", "other", 500), ended)
      .row("q")
      .has({ waiting: 1 })
  })

  it("refuses a projection without those that it derives from", () => {
    assert.throws(() => given([queues, agents], started), "queues derives from conversations: give it too")
    assert.throws(() => given(agents), "agents derives from conversations")
  })

  it("refuses what is not so, with the events and both sides", () => {
    const row = given(all, started).row("q", "session#s")
    for (const assertion of [
      () => row.is({ sessionId: "s" }),
      () => row.has({ phase: "ended" }),
      () => row.has({ nothing: null }),
      () => row.isClosed(),
      () => row.isAbsent(),
      () => given(all).row("q").isOpen()
    ])
      assert.notStrictEqual(refused(assertion).actual, refused(assertion).expected)
    const { message, expected, actual } = refused(() => row.has({ phase: "ended" }))
    assert.deepStrictEqual([expected, actual], ['phase: "ended"', 'phase: "waiting"'])
    assert.include(message, "queues: not as expected in row session#s of q")
    assert.include(message, "v2.detail.events.conversation.c1.acd.start")
  })

  it.each([2, 7])("names the order that disagrees, of %i events", (count) => {
    const last: Projection<Event> = {
      name: "last",
      version: 1,
      key: "id",
      topics: [started.topic],
      deltas: ({ received }) => [{ entity: "e", row: "state", register: "at", value: received, clock: 0 }],
      view: (_, registers) => ({ at: registers.get("at")?.value ?? null }),
      closed: () => false,
      tombstoneSeconds: 60
    }
    const events = Array.from({ length: count }, (_, i) => acd("start", `s${i}`, i))
    const { message } = refused(() =>
      given(last, ...events)
        .row("e")
        .columns()
    )
    assert.include(message, "the order of arrival matters")
    assert.strictEqual(message.match(/^ {2}\d+\. /gm)?.length, count)
  })
})

describe("an event", () => {
  it("is decoded as in production, and received when it was published", () => {
    const { received, published, facets, topicName, subject } = started
    assert.deepStrictEqual([received, published], [AT + 50, AT + 50])
    assert.deepStrictEqual([topicName, subject], ["v2.detail.events.conversation.c1.acd.start", "c1"])
    assert.deepStrictEqual(
      facets.map(({ facet, clock }) => [facet, clock]),
      [["acdSession", AT]]
    )
  })

  it("is the same event where all is the same, unless it has an id of its own", () => {
    assert.strictEqual(acd("start", "s", 0).id, started.id)
    assert.notStrictEqual(acd("start", "s", 1).id, started.id)
    const own = { topic: "v2.users.{id}.station", ids: ["u"], body: {}, at: "2026-05-06T10:00:00Z", id: "own" }
    assert.strictEqual(eventOf(own).id, "own")
    assert.strictEqual(eventOf(own).published, AT)
  })

  it("is refused where it is none", () => {
    const station = { topic: "v2.users.{id}.station", ids: "u", body: {}, at: AT }
    assert.throws(() => eventOf({ ...station, at: "noon" }), "at is no time: noon")
    assert.throws(() => eventOf({ ...station, topic: "v2.of.nobody" }), "no topic of the contract")
    assert.throws(() => eventOf({ ...station, ids: "" }), "no topic of the contract")
    assert.throws(() => eventOf({ ...station, id: " " }), "$.id")
  })
})
