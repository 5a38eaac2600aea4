import { assert, describe, it } from "@effect/vitest"
import {
  ARCHIVE_CLASSES,
  hourAt,
  windowAt,
  windowColumn,
  windowOfColumn,
  windowStart
} from "../../src/domain/archive-window.ts"
import { dayOf, intervalKey, intervalOf } from "../../src/domain/interval.ts"

const WEEK = 7 * 24 * 3_600_000
const at = (text: string) => Date.parse(text)

describe("a week of the archive", () => {
  it("is counted from 1970, and begins where the one before it ends", () => {
    assert.deepStrictEqual([0, WEEK - 1, WEEK, 2_900 * WEEK + 1].map(windowAt), [0, 0, 1, 2_900])
    assert.deepStrictEqual([0, 1, 2_900].map(windowStart), [0, WEEK, 2_900 * WEEK])
  })

  it("has a column of its own in the event table, and no other column is one", () => {
    assert.strictEqual(windowColumn(2_942), "w2942")
    assert.strictEqual(windowOfColumn("w2942"), 2_942)
    for (const column of ["w", "2942", "w2942x", "xw2942", "week", "w-1", ""])
      assert.isUndefined(windowOfColumn(column), column)
  })

  it("is in a class of S3 that is read at once", () => {
    assert.deepStrictEqual(ARCHIVE_CLASSES, ["STANDARD", "STANDARD_IA", "GLACIER_IR"])
  })
})

describe("a time", () => {
  it("lies in an hour, and in a quarter of an hour", () => {
    assert.strictEqual(hourAt(at("2026-05-06T10:59:59.999Z")), at("2026-05-06T10:00:00Z"))
    assert.strictEqual(hourAt(at("2026-05-06T11:00:00Z")), at("2026-05-06T11:00:00Z"))
    assert.strictEqual(intervalOf(at("2026-05-06T10:29:59.999Z")), at("2026-05-06T10:15:00Z"))
    assert.strictEqual(intervalOf(at("2026-05-06T10:30:00Z")), at("2026-05-06T10:30:00Z"))
  })

  it("names its quarter of an hour so that names sort by time", () => {
    assert.strictEqual(intervalKey(at("2026-05-06T10:29:59.999Z")), "2026-05-06T10:15Z")
  })

  it("lies in a day of its time zone, which begins at midnight or at the first moment of it", () => {
    assert.strictEqual(dayOf(at("2026-05-06T00:00:00Z"), "UTC"), at("2026-05-06T00:00:00Z"))
    assert.strictEqual(dayOf(at("2026-05-06T23:59:59Z"), "UTC"), at("2026-05-06T00:00:00Z"))
    assert.strictEqual(dayOf(at("2026-10-25T22:30:00Z"), "Europe/Berlin"), at("2026-10-24T22:00:00Z"))
    assert.throws(() => dayOf(0, "Berlin"), RangeError)
  })
})
