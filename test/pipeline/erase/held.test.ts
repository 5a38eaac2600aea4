import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { namesOf } from "../../../src/genesys/person.ts"
import { bury, eraseExports, eraseLetters, eraseObjects } from "../../../src/pipeline/erase/held.ts"
import { DeadLetters } from "../../../src/store/dead-letters.ts"
import { EventEraser } from "../../../src/store/event-eraser.ts"
import { EventStore } from "../../../src/store/event-store.ts"
import { SettleReturn, StreamSink } from "../../../src/store/hand-over.ts"
import { memoryDeadLetters } from "../../../src/store/memory/dead-letters.ts"
import { memoryEventStore } from "../../../src/store/memory/event-store.ts"
import { memorySettleReturn, memoryStreamSink } from "../../../src/store/memory/hand-over.ts"
import { encodeSettlement } from "../../../src/store/settle-queue.ts"
import { batchText } from "../../cli/rejected/batches.ts"
import { routingEvent } from "../../store/events.ts"
import { START, statusLine } from "../../support/history.ts"
import { memoryKeptObjects } from "./doubles.ts"

const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const OTHER = "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"
const names = namesOf({ kind: "agent", value: ID })
const request = { number: "7", at: 9 }
const holding = { names, deleted: new Set<string>(), redacted: new Set<string>() }

const about = (id: string) => statusLine(id, "IDLE", START)
const ofOther = (id: string, note = "") => {
  const envelope = JSON.parse(about(id).replaceAll(ID, OTHER))
  envelope.detail.eventBody.note = note
  return JSON.stringify(envelope)
}

/** Everything in memory; `erased` are the events that were noted as erased. */
const setUp = () => {
  const [store, kept, letters, stream, settle] = [
    memoryEventStore(),
    memoryKeptObjects(),
    memoryDeadLetters(),
    memoryStreamSink(),
    memorySettleReturn()
  ]
  const erased: Array<unknown> = []
  const eraser = Layer.succeed(EventEraser, {
    bodies: () => Effect.succeed([]),
    erase: (events) =>
      Effect.sync(() => {
        erased.push(...events)
      }),
    drop: () => Effect.void
  })
  const layer = Layer.mergeAll(store.layer, kept.layer, letters.layer, stream.layer, settle.layer, eraser)
  return { store, kept, letters, stream, settle, erased, layer }
}

const at = (ms: number) => `2026-05-06/${ms}-0a`

