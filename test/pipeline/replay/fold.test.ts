import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { foldPage, foldWith, parkOrRefuse, settleRefused, topicsOf } from "../../../src/pipeline/replay/fold.ts"
import type { ReplayScope } from "../../../src/pipeline/replay/plan.ts"
import { WINDOW } from "../../support/core.ts"
import { START } from "../../support/history.ts"
import { NOW, notes, pageOf, ports, type Said, stored, TOPIC, update } from "./ports.ts"

const OTHER = "v2.users.{id}.presence"
/** What derives from these is another projection, of which events say things too. */
const sources = (said: Said) => notes(said, { name: "sources" })
const unwritable = { register: "bad", clock: Number.NaN }

const foldOf = (scope: ReplayScope, said: Said, ofSources: Said = {}) =>
  foldWith([notes(said), sources(ofSources)], scope, WINDOW)

/** The deltas of the event `e`, and why something of it is refused. */
const folded = (scope: ReplayScope, said: Said, ofSources: Said = {}, event = stored("e")) => {
  const { deltas, refusal } = foldOf(scope, said, ofSources)(event)
  return {
    deltas: deltas?.map(({ projection, entity, register }) => `${projection} ${entity} ${register}`),
    refused: refusal?.reason
  }
}

describe("an event", () => {
  it("is in the scope of topics that the projections fold", () => {
    const all = [notes({}, { topics: [TOPIC, OTHER] }), notes({}, { topics: ["third"] })]
    assert.deepStrictEqual([...topicsOf(all, {})], [TOPIC, OTHER, "third"])
    assert.deepStrictEqual([...topicsOf(all, { topics: [OTHER, "fourth"] })], [OTHER])
    assert.deepStrictEqual([...topicsOf(all, { topics: [] })], [])
  })

  it("of another topic says nothing, whatever it holds", () => {
    const event = stored("e", 0, OTHER)
    const broken = { ...event, envelope: { ...event.envelope, time: "no time" } }
    assert.deepStrictEqual(foldOf({}, { e: [update("a")] })(broken), {})
    assert.include(foldOf({}, {})({ ...broken, topic: TOPIC }).refusal?.reason, "InvalidDate: $.time")
  })

  it("says something where it was published from the beginning of a scope on, and before its end", () => {
    const inScope = (scope: ReplayScope) => folded(scope, { e: [update("a")] }).deltas !== undefined
    for (const [scope, wanted] of [
      [{}, true],
      [{ since: START }, true],
      [{ since: START + 1 }, false],
      [{ until: START }, false],
      [{ until: START + 1 }, true],
      [{ since: START, until: START + 1 }, true]
    ] as const)
      assert.strictEqual(inScope(scope), wanted, JSON.stringify(scope))
  })

  it("says of a scope's entity what it says, and all that it says of sources; of other entities nothing", () => {
    const said: Said = { e: [update("a"), update("b")] }
    const of: Said = { e: [update("c")] }
    const none = { deltas: undefined, refused: undefined }
    assert.deepStrictEqual(folded({}, said, of).deltas, ["notes-v1 a text", "notes-v1 b text", "sources-v1 c text"])
    assert.deepStrictEqual(folded({ entity: "a" }, said, of), {
      deltas: ["notes-v1 a text", "sources-v1 c text"],
      refused: undefined
    })
    assert.deepStrictEqual(folded({ entity: "c" }, said, of), none)
    assert.deepStrictEqual(folded({ entity: "d" }, said, of), none)
  })

  it("is refused for what it says of the scope, and for no other", () => {
    const [bad, other] = [update("a", unwritable), update("b", unwritable)]
    const reason = (name: string) => `an update of ${name}-v1: its clock is no time`
    for (const [scope, updates, ofSources, deltas, refused] of [
      [{}, [other], [], [], reason("notes")],
      [{ entity: "a" }, [other], [], undefined, undefined],
      [{ entity: "a" }, [bad], [], [], reason("notes")],
      [{ entity: "a" }, [update("a"), other], [], ["notes-v1 a text"], undefined],
      [{ entity: "a" }, [other, bad], [], [], reason("notes")],
      [{ entity: "a" }, [update("a")], [other], ["notes-v1 a text"], reason("sources")],
      [{ entity: "a" }, [bad], [other], [], `${reason("notes")}; ${reason("sources")}`],
      [{ entity: "a" }, [], [bad], undefined, undefined]
    ] as const)
      assert.deepStrictEqual(
        folded(scope, { e: updates }, { e: ofSources }),
        { deltas: deltas as never, refused },
        JSON.stringify([scope, updates, ofSources])
      )
  })

  it("that makes a projection throw is refused by any scope: it may have been about the entity", () => {
    const [notesThrew, bothThrew] = [
      "an update of notes-v1: `deltas` threw TypeError",
      /^an update of notes.*sources-v1/
    ]
    assert.strictEqual(folded({}, { e: "secret" }).refused, notesThrew)
    assert.deepStrictEqual(folded({ entity: "d" }, { e: "secret" }), { deltas: undefined, refused: notesThrew })
    assert.match(folded({ entity: "d" }, { e: "x" }, { e: "y" }).refused ?? "", bothThrew)
    // What else it says of the entity is folded.
    const { deltas, refused } = folded({ entity: "a" }, { e: [update("a")] }, { e: "secret" })
    assert.deepStrictEqual(
      [deltas, refused],
      [["notes-v1 a text"], "an update of sources-v1: `deltas` threw TypeError"]
    )
  })
})

