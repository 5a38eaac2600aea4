import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { comparable, isDirectoryId, listedAs, listedPrefix } from "../../src/domain/directory.ts"

describe("names as they are compared", () => {
  it.prop(
    "what begins with a text begins with it as well when both are written to be compared",
    [Arbitrary.schema(Schema.String), Arbitrary.schema(Schema.String)],
    // Two halves of one character, "\ud800" and "\udc00", make another text together: no text that people type ends in a half.
    ([begin, rest]) =>
      assert.isTrue(comparable(begin.toWellFormed() + rest.toWellFormed()).startsWith(comparable(begin)))
  )

  it("takes half a character for what it is shown as", () => {
    assert.strictEqual(comparable("a\ud800"), comparable("a\ufffd"))
    assert.isFalse(comparable("\ud800" + "\udc00").startsWith(comparable("\ud800")))
  })

  it.each([
    ["Zoë", "ZOE"],
    ["  Ana\u00a0\tMaria ", "ana maria"],
    ["ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"],
    ["İpek", "ipek"],
    ["Groß", "GROSS"],
    ["한", "\u1112\u1161\u11ab"]
  ])("%s is found as %s", (one, other) => assert.strictEqual(comparable(one), comparable(other)))

  it("sorts by a key that a table takes, however long a name is", () => {
    const key = listedAs({ kind: "wrapupCodes", id: "w-1", at: 0, name: "😀".repeat(900) })
    assert.isTrue(isDirectoryId(key))
    assert.isTrue(key.startsWith(listedPrefix("wrapupCodes", "😀")))
  })
})
