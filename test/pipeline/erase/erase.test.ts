import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import type { Json } from "../../../src/domain/json.ts"
import { namesOf, type Person } from "../../../src/genesys/person.ts"
import { mentions } from "../../../src/genesys/redact.ts"
import { eraseArchive } from "../../../src/pipeline/erase/archive.ts"
import { type Erased, erase } from "../../../src/pipeline/erase/erase.ts"
import { searchEvents } from "../../../src/pipeline/erase/events.ts"
import { openRequest, type Request } from "../../../src/pipeline/erase/request.ts"
import { Archive, type ArchivedEvent } from "../../../src/store/archive.ts"
import { Directory } from "../../../src/store/directory.ts"
import { EntityEraser } from "../../../src/store/entity-eraser.ts"
import { ErasureJournal } from "../../../src/store/erasure-journal.ts"
import { EventEraser } from "../../../src/store/event-eraser.ts"
import { memoryArchive } from "../../../src/store/memory/archive.ts"
import { memoryDeadLetters } from "../../../src/store/memory/dead-letters.ts"
import { memoryDirectory } from "../../../src/store/memory/directory.ts"
import { memorySettleReturn, memoryStreamSink } from "../../../src/store/memory/hand-over.ts"
import { rowKey } from "../../../src/store/projection-store.ts"
import { RowEraser } from "../../../src/store/row-eraser.ts"
import { makeCore, modelOf } from "../../support/core.ts"
import { arrivalsOf, historyOf, START } from "../../support/history.ts"
import { memoryErasureJournal, memoryKeptObjects } from "./doubles.ts"

const END = Date.UTC(2030, 0)

/** The core after so many events, with everything that an erasure needs. `gone`: keys of rows that were removed. */
const lived = async (count: number) => {
  const core = makeCore()
  await core.deliver(arrivalsOf(historyOf(count, { agents: 4, queues: 2 })))
  await core.settle(core.queue.take(END))
  const [journal, objects, letters, directory, archive] = [
    memoryErasureJournal(),
    memoryKeptObjects(),
    memoryDeadLetters(),
    memoryDirectory(),
    memoryArchive()
  ]
  const gone = new Set<string>()
  const dropped: Array<string> = []
  const rowEraser = Layer.succeed(RowEraser, {
    remove: (rows) =>
      Effect.sync(() => {
        for (const row of rows) gone.add(rowKey(row))
        return rows.map(() => "removed" as const)
      })
  })
  const entries = Layer.succeed(EntityEraser, {
    remove: () => Effect.void,
    drop: ({ projection, entity }) =>
      Effect.sync(() => {
        dropped.push(`${projection} ${entity}`)
        return 1
      })
  })
  const layer = Layer.mergeAll(
    ...[core.events.eraser, journal.layer, objects.layer, letters.layer, directory.layer],
    ...[memoryStreamSink().layer, memorySettleReturn().layer, rowEraser, entries]
  ) as Layer.Layer<never>
  const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> =>
    core.run(Effect.provide(effect, layer) as Effect.Effect<A, E, never>)
  const counts = new Map<string, number>()
  for (const line of core.dump()) {
    const [projection = "", entity = ""] = line.split(" ")
    if (projection.startsWith("agents")) counts.set(entity, (counts.get(entity) ?? 0) + 1)
  }
  const [[agent] = [""]] = [...counts].sort(([, a], [, b]) => b - a)
  /** What stands in rows that are not removed. */
  const rows = () => core.dump().filter((line) => !gone.has(rowKeyOf(line)))
  return { core, journal, objects, directory, archive, gone, dropped, run, agent, rows }
}

const rowKeyOf = (line: string): string => {
  const [projection = "", entity = "", row = ""] = line.split(" ")
  return rowKey({ projection, entity, row })
}

const placeIn = ({ places }: Erased, name: string) =>
  places.find(({ place }) => place === name) ?? assert.fail(`no ${name}`)

