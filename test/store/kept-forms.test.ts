import { assert, describe, it } from "@effect/vitest"
import { emptyRow } from "../../src/domain/row.ts"
import { archiveKey, archiveListKey, archiveWindowKey } from "../../src/store/archive.ts"
import {
  archiveText,
  describeObject,
  inOrder,
  parseArchive,
  parseList,
  parseWindow
} from "../../src/store/archive-lines.ts"
import { contentOf } from "../../src/store/content.ts"
import { isOpen, laterRevision, reservedColumn, unreadableRow } from "../../src/store/projection-store.ts"
import { addTally, noTally, sameTally, tallyOf } from "../../src/store/tally.ts"

describe("a tally of events", () => {
  it("says how many there are and which, in any order, as often as each is there", () => {
    const all = tallyOf(["a", "b", "c"])
    assert.strictEqual(all.items, 3)
    assert.match(all.ids, /^[0-9a-f]{32}$/)
    assert.deepStrictEqual(tallyOf(["c", "a", "b"]), all)
    for (const other of [
      ["a", "b"],
      ["a", "b", "d"],
      ["a", "b", "c", "c"],
      ["ab", "c", ""]
    ])
      assert.isFalse(sameTally(tallyOf(other), all), other.join())
    assert.deepStrictEqual(tallyOf([]), noTally)
    assert.deepStrictEqual(noTally, { items: 0, ids: "00000000000000000000000000000000" })
  })

  it("is kept, so that it never changes: the first 128 bits of SHA-256 of each id, summed", () => {
    assert.deepStrictEqual(tallyOf(["abc"]), { items: 1, ids: "ba7816bf8f01cfea414140de5dae2223" })
    assert.deepStrictEqual(tallyOf(["abc", "abc"]), { items: 2, ids: "74f02d7f1e039fd4828281bcbb5c4446" })
  })

  it("of parts adds up to that of the whole", () => {
    assert.deepStrictEqual(addTally(tallyOf(["a", "b"]), tallyOf(["c"])), tallyOf(["a", "b", "c"]))
    assert.deepStrictEqual(addTally(noTally, tallyOf(["c"])), tallyOf(["c"]))
    assert.isTrue(sameTally(noTally, { ...noTally }))
    assert.isFalse(sameTally(noTally, { ...noTally, items: 1 }))
    assert.isFalse(sameTally(noTally, { ...noTally, ids: "f" }))
  })
})

