import { assert, describe, it } from "@effect/vitest"
import { seededRandom } from "aws-in-process/random"
import { Effect, Result } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { members } from "../../projections/membership.ts"
import { queues } from "../../projections/queues.ts"
import type { Columns } from "../../src/domain/projection.ts"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import type { Event } from "../../src/genesys/event.ts"
import { promote, rollback } from "../../src/pipeline/generations.ts"
import type { AgentDetail, Freshness } from "../../src/read/index.ts"
import { Reader } from "../../src/read/index.ts"
import { historyOf } from "../support/history.ts"
import { seeds, UNHURRIED } from "../support/seeds.ts"
import { makeTables } from "./engine.ts"
import { foldWhole } from "./whole.ts"

/** What the contact centre simulator sends, with duplicates, disorder and garbage, as far as it can be read. */
const eventsOf = (seed: number): ReadonlyArray<Event> =>
  historyOf(500, { seed, chaos: 0.4, agents: 8, queues: 3 }).flatMap(({ line, at }) => {
    try {
      const event = decodeParsed(JSON.parse(line), at)
      return Result.isSuccess(event) ? [event.success] : []
    } catch {
      return []
    }
  })

const plain = <A extends Freshness>({ asOf, settledThrough, inWindow, revised, generation, readAt, ...rest }: A) => rest

/** What a fold in memory says of everybody, by the views of the projections and nothing of the reader. */
const expected = (events: ReadonlyArray<Event>) => {
  const whole = foldWhole([conversations, agents, queues], events)
  const [ofAgents, ofQueues] = [whole(agents), whole(queues)]
  const parts = (keys: ReadonlyArray<string>) => keys.map((key) => key.split(" ") as [string, string])
  const agentRows = parts(ofAgents.keys())
  const queueRows = parts(ofQueues.keys())
  const agentIds = [...new Set(agentRows.map(([id]) => id))]
  const queueIds = [...new Set(queueRows.filter(([, row]) => !row.startsWith("observation#")).map(([id]) => id))]
  const members = (queueId: string) =>
    queueRows
      .filter(([id, row]) => id === queueId && row.startsWith("member#") && ofQueues.view(id, row)?.joined === true)
      .map(([, row]) => row.slice("member#".length))
  const isIdle = (state: Columns | undefined) => state?.presence === "ON_QUEUE" && state.routingStatus === "IDLE"
  return {
    agentIds,
    queueIds,
    state: ofAgents.state,
    sessions: (agentId: string) =>
      agentRows
        .filter(([id, row]) => id === agentId && row.startsWith("session#"))
        .map(([id, row]) => ofAgents.view(id, row) as Columns)
        .filter(({ phase }) => phase !== "ended"),
    summary: ofQueues.summary,
    members,
    available: (queueId: string) =>
      members(queueId)
        .filter((id) => isIdle(ofAgents.state(id)))
        .sort((a, b) => {
          const [one, other] = [a, b].map((id) => String(ofAgents.state(id)?.routingStatusSince))
          return one === other ? (a < b ? -1 : 1) : (one as string) < (other as string) ? -1 : 1
        })
  }
}

describe("a reader of generated histories", () => {
  it.each(seeds(3))("[P3] answers what a fold in memory says, seed %i", UNHURRIED, async (seed) => {
    const tables = await makeTables()
    try {
      const events = eventsOf(seed)
      const model = expected(events)
      const batches = Math.ceil(events.length / 40)
      for (let i = 0; i < batches; i++) await tables.fold(events.slice(i * 40, i * 40 + 40))
      await Effect.runPromise(
        Effect.gen(function* () {
          const reader = yield* Reader
          const all = yield* reader.agents(model.agentIds)
          for (const [i, id] of model.agentIds.entries()) {
            const state = model.state(id)
            assert.deepStrictEqual<unknown>(all[i] && plain(all[i]), state && { agentId: id, ...state })
            const { sessions, ...agent } = plain((yield* reader.agent(id)) as AgentDetail)
            assert.deepStrictEqual<unknown>(agent, { agentId: id, ...(state ?? { state: "Unknown" }) })
            const open = new Map(model.sessions(id).map((session) => [session.sessionId, session]))
            assert.strictEqual(sessions.length, open.size)
            for (const session of sessions) assert.deepStrictEqual<unknown>(session, open.get(session.sessionId))
            const starts = sessions.map(({ since = "~" }) => since)
            assert.deepStrictEqual(starts, starts.toSorted())
          }
          for (const id of model.queueIds) {
            const summary = { queueId: id, ...model.summary(id) }
            const queue = yield* reader.queue(id)
            assert.deepStrictEqual<unknown>(queue && plain(queue), summary)
            const joined = (yield* reader.queue(id, { join: true }))?.joined
            const { generation: _, ...counts } = joined ?? { generation: "" }
            assert.strictEqual(
              Object.values(counts).reduce((sum, n) => sum + n, 0),
              model.members(id).length
            )
            const available = yield* reader.available(id)
            assert.deepStrictEqual(
              available?.agents.map(({ agentId }) => agentId),
              model.available(id)
            )
            assert.strictEqual(joined?.idle, available?.agents.length)
            const members = (yield* reader.members(id))?.members ?? []
            assert.sameMembers(
              members.map(({ agentId }) => agentId),
              model.members(id)
            )
            for (const status of ["idle", "interacting", "notResponding", "offQueue", "unknown"] as const)
              assert.lengthOf(
                members.filter((member) => member.status === status),
                joined?.[status] ?? 0
              )
          }
        }).pipe(Effect.provide(tables.layer()))
      )
      assert.isAbove(model.agentIds.length, 4)
      assert.isAbove(model.queueIds.length, 2)
    } finally {
      await tables.close()
    }
  })
})

