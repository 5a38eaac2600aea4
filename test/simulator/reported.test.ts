import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { serviceLevelRule } from "../../projections/queue-figures.ts"
import { queueIntervals } from "../../projections/queue-intervals.ts"
import { queues } from "../../projections/queues.ts"
import { deriveDeltas, generation } from "../../src/domain/projection.ts"
import { makeTables } from "../../src/domain/tables.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { Tally } from "../../src/simulator/model.ts"
import type { Delivery } from "../../src/simulator/wire.ts"
import { comparisons } from "../../src/wallboard/reported.ts"
import { cases } from "../support/seeds.ts"
import { open, options } from "./record.ts"

const HALF_HOUR_MS = 1_800_000
const { start } = options

/** So long after the end of a half hour Genesys has said its last word on it, and the next one has hardly begun. */
const LAST_WORD_MS = 15_000

/** All that was delivered by a time, in tables. */
const tablesAt = (deliveries: ReadonlyArray<Delivery>, until: number) => {
  const tables = makeTables([queues, queueIntervals])
  for (const { line, at } of deliveries)
    if (at <= until)
      tables.merge(
        deriveDeltas([queues, queueIntervals], Result.getOrThrow(decodeEvent(line, at)), {
          settle: 5_000,
          skew: 300_000
        })
      )
  const of = (projection: typeof queues | typeof queueIntervals, queueId: string) =>
    [...(tables.rows(generation(projection)).get(queueId) ?? [])].map(([row, registers]) => ({
      row,
      columns: projection.view(row, registers)
    }))
  return (queueId: string) =>
    comparisons(
      of(queues, queueId).map(({ row, columns }) => ({
        row,
        fields: Object.entries(columns).map(([column, value]) => ({ column, value }))
      })),
      of(queueIntervals, queueId).map(({ columns }) => columns),
      start,
      serviceLevelRule
    )
}

/** What the centre counted of a figure in a half hour. */
const counted = (tallies: ReadonlyMap<number, Readonly<Tally>>, from: number, figure: string): number => {
  const both = [from, from + HALF_HOUR_MS / 2].flatMap((at) => tallies.get(at) ?? [])
  const sum = (of: keyof Tally) => both.reduce((total, tally) => total + tally[of], 0)
  const judged = sum("answered") + sum("abandoned") - sum("shortAbandoned")
  return {
    Offered: sum("offered"),
    Answered: sum("answered"),
    Abandoned: sum("abandoned"),
    "Service level": sum("answeredInTime") / judged
  }[figure] as number
}

describe("what the simulated centre reports of a queue", () => {
  it.each(
    cases([
      { seed: 1, agents: 30, queues: 3, rate: 4 },
      { seed: 2, agents: 8, queues: 2, rate: 2 }
    ])
  )("[P3] is what it counted, and what is counted here of the same medium and half hour, with seed $seed", (world) => {
    const centre = open(world)
    const deliveries = [...centre.until(start + 3 * HALF_HOUR_MS + LAST_WORD_MS), ...centre.drain()]
    const truth = centre.truth().queues
    const figures = new Map<string, number>()
    for (const end of [1, 2, 3].map((count) => start + count * HALF_HOUR_MS)) {
      const comparedOf = tablesAt(deliveries, end + LAST_WORD_MS)
      for (const { queueId, media } of truth)
        for (const { figure, media: medium, from, until, theirs, ours } of comparedOf(queueId)) {
          // What begins in the next half hour takes the place of what has ended.
          if (until !== end) continue
          const what = `${queueId} ${medium} ${figure} ${new Date(from).toISOString()}`
          assert.strictEqual(theirs, ours, what)
          assert.strictEqual(theirs, counted(media[medium] ?? assert.fail(medium), from, figure), what)
          figures.set(`${medium} ${figure}`, (figures.get(`${medium} ${figure}`) ?? 0) + 1)
        }
    }
    const names = [...figures.keys()]
    for (const name of ["Offered", "Answered", "Abandoned", "Service level"])
      assert.isTrue(
        names.some((one) => one.endsWith(name)),
        name
      )
    for (const medium of ["voice", "chat", "message"])
      assert.isTrue(
        names.some((one) => one.startsWith(medium)),
        medium
      )
    assert.isAbove(
      [...figures.values()].reduce((sum, count) => sum + count, 0),
      20
    )
  })
})
