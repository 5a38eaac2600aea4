import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { hourAt } from "../../../src/domain/archive-window.ts"
import type { Json } from "../../../src/domain/json.ts"
import { namesOf } from "../../../src/genesys/person.ts"
import { eraseArchive } from "../../../src/pipeline/erase/archive.ts"
import { Archive, type ArchivedEvent } from "../../../src/store/archive.ts"
import { EventEraser } from "../../../src/store/event-eraser.ts"
import { memoryArchive } from "../../../src/store/memory/archive.ts"
import { memoryEventStore } from "../../../src/store/memory/event-store.ts"
import { START, statusLine } from "../../support/history.ts"
import { memoryErasureJournal } from "./doubles.ts"

const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const OTHER = "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"
const names = namesOf({ kind: "agent", value: ID })

const archived = (id: string, agent: string): ArchivedEvent => {
  const envelope = JSON.parse(statusLine(id, "IDLE", START).replaceAll(ID, agent))
  return { id, topic: envelope["detail-type"], published: START, received: START, envelope }
}

const place = (part: string) => ({ window: 7, hour: hourAt(START), part })
const of = (request?: { readonly number: string; readonly at: number; readonly notes?: ReadonlyMap<string, Json> }) =>
  eraseArchive({ names, deleted: new Set(), redacted: new Set(), ...(request && { request }) })

const site = () => {
  const erased: Array<string> = []
  const eraser = Layer.succeed(EventEraser, {
    bodies: () => Effect.succeed([]),
    erase: (events) => Effect.sync(() => void erased.push(...events.map(({ id }) => id))),
    drop: () => Effect.void
  })
  const [archive, journal] = [memoryArchive(), memoryErasureJournal()]
  const layer = Layer.mergeAll(archive.layer, journal.layer, memoryEventStore().layer, eraser)
  return { erased, archive, journal, layer }
}

describe("the archive, searched for a person", () => {
  it("is searched in what a pass of the archiver has written and not sealed yet, and the lists of that stay right", () => {
    const { erased, archive, layer } = site()
    return Effect.gen(function* () {
      const { write, list, seal, windows, objects, read } = yield* Archive
      const lost = yield* write(place("1-0-0"), [archived("lost", ID)])
      const own = yield* write(place("1-0-1"), [archived("a", ID), archived("b", OTHER)])
      const key = yield* list(7, "1-0-1", [own])

      assert.deepStrictEqual(yield* of(), [{ place: "archive", searched: 3, deleted: 2, redacted: 0 }])
      assert.deepStrictEqual(yield* of({ number: "7", at: 9 }), [
        { place: "archive", searched: 3, deleted: 2, redacted: 0 }
      ])
      assert.sameMembers(erased, ["lost", "a"])
      assert.deepStrictEqual(yield* read(lost, "unchecked"), [])

      // The pass goes on, and knows nothing of it.
      yield* seal({ window: 7, state: "sealed", sealedAt: START, items: 2, bytes: own.bytes, lists: [key] })
      const [window] = yield* windows
      const [object, ...more] = window === undefined ? [] : yield* objects(window)
      assert.deepStrictEqual([object?.tally.items, more], [1, []])
      assert.deepStrictEqual(object && (yield* read(object)), [archived("b", OTHER)])
      assert.deepStrictEqual(yield* of(), [{ place: "archive", searched: 1, deleted: 0, redacted: 0 }])
      assert.strictEqual(archive.kept().size, 4)
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })

  it("loses earlier versions of an object also where a run was cut off before it deleted them", () => {
    const { archive, journal, layer } = site()
    return Effect.gen(function* () {
      const inner = yield* Archive
      const own = yield* inner.write(place("1-0-0"), [archived("a", ID), archived("b", OTHER)])
      const replaced: Array<string> = []
      let dies = true
      // The new version is there, and those before it are too.
      const dying = Archive.of({
        ...inner,
        replace: (object, events) =>
          Effect.gen(function* () {
            if (!dies) replaced.push(object.key)
            yield* dies ? inner.write(place("1-0-0"), events) : inner.replace(object, events)
            return dies ? yield* Effect.die("cut off") : object
          })
      })
      const run = (notes: ReadonlyMap<string, Json>) =>
        Effect.exit(Effect.provideService(of({ number: "7", at: 9, notes }), Archive, dying))
      assert.strictEqual((yield* run(new Map()))._tag, "Failure")
      assert.lengthOf(yield* inner.read(own, "unchecked"), 1)
      dies = false
      assert.strictEqual((yield* run(journal.notes("7")))._tag, "Success")
      assert.deepStrictEqual(replaced, [own.key])
      assert.strictEqual(archive.kept().size, 1)
    }).pipe(Effect.provide(layer), Effect.runPromise)
  })
})
