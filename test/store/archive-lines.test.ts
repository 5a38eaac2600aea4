import { assert, describe, it } from "@effect/vitest"
import { archiveText, parseArchive } from "../../src/store/archive-lines.ts"
import { archived } from "./archive.contract.ts"

describe("the text of an object of the archive", () => {
  it("is its events as JSON, one a line, each with its end", () => {
    const events = [archived("a"), archived("b")]
    assert.strictEqual(archiveText(events), events.map((one) => `${JSON.stringify(one)}\n`).join(""))
    assert.deepStrictEqual(parseArchive(archiveText(events)), events)
    assert.strictEqual(archiveText([]), "")
  })
})
