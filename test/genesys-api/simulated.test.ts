import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  OBSERVATIONS_A_CALL,
  Organisation,
  type OrganisationPage,
  type ReadPage
} from "../../src/genesys-api/organisation.ts"
import { START } from "../support/history.ts"
import { simulatedOrganisation } from "../support/simulated.ts"

const everything = Effect.fnUntraced(function* <A>(read: ReadPage<A>) {
  const items: Array<A> = []
  for (let next: string | undefined, more = true; more; more = next !== undefined) {
    const page: OrganisationPage<A> = yield* read(next)
    items.push(...page.items)
    next = page.next
  }
  return items
})

const chunksOf = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

const sweep = Effect.gen(function* () {
  const api = yield* Organisation
  const users = yield* everything(api.users)
  const queues = yield* everything(api.queues)
  const members = new Map<string, ReadonlyArray<string>>()
  for (const { id } of queues) {
    const joined = yield* everything((next) => api.members(id, next))
    members.set(id, joined.map(({ userId }) => userId).sort())
  }
  const statuses = yield* api.statuses(users.map(({ id }) => id))
  const observations = yield* Effect.forEach(chunksOf(queues, OBSERVATIONS_A_CALL), (some) =>
    api.observations(some.map(({ id }) => id))
  )
  return { users, queues, members, statuses: statuses.items, observations: observations.flatMap(({ items }) => items) }
})

const sorted = (ids: ReadonlyArray<{ readonly sessionId?: string }>) => ids.map(({ sessionId }) => sessionId).sort()

describe("the reads of an organisation", () => {
  it("lists who was deactivated apart from who is active, and nobody as deleted", async () => {
    const { centre, run } = simulatedOrganisation()
    const [agent] = centre.population.agents
    if (agent === undefined) return assert.fail("an empty contact centre")
    agent.deactivated = true
    const lists = Effect.gen(function* () {
      const { users, former } = yield* Organisation
      return [
        yield* everything(users),
        yield* everything(former("inactive")),
        yield* everything(former("deleted"))
      ] as const
    })
    const [users, inactive, deleted] = await run(lists)
    assert.isFalse(users.some(({ id }) => id === agent.id))
    assert.deepStrictEqual([inactive, deleted], [[{ id: agent.id, state: "inactive" }], []])
  })

  it("find at the simulated organisation what is so there", async () => {
    const { centre, run } = simulatedOrganisation()
    const { users, queues, members, statuses, observations } = await run(sweep)
    // The day went on between the first answer and the last: of what is newer than the first, that one could not know.
    const truth = centre.truth()
    assert.strictEqual(users.length, 40)
    for (const agent of truth.agents) {
      const user = users.find(({ id }) => id === agent.agentId)
      if (agent.presenceSince < START) {
        assert.strictEqual(user?.presence?.value.systemPresence, agent.presence)
        assert.strictEqual(user?.presence?.since, agent.presenceSince)
      }
      if (agent.routingStatusSince < START)
        assert.deepStrictEqual(user?.routingStatus, { value: agent.routingStatus, since: agent.routingStatusSince })
      const status = statuses.find(({ userId }) => userId === agent.agentId)
      assert.isTrue(status?.complete)
      const old = agent.sessions.filter(({ since }) => since < START)
      for (const { sessionId, queueId, mediaType } of old) {
        const session = status?.sessions.find((one) => one.sessionId === sessionId)
        assert.deepInclude(session, { queueId, mediaType })
      }
    }
    assert.isAbove(truth.agents.flatMap(({ sessions }) => sessions).length, 2)
    assert.deepStrictEqual(queues.map(({ id }) => id).sort(), truth.queues.map(({ queueId }) => queueId).sort())
    for (const { queueId, members: joined, waiting } of truth.queues) {
      assert.deepStrictEqual(members.get(queueId), [...joined])
      const seen = observations.find((one) => one.queueId === queueId)
      assert.isTrue(seen?.complete)
      assert.deepStrictEqual(sorted(seen?.waiting ?? []), sorted(waiting))
    }
  })

  it("come through faults, within the limit of the API", async () => {
    const faulty = simulatedOrganisation({}, { faults: 1 })
    const { users } = await faulty.run(sweep)
    assert.strictEqual(users.length, 40)
    const { serverError = 0, rateLimited = 0 } = faulty.server.faults()
    assert.isAbove(serverError + rateLimited, 0)
    const quick = simulatedOrganisation({ queues: 200 })
    await quick.run(sweep)
    assert.isUndefined(quick.server.counts().statuses[429])
  })
})
