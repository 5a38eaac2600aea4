import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { figuresOf } from "../../projections/queue-figures.ts"
import { queueIntervals } from "../../projections/queue-intervals.ts"
import type { Delta } from "../../src/domain/delta.ts"
import { deriveDeltas, generation } from "../../src/domain/projection.ts"
import { makeTables } from "../../src/domain/tables.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { Tally } from "../../src/simulator/model.ts"
import { makeRandom } from "../../src/simulator/random.ts"
import type { Delivery } from "../../src/simulator/wire.ts"
import { cases } from "../support/seeds.ts"
import { open, take } from "./record.ts"

const deltasOf = (deliveries: ReadonlyArray<Delivery>): ReadonlyArray<Delta> =>
  deliveries.flatMap(({ line, at }) =>
    deriveDeltas([queueIntervals], Result.getOrThrow(decodeEvent(line, at)), { settle: 5_000, skew: 300_000 })
  )

/** The figures of each interval of each queue, by `<queueId> <interval>`. */
const figuresIn = (deltas: ReadonlyArray<Delta>) => {
  const tables = makeTables([queueIntervals])
  tables.merge(deltas)
  const rows = [...tables.rows(generation(queueIntervals))].flatMap(([queueId, rows]) =>
    [...rows].map(([row, registers]) => ({ queueId, ...queueIntervals.view(row, registers) }))
  )
  const groups = Map.groupBy(
    rows,
    ({ queueId, interval }: { queueId: string; interval?: unknown }) => `${queueId} ${interval}`
  )
  return new Map([...groups].map(([key, group]) => [key, figuresOf(group)]))
}

/** What the centre counted, in the words of the figures. */
const said = (tally: Tally) => {
  const { speedMs, longestAnswerMs, abandonedMs, longestAbandonMs, ...counts } = tally
  const { answered, abandoned, shortAbandoned, answeredInTime, handled, talkMs, heldMs, wrapupMs } = tally
  const judged = answered + abandoned - shortAbandoned
  return {
    ...counts,
    flowOut: 0,
    otherEnds: 0,
    ...(judged === 0 ? {} : { serviceLevel: answeredInTime / judged, targetMet: answeredInTime / judged >= 0.8 }),
    ...(answered === 0 ? {} : { averageSpeedOfAnswerMs: Math.round(speedMs / answered) }),
    ...(answered + abandoned === 0 ? {} : { longestWaitMs: Math.max(longestAnswerMs, longestAbandonMs) }),
    ...(handled === 0 ? {} : { averageHandleMs: Math.round((talkMs + heldMs + wrapupMs) / handled) }),
    revised: false
  }
}

describe("the figures of a queue's intervals", () => {
  it.each(
    cases([
      { seed: 1, agents: 30, queues: 3, rate: 4 },
      { seed: 2, agents: 6, queues: 2, rate: 3 },
      { seed: 3, agents: 60, queues: 2, rate: 6 }
    ])
  )("[P3] [P4] are what the centre counted itself, in any order of arrival, with seed $seed", (options) => {
    const centre = open(options)
    const deliveries = [...take(centre, 9_000), ...centre.drain()]
    const truth = new Map(
      centre
        .truth()
        .queues.flatMap(({ queueId, intervals }) =>
          [...intervals].map(([at, tally]) => [`${queueId} ${new Date(at).toISOString()}`, said(tally)] as const)
        )
    )
    assert.isAbove(new Set([...truth.keys()].map((key) => key.slice(-24))).size, 1, "intervals")
    const sum = (of: keyof Tally) => [...truth.values()].reduce((total, one) => total + ((one as never)[of] ?? 0), 0)
    for (const of of ["answered", "abandoned", "shortAbandoned", "notAnswered", "transferred", "heldMs"] as const)
      assert.isAbove(sum(of), 0, of)

    const deltas = deltasOf(deliveries)
    const figures = figuresIn(deltas)
    assert.deepStrictEqual(new Map([...figures].sort()), new Map([...truth].sort()))
    const { next } = makeRandom(`order ${options.seed}`)
    const shuffled = [...deltas, ...deltas].map((delta) => [next(), delta] as const).sort(([a], [b]) => a - b)
    assert.deepStrictEqual(
      new Map([...figuresIn(shuffled.map(([, delta]) => delta))].sort()),
      new Map([...truth].sort())
    )
  })
})
