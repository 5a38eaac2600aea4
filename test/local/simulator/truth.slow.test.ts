import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { projections } from "../../../projections/index.ts"
import { type Delta, registerKey } from "../../../src/domain/delta.ts"
import { deriveDeltas, generation } from "../../../src/domain/projection.ts"
import { asOf, merge, type Row } from "../../../src/domain/row.ts"
import { decodeEvent } from "../../../src/genesys/decoder.ts"
import { stateDocument, type TableRow } from "../../../src/local/document.ts"
import type { Delivery } from "../../../src/local/simulator/wire.ts"
import { cases } from "../../support/seeds.ts"
import { open, take } from "./record.ts"

/** Everything delivered, folded by the real projections, as the document that the run prints. */
const fold = (deliveries: ReadonlyArray<Delivery>) => {
  const rows = new Map<string, { delta: Delta; row: Row }>()
  for (const { line, at } of deliveries) {
    const event = Result.getOrThrow(decodeEvent(line, at))
    assert.isTrue(event.routed)
    for (const delta of deriveDeltas(projections, event, { settle: 5_000, skew: 300_000 })) {
      const key = registerKey({ ...delta, register: "" })
      const row = merge(rows.get(key)?.row ?? new Map(), [[delta.register, delta]])
      rows.set(key, { delta, row })
    }
  }
  const tableOf = ({ name, version, view }: (typeof projections)[number]) => {
    const table = new Map<string, Array<TableRow>>()
    for (const { delta, row } of rows.values()) {
      if (delta.projection !== generation({ name, version })) continue
      const entity = table.get(delta.entity) ?? []
      table.set(delta.entity, entity)
      entity.push({ row: delta.row, columns: view(delta.row, row), asOf: asOf(row)?.clock ?? 0 })
    }
    return table
  }
  const [agents, queues] = projections
  return stateDocument(tableOf(agents), tableOf(queues))
}

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
      assert.strictEqual(folded.routingStatusSince, iso(agent.routingStatusSince))
      assert.sameMembers([...(folded.activeQueueIds as Array<string>)], [...agent.activeQueueIds])
      const reported = (folded.conversations ?? {}) as Record<string, unknown>
      for (const [load, counts] of Object.entries(agent.conversations)) assert.deepEqual(reported[load], counts, load)
      assert.deepEqual(
        folded.sessions,
        agent.sessions.map(({ sessionId, conversationId, queueId, mediaType, since }) => ({
          sessionId,
          conversationId,
          queueId,
          mediaType,
          since: iso(since)
        }))
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
      assert.deepEqual(
        folded.interacting,
        queue.interacting.map(({ sessionId, conversationId, userId, mediaType, since }) => ({
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
