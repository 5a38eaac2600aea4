import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { assert, describe, it } from "vitest"
import { windowStart } from "../../src/domain/archive-window.ts"
import { namesOf } from "../../src/genesys/person.ts"
import { newSegment, type SegmentState, slotOf } from "../../src/pipeline/archive/state.ts"
import { eraseArchive } from "../../src/pipeline/erase/archive.ts"
import { Archive } from "../../src/store/archive.ts"
import { archiveOn } from "../../src/store/archive-objects.ts"
import { EventEraser } from "../../src/store/event-eraser.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { memoryEventStore } from "../../src/store/memory/event-store.ts"
import { noTally } from "../../src/store/tally.ts"
import { event, HOUR, makeWeeks } from "../pipeline/archive/weeks.ts"
import {
  archiveTable,
  consistentPasses,
  copyAfter,
  copyTable,
  erasureTable,
  LIST_READS,
  SAVES,
  storageAfter
} from "./archive-costs.ts"

const page = readFileSync(join(import.meta.dirname, "../../docs/costs.md"), "utf8")

/** As the page counts it for larger centres. */
const bytes = Number(/\| bytes of an event as it is stored \| [\d,]+ \| ([\d,]+) \|/.exec(page)?.[1]?.replace(",", ""))

/** Before bodies were compressed by dictionaries. */
const BEFORE = 788

describe("the costs of an archive", () => {
  it("are those of the page, from the units that it counts", () => {
    const stands = /<!-- begin archive -->\n([\s\S]*?)\n<!-- end archive -->/.exec(page)?.[1]
    assert.strictEqual(stands, archiveTable(bytes))
  })

  it("of which a copy in another account has a table of its own, and doubles what is kept", () => {
    const stands = /<!-- begin copy -->\n([\s\S]*?)\n<!-- end copy -->/.exec(page)?.[1]
    assert.strictEqual(stands, copyTable())
    assert.strictEqual(copyAfter(1_000, 5, true).kept, storageAfter(1_000, bytes, 5, 30).archive)
    assert.isBelow(copyAfter(1_000, 1, true).all, storageAfter(1_000, bytes, 1, 30).with / 5)
  })

  it("are at most a fifth of what storage costs without it after a year, with small events and with large ones", () => {
    for (const size of [bytes, BEFORE]) {
      const after = storageAfter(1_000, size, 1, 30)
      assert.isBelow(after.with, after.without / 5)
    }
    const [now, before] = [storageAfter(1_000, bytes, 1, 30), storageAfter(1_000, BEFORE, 1, 30)]
    assert.isBelow(now.with, before.without / 12)
  })
})

