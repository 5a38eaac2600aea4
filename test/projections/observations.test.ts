import { assert, describe, it } from "@effect/vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import type { Columns } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { given } from "../../src/testing/index.ts"
import { event, iso, QUEUE } from "./support.ts"

const HALF_HOUR = 1_800_000

/** `count` offered in the half hour from `from` on, as published at `at`. */
const offered = (from: number, at: number, count: number) =>
  event(
    "v2.analytics.queues.{id}.observations",
    QUEUE,
    {
      group: { queueId: QUEUE, mediaType: "voice" },
      data: [{ interval: `${iso(from)}/${iso(from + HALF_HOUR)}`, metrics: [{ metric: "nOffered", stats: { count } }] }]
    },
    at
  )
const row = (...events: ReadonlyArray<Event>) => {
  const voice = given([queues, agents, conversations], ...events).row(QUEUE, "observation#voice")
  return { is: (nOffered: Columns) => voice.is({ media: "voice", metrics: { nOffered } }), columns: voice.columns }
}

/** Of every order, for `columns` throws where two disagree. */
const offeredIn = (...events: ReadonlyArray<Event>) => {
  const { metrics } = row(...events).columns() ?? {}
  return (metrics as { readonly nOffered: Columns }).nOffered
}

describe("an aggregate of a queue", () => {
  it("says over which time it is taken, and until when it was counted", () => {
    row(offered(0, 60_000, 3)).is({
      interval: { from: iso(0), to: iso(HALF_HOUR) },
      stats: { count: 3 },
      at: iso(60_000)
    })
  })

  it("[P4] of the interval before is corrected until the next one begins, and replaces none of it then", () => {
    const [early, late] = [offered(0, 60_000, 3), offered(0, HALF_HOUR - 1, 7)]
    const corrections = [offered(0, HALF_HOUR + 20_000, 8), offered(0, HALF_HOUR + 90_000, 9)]
    const last = { interval: { from: iso(0), to: iso(HALF_HOUR) }, at: iso(HALF_HOUR - 1) }
    row(early, late).is({ ...last, stats: { count: 7 } })
    row(early, late, ...corrections).is({ ...last, stats: { count: 9 } })
    const next = offered(HALF_HOUR, HALF_HOUR + 10_000, 1)
    const current = { interval: { from: iso(HALF_HOUR), to: iso(2 * HALF_HOUR) }, stats: { count: 1 } }
    assert.deepInclude(offeredIn(late, ...corrections, next), current)
    assert.deepInclude(offeredIn(...corrections, offered(HALF_HOUR, HALF_HOUR, 1)), current)
  })

  it("[P4] of the next interval, published before it begins, counts from its beginning", () => {
    row(offered(0, HALF_HOUR + 5_000, 9), offered(HALF_HOUR, HALF_HOUR - 2_000, 0)).is({
      interval: { from: iso(HALF_HOUR), to: iso(2 * HALF_HOUR) },
      stats: { count: 0 },
      at: iso(HALF_HOUR)
    })
  })

  it("[P4] is given in one order of its metrics and of their numbers, whatever order Genesys had them in", () => {
    const report = (...metrics: ReadonlyArray<readonly [metric: string, stats: object]>) =>
      event("v2.analytics.queues.{id}.observations", QUEUE, {
        group: { queueId: QUEUE, mediaType: "voice" },
        data: [{ metrics: metrics.map(([metric, stats]) => ({ metric, stats })) }]
      })
    const one = { count: 1 }
    const columns = row(report(["oWaiting", { sum: 3, count: 2, max: 1 }], ["tWait", one], ["nOffered", one])).columns()
    assert.strictEqual(
      JSON.stringify(columns?.metrics),
      JSON.stringify({
        nOffered: { stats: one, at: iso(0) },
        oWaiting: { stats: { count: 2, max: 1, sum: 3 }, at: iso(0) },
        tWait: { stats: one, at: iso(0) }
      })
    )
  })

  it("keeps the whole name of a metric that is divided by a qualifier", () => {
    const divided = event("v2.analytics.queues.{id}.observations", QUEUE, {
      group: { queueId: QUEUE, mediaType: "voice" },
      data: [{ metrics: [{ metric: "o#New", qualifier: "IDLE", stats: { count: 2 } }] }]
    })
    given([queues, agents, conversations], divided)
      .row(QUEUE, "observation#voice#o#New")
      .has({ media: "voice", metric: "o#New" })
  })

  it("leaves an observation of an instant without an interval", () => {
    const instant = event("v2.analytics.queues.{id}.observations", QUEUE, {
      group: { queueId: QUEUE, mediaType: "voice" },
      data: [{ interval: `${iso(0)}/${iso(0)}`, metrics: [{ metric: "oWaiting", stats: { count: 2 } }] }]
    })
    given([queues, agents, conversations], instant)
      .row(QUEUE, "observation#voice")
      .is({ media: "voice", metrics: { oWaiting: { stats: { count: 2 }, at: iso(0) } } })
  })
})
