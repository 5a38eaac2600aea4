import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { projections } from "../../projections/index.ts"
import { deriveDeltas, generation } from "../../src/domain/projection.ts"
import { asOf } from "../../src/domain/row.ts"
import { makeTables } from "../../src/domain/tables.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { SessionTruth } from "../../src/simulator/truth.ts"
import type { Delivery } from "../../src/simulator/wire.ts"
import { stateDocument, type TableRow } from "../../src/wallboard/document.ts"
import { cases } from "../support/seeds.ts"
import { open, take } from "./record.ts"

/** Everything delivered, folded by the real projections, as the document that the run prints. */
const fold = (deliveries: ReadonlyArray<Delivery>) => {
  const tables = makeTables(projections)
  for (const { line, at } of deliveries) {
    const event = Result.getOrThrow(decodeEvent(line, at))
    assert.isTrue(event.routed)
    tables.merge(deriveDeltas(projections, event, { settle: 5_000, skew: 300_000 }))
  }
  tables.derive()
  const tableOf = (projection: (typeof projections)[number]) =>
    new Map(
      [...tables.rows(generation(projection))].map(([entity, rows]) => [
        entity,
        [...rows].map(
          ([row, registers]): TableRow => ({
            row,
            columns: projection.view(row, registers),
            asOf: asOf(registers)?.clock ?? 0
          })
        )
      ])
    )
  const [agents, queues] = projections
  return stateDocument(tableOf(agents), tableOf(queues))
}

const phaseOf = ({ segment }: SessionTruth): string => (segment === "ALERT" ? "alerting" : "interacting")

const iso = (time: number) => new Date(time).toISOString()

describe("the truth of the simulator", () => {
  it.each(
    cases([
      { seed: 1, agents: 30, queues: 5, rate: 50 },
      { seed: 2, agents: 3, queues: 2, rate: 400 },
      { seed: 3, agents: 80, queues: 1, rate: 100 }
    ])
  )("[P4] is what the projections make of its events, with seed $seed", (options) => {
    const centre = open(options)
    const document = fold([...take(centre, 12_000), ...centre.drain()])
    const truth = centre.truth()

    assert.deepStrictEqual(
      document.agents.map(({ agentId }) => agentId),
      truth.agents.map(({ agentId }) => agentId)
    )
    truth.agents.forEach((agent, i) => {
      const folded = document.agents[i]!
      for (const field of ["presence", "routingStatus", "outOfOffice"] as const)
        assert.strictEqual(folded[field], agent[field], `${field} of ${agent.agentId}`)
      assert.strictEqual(folded.userState === "inactive", agent.deactivated, `userState of ${agent.agentId}`)
      assert.strictEqual(folded.routingStatusSince, iso(agent.routingStatusSince))
      assert.sameMembers([...(folded.activeQueueIds as Array<string>)], [...agent.activeQueueIds])
      const reported = (folded.conversations ?? {}) as Record<string, unknown>
      for (const [load, counts] of Object.entries(agent.conversations)) assert.deepEqual(reported[load], counts, load)
      assert.deepEqual(
        folded.sessions,
        agent.sessions.map((session) => {
          const { sessionId, conversationId, queueId, mediaType, since } = session
          return { sessionId, conversationId, queueId, mediaType, since: iso(since), phase: phaseOf(session) }
        })
      )
    })

    for (const queue of truth.queues) {
      const folded = document.queues.find(({ queueId }) => queueId === queue.queueId)
      if (folded === undefined) {
        assert.deepStrictEqual([...queue.members, ...queue.waiting], [])
        continue
      }
      const members = folded.members as ReadonlyArray<{ userId: string }>
      assert.deepStrictEqual(
        members.map(({ userId }) => userId),
        [...queue.members]
      )
      assert.deepEqual(
        folded.waiting,
        queue.waiting.map(({ since, ...session }) => ({ ...session, since: iso(since) }))
      )
      for (const phase of ["alerting", "interacting"])
        assert.deepEqual(
          folded[phase],
          queue.interacting
            .filter((session) => phaseOf(session) === phase)
            .map(({ sessionId, conversationId, userId, mediaType, since }) => ({
              sessionId,
              conversationId,
              userId,
              mediaType,
              since: iso(since)
            }))
        )
      const observed = folded.observations as Record<string, Record<string, { count: number }>>
      for (const [medium, counts] of Object.entries(queue.observations))
        for (const [metric, count] of Object.entries(counts))
          assert.strictEqual(observed[medium]?.[metric]?.count ?? 0, count, `${medium} ${metric}`)
    }
  })

  it("goes on after a drain as if nothing had been", () => {
    const centre = open()
    take(centre, 2_000)
    const before = centre.truth()
    centre.drain()
    assert.deepStrictEqual(centre.truth().agents, before.agents)
    take(centre, 2_000)
    assert.isAbove(centre.truth().at, before.at)
  })
})