const search = (person: Person, request?: Request) =>
  erase({
    ...{ names: namesOf(person), segments: 2, index: false, directory: true },
    ...(request === undefined ? {} : { request })
  })

describe("an erasure", () => {
  it("[P1] takes the agent out of events and rows, and leaves rows as a replay of what is left would make them", async () => {
    const site = await lived(160)
    const { core, run, agent, journal, gone, dropped } = site
    const person: Person = { kind: "agent", value: agent }
    const before = core.dump()
    assert.isTrue(before.some((line) => line.includes(agent)))

    const counted = await run(search(person))
    assert.deepStrictEqual(core.dump(), before, "a search changes nothing")
    assert.strictEqual(gone.size, 0)
    assert.deepStrictEqual([dropped, journal.removed], [[], []])

    const places: Array<string> = []
    const done = await run(
      Effect.gen(function* () {
        const request = (yield* openRequest("7", person)) ?? assert.fail("of somebody else")
        const onPlace = (place: string) => Effect.sync(() => void places.push(place))
        return yield* erase({
          ...{ names: namesOf(person), segments: 2, index: false, directory: true, request },
          onPlace
        })
      })
    )
    assert.deepStrictEqual(places, ["events", "rows", "directory", "what is held"])
    const events = placeIn(done, "events")
    assert.deepStrictEqual(events, placeIn(counted, "events"))
    assert.isAbove(events.deleted, 0)
    assert.isAbove(events.redacted, 0)
    assert.isAbove(placeIn(done, "agents-v2").deleted, 0)
    assert.isAbove(placeIn(done, "queues-v2").redacted + placeIn(done, "queues-v2").deleted, 0)
    for (const { envelope } of core.events.stored().values())
      assert.isFalse(mentions(namesOf(person), envelope as Json), String(envelope.id))
    const left = site.rows()
    for (const line of left) assert.notInclude(line, agent)
    // Rows are not removed from this store, so that its summaries still count them.
    const isSummary = (line: string) => /^queues-v\d+ \S+ state /.test(line)
    assert.deepStrictEqual(
      left.filter((line) => !isSummary(line)),
      modelOf(core.events.stored()).filter((line) => !isSummary(line))
    )
    assert.deepStrictEqual(journal.removed, ["7"])
    assert.includeMembers(dropped, [`agents ${agent}`, `queues ${agent}`])
    assert.strictEqual(done.unreadable, 0)
    assert.deepStrictEqual(
      done.places.map(({ place }) => place).filter((place) => !/-v\d+$/.test(place)),
      [
        ...["events", "directory", "quarantine", "parked", "redriven", "failed batches", "uses of the command"],
        ...["dead letters of the rule", "dead letters of the settle queue", "exports"]
      ]
    )
  })

  it("looks for a conversation in no name of the directory, and counts nothing there as changed", async () => {
    const { run, directory } = await lived(1)
    const value = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
    const entries = [{ kind: "agents" as const, id: "a", at: START, name: `of ${value}` }]
    await run(Directory.use(({ put }) => put(entries)).pipe(Effect.provide(directory.layer)))
    const found = await run(search({ kind: "conversation", value }))
    assert.deepStrictEqual(placeIn(found, "directory"), { place: "directory", searched: 0, deleted: 0, redacted: 0 })
  })

  it("counts what an earlier run of the request has erased, tells how far it is, and drops bodies that are noted", async () => {
    const { run, agent, objects } = await lived(60)
    const person: Person = { kind: "agent", value: agent }
    const first = await run(search(person))
    objects.put("quarantine", "audit/2026/1.json", `explain agent ${agent}`)
    const dropped: Array<string> = []
    let told = 0
    const again = await run(
      Effect.gen(function* () {
        const inner = yield* EventEraser
        const dropping = {
          ...inner,
          drop: (bodies: ReadonlyArray<string>) => Effect.sync(() => void dropped.push(...bodies))
        }
        const request = (yield* openRequest("7", person)) ?? assert.fail("of somebody else")
        yield* searchEvents({ names: namesOf(person), segments: 2, request })
        yield* ErasureJournal.use(({ write }) =>
          write("7", "found-earlier", { deleted: ["e-x"], redacted: [], bodies: ["b-1"] })
        )
        // A run that goes on waits for letters that the one before had in hand; this one does not.
        return yield* erase({
          ...{ names: namesOf(person), segments: 2, index: false, directory: false, request },
          onEvents: () => Effect.sync(() => void told++)
        }).pipe(Effect.provideService(EventEraser, dropping))
      })
    )
    const [events, before] = [placeIn(again, "events"), placeIn(first, "events")]
    assert.deepStrictEqual([events.deleted, events.redacted], [before.deleted + 1, before.redacted])
    assert.deepStrictEqual(dropped, ["b-1"])
    assert.deepStrictEqual(objects.textsIn("quarantine"), { "audit/2026/1.json": "explain agent erased" })
    assert.isAbove(told, 0)
  })

  it("takes a name out of the directory: of an agent by the id, and of whoever has the address", async () => {
    const { run, directory } = await lived(1)
    const [one, two] = ["6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58", "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"] as const
    const entry = (id: string, email: string, name = "x") => ({ kind: "agents" as const, id, at: START, name, email })
    const ids = () => [...directory.held().values()].map(({ id }) => id).sort()
    await run(
      Directory.use(({ put }) =>
        put([
          entry(one, "ada@example.org"),
          entry(two, "bob@example.org", "of ada@example.org"),
          ...Array.from({ length: 700 }, (_, i) => entry(`id-${i}`, `p${i}@example.org`))
        ])
      ).pipe(Effect.provide(directory.layer))
    )
    const address: Person = { kind: "address", value: "ada@example.org" }
    assert.strictEqual(placeIn(await run(search(address)), "directory").deleted, 2)
    assert.lengthOf(ids(), 702)
    const erased = (person: Person, number: string) =>
      run(Effect.flatMap(openRequest(number, person), (request) => search(person, request)))
    assert.strictEqual(placeIn(await erased({ kind: "conversation", value: one }, "6"), "directory").deleted, 0)
    assert.strictEqual(placeIn(await erased({ kind: "agent", value: one }, "7"), "directory").deleted, 1)
    assert.notInclude(ids(), one)
    assert.strictEqual(
      placeIn(await erased({ kind: "address", value: "p650@example.org" }, "8"), "directory").deleted,
      1
    )
    assert.notInclude(ids(), "id-650")
    assert.lengthOf(ids(), 700)
    const without = await run(erase({ names: namesOf(address), segments: 1, index: false, directory: false }))
    assert.strictEqual(placeIn(without, "directory").searched, 0)
  })
})