describe("what is held for people", () => {
  const filled = () => {
    const site = setUp()
    const { put } = site.kept
    put("quarantine", `quarantine/NotJson/${at(START)}`, about("q1"))
    put("quarantine", `quarantine/NotJson/${at(START + 1)}`, ofOther("q2", `of ${ID}`))
    put("quarantine", `quarantine/NotJson/${at(START + 2)}`, ofOther("q3"))
    put("quarantine", `parked/append/${at(START)}`, about("p1"))
    put("quarantine", `redriven/quarantine/NotJson/${at(START)}`, about("r1"))
    put("quarantine", "audit/2026/1.json", `explain agent ${ID}`)
    put("quarantine", "audit/2026/2.json", `explain agent ${OTHER}`)
    put("quarantine", "elsewhere/1", about("no"))
    put("failures", "aws/lambda/a", batchText([about("f1"), ofOther("f2")]))
    put("failures", "aws/lambda/b", batchText([about("f3")]))
    put("failures", "aws/lambda/c", batchText([ofOther("f4")]))
    return site
  }
  const counted = [
    ["quarantine", 3, 1, 1],
    ["parked", 1, 1, 0],
    ["redriven", 1, 1, 0],
    ["failed batches", 3, 1, 1],
    ["uses of the command", 2, 0, 1]
  ]

  it.effect("is counted by place, and left alone, where nothing is asked to be erased", () => {
    const { kept, erased, layer } = filled()
    const before = JSON.stringify([kept.textsIn("quarantine"), kept.textsIn("failures")])
    return Effect.gen(function* () {
      const places = yield* eraseObjects(holding)
      assert.deepStrictEqual(
        places.map(({ place, searched, deleted, redacted }) => [place, searched, deleted, redacted]),
        counted
      )
      assert.strictEqual(JSON.stringify([kept.textsIn("quarantine"), kept.textsIn("failures")]), before)
      assert.deepStrictEqual(erased, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("loses the person, keeps what is noted beside it, and lets no event come back", () => {
    const { kept, erased, layer } = filled()
    return Effect.gen(function* () {
      const places = yield* eraseObjects({ ...holding, request })
      assert.deepStrictEqual(
        places.map(({ place, searched, deleted, redacted }) => [place, searched, deleted, redacted]),
        counted
      )
      assert.deepStrictEqual(kept.textsIn("quarantine"), {
        [`quarantine/NotJson/${at(START + 1)}`]: ofOther("q2", "of erased"),
        [`quarantine/NotJson/${at(START + 2)}`]: ofOther("q3"),
        "audit/2026/1.json": "explain agent erased",
        "audit/2026/2.json": `explain agent ${OTHER}`,
        "elsewhere/1": about("no")
      })
      assert.deepStrictEqual(Object.keys(kept.textsIn("failures")), ["aws/lambda/a", "aws/lambda/c"])
      assert.deepStrictEqual(kept.objects.quarantine.get("audit/2026/1.json")?.metadata, { note: "audit/2026/1.json" })
      assert.sameDeepMembers(
        erased,
        ["q1", "p1", "r1", "f1", "f3"].map((id) => ({ id, at: 9, request: "7" }))
      )
      assert.deepStrictEqual(
        (yield* eraseObjects({ ...holding, request })).map(({ deleted, redacted }) => deleted + redacted),
        [0, 0, 0, 0, 0]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("is cut as well where it was brought back already", () => {
    const { kept, layer } = setUp()
    kept.put("quarantine", `redriven/parked/append/${at(START)}`, ofOther("r1", `of ${ID}`))
    return Effect.gen(function* () {
      yield* eraseObjects({ ...holding, request })
      assert.deepStrictEqual(kept.textsIn("quarantine"), {
        [`redriven/parked/append/${at(START)}`]: ofOther("r1", "of erased")
      })
    }).pipe(Effect.provide(layer))
  })

  it.effect("is gone meanwhile without harm", () => {
    const { kept, layer } = filled()
    return Effect.gen(function* () {
      for (const key of [...kept.objects.failures.keys()]) kept.objects.failures.set(key, undefined as never)
      const places = yield* eraseObjects(holding)
      assert.deepStrictEqual(places[3], { place: "failed batches", searched: 0, deleted: 0, redacted: 0 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("is looked into to its last page, and exports are as well", () => {
    const { kept, layer } = setUp()
    for (let i = 0; i < 8; i++) {
      kept.put("quarantine", `audit/2026/${i}.json`, `explain agent ${ID}`)
      kept.put("exports", `export-${i}`, "x")
    }
    return Effect.gen(function* () {
      const places = yield* eraseObjects({ ...holding, request })
      assert.deepInclude(places.at(-1), { searched: 8, redacted: 8 })
      assert.notInclude(JSON.stringify(kept.textsIn("quarantine")), ID)
      assert.deepInclude(yield* eraseExports(holding), { searched: 8, deleted: 8 })
      assert.deepInclude(yield* eraseExports({ ...holding, request }), { searched: 8, deleted: 8 })
      assert.deepStrictEqual(kept.textsIn("exports"), {})
    }).pipe(Effect.provide(layer))
  })

  it.effect("as an export of the event table goes, whatever is in it", () => {
    const { kept, layer } = setUp()
    for (const key of ["a", "b", "c"]) kept.put("exports", key, "x")
    return Effect.gen(function* () {
      const found = { place: "exports", searched: 3, deleted: 3, redacted: 0 }
      assert.deepStrictEqual(yield* eraseExports(holding), found)
      assert.lengthOf(Object.keys(kept.textsIn("exports")), 3)
      assert.deepStrictEqual(yield* eraseExports({ ...holding, request }), found)
      assert.deepStrictEqual(kept.textsIn("exports"), {})
    }).pipe(Effect.provide(layer))
  })
})

const appendAll = (store: ReturnType<typeof memoryEventStore>, ids: ReadonlyArray<string>) =>
  EventStore.use(({ append }) => append(ids.map((id) => routingEvent(id)))).pipe(Effect.provide(store.layer))

describe("an event that is noted as erased", () => {
  it.effect("is one that the store does not have", () => {
    const { store, erased, layer } = setUp()
    return Effect.gen(function* () {
      // Nobody is asked of none.
      yield* bury([], request).pipe(
        Effect.provideService(EventStore, { read: () => Effect.die("asked") } as never),
        Effect.provideService(EventEraser, { erase: () => Effect.die("erased") } as never)
      )
      yield* appendAll(store, ["known"])
      yield* bury(["known", "unknown"], request)
      assert.deepStrictEqual(erased, [{ id: "unknown", at: 9, request: "7" }])
    }).pipe(Effect.provide(layer))
  })
})

/** Dead letters that never end, each call of which takes ten seconds. */
const endlessLetters = (onCall: () => void) =>
  Layer.succeed(DeadLetters, {
    receive: (_, most, hidden) =>
      Effect.gen(function* () {
        assert.deepStrictEqual([most, hidden], [100, 60])
        onCall()
        yield* TestClock.adjust(10_000)
        return [{ receipt: "r", body: "x", sent: 0, receives: 1, attempts: 0 }]
      }),
    remove: () => Effect.succeed(new Set<string>())
  })

describe("dead letters", () => {
  const update = (entity: string) =>
    ({
      ...{ projection: "agents-v2", entity, row: "state", register: "x", value: 1, late: false },
      stamp: { clock: 1, published: 1, eventId: "e" }
    }) as never
  const both = encodeSettlement([update(ID), update(OTHER)])

  const filled = () => {
    const site = setUp()
    site.letters.add("rule", about("d1"), 0)
    site.letters.add("rule", ofOther("d2", `of ${ID}`), 0, { attempts: 2 })
    site.letters.add("rule", ofOther("d3"), 0)
    site.letters.add("settle", both, 0, { attempts: 3 })
    site.letters.add("settle", encodeSettlement([update(OTHER)]), 0)
    return site
  }
  const places = [
    { place: "dead letters of the rule", searched: 3, deleted: 1, redacted: 1 },
    { place: "dead letters of the settle queue", searched: 2, deleted: 0, redacted: 1 }
  ]

  it.effect("are counted, hidden for a minute, and left alone, where nothing is asked to be erased", () => {
    const { letters, stream, settle, erased, layer } = filled()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* eraseLetters(holding), places)
      assert.lengthOf([...letters.waiting("rule"), ...letters.waiting("settle")], 5)
      assert.deepStrictEqual([stream.records(), settle.messages(), erased], [[], [], []])
      yield* TestClock.adjust(59_999)
      assert.strictEqual((yield* eraseLetters(holding))[0]?.searched, 0)
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* eraseLetters(holding))[0]?.searched, 3)
    }).pipe(Effect.provide(layer))
  })

  it.effect("go, and what is left of them goes where a redrive would bring it", () => {
    const { letters, stream, settle, erased, layer } = filled()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* eraseLetters({ ...holding, request }), places)
      assert.deepStrictEqual(
        letters.waiting("rule").map(({ body }) => body),
        [ofOther("d3")]
      )
      assert.lengthOf(letters.waiting("settle"), 1)
      assert.deepStrictEqual(
        stream.records().map(({ key, data }) => [key, Buffer.from(data).toString()]),
        [[`v2.users.${OTHER}.routingStatus`, ofOther("d2", "of erased")]]
      )
      assert.deepStrictEqual(settle.messages(), [{ body: encodeSettlement([update(OTHER)]), attempts: 3 }])
      assert.deepStrictEqual(erased, [{ id: "d1", at: 9, request: "7" }])
    }).pipe(Effect.provide(layer))
  })

  it.effect("stay until what is left of them was taken", () => {
    const { letters, layer } = filled()
    const unavailable = { _tag: "unavailable", reason: "x" } as const
    const full = Layer.mergeAll(
      Layer.succeed(StreamSink, { put: () => Effect.succeed([unavailable]) }),
      Layer.succeed(SettleReturn, { send: () => Effect.succeed([unavailable]) })
    )
    return Effect.gen(function* () {
      yield* eraseLetters({ ...holding, request })
      assert.lengthOf(letters.waiting("rule"), 2)
      assert.lengthOf(letters.waiting("settle"), 2)
    }).pipe(Effect.provide(Layer.mergeAll(layer, full)))
  })

  it.effect("of what is no event go under the kind of the person, which names nobody", () => {
    const { letters, stream, layer } = setUp()
    letters.add("rule", JSON.stringify({ a: 1, userId: ID }), 0)
    return Effect.gen(function* () {
      yield* eraseLetters({ ...holding, request })
      assert.deepStrictEqual(
        stream.records().map(({ key, data }) => [key, Buffer.from(data).toString()]),
        [["agent", '{"a":1}']]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("that a run had in hand when it was cut off are waited for, for as long as they are hidden", () => {
    const { layer } = filled()
    const resumed = { ...holding, request: { ...request, notes: new Map([["begun", 1 as never]]) } }
    return Effect.gen(function* () {
      yield* eraseLetters(holding)
      const afresh = yield* eraseLetters({ ...holding, request })
      assert.deepStrictEqual(
        afresh.map(({ searched }) => searched),
        [0, 0]
      )
      const waiting = yield* Effect.forkChild(eraseLetters(resumed))
      yield* TestClock.adjust(59_999)
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* Fiber.join(waiting), places)
    }).pipe(Effect.provide(layer))
  })

  it.effect("are looked at for half as long as they are hidden, however many there are", () => {
    const { layer } = setUp()
    let received = 0
    const endless = Layer.effectDiscard(Effect.void)
    const letters = Layer.mergeAll(
      layer,
      endless,
      endlessLetters(() => received++)
    )
    return Effect.gen(function* () {
      const [rule] = yield* eraseLetters(holding)
      // Each call takes ten seconds: after three, half a minute is over.
      assert.strictEqual(rule?.searched, 3)
      assert.strictEqual(received, 6)
    }).pipe(Effect.provide(letters))
  })
})
