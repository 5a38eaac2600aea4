import { agentMetrics, audit, countsOf, member, observations, queueActivity } from "./bodies.ts"
import { type Agent, type Medium, media, type Queue } from "./model.ts"
import { instant, type World } from "./world.ts"

/** Genesys publishes the numbers of a queue at most once a second. */
const FLUSH_MS = 1_000
const HALF_HOUR_MS = 1_800_000

/** Publishes what has changed in the numbers of the queue: `.activity` for all media, `.observations` for the one that waited longest. */
export const flush = (world: World, queue: Queue): void => {
  const [medium] = queue.changed
  if (medium === undefined) return
  queue.changed.delete(medium)
  const at = instant(world, queue)
  queue.flushed = at
  const { lower } = media[medium]
  const counts = countsOf(queue, medium)
  const metrics = Object.entries(counts)
    .filter(([metric, count]) => queue.counts.get(`${lower}:${metric}`) !== count)
    .map(([metric, count]) => {
      queue.counts.set(`${lower}:${metric}`, count)
      return { metric, stats: { count } }
    })
  const about = [queue.id]
  if (metrics.length > 0)
    world.publish("v2.analytics.queues.{id}.observations", about, observations(queue, lower, [at, at], metrics), at)
  world.publish("v2.analytics.queues.{id}.activity", about, queueActivity(queue, at), at, queue)
}

/** Besides the counts: how the queue's agents stand, or the half hour so far. */
const publishExtra = (world: World, queue: Queue): void => {
  const at = instant(world, queue)
  const answered = world.random.whole(1, 40)
  const sum = Math.round(answered * world.random.between(4_000, 30_000))
  const body = world.random.chance(0.7)
    ? observations(queue, undefined, [at, at], agentMetrics(queue))
    : observations(
        queue,
        "voice",
        [at - (at % HALF_HOUR_MS), at - (at % HALF_HOUR_MS) + HALF_HOUR_MS],
        [
          { metric: "nOffered", stats: { count: answered + world.random.whole(0, 4) } },
          { metric: "tAnswered", stats: { count: answered, sum, max: Math.round((sum / answered) * 2.5) } },
          {
            metric: "oServiceLevel",
            stats: { ratio: 0.8, numerator: answered * 0.8, denominator: answered, target: 0.8 }
          }
        ]
      )
  world.publish("v2.analytics.queues.{id}.observations", [queue.id], body, at)
}

const runFlush = (world: World, queue: Queue): void => {
  const early = queue.flushed + FLUSH_MS - world.pace.now()
  if (early > 0) {
    world.pace.afterPublished(early, () => runFlush(world, queue))
    return
  }
  if (queue.changed.size === 0) {
    queue.flushing = false
    return
  }
  if (world.random.chance(0.04)) {
    queue.flushed = world.pace.now()
    publishExtra(world, queue)
  } else flush(world, queue)
  world.pace.afterPublished(FLUSH_MS, () => runFlush(world, queue))
}

/** Notes that the numbers of a medium have changed; they are published when the queue's second is over. */
export const touch = (world: World, queue: Queue, medium: Medium): void => {
  queue.changed.add(medium)
  if (queue.flushing) return
  queue.flushing = true
  world.pace.afterPublished(Math.max(20, queue.flushed + FLUSH_MS - world.pace.now()), () => runFlush(world, queue))
}

/** Says whether the agent is active in the queue. */
export const publishMember = (world: World, queue: Queue, agent: Agent, joined: boolean, at: number): void => {
  if (joined) queue.members.add(agent)
  else queue.members.delete(agent)
  world.publish("v2.routing.queues.{id}.users", [queue.id], member(queue, agent, joined), at, queue)
}

export const publishMemberAudit = (
  world: World,
  queue: Queue,
  agent: Agent,
  action: "MemberAdd" | "MemberRemove",
  at: number
): void => {
  const change =
    action === "MemberAdd"
      ? { property: "members", newValues: [agent.id] }
      : { property: "members", oldValues: [agent.id], newValues: [] }
  const body = audit({
    id: world.id(),
    at,
    by: world.random.pick(world.population.agents),
    serviceName: "ContactCenter",
    entityType: "Queue",
    action,
    entity: { id: queue.id, name: queue.name },
    change,
    remoteIp: `198.51.100.${world.random.whole(1, 254)}`
  })
  world.publish("v2.audits.entitytype.{id}.entityid.{id}", ["Queue", queue.id], body, at)
}
