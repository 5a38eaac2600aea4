import { assert, describe, it } from "@effect/vitest"
import { serviceLevelRule } from "../../projections/queue-figures.ts"
import { comparisons } from "../../src/wallboard/reported.ts"

const START = Date.parse("2026-05-06T10:00:00.000Z")
const at = (seconds: number) => START + seconds * 1_000
const iso = (seconds: number) => new Date(at(seconds)).toISOString()

/** A wait of ten seconds in a medium that was answered so many seconds after the start. */
const answered = (seconds: number, mediaType = "VOICE") => ({
  interval: iso(Math.floor(seconds / 900) * 900),
  participant: "acd",
  sessionId: `${seconds}`,
  mediaType,
  offeredAt: iso(seconds - 10),
  endedAt: iso(seconds),
  outcome: "ANSWERED",
  waitMs: 10_000
})

const interval = { from: iso(0), to: iso(1_800) }

const reported = (media: string, metrics: object) => [
  { row: "state", fields: [] },
  {
    row: `observation#${media}`,
    fields: [
      { column: "media", value: media },
      { column: "metrics", value: metrics }
    ]
  }
]

const day = [answered(100), answered(1_000), answered(1_200, "CHAT"), answered(2_000)]

const told = (rows: Parameters<typeof comparisons>[0], since = START, heardFrom?: number) =>
  comparisons(rows, day, since, serviceLevelRule, heardFrom)

describe("what Genesys reports of a queue", () => {
  it("stands beside what is counted here of the same medium in the same time", () => {
    const rows = reported("voice", {
      nOffered: { interval, at: iso(1_799.999), stats: { count: 7 } },
      oServiceLevel: { interval, at: iso(1_799.999), stats: { ratio: 0.8 } },
      oWaiting: { at: iso(5), stats: { count: 3 } },
      tAnswered: { interval: "odd", stats: null }
    })
    const time = { media: "voice", from: at(0), until: at(1_800) }
    assert.deepStrictEqual(told(rows), [
      { figure: "Offered", ...time, theirs: 7, ours: 2 },
      { figure: "Service level", ...time, theirs: 0.8, ours: 1 }
    ])
  })

  it("is of all media where Genesys names none", () => {
    const [one] = told(reported("all", { tAnswered: { interval, at: iso(1_799.999), stats: { count: 3 } } }))
    assert.deepInclude(one, { media: "all", ours: 3, theirs: 3 })
  })

  it("stands beside what was counted here when Genesys counted, while the time goes on", () => {
    const until = (seconds: number, metric: string) =>
      told(reported("voice", { [metric]: { interval, at: iso(seconds), stats: { count: 1 } } }))[0]
    assert.deepInclude(until(999, "tAnswered"), { ours: 1, until: at(999) })
    assert.deepInclude(until(999, "nOffered"), { ours: 2, until: at(999) })
    assert.deepInclude(until(1_000, "tAnswered"), { ours: 2 })
    assert.deepInclude(until(50, "nOffered"), { ours: 0 })
  })

  it("stands alone where the day here began later, and says since when events are heard", () => {
    const rows = reported("voice", { nOffered: { interval, at: iso(1_700), stats: { count: 7 } } })
    assert.notProperty(told(rows, at(900))[0], "ours")
    assert.notProperty(told(rows)[0], "heardFrom")
    assert.deepInclude(told(rows, START, at(60))[0], { ours: 2, heardFrom: at(60) })
    assert.deepStrictEqual(comparisons([], [], START, serviceLevelRule), [])
  })

  it("is nothing where the time is none of whole intervals", () => {
    const odd = { from: iso(60), to: iso(1_860) }
    assert.notProperty(
      told(reported("voice", { nOffered: { interval: odd, at: iso(70), stats: { count: 7 } } }))[0],
      "ours"
    )
  })
})
