import {
  agentMetrics,
  aggregateMetrics,
  audit,
  countsOf,
  type Metric,
  member,
  observations,
  queueActivity
} from "./bodies.ts"
import { type Agent, allMedia, type Medium, media, type Queue } from "./model.ts"
import { talliedIn } from "./tally.ts"
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

/** What of the half hour that began at `from` (epoch ms) was not published yet of a medium: the metrics that have changed. */
const outstanding = (queue: Queue, medium: Medium, from: number): ReadonlyArray<Metric> => {
  const last = queue.reported.get(medium)
  const known = last?.from === from ? last.stats : new Map<string, string>()
  return aggregateMetrics(talliedIn(queue, medium, from, from + HALF_HOUR_MS)).filter(
    ({ metric, stats }) => known.get(metric) !== JSON.stringify(stats)
  )
}

/** Publishes what has changed in a half hour, of the first medium of which something has. Returns whether there was anything. */
const publishAggregate = (world: World, queue: Queue, from: number): boolean => {
  for (const medium of allMedia) {
    const metrics = outstanding(queue, medium, from)
    if (metrics.length === 0) continue
    const last = queue.reported.get(medium)
    const told = metrics.map(({ metric, stats }) => [metric, JSON.stringify(stats)] as const)
    queue.reported.set(medium, { from, stats: new Map([...(last?.from === from ? last.stats : []), ...told]) })
    const body = observations(queue, media[medium].lower, [from, from + HALF_HOUR_MS], metrics)
    world.publish("v2.analytics.queues.{id}.observations", [queue.id], body, instant(world, queue))
    return true
  }
  return false
}

const halfHourOf = (at: number): number => at - (at % HALF_HOUR_MS)

/** What was not published yet of the half hour before this one: the last word on it. */
const publishClosed = (world: World, queue: Queue): boolean =>
  publishAggregate(world, queue, halfHourOf(world.pace.now()) - HALF_HOUR_MS)

/**
 * Besides the counts: how the queue's agents stand, or the half hour so far. It draws what it has no use for: with fewer draws every seed
 * would be another day, and no longer the one whose figures are stated.
 */
const publishExtra = (world: World, queue: Queue): void => {
  const { next, chance } = world.random
  for (const draw of [next, next]) draw()
  const isAggregate = !chance(0.7)
  if (isAggregate) next()
  if (isAggregate && publishAggregate(world, queue, halfHourOf(world.pace.now()))) return
  const at = instant(world, queue)
  const body = observations(queue, undefined, [at, at], agentMetrics(queue))
  world.publish("v2.analytics.queues.{id}.observations", [queue.id], body, at)
}

const runFlush = (world: World, queue: Queue): void => {
  const early = queue.flushed + FLUSH_MS - world.pace.now()
  if (early > 0) {
    world.pace.afterPublished(early, () => runFlush(world, queue))
    return
  }
  if (publishClosed(world, queue)) queue.flushed = world.pace.now()
  else if (queue.changed.size === 0) {
    queue.flushing = false
    return
  } else if (world.random.chance(0.04)) {
    queue.flushed = world.pace.now()
    publishExtra(world, queue)
  } else flush(world, queue)
  world.pace.afterPublished(FLUSH_MS, () => runFlush(world, queue))
}

const beginFlush = (world: World, queue: Queue): void => {
  if (queue.flushing) return
  queue.flushing = true
  world.pace.afterPublished(Math.max(20, queue.flushed + FLUSH_MS - world.pace.now()), () => runFlush(world, queue))
}

/** Returns what publishes the last word on each half hour once it is over; it is called whenever time has passed. */
export const closeHalfHours = (world: World): (() => void) => {
  let open = halfHourOf(world.pace.now())
  return () => {
    const now = halfHourOf(world.pace.now())
    if (now === open) return
    open = now
    for (const queue of world.population.queues) beginFlush(world, queue)
  }
}

/** Notes that the numbers of a medium have changed; they are published when the queue's second is over. */
export const touch = (world: World, queue: Queue, medium: Medium): void => {
  queue.changed.add(medium)
  beginFlush(world, queue)
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
