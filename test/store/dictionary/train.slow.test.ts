import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { dictionaries } from "../../../src/store/aws/dictionary/dictionaries.ts"
import { collect } from "./collect.ts"
import { formatCorpus, parseCorpus } from "./corpus.ts"
import { moduleOf, train } from "./train.ts"

describe("the script that makes dictionaries", () => {
  it.each(dictionaries)("makes the same bytes again of the corpus: dictionary $number", ({ number }) => {
    const at = (file: string) => readFileSync(join(import.meta.dirname, file), "utf8")
    const corpus = at(`corpus-${number}.txt`)
    assert.strictEqual(formatCorpus(parseCorpus(corpus)), corpus)
    assert.strictEqual(
      moduleOf(train(number, parseCorpus(corpus))),
      at(`../../../src/store/aws/dictionary/dictionary-${number}.ts`)
    )
  })

  it("collects templates without values, the same each time", () => {
    const corpus = collect()
    assert.deepStrictEqual(collect(), corpus)
    assert.isAbove(corpus.length, 200)
    for (const { text } of corpus)
      assert.notMatch(text.replace(/<[a-z]+ \d+>/g, ""), /[0-9a-f]{8}|\d{2,}|Agent|Queue \d/, text)
  })
})