describe("the archive", () => {
  const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
  const OTHER = "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"
  const names = namesOf({ kind: "agent", value: ID })

  it("loses what is about the person, keeps of other events what is left, and what it loses cannot come back", async () => {
    const { core, run, archive } = await lived(30)
    const stored = [...core.events.stored()]
    const [, { envelope: some, received } = assert.fail("no event")] = stored[0] ?? []
    const archived = (id: string, more: Partial<ArchivedEvent>): ArchivedEvent => ({
      ...{ id, topic: "t", published: 1, received },
      ...more
    })
    const body = (id: string, text: string) =>
      JSON.parse(JSON.stringify({ ...some, id }).replace(/"account":"[^"]*"/, `"account":"${text}"`))
    const events: ReadonlyArray<ArchivedEvent> = [
      archived("plain", { envelope: body("plain", OTHER) }),
      archived("named", { envelope: body("named", `of ${ID}`) }),
      archived("deleted", { envelope: body("deleted", OTHER) }),
      archived("bare", { item: { a: ID } }),
      archived("other", { item: { a: OTHER } }),
      archived("empty", {})
    ]
    const erased: Array<string> = []
    const eraser = Layer.succeed(EventEraser, {
      bodies: () => Effect.succeed([]),
      erase: (all) => Effect.sync(() => void erased.push(...all.map(({ id }) => id))),
      drop: () => Effect.void
    })
    const holding = { names, deleted: new Set(["deleted"]), redacted: new Set<string>() }
    const result = await run(
      Effect.gen(function* () {
        const { write, list, seal, windows, objects, read } = yield* Archive
        const object = yield* write({ window: 1, hour: START, part: "a" }, events)
        const calm = yield* write({ window: 1, hour: START + 3_600_000, part: "a" }, events.slice(0, 1))
        const key = yield* list(1, "a", [object, calm])
        yield* seal({ window: 1, state: "sealed", sealedAt: 1, items: 7, bytes: 1, lists: [key] })
        const counted = yield* eraseArchive(holding)
        assert.deepStrictEqual(yield* read(object), events)
        assert.deepStrictEqual(erased, [])
        const done = yield* eraseArchive({ ...holding, request: { number: "7", at: 9 } })
        const [window = assert.fail("no window")] = yield* windows
        const left = yield* Effect.forEach(yield* objects(window), (one) => read(one))
        return {
          counted,
          done,
          left,
          items: window.items,
          again: yield* eraseArchive({ ...holding, request: { number: "7", at: 9 } })
        }
      }).pipe(Effect.provide(Layer.merge(archive.layer, eraser)))
    )
    assert.deepStrictEqual(result.counted, result.done)
    const [place = assert.fail("no place")] = result.done
    assert.deepInclude(place, { place: "archive", searched: 7 })
    const [first = [], second = []] = result.left
    assert.notInclude(JSON.stringify(first), ID)
    assert.deepStrictEqual(second, events.slice(0, 1))
    const ids = first.map(({ id }) => id)
    assert.includeMembers(ids, ["plain", "other", "empty"])
    for (const id of ["deleted", "bare"]) assert.notInclude(ids, id)
    assert.strictEqual(place.deleted, events.length - first.length)
    assert.strictEqual(place.redacted, ids.includes("named") ? 1 : 0)
    assert.strictEqual(result.items, first.length + 1)
    assert.sameMembers(erased, ["named", "deleted", "bare"])
    assert.deepInclude(result.again[0], { searched: first.length + 1, deleted: 0, redacted: 0 })
  })

  it("takes of an event that was cut what the table has of it", async () => {
    const { core, run, archive } = await lived(30)
    const [id, { envelope, received }] = [...core.events.stored()][3] ?? assert.fail("no event")
    const old = { id, topic: "t", published: 1, received, envelope: { ...envelope, note: `of ${ID}` } } as ArchivedEvent
    const left = await run(
      Effect.gen(function* () {
        const { write, list, seal, windows, objects, read } = yield* Archive
        const object = yield* write({ window: 1, hour: START, part: "a" }, [old])
        const key = yield* list(1, "a", [object])
        yield* seal({ window: 1, state: "sealed", sealedAt: 1, items: 1, bytes: 1, lists: [key] })
        const found = yield* eraseArchive({
          ...{ names, deleted: new Set<string>(), redacted: new Set([id]) },
          request: { number: "7", at: yield* Clock.currentTimeMillis }
        })
        assert.deepStrictEqual(found, [
          { place: "archive", searched: 1, deleted: 0, redacted: 1 },
          { place: "archive, earlier versions", searched: 0, deleted: 0, redacted: 0 }
        ])
        const [window = assert.fail("no window")] = yield* windows
        const [one = assert.fail("no object")] = yield* objects(window)
        return yield* read(one)
      }).pipe(Effect.provide(archive.layer))
    )
    assert.deepStrictEqual(left, [{ id, topic: "t", published: 1, received, envelope }])
  })

  it("is none of the places of a stack without one", async () => {
    const { run } = await lived(1)
    assert.deepStrictEqual(await run(eraseArchive({ names, deleted: new Set(), redacted: new Set() })), [])
  })
})