describe("a page", () => {
  const said: Said = {
    a: [update("a")],
    none: [],
    bad: [update("b"), update("b", unwritable)],
    lost: [update("c", unwritable)]
  }

  it("is what can be folded of its events, and what cannot, with where it came from", () => {
    const events = ["a", "none", "bad", "lost", "other"].map((id) => stored(id, 5, id === "other" ? OTHER : TOPIC))
    const unreadable = [{ id: "u", topic: "t", reason: "its body cannot be restored" }]
    const { folded, refused } = foldPage(pageOf(events, { unreadable }), foldOf({}, said), NOW)
    assert.deepStrictEqual(
      folded.map((deltas) => deltas.map(({ entity }) => entity)),
      [["a"], [], ["b"]]
    )
    const reason = "an update of notes-v1: its clock is no time"
    assert.deepStrictEqual(
      refused.map(({ refusal: { eventId, topic, reason }, body, received }) => [
        eventId,
        topic,
        reason,
        body,
        received
      ]),
      [
        ["u", "t", "its body cannot be restored", '{"id":"u","detail-type":"t"}', NOW],
        ["bad", TOPIC, reason, JSON.stringify(events[2]?.envelope), START + 5],
        ["lost", TOPIC, reason, JSON.stringify(events[3]?.envelope), START + 5]
      ]
    )
  })

  const refusedOf = () => foldPage(pageOf([stored("bad"), stored("lost")]), foldOf({}, said), NOW).refused

  it.effect("ends the replay by the first that is refused, unless they are parked", () => {
    const { layer, parked } = ports()
    return Effect.gen(function* () {
      const { message } = yield* Effect.flip(settleRefused(refusedOf(), false))
      assert.match(message, /^event bad \(v2\.users\.\{id\}\.routingStatus\) is refused: an update of notes-v1/)
      yield* settleRefused([], false)
      assert.strictEqual(parked.kept().size, 0)
      yield* settleRefused(refusedOf(), true)
      const [first] = [...parked.kept().values()]
      assert.deepStrictEqual(first, {
        from: "replay",
        body: JSON.stringify(stored("bad").envelope),
        reason: "Unfoldable",
        detail: `event bad (${TOPIC}): an update of notes-v1: its clock is no time`,
        received: START,
        attempts: 1
      })
      assert.strictEqual(parked.kept().size, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("names the event of an update that cannot be written, so far as it is known", () => {
    const { layer, parked } = ports()
    const [delta] = foldOf({}, said)(stored("a")).deltas ?? []
    const problem = { projection: "notes-v1", reason: "RowTooLarge", detail: "it is too large" } as const
    const all = [delta === undefined ? [] : [delta], []].map((deltas) => ({ ...problem, deltas }))
    return Effect.gen(function* () {
      const why = "is refused: an update of notes-v1: it is too large; fix the fold, or park the event"
      const refusedFor = (one: (typeof all)[number]) =>
        Effect.flip(
          Effect.gen(function* () {
            const count = yield* parkOrRefuse([one], false)
            assert.fail(`it parks ${count}`)
          })
        )
      assert.deepStrictEqual(
        (yield* Effect.forEach(all, refusedFor)).map(({ message }) => message),
        [`event a ${why}`, `event unknown ${why}`]
      )
      assert.strictEqual(yield* parkOrRefuse([], false), 0)
      assert.strictEqual(yield* parkOrRefuse(all, true), 2)
      assert.strictEqual(parked.kept().size, 2)
    }).pipe(Effect.provide(layer))
  })
})
