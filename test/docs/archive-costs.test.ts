import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { archiveTable, copyAfter, copyTable, storageAfter } from "./archive-costs.ts"

const page = readFileSync(join(import.meta.dirname, "../../docs/costs.md"), "utf8")

/** As the page counts it for larger centres. */
const bytes = Number(/\| bytes of an event as it is stored \| [\d,]+ \| ([\d,]+) \|/.exec(page)?.[1]?.replace(",", ""))

/** Before bodies were compressed by dictionaries. */
const BEFORE = 788

describe("the costs of an archive", () => {
  it("are those of the page, from the units that it counts", () => {
    const stands = /<!-- begin archive -->\n([\s\S]*?)\n<!-- end archive -->/.exec(page)?.[1]
    assert.strictEqual(stands, archiveTable(bytes))
  })

  it("of which a copy in another account has a table of its own, and doubles what is kept", () => {
    const stands = /<!-- begin copy -->\n([\s\S]*?)\n<!-- end copy -->/.exec(page)?.[1]
    assert.strictEqual(stands, copyTable())
    assert.strictEqual(copyAfter(1_000, 5, true).kept, storageAfter(1_000, bytes, 5, 30).archive)
    assert.isBelow(copyAfter(1_000, 1, true).all, storageAfter(1_000, bytes, 1, 30).with / 5)
  })

  it("are at most a fifth of what storage costs without it after a year, with small events and with large ones", () => {
    for (const size of [bytes, BEFORE]) {
      const after = storageAfter(1_000, size, 1, 30)
      assert.isBelow(after.with, after.without / 5)
    }
    const [now, before] = [storageAfter(1_000, bytes, 1, 30), storageAfter(1_000, BEFORE, 1, 30)]
    assert.isBelow(now.with, before.without / 12)
  })
})
