import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { rowDictionary } from "../../src/store/aws/row-dictionary.ts"

// Made while the file is loaded: it is made once in a process.
const dictionary = rowDictionary()
const hash = createHash("sha256").update(dictionary).digest("hex")

describe("the dictionary of rows", () => {
  it("[P8] is never changed, and made once", () => {
    assert.strictEqual(hash, "acf1dae12be4c0775f966cf46b3039ceb92026150d0d1909d928cbae49ad43a3")
    assert.strictEqual(rowDictionary(), dictionary)
  })
})
