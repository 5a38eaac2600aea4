import type { Agent, Queue } from "../model.ts"
import { followed, paged } from "./page.ts"
import { type Asked, listed, notFound, ok, type Reply, type Route } from "./route.ts"
import { divisionOf, expanded, routingStatusOf } from "./users.ts"

const VIEW = ["routing:queue:view", "routing:queue:edit", "routing:queue:readonly"]

/** Members by queue: everybody whom somebody put there, active or not. */
const membersOf = ({ population }: Asked, queue: Queue): ReadonlyArray<Agent> =>
  population.agents.filter((agent) => agent.memberOf.includes(queue))

const queueOf = (queue: Queue, memberCount: number) => ({
  id: queue.id,
  name: queue.name,
  division: divisionOf(queue),
  memberCount,
  userMemberCount: memberCount,
  joinedMemberCount: queue.members.size,
  selfUri: `/api/v2/routing/queues/${queue.id}`
})

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)

const queues = (asked: Asked): Reply => {
  const { query, population } = asked
  const [divisions, ids] = [listed(query, "divisionId"), listed(query, "id")]
  const found = population.queues
    .filter(
      ({ id, division }) =>
        (divisions.length === 0 || divisions.includes(division.id)) && (ids.length === 0 || ids.includes(id))
    )
    .toSorted(byName)
  const counts = new Map<Queue, number>()
  for (const { memberOf } of population.agents)
    for (const queue of memberOf) counts.set(queue, (counts.get(queue) ?? 0) + 1)
  return paged(asked, 100, found, (queue) => queueOf(queue, counts.get(queue) ?? 0))
}

const found = ({ id, population }: Asked) => population.queues.find((queue) => queue.id === id)

const members = (asked: Asked): Reply => {
  const queue = found(asked)
  if (queue === undefined) return notFound("Queue")
  const { query } = asked
  const joined = query.get("joined")
  const listedMembers = membersOf(asked, queue)
    .filter((agent) => joined === null || queue.members.has(agent) === (joined === "true"))
    .toSorted(byName)
  return followed(asked, 100, listedMembers, (agent) => {
    const { routingStatus, ...parts } = expanded(asked, agent)
    return {
      id: agent.id,
      name: agent.name,
      user: { id: agent.id, name: agent.name, selfUri: `/api/v2/users/${agent.id}`, ...parts },
      ringNumber: 1,
      joined: queue.members.has(agent),
      memberBy: "user",
      ...(routingStatus === undefined ? {} : { routingStatus: routingStatusOf(agent) }),
      selfUri: `/api/v2/routing/queues/${queue.id}/members/${agent.id}`
    }
  })
}

export const queueRoutes: ReadonlyArray<Route> = [
  { method: "GET", path: "/api/v2/routing/queues", permissions: VIEW, reply: queues },
  {
    method: "GET",
    path: "/api/v2/routing/queues/{id}",
    permissions: VIEW,
    reply: (asked) => {
      const queue = found(asked)
      return queue === undefined ? notFound("Queue") : ok(queueOf(queue, membersOf(asked, queue).length))
    }
  },
  {
    method: "GET",
    path: "/api/v2/routing/queues/{id}/members",
    permissions: [...VIEW, "routing:queueMember:manage"],
    reply: members
  }
]
