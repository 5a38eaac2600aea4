import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import { readRequestDollars, streamHourDollars } from "../../src/domain/prices.ts"
import { events } from "../../src/http/answers.ts"
import { routes } from "../../src/http/routes.ts"
import { bounds } from "../../src/infra/read-api-args.ts"
import { root } from "./pages.ts"

const PATH = join(root, "docs/http.md")
const page = readFileSync(PATH, "utf8")

const HOURS = 730
const pollSeconds = bounds.pollSeconds[2]
const streamSeconds = bounds.streamSeconds[2]
const stream = (entities: number) => streamHourDollars({ entities, pollSeconds, streamSeconds })
const request = readRequestDollars({ ms: 20, readUnits: 0.5 })
const polled = (entities: number) => (entities * request * 3_600) / pollSeconds

const costs: ReadonlyArray<readonly [what: string, dollars: number]> = [
  ["a million requests of half a read unit and 20 ms each", request * 1_000_000],
  ["an hour of a page that asks for one queue every 2 seconds", polled(1)],
  ["an hour of a stream of one queue", stream(1)],
  ["an hour of a stream of 50 agents and a queue", stream(51)],
  ["a month of that around the clock", stream(51) * HOURS]
]

const table = [
  "| what | dollars |",
  "|---|---:|",
  ...costs.map(([what, dollars]) => `| ${what} | ${dollars < 0.1 ? dollars.toFixed(4) : dollars.toFixed(2)} |`)
].join("\n")

describe("docs/http.md", () => {
  it("states the costs that follow from the prices", async () => {
    const made = page.replace(/(<!-- begin http -->\n).*(<!-- end http -->)/s, (_, start: string, end: string) =>
      start.concat(table, "\n", end)
    )
    assert.include(made, table)
    await expect(made).toMatchFileSnapshot(PATH)
  })

  it("says from how many agents and queues on a stream costs less than requests", () => {
    assert.include(page, "a page that shows one queue costs less by requests, and one that shows two or more")
    assert.isBelow(polled(1), stream(1))
    assert.isBelow(stream(2), polled(2))
  })

  it("lists every path, and every event", () => {
    for (const { path, id } of routes) assert.include(page, `\`${path.replace(":id", `{${id?.name}}`)}\``)
    for (const name of Object.keys(events)) assert.match(page, new RegExp(`^\\| .*\`${name}\``, "m"), name)
  })

  it("states the settings as they are", () => {
    assert.include(page, `\`pollSeconds\` (${pollSeconds} by default)`)
    assert.include(page, `\`streamSeconds\`, ${streamSeconds / 60} minutes by default`)
    assert.include(page, `reserve concurrency of the account, ${bounds.mostStreams[2]} each`)
    assert.strictEqual(bounds.mostStreams[2], bounds.mostRequests[2])
  })
})
