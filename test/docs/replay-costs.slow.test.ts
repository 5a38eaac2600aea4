import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { aheadUnits } from "../../bench/ahead-units.ts"
import { unitPrices } from "../../src/domain/prices.ts"
import { pageOf, root } from "./pages.ts"

/** Events that are counted, and those of twelve hours at 1,000 a second. */
const EVENTS = 2_000
const RECENT = 12 * 3_600 * 1_000

interface Units {
  readonly readPerEvent: number
  readonly writePerEvent: number
}

const priceOf = ({ readPerEvent, writePerEvent }: Units): number =>
  readPerEvent * unitPrices.readUnit + writePerEvent * unitPrices.writeUnit

const page = pageOf("docs/replay.md")
const marked = /<!-- begin ahead -->\n([\s\S]*?)\n<!-- end ahead -->/

const fixed = (units: number) => units.toFixed(2)

const lineOf = (name: string, units: Units) =>
  `| ${name} | ${fixed(units.readPerEvent)} | ${fixed(units.writePerEvent)} | $${fixed(priceOf(units) * 1e6)} |`

const millions = (units: number) => `${((units * RECENT) / 1e6).toFixed(0)} million`

describe("what a replay writes in tables that it does not rebuild", () => {
  it("costs what docs/replay.md says, and nothing where the live path has written it", {
    timeout: 300_000
  }, async () => {
    const [old, recent] = [await aheadUnits(EVENTS, 24), await aheadUnits(EVENTS, 2)]
    assert.deepStrictEqual(recent.next, old.next)
    const more = {
      readPerEvent: recent.first.readPerEvent - old.first.readPerEvent,
      writePerEvent: recent.first.writePerEvent - old.first.writePerEvent
    }
    const table = [
      "| `agents-v2` and its rows of `conversations`, in empty tables | read units an event | write units an event | a million events |",
      "|---|---:|---:|---:|",
      lineOf("a day after the events were published", old.first),
      lineOf("two hours after, with what follows in `queues-v2`", recent.first),
      `| more, for twelve hours of 1,000 events/s | ${millions(more.readPerEvent)} | ${millions(more.writePerEvent)} | $${(priceOf(more) * RECENT).toFixed(0)} in all |`
    ].join("\n")
    const written = page.text.replace(marked, () => `<!-- begin ahead -->\n${table}\n<!-- end ahead -->`)
    await expect(written).toMatchFileSnapshot(join(root, page.path))
  })
})