describe("what an archive costs besides, in what the page counts", () => {
  const FIRST = 100

  /** Saves of its one segment and reads of lists, of a pass that writes so many parts and of the one that compares them. */
  const passesOf = async (parts: number) => {
    const weeks = makeWeeks(FIRST, { held: 2 })
    await weeks.tickAt(windowStart(FIRST))
    weeks.stored.push(...Array.from({ length: 2 * parts }, (_, n) => event(`e-${n}`, FIRST)))
    await weeks.tickAt(windowStart(FIRST + 1) + HOUR)
    weeks.calls.length = 0
    await weeks.tickAt(windowStart(FIRST + 2) + HOUR)
    const saves = (pass: number) => weeks.written.filter(([key]) => key === `archive/${pass}/0`).length
    const [window] = await weeks.windows()
    assert.deepInclude(window, { state: "confirmed", items: 2 * parts })
    return {
      written: saves(1),
      compared: saves(2),
      reads: weeks.calls.filter((call) => call === `objects ${FIRST}`).length
    }
  }

  it("is what a pass saves of each part and list, and reads of each list", async () => {
    const [few, many] = [await passesOf(2), await passesOf(7)]
    assert.strictEqual(many.written - few.written, 5 * SAVES.part)
    assert.strictEqual(many.compared - few.compared, 5 * SAVES.list)
    // One by one to read objects back, and once all of them to count the week.
    assert.deepStrictEqual([few.reads, many.reads], [2 + 1, 7 + 1])
    assert.strictEqual(LIST_READS, 2)
  })

  it("is as large as the state of a segment that reads two weeks", () => {
    const slots = (window: number) =>
      Object.fromEntries(
        Array.from({ length: 168 }, (_, hour) => [
          slotOf(window, windowStart(window) + hour * HOUR),
          { ...noTally, items: 56_250 }
        ])
      )
    const lists = Array.from({ length: 47 }, (_, n) => `lists/2969/53-17-${n}.json`)
    const table: SegmentState = {
      ...newSegment,
      lists: { 2969: lists },
      bytes: { 2969: 1_575_000_000 },
      table: { ...slots(2968), ...slots(2969) }
    }
    const unitsOf = (state: SegmentState) => Math.ceil(Buffer.byteLength(JSON.stringify(state)) / 1_024)
    const objects = unitsOf({ ...table, archive: slots(2968) })
    assert.deepStrictEqual({ table: unitsOf(table), objects }, SAVES.units)
  })

  it("is what an erasure asks for: pages of keys, each list twice, and each object once", async () => {
    const [kept, gets, pages] = [new Map<string, Uint8Array>(), new Map<string, number>(), [] as Array<string>]
    const place = archiveOn({
      put: (key, body) => Effect.sync(() => void kept.set(key, body)).pipe(Effect.as(true)),
      get: (key) =>
        Effect.sync(() => {
          gets.set(key, (gets.get(key) ?? 0) + 1)
          const bytes = kept.get(key)
          return bytes === undefined ? null : { bytes, tag: "" }
        }),
      former: (prefix) => Effect.sync(() => void pages.push(`before ${prefix}`)).pipe(Effect.as([])),
      drop: () => Effect.void,
      keys: (prefix) =>
        Effect.sync(() => {
          pages.push(prefix)
          return [...kept.keys()].filter((key) => key.startsWith(prefix))
        })
    })
    const eraser = Layer.succeed(EventEraser, {
      bodies: () => Effect.die("nobody is named"),
      erase: () => Effect.die("nobody is named"),
      drop: () => Effect.die("nobody is named")
    })
    const layers = Layer.mergeAll(
      Layer.succeed(Archive, place),
      memoryEventStore().layer,
      memoryControl().layer,
      eraser
    )
    await Effect.runPromise(
      Effect.gen(function* () {
        const write = Effect.fnUntraced(function* (part: string) {
          const object = yield* place.write({ window: 7, hour: 0, part }, [
            { id: part, topic: "t", published: 1, received: 1, envelope: { id: part } }
          ])
          return { object, list: yield* place.list(7, part, [object]) }
        })
        const [one, two, left] = [yield* write("1-0-0"), yield* write("1-0-1"), yield* write("1-0-2")]
        const lists = [one.list, two.list]
        const bytes = one.object.bytes + two.object.bytes
        yield* place.seal({ window: 7, state: "sealed", sealedAt: 1, items: 2, bytes, lists })
        yield* eraseArchive({
          names: namesOf({ kind: "agent", value: "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58" }),
          deleted: new Set(),
          redacted: new Set(),
          request: { number: "1", at: 1 }
        })
        assert.deepStrictEqual(pages, ["events/", "lists/", "windows/", "windows/", "before events/"])
        const asked = (...keys: ReadonlyArray<string>) => keys.map((key) => gets.get(key))
        assert.deepStrictEqual(asked(one.list, two.list, left.list), [2, 2, 1])
        assert.deepStrictEqual(asked(one.object.key, two.object.key, left.object.key), [1, 1, 1])
      }).pipe(Effect.provide(layers))
    )
  })

  it("is what the pages say of an erasure and of consistent reads", () => {
    const stands = /<!-- begin erasure -->\n([\s\S]*?)\n<!-- end erasure -->/.exec(page)?.[1]
    assert.strictEqual(stands, erasureTable(bytes))
    const archive = readFileSync(join(import.meta.dirname, "../../docs/archive.md"), "utf8")
    assert.include(archive, `$${Math.round(consistentPasses(1_000, bytes, 30))} a month`)
  })
})
