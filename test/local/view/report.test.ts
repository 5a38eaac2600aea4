import { stripVTControlCharacters } from "node:util"
import { assert, describe, expect, it } from "@effect/vitest"
import { plainLine, summaryText } from "../../../src/local/view/report.ts"
import { clipLine, count, duration, lag, rate, span } from "../../../src/local/view/text.ts"
import { ending, snapshot } from "./picture.ts"

describe("words for numbers", () => {
  it("durations have two units at most", () => {
    const cases = [
      [-5, "0s"],
      [59_999, "59s"],
      [60_000, "1m00s"],
      [192_000, "3m12s"],
      [7_500_000, "2h05m"],
      [90_000_000, "1d01h"]
    ] as const
    for (const [ms, text] of cases) assert.strictEqual(duration(ms), text)
  })

  it("counts, rates and lags are readable at any size", () => {
    assert.deepStrictEqual([count(0), count(999), count(1_234_567)], ["0", "999", "1,234,567"])
    assert.deepStrictEqual([rate(99.84), rate(1_999.9)], ["99.8", "2,000"])
    assert.deepStrictEqual([lag(820), lag(5_018), lag(75_000)], ["0.82s", "5.02s", "1m15s"])
  })

  it("a line that is cut says so, wherever the cut falls", () => {
    const line = [span("abc"), span("def", "bad")]
    const cut = (width: number) =>
      clipLine(line, width)
        .map(({ text }) => text)
        .join("")
    assert.deepStrictEqual([0, 1, 3, 4, 6, 9].map(cut), ["", "…", "ab…", "abc…", "abcdef", "abcdef"])
  })
})

describe("plainLine", () => {
  it("is one line without escapes that leaves out what did not happen", () => {
    const line = plainLine(snapshot({ counters: { ...snapshot().counters, late: 0, revisions: 0 } }))
    expect(line).toMatchInlineSnapshot(
      `"3m12s  99.8 events/s | received 19,200, appended 19,000, duplicates 150, conflicts 1, quarantined 49, unrouted 12 | lag p50 5.12s p99 6.08s | 4 in the stream, 17 to settle | agents: 3 Not Responding, 3 Interacting, 3 On Queue, 3 Break, 3 Pondering, 3 Available, 3 Unknown, 3 Offline | queues: 9 waiting, 5 alerting, 10 in conversation, 10 in wrap-up"`
    )
  })
})

describe("summaryText", () => {
  it("tells what came in, where it went and that the books balance", () => {
    expect(summaryText(snapshot(), ending(), false)).toMatchInlineSnapshot(`
      "3m11s on stack dev: 100.0 events/s of 100 asked for, seed 7

        received            19,200
        appended            19,000   99.0 %
        duplicates             150    0.8 %
        conflicts                1   <0.1 %   same id, other content
        quarantined             49    0.3 %   kept raw, with the reason
        books         balanced: these four add up to what was received

        unrouted                12    0.1 %   stored; no projection folds them
        late                     3   <0.1 %   arrived after the settle window
        revisions                2   <0.1 %   changed what was visible already
        settle lag    p50 5.12s p99 6.08s
        left behind   4 in the stream, 17 to settle

        agents 24     3 Not Responding, 3 Interacting, 3 On Queue, 3 Break
                      3 Pondering, 3 Available, 3 Unknown, 3 Offline
        queues 5      9 waiting, 5 alerting, 10 in conversation, 10 in wrap-up"
    `)
  })

  it("says so when they do not", () => {
    const off = (changes: object, backlog = { stream: 0, settleQueue: 0 }) =>
      summaryText(snapshot({ counters: { ...snapshot().counters, ...changes }, backlog }), ending(), false)
    assert.include(off({ appended: 18_999 }), "not balanced: received 19,200, accounted for 19,199")
    assert.include(off({ appended: 19_001 }, { stream: 5, settleQueue: 0 }), "not balanced")
    assert.include(off({ appended: 18_999 }, { stream: 5, settleQueue: 0 }), "1 still on their way")
  })

  it("[P2] says that what is parked was not received, where that is so", () => {
    const text = (parked: Readonly<Record<string, number>>) => summaryText(snapshot(), ending({ parked }), false)
    const note = "what is parked below was never received, and is not among them"
    for (const place of ["feed-dlq", "failures", "quarantine/parked"]) assert.include(text({ [place]: 1 }), note)
    for (const parked of [{}, { "feed-dlq": 0 }, { "settle-dlq": 3 }]) assert.notInclude(text(parked), note)
  })

  it("tells what was injected, and what was given up and where", () => {
    const text = summaryText(
      snapshot(),
      ending({
        parked: { "feed-dlq": 2, failures: 0 },
        faults: { throttle: 1_234, slow: 0, crashes: 7, gremlins: 1 }
      }),
      false
    )
    const lines = text.split("\n")
    const from = (start: string, count: number) => {
      const at = lines.findIndex((line) => line.startsWith(start))
      return lines.slice(at, at + count)
    }
    assert.deepStrictEqual(from("  parked", 4), [
      "  parked                   2   in feed-dlq, for people to look at",
      "  faults               1,234   calls refused for their rate",
      "                           7   crashes of functions",
      "                           1   gremlins"
    ])
    for (const line of lines) assert.isAtMost(line.length, 80, line)
  })

  it("fits 80 columns, and colour changes nothing but the colour", () => {
    const text = summaryText(snapshot(), ending(), false)
    for (const line of text.split("\n")) assert.isAtMost(line.length, 80, line)
    const coloured = summaryText(snapshot(), ending(), true)
    assert.notStrictEqual(coloured, text)
    assert.strictEqual(stripVTControlCharacters(coloured), text)
  })

  it("has something to say about an empty run", () => {
    const { settleLag: _, ...rest } = snapshot({ agents: [], queues: [] })
    const zero = Object.fromEntries(Object.keys(rest.counters).map((name) => [name, 0])) as typeof rest.counters
    const text = summaryText(
      { ...rest, run: { ...rest.run, elapsed: 0 }, counters: zero },
      ending({ sent: 0, sentFor: 0 }),
      false
    )
    assert.include(text, "nothing has settled yet")
    assert.notInclude(text, "NaN")
  })
})