describe("an object of the archive", () => {
  const hour = Date.parse("2026-05-06T09:00:00Z")
  const place = { window: 2_939, hour, part: "0-3" }
  const event = (id: string, published: number) => ({ id, topic: "t", published, received: published + 1 })

  it("is kept by the hour, the window and the part of its events", () => {
    assert.strictEqual(archiveKey(place), "events/2026/05/06/09/2939-0-3.jsonl.gz")
    assert.strictEqual(archiveListKey(2_939, "0-3"), "lists/2939/0-3.json")
    assert.strictEqual(archiveWindowKey(2_939), "windows/2939.json")
  })

  it("has an event a line, and nothing that is none", () => {
    const events = [event("a", 1), event("b", 2)]
    const text = archiveText(events)
    assert.strictEqual(text.split("\n").length, 3)
    assert.deepStrictEqual(parseArchive(text), events)
    assert.deepStrictEqual(parseArchive(""), [])
    for (const bad of ['{"id":"a"}', '{"received":1}', '{"id":1,"received":1}', '{"id":"a","received":"1"}', "{"])
      assert.throws(() => parseArchive(`${bad}\n`), undefined, undefined, bad)
  })

  it("is listed with what it holds, and when that was published", () => {
    const events = [event("a", 5), event("b", 3), event("c", 9)]
    const described = describeObject(place, events, 77)
    assert.deepStrictEqual(described, {
      key: archiveKey(place),
      ...{ window: 2_939, hour, bytes: 77 },
      tally: tallyOf(["a", "b", "c"]),
      published: [3, 9]
    })
    assert.deepStrictEqual(describeObject(described, [event("a", 5)], 7).published, [5, 5])
    assert.strictEqual(describeObject({ ...described, key: "k" }, events, 7).key, "k")
    assert.deepStrictEqual(describeObject(place, [], 7).published, [0, 0])
    assert.deepStrictEqual(parseList(JSON.stringify([described])), [described])
    for (const bad of ["{}", "[{}]", "no"]) assert.throws(() => parseList(bad))
  })

  it("is of a window that says how far it is", () => {
    const window = { window: 1, state: "sealed", sealedAt: 2, items: 3, bytes: 4, lists: ["l"] } as const
    assert.deepStrictEqual(parseWindow(JSON.stringify(window)), window)
    const confirmed = { ...window, state: "confirmed", confirmedAt: 9 }
    assert.deepStrictEqual<unknown>(parseWindow(JSON.stringify(confirmed)), confirmed)
    for (const bad of ["{}", JSON.stringify({ ...window, state: "open" })]) assert.throws(() => parseWindow(bad))
  })

  it("comes by its hour, and within that by its key", () => {
    const objects = [
      ["b", 2],
      ["a", 2],
      ["c", 1]
    ].map(([key, hour]) => ({ key, hour }) as never)
    assert.deepStrictEqual(
      inOrder(objects).map(({ key }) => key),
      ["c", "a", "b"]
    )
    assert.deepStrictEqual(
      inOrder(objects.toReversed()).map(({ key }) => key),
      ["c", "a", "b"]
    )
  })
})

describe("what an event says", () => {
  it("is its source, its type and its detail, and nothing that a replay adds", () => {
    const envelope = { "detail-type": "t", detail: { b: 1, a: [2] }, source: "s" }
    const text = '{"detail":{"a":[2],"b":1},"detail-type":"t","source":"s"}'
    assert.strictEqual(contentOf({ ...envelope, "replay-name": "r", id: "i", time: "now" } as never), text)
    for (const [name, other] of Object.entries({ source: "z", "detail-type": "z", detail: {} }))
      assert.notStrictEqual(contentOf({ ...envelope, [name]: other } as never), text, name)
    assert.strictEqual(contentOf({ source: "s" } as never), '{"source":"s"}')
  })
})

describe("a row", () => {
  it("is open as long as a summary counts it and it is no tombstone, or one that is remembered", () => {
    assert.isTrue(isOpen({ counted: true }))
    assert.isFalse(isOpen({ counted: false }))
    assert.isFalse(isOpen({ counted: true, expiresAt: 5 }))
    assert.isTrue(isOpen({ counted: true, expiresAt: 5, remembered: true }))
    assert.isFalse(isOpen({ counted: false, expiresAt: 5, remembered: true }))
  })

  it("keeps the later of two revisions, and of two at one time the first", () => {
    const [early, late] = [
      { at: 1, lateMs: 9 },
      { at: 2, lateMs: 1 }
    ]
    assert.strictEqual(laterRevision(early, late), late)
    assert.strictEqual(laterRevision(late, early), late)
    const same = { at: 1, lateMs: 3 }
    assert.strictEqual(laterRevision(early, same), early)
    assert.strictEqual(laterRevision(undefined, early), early)
    assert.strictEqual(laterRevision(early, undefined), early)
    assert.isUndefined(laterRevision(undefined, undefined))
  })

  it("of which nothing can be told is empty, and says why", () => {
    const why = { reason: "RowUnreadable", detail: "so" } as const
    assert.deepStrictEqual(unreadableRow(why), {
      ...{ registers: emptyRow, version: 0, columns: [], open: false },
      unreadable: why
    })
  })

  it("has no column of a name that an attribute of its own has", () => {
    assert.deepStrictEqual(reservedColumn("row"), {
      reason: "ColumnReserved",
      detail: "a column is called `row`, as an attribute of the row's own is"
    })
  })
})
