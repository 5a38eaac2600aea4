import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { type AgentFigures, agentFiguresOf, spansOf } from "../../projections/agent-figures.ts"
import { agentIntervals } from "../../projections/agent-intervals.ts"
import type { Delta } from "../../src/domain/delta.ts"
import { INTERVAL_MS, intervalOf } from "../../src/domain/interval.ts"
import { deriveDeltas, generation } from "../../src/domain/projection.ts"
import { makeTables } from "../../src/domain/tables.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { AgentTally } from "../../src/simulator/model.ts"
import { makeRandom } from "../../src/simulator/random.ts"
import type { AgentTruth } from "../../src/simulator/truth.ts"
import type { Delivery } from "../../src/simulator/wire.ts"
import { cases } from "../support/seeds.ts"
import { open, options, take } from "./record.ts"

const deltasOf = (deliveries: ReadonlyArray<Delivery>): ReadonlyArray<Delta> =>
  deliveries.flatMap(({ line, at }) =>
    deriveDeltas([agentIntervals], Result.getOrThrow(decodeEvent(line, at)), { settle: 5_000, skew: 300_000 })
  )

type Figures = Omit<AgentFigures, "stateMs">

const DAY = intervalOf(options.start)

/** The figures of each interval of the day, of each agent. */
const figuresIn = (deltas: ReadonlyArray<Delta>, agents: ReadonlyArray<AgentTruth>) => {
  const tables = makeTables([agentIntervals])
  tables.merge(deltas)
  const all = tables.rows(generation(agentIntervals))
  return new Map(
    agents.map(({ agentId, countedUntil }) => {
      const rows = [...(all.get(agentId) ?? [])].map(([row, registers]) => agentIntervals.view(row, registers))
      const spans = spansOf(rows, DAY, countedUntil)
      const figures = new Map<number, Figures>()
      for (let at = DAY; at < countedUntil; at += INTERVAL_MS) {
        const { stateMs: _, ...rest } = agentFiguresOf(
          rows.filter(({ interval }) => interval === new Date(at).toISOString()),
          spans,
          at,
          Math.min(at + INTERVAL_MS, countedUntil)
        )
        figures.set(at, rest)
      }
      return [agentId, figures]
    })
  )
}

const sum = (times: Readonly<Record<string, number>>): number =>
  Object.values(times).reduce((total, time) => total + time, 0)

const NONE: AgentTally = {
  presenceMs: new Map(),
  routingStatusMs: new Map(),
  handled: 0,
  notAnswered: 0,
  transferred: 0,
  talkMs: 0,
  heldMs: 0
}

/** Nobody has said anything of an agent before the first log-on: until then the agent was logged off, which we do not know. */
const withMorning = (times: Readonly<Record<string, number>>, word: string, lasted: number) => {
  const unknown = lasted - sum(times)
  return unknown === 0 ? times : { ...times, [word]: (times[word] ?? 0) + unknown }
}

const said = ({ presenceMs, routingStatusMs, ...sums }: AgentTally): Figures => ({
  presenceMs: Object.fromEntries(presenceMs),
  routingStatusMs: Object.fromEntries(routingStatusMs),
  ...sums
})

describe("the figures of an agent's intervals", () => {
  it.each(
    cases([
      { seed: 1, agents: 30, queues: 3, rate: 4 },
      { seed: 2, agents: 6, queues: 2, rate: 3 },
      { seed: 3, agents: 60, queues: 2, rate: 6 }
    ])
  )("[P3] [P4] are what the centre counted itself, in any order of arrival, with seed $seed", (given) => {
    const centre = open(given)
    const deliveries = [...take(centre, 9_000), ...centre.drain()]
    const { agents } = centre.truth()
    assert.isAbove(agents.length, given.agents / 2)

    const check = (deltas: ReadonlyArray<Delta>) => {
      const met = { presences: new Set<string>(), statuses: new Set<string>(), handled: 0, notAnswered: 0, unknown: 0 }
      const figures = figuresIn(deltas, agents)
      for (const { agentId, intervals, countedUntil } of agents)
        for (const [at, ours] of figures.get(agentId) ?? []) {
          const lasted = Math.min(INTERVAL_MS, countedUntil - at)
          const theirs = said(intervals.get(at) ?? NONE)
          assert.deepStrictEqual(
            {
              ...ours,
              presenceMs: withMorning(ours.presenceMs, "OFFLINE", lasted),
              routingStatusMs: withMorning(ours.routingStatusMs, "OFF_QUEUE", lasted)
            },
            theirs,
            `${agentId} ${new Date(at).toISOString()}`
          )
          for (const presence of Object.keys(ours.presenceMs)) met.presences.add(presence)
          for (const status of Object.keys(ours.routingStatusMs)) met.statuses.add(status)
          met.handled += ours.handled
          met.notAnswered += ours.notAnswered
          met.unknown += lasted - sum(ours.presenceMs)
        }
      return met
    }

    const deltas = deltasOf(deliveries)
    const met = check(deltas)
    assert.includeMembers([...met.statuses], ["OFF_QUEUE", "IDLE", "INTERACTING", "NOT_RESPONDING"])
    assert.includeMembers([...met.presences], ["OFFLINE", "AVAILABLE", "ON_QUEUE", "BREAK"])
    for (const count of [met.handled, met.notAnswered, met.unknown]) assert.isAbove(count, 0)
    const { next } = makeRandom(`order ${given.seed}`)
    const shuffled = [...deltas, ...deltas].map((delta) => [next(), delta] as const).sort(([a], [b]) => a - b)
    assert.deepStrictEqual(check(shuffled.map(([, delta]) => delta)), met)
  })
})
