import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { feed } from "../../src/local/feed.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { leftOutText } from "../../src/local/result-text.ts"
import { statusLine } from "../support/history.ts"
import { startLine, unlistableLine } from "../support/hostile.ts"
import { UNHURRIED } from "../support/seeds.ts"

const START = Date.UTC(2026, 4, 6, 8)
const folder = mkdtempSync(join(tmpdir(), "feed-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let runs = 0
const feedLines = (lines: ReadonlyArray<string>, data?: string) => {
  const file = join(folder, `${++runs}.ndjson`)
  writeFileSync(file, lines.join("\n"))
  const path = data ?? mkdtempSync(join(folder, "data-"))
  return feed({ file, now: START + runs * 60_000, seed: 1, chaos: 0, path })
}

const first = statusLine("e-1", "IDLE", START - 60_000)
const event = JSON.parse(first) as { readonly detail: object }
const varied = (change: object) => JSON.stringify({ ...event, ...change })

describe("a file of events", UNHURRIED, () => {
  it("[P2] comes through or is named by line, with the reason and where it is kept", async () => {
    const { document, leftOut } = await feedLines([
      "",
      "no JSON at all",
      first,
      varied({ detail: { ...event.detail, more: "under the same id" } }),
      "   ",
      varied({ id: "of-another", source: "genesys.simulator" }),
      statusLine("e-2", "INTERACTING", START - 50_000),
      varied({ id: "of-no-topic", "detail-type": "v2.nobody.knows.{id}" }),
      '{"id": "an envelope without the rest"}',
      "no JSON at all"
    ])
    const { events, agents } = document
    assert.deepStrictEqual(events, {
      received: 6,
      appended: 2,
      duplicates: 0,
      conflicts: 1,
      quarantined: 3,
      unrouted: 0,
      droppedByRule: 2
    })
    assert.strictEqual(agents.length, 1)
    assert.deepStrictEqual(
      leftOut.map(({ number, outcome, reason }) => `${number} ${outcome}: ${reason}`),
      [
        "2 quarantined: NotJson, $: not JSON; send one whole event as a JSON object",
        "4 quarantined: Conflict, the id is stored already with other content, which stays",
        `6 dropped by the rule: its source is "genesys.simulator", and the rule takes "${SIMULATED_SOURCE}"`,
        '8 dropped by the rule: its detail-type is "v2.nobody.knows.{id}", which is none of the stack\'s topics',
        "9 quarantined: MissingTopic, $.detail-type: must be text and not empty; the sender must set it",
        "10 quarantined: NotJson, $: not JSON; send one whole event as a JSON object"
      ]
    )
    for (const { outcome, key = "" } of leftOut)
      if (outcome === "quarantined") assert.match(key, /^quarantine\/(NotJson|Conflict|MissingTopic)\/2026-05-06\//)
      else assert.strictEqual(key, "")
  })

  it("takes the source of the first line that names one, whatever stands before it", async () => {
    const source = "aws.partner/genesys.com/cloud/0c5a7b1d-0000-4000-8000-000000000002/other"
    const { document } = await feedLines([varied({ source: "genesys.simulator" }), varied({ source })])
    assert.deepStrictEqual([document.events.appended, document.events.droppedByRule], [1, 1])
  })

  it("[P7] says of lines and updates that no table can hold that they are parked, beside those that came through", async () => {
    const good = Array.from({ length: 40 }, (_, i) => startLine(`good-${i}`, { session: `good-${i}` }))
    const bad = [0, 1, 2].map((i) => startLine(`bad-${i}`, { session: "s".repeat(1_100) + i }))
    const result = await feedLines([...good.slice(0, 20), ...bad, unlistableLine("odd", "agent"), ...good.slice(20)])
    const { document, leftOut } = result
    assert.deepStrictEqual([document.events.appended, document.agents.length], [44, 2])
    const user = document.agents.find(({ agentId }) => agentId === "user")
    assert.lengthOf(user?.sessions as ReadonlyArray<unknown>, 40)
    assert.deepStrictEqual(
      leftOut.map(({ number, outcome, key = "" }) => [number, outcome, key.split("/", 2).join("/")]),
      [21, 22, 23].map((number) => [number, "parked", "parked/append"])
    )
    const text = leftOutText(result, ".data")
    assert.match(text, /^line 21 parked: KeyTooLong, an update of agents-v2: the name of the row has 1109 bytes/m)
    assert.include(text, "4 stored, of which a table cannot hold everything: ")
    assert.include(text, "npx projections parked list --local .data")
  })

  it("names of a folder that is kept only what this run put aside", async () => {
    const data = mkdtempSync(join(folder, "kept-"))
    await feedLines(["no JSON", first], data)
    const { leftOut } = await feedLines([first, "no JSON", "nor this"], data)
    assert.deepStrictEqual(
      leftOut.map(({ number }) => number),
      [2, 3]
    )
  })
})

describe("what is said of lines that did not come through", () => {
  const dropped = (number: number) => ({ number, outcome: "dropped by the rule", reason: "why" }) as const
  const kept = {
    number: 7,
    outcome: "quarantined",
    reason: "NotJson, $: not JSON",
    key: "quarantine/NotJson/x"
  } as const

  it("is nothing where all did", () => {
    assert.strictEqual(leftOutText({ leftOut: [], parked: { "feed-dlq": 0 } }, undefined), "")
  })

  it("tells where they are kept, or that they are gone", () => {
    assert.strictEqual(
      leftOutText({ leftOut: [dropped(3), kept], parked: { "feed-dlq": 2 } }, ".data"),
      [
        "line 3 dropped by the rule: why",
        "line 7 quarantined: NotJson, $: not JSON (quarantine/NotJson/x)",
        "2 given up, in feed-dlq",
        "1 line went to quarantine, kept in .data: npx projections quarantine list --local .data",
        ""
      ].join("\n")
    )
    assert.strictEqual(
      leftOutText({ leftOut: [kept], parked: {} }, undefined),
      "line 7 quarantined: NotJson, $: not JSON\n1 line went to quarantine, which is gone with this run: --data FOLDER keeps it\n"
    )
  })

  it("names a thousand, and counts the rest", () => {
    const text = leftOutText(
      { leftOut: Array.from({ length: 1_002 }, (_, i) => dropped(i + 1)), parked: {} },
      undefined
    )
    assert.strictEqual(text.split("\n").at(-2), "... and 2 lines more")
    assert.strictEqual(text.split("\n").length, 1_002)
  })
})