/** Agents whose rows all say that they are of the third version. */
const markedAgents: typeof agents = {
  ...agents,
  version: 3,
  view: (row, registers) => ({ ...agents.view(row, registers), mark: 3 })
}

/** Queues that have no members. */
const emptyQueues: typeof queues = {
  ...queues,
  version: 3,
  deltas: (event) => queues.deltas(event).filter(({ row }) => !row.startsWith("member#")),
  // What an agent's activity lists makes members as well.
  derived: (queues.derived ?? []).filter((one) => one !== members)
}

describe("a promotion while a reader reads", () => {
  it.each(seeds(3))("[P8] never mixes generations within one answer, seed %i", UNHURRIED, async (seed) => {
    const tables = await makeTables({ projections: [agents, markedAgents, queues, emptyQueues, conversations] })
    try {
      const events = eventsOf(seed)
      await tables.fold(events)
      const model = expected(events)
      const { agentIds, queueIds } = model
      const random = seededRandom(seed)
      const seen = new Set<string>()
      const moves = [
        promote("agents-v3", "m"),
        promote("queues-v3", "m"),
        rollback("agents", "m"),
        rollback("queues", "m")
      ]
      let turn = 0
      let last: Promise<unknown> = Promise.resolve()
      // Before any call of an answer; and time passes, so that what is remembered grows old between two of them.
      tables.intercept(() => {
        last = last.then(async () => {
          tables.clock.advanceTo(tables.clock.now() + Math.floor(random.next() * 3_000))
          if (random.next() < 0.4) await tables.run(moves[turn++ % moves.length] as (typeof moves)[0])
        })
        return last.then(() => {})
      })
      const isOf = (generation: string, ...rows: ReadonlyArray<object>) => {
        seen.add(generation)
        for (const row of rows)
          assert.strictEqual((row as { readonly mark?: number }).mark, generation === "agents-v3" ? 3 : undefined)
      }
      await Effect.runPromise(
        Effect.gen(function* () {
          const reader = yield* Reader
          for (let i = 0; i < 25; i++) {
            const all = (yield* reader.agents(agentIds)).filter((agent) => agent !== undefined)
            isOf(all[0]?.generation ?? "", ...all)
            const one = yield* reader.agent(agentIds[i % agentIds.length] as string)
            if (one !== undefined) isOf(one.generation, ...(one.state === "Unknown" ? [] : [one]), ...one.sessions)
            const queueId = queueIds[i % queueIds.length] as string
            for (const agent of (yield* reader.available(queueId))?.agents ?? []) isOf(agent.generation, agent)
            const queue = yield* reader.queue(queueId, { join: true })
            if (queue === undefined) continue
            const { generation, ...counts } = queue.joined
            seen.add(queue.generation).add(generation)
            // The counts are of the members of that generation, of which the third has none.
            const sum = Object.values(counts).reduce((all, n) => all + n, 0)
            const none = queue.generation === "queues-v3"
            assert.deepStrictEqual([sum, queue.members], none ? [0, undefined] : [model.members(queueId).length, sum])
          }
        }).pipe(Effect.provide(tables.layer({ timeout: "1 minute" })))
      )
      assert.isAbove(turn, 8)
      assert.sameMembers([...seen], ["agents-v2", "agents-v3", "queues-v2", "queues-v3"])
    } finally {
      await tables.close()
    }
  })
})
