import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { hourAt } from "../../src/domain/archive-window.ts"
import { Archive, type ArchivedEvent, type ArchiveObject } from "../../src/store/archive.ts"
import { coldSource } from "../../src/store/cold-source.ts"
import { EventSource } from "../../src/store/event-source.ts"
import { memoryArchive } from "../../src/store/memory/archive.ts"
import { START, statusLine } from "../support/history.ts"

const archived = (id: string): ArchivedEvent => ({
  id,
  topic: "t",
  published: START,
  received: START,
  envelope: JSON.parse(statusLine(id, "IDLE", START))
})
const events = ["a", "b", "c", "d", "e"].map(archived)

const emptyTable = Layer.succeed(EventSource, {
  page: () => Effect.succeed({ events: [], unreadable: [], skipped: 0, readUnits: 0 })
})

/** Five events in an object, and a source that has read nothing yet. */
const site = Effect.gen(function* () {
  const { layer } = memoryArchive()
  const archive = yield* Effect.provide(Archive, layer)
  const object = yield* archive.write({ window: 7, hour: hourAt(START), part: "1-0-0" }, events)
  const lists = [yield* archive.list(7, "1-0-0", [object])]
  yield* archive.seal({ window: 7, state: "sealed", sealedAt: START, items: 5, bytes: object.bytes, lists })
  const source = Effect.provide(EventSource, Layer.provide(coldSource(emptyTable), Layer.succeed(Archive, archive)))
  return { archive, object, source }
})

/** The ids of what is behind a cursor, read as by another process. */
const rest = Effect.fnUntraced(function* (source: Effect.Effect<EventSource["Service"]>, from: string) {
  const { page } = yield* source
  const ids: Array<string> = []
  for (let cursor: string | undefined = from; cursor !== undefined; ) {
    const read: Effect.Success<ReturnType<typeof page>> = yield* page({ segment: 0, segments: 1, limit: 2, cursor })
    ids.push(...read.events.map(({ id }) => id))
    cursor = read.cursor
  }
  return ids
})

const afterTwo = Effect.fnUntraced(function* (
  change: (archive: Archive["Service"], object: ArchiveObject) => Effect.Effect<unknown, unknown>
) {
  const { archive, object, source } = yield* site
  const { page } = yield* source
  const first = yield* page({ segment: 0, segments: 1, limit: 2 })
  assert.deepStrictEqual(
    first.events.map(({ id }) => id),
    ["a", "b"]
  )
  yield* Effect.orDie(change(archive, object))
  return yield* rest(source, first.cursor ?? assert.fail("no cursor"))
})

describe("a source that goes on in an object of the archive", () => {
  it.effect("reads each event once", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* afterTwo(() => Effect.void), ["c", "d", "e"])
    })
  )

  it.effect("misses none where events before it were erased meanwhile", () =>
    Effect.gen(function* () {
      const read = yield* afterTwo((archive, object) => archive.replace(object, () => Effect.succeed(events.slice(1))))
      for (const id of ["c", "d", "e"]) assert.include(read, id)
    })
  )

  it.effect("reads what its list named and an erasure has changed before it was read", () =>
    Effect.gen(function* () {
      const { archive, source } = yield* site
      const later = { window: 7, hour: hourAt(START) + 3_600_000, part: "1-0-0" }
      const [object, more] = [
        yield* archive.write({ window: 7, hour: hourAt(START), part: "1-0-0" }, events.slice(0, 2)),
        yield* archive.write(later, events.slice(2))
      ]
      yield* archive.list(7, "1-0-0", [object, more])
      const { page } = yield* source
      const first = yield* page({ segment: 0, segments: 1, limit: 2 })
      yield* archive.replace(more, () => Effect.succeed(events.slice(3)))
      const cursor = first.cursor ?? assert.fail("no cursor")
      const second = yield* page({ segment: 0, segments: 1, limit: 5, cursor })
      assert.deepStrictEqual(
        [first, second].map((one) => one.events.map(({ id }) => id)),
        [
          ["a", "b"],
          ["d", "e"]
        ]
      )
    })
  )

  it.effect("goes on from a cursor that an earlier version has kept", () =>
    Effect.gen(function* () {
      const { source } = yield* site
      assert.deepStrictEqual(yield* rest(source, "archive:0:2:lists/7/1-0-0.json"), ["c", "d", "e"])
    })
  )
})
