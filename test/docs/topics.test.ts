import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import { fieldsOf, topicsPage } from "../genesys/topics-page.ts"
import { blocksOf, pageOf, root } from "./pages.ts"

const PATH = "docs/topics.md"

describe(PATH, () => {
  it("lists every topic with its facets, clocks, fields and example as the code has them", async () => {
    await expect(topicsPage()).toMatchFileSnapshot(join(root, PATH))
  })

  it("has an example of each topic that decodes to its facets", () => {
    const examples = blocksOf(pageOf(PATH)).filter(({ language }) => language === "json")
    const events = examples.map(({ code }) => Result.getOrThrow(decodeEvent(code, 0)))
    assert.deepStrictEqual(
      events.map(({ topic }) => topic),
      allTopics.map(({ template }) => template)
    )
    for (const { facets, topic } of events) assert.isNotEmpty(facets, topic)
  })

  it("names as clocks only fields that are read", () => {
    for (const topic of allTopics)
      for (const clock of Object.values(topic.clocks))
        if (clock !== null)
          assert.isTrue(
            fieldsOf(topic).some(({ path, read }) => path === clock && read === "yes"),
            `${topic.template} ${clock}`
          )
  })
})
