import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { makeCompress } from "../../../src/store/aws/dictionary/compress.ts"
import { dictionary1 } from "../../../src/store/aws/dictionary/dictionary-1.ts"
import { MOST } from "../../../src/store/aws/dictionary/finder.ts"
import { bodies } from "./bodies.ts"

describe("what a dictionary makes of bodies", () => {
  // Another compressor may write other bytes, which this one reads as well: then this is the place to look at their number.
  it("[P9] is the same bytes in every version that has this compressor", () => {
    const compress = makeCompress(dictionary1, 15)
    const hash = createHash("sha256")
    let size = 0
    for (const { before, text } of bodies) {
      const bytes = compress(before, text) ?? assert.fail("was not compressed")
      size += bytes.length
      hash.update(bytes)
    }
    assert.strictEqual(size, 64_498)
    assert.strictEqual(hash.digest("hex"), "08aea93fefb73517c4502aeb621b2c390c1cff2f2c09808689af4a516a031331")
  })

  it("begins with the tag, and is of no text longer than its tables", () => {
    const compress = makeCompress(dictionary1, 23)
    assert.strictEqual(compress([], "")?.[0], 23)
    assert.strictEqual(compress(["a"], "z".repeat(MOST - 1))?.[0], 23)
    assert.isUndefined(compress(["a"], "z".repeat(MOST)))
  })
})
