import { assert, describe, it } from "@effect/vitest"
import {
  compress,
  decompress,
  dictionaries,
  dictionaryNumberOf,
  LAST_NUMBER,
  UnknownDictionary
} from "../../../src/store/aws/dictionary/dictionaries.ts"

describe("the dictionaries of bodies", () => {
  it("[P8] have numbers, of which an item's first byte has room for 31", () => {
    assert.deepStrictEqual(
      dictionaries.map(({ number }) => number),
      [1]
    )
    assert.strictEqual(LAST_NUMBER, 31)
    assert.strictEqual(compress([], "{}")?.[0], 0b1111)
    for (let number = 0; number <= LAST_NUMBER; number++)
      assert.strictEqual(dictionaryNumberOf(Uint8Array.of((number << 3) | 0b111, 1)), number)
    for (const type of [0, 1, 2, 3, 4, 5, 6]) assert.isUndefined(dictionaryNumberOf(Uint8Array.of(0b1000 | type)))
    assert.isUndefined(dictionaryNumberOf(Uint8Array.of()))
  })

  it("[P8] read what the last of them compressed, and name one that is not there", () => {
    assert.strictEqual(decompress(1, ["a"], compress(["a"], "text") ?? assert.fail("was not compressed")), "text")
    const unknown = new UnknownDictionary(2)
    assert.strictEqual(
      String(unknown),
      "UnknownDictionary: its body needs dictionary 2, and this version has 1; use the version that stored it, or a later one"
    )
    assert.throws(() => decompress(2, [], Uint8Array.of(0)), unknown.message)
  })
})
