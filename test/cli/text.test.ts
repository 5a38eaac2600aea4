import { assert, describe, it } from "@effect/vitest"
import {
  bytes,
  clockText,
  dollars,
  events,
  parseMoment,
  printable,
  quoted,
  spanText,
  table
} from "../../src/cli/screen.ts"

const NOW = Date.UTC(2026, 4, 6, 10)

describe("a moment", () => {
  it.each([
    ["2026-05-06", Date.UTC(2026, 4, 6)],
    ["2026-05-06T09:30:00Z", Date.UTC(2026, 4, 6, 9, 30)],
    ["2026-05-06T09:30:00.250+02:00", Date.UTC(2026, 4, 6, 7, 30, 0, 250)],
    ["90s", NOW - 90_000],
    ["90m", NOW - 5_400_000],
    ["2h", NOW - 7_200_000],
    ["7d", NOW - 604_800_000]
  ] as const)("%s", (text, expected) => {
    assert.strictEqual(parseMoment(text, NOW), expected)
  })

  it.each(["", "yesterday", "2h ago", "2026-13-01", "2026-05-06T10:00", "-2h", "1.5h"])("is not %j", (text) => {
    assert.isNaN(parseMoment(text, NOW))
  })
})

describe("a time span", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1.0 s"],
    [119_999, "120.0 s"],
    [120_000, "2.0 min"],
    [7_200_000, "2.0 h"],
    [172_800_000, "2.0 d"],
    [17_366_183_800, "201.0 d"]
  ])("of %i ms is %s", (ms, text) => {
    assert.strictEqual(spanText(ms), text)
  })
})

describe("a table", () => {
  const rows = [
    ["1", "long reason"],
    ["10", "x\u001b[31m"]
  ]

  it("is aligned under its titles for a person", () => {
    assert.strictEqual(table(["N", "WHY"], rows, true), "N   WHY\n1   long reason\n10  x\\u001b[31m")
  })

  it("is tab-separated for a program", () => {
    assert.strictEqual(table(["N", "WHY"], rows, false), "1\tlong reason\n10\tx\\u001b[31m")
  })

  it("never lets a text act on the terminal", () => {
    assert.strictEqual(printable("a\r\u0007\u009b\u202eb\u2028"), "a\\u000d\\u0007\\u009b\\u202eb\\u2028")
    // Marks that turn the direction, characters without width, tags, and half a character.
    assert.strictEqual(printable("a\u200f\u061c\ufeff\u{e0041}\ud800b"), "a\\u200f\\u061c\\ufeff\\u{e0041}\\ud800b")
    // Letters of any script, and what joins them, stay.
    for (const name of ["Åsa Müller", "می\u200cخواهم", "👩\u200d💻 Dev", "山田 太郎"])
      assert.strictEqual(printable(name), name)
    assert.strictEqual(quoted('a"\u009b'), '"a\\"\\u009b"')
  })

  it("writes the time that is left, and money", () => {
    assert.deepStrictEqual([0, 65, 3_723.2].map(clockText), ["0:00", "1:05", "1:02:04"])
    assert.deepStrictEqual([0, 0.000_042, 12.345].map(dollars), ["$0", "$0.000042", "$12.35"])
  })

  it("writes sizes and counts for people", () => {
    assert.deepStrictEqual([0, 1_023, 1_536, 2_621_440].map(bytes), ["0 B", "1023 B", "1.5 KB", "2.5 MB"])
    assert.deepStrictEqual([0, 1, 12_345].map(events), ["0 events", "1 event", "12,345 events"])
  })
})
