import { assert, describe, it } from "@effect/vitest"
import { MATCH, MOST, makeFinder } from "../../../src/store/aws/dictionary/finder.ts"

/** What a finder makes of a text: literals as they are, and matches as `<length,distance>`. */
const found = (
  common: string,
  before: ReadonlyArray<string>,
  text: string,
  finder = makeFinder(Buffer.from(common))
) => {
  const count = finder.find(before, text)
  if (count === undefined) return undefined
  return [...finder.tokens.subarray(0, count)]
    .map((token) => (token < MATCH ? String.fromCharCode(token) : `<${Math.floor(token / MATCH)},${token % MATCH}>`))
    .join("")
}

const unlike = (count: number) => Array.from({ length: count }, (_, n) => String.fromCharCode(33 + n)).join("")

describe("what a text repeats", () => {
  it.each<[why: string, common: string, before: ReadonlyArray<string>, text: string, tokens: string]>([
    ["nothing", "", [], "abcdef", "abcdef"],
    ["nothing of no text", "abcd", [], "", ""],
    ["four bytes of what all texts have in common", "abcd", [], "abcd", "<4,4>"],
    ["three bytes are no match", "abc", [], "abc", "abc"],
    ["three bytes at its end are none", "abcd", [], "xabc", "xabc"],
    ["what stands before it, from its beginning", "", ["abcd"], "abcd", "<4,4>"],
    ["no part of what stands before it from elsewhere", "", ["xabcd"], "abcd", "abcd"],
    ["each part of what stands before it", "", ["abcd", "efgh"], "efghabcd", "<4,4><4,12>"],
    ["a part too short to be found, and the next one", "", ["abc", "defg"], "abcdefg", "abc<4,7>"],
    ["itself", "", [], "abcdxabcd", "abcdx<4,5>"],
    ["itself while it goes on", "", [], "aaaaaaaa", "a<7,1>"],
    ["the latest of equally long ones", "abcd", [], "abcdxabcd", "<4,4>x<4,5>"],
    ["the longest", "abcdefgh", [], "abcdxabcdefg", "<4,8>x<7,13>"],
    ["the longer that begins one byte later", "abcdXbcdefgh", [], "abcdefgh", "a<7,8>"],
    ["the one at hand where the later is longer by one alone", "abcdXbcdef", [], "abcdefg", "<4,10>efg"],
    [
      "one of sixteen bytes without a look at the next",
      "abcdefghijklmnopXbcdefghijklmnopqrstuv",
      [],
      "abcdefghijklmnopqrstuv",
      "<16,38><6,22>"
    ],
    [
      "one of fifteen bytes after a look at the next",
      "abcdefghijklmnoXbcdefghijklmnopqrstuv",
      [],
      "abcdefghijklmnopqrstuv",
      "a<21,22>"
    ]
  ])("%s", (_, common, before, text, tokens) => assert.strictEqual(found(common, before, text), tokens))

  it("is at most 258 bytes at a time", () => {
    assert.strictEqual(found("", [], "a".repeat(1 + 258)), "a<258,1>")
    assert.strictEqual(found("", [], "a".repeat(1 + 258 + 4)), "a<258,1><4,258>")
  })

  it("is looked for in the twelve latest places that begin alike", () => {
    const places = (count: number) =>
      `abcd1${[..."!#$%&()*+,-."]
        .slice(0, count)
        .map((other) => `abcd${other}`)
        .join("")}`
    assert.strictEqual(found(places(11), [], "abcd1"), "<5,60>")
    assert.strictEqual(found(places(12), [], "abcd1"), "<4,5>1")
  })

  it("is not found of a text before it", () => {
    const finder = makeFinder(Buffer.from("abcd"))
    assert.strictEqual(found("", [], "efgh", finder), "efgh")
    assert.strictEqual(found("", [], "efghabcd", finder), "efgh<4,8>")
  })

  it("ends where a text does, whatever an earlier one had there", () => {
    const finder = makeFinder(Buffer.from("wxyz"))
    found("", [], "abcdefghij", finder)
    assert.strictEqual(found("", [], "wxyz", finder), "<4,4>")
    assert.strictEqual(found("", ["wxyz"], "wx", finder), "wx")
  })

  it("is found as before when places are numbered anew", () => {
    const finder = makeFinder(Buffer.from("abcd"))
    // Twice as many calls as there are numbers for, and some.
    for (let call = 0; call < 95_000; call++) {
      finder.find([], call % 64 === 0 ? "ijklmnop" : "")
      // The last ones before, and the first ones after.
      if (call < 43_660 || call > 43_690) continue
      assert.strictEqual(found("", [], "abcdijkl", finder), "<4,4>ijkl")
    }
    for (const text of ["efghxefgh", "abcdefgh", "abcdefgh"])
      assert.strictEqual(found("", [], text, finder), found("abcd", [], text))
  })

  it("is at any distance within the common text and the text", () => {
    const common = `abcd${unlike(60).repeat(400)}`
    assert.strictEqual(found(common, [], "abcd"), `<4,${common.length}>`)
  })

  it("is not looked for in more characters than tables have room for, with those before the text", () => {
    assert.strictEqual(found("", ["b"], "a".repeat(MOST - 1))?.slice(0, 9), "a<258,1><")
    assert.isUndefined(found("", ["b"], "a".repeat(MOST)))
    assert.strictEqual(MOST, 8_192)
    const wide = makeFinder(Buffer.from(""))
    const count = wide.find([], Array.from({ length: MOST }, (_, n) => String.fromCharCode(0x4e00 + n)).join("")) ?? 0
    const bytes = wide.tokens.subarray(0, count).reduce((sum, token) => sum + Math.max(1, Math.floor(token / MATCH)), 0)
    assert.strictEqual(bytes, 3 * MOST)
  })
})
