import * as bodies from "./bodies.ts"
import { offer } from "./conversations.ts"
import type { Agent, SystemPresence } from "./model.ts"
import { display } from "./presences.ts"
import { publishMember, publishMemberAudit } from "./queues.ts"
import { publishActivity, publishSummary, settleRouting } from "./routing.ts"
import { countState } from "./tally.ts"
import { instant, type World } from "./world.ts"

const publishPresenceAudit = (world: World, agent: Agent, before: SystemPresence, at: number): void => {
  const body = bodies.audit({
    id: world.id(),
    at,
    by: agent,
    serviceName: "Presence",
    entityType: "UserPresence",
    action: "Update",
    entity: { id: agent.id },
    change: { property: "PRESENCE", oldValues: [display(before)], newValues: [display(agent.presence.system)] },
    remoteIp: `203.0.113.${world.random.whole(1, 254)}`
  })
  world.publish("v2.audits.entitytype.{id}.entityid.{id}", ["UserPresence", agent.id], body, at)
}

/** The agent declares a presence; routing follows. */
const declare = (world: World, agent: Agent, system: SystemPresence): void => {
  const { random, population } = world
  const before = agent.presence.system
  const at = instant(world, agent)
  countState(agent.tallies, "presenceMs", before, agent.presence.since, at)
  agent.presence = { system, definition: random.pick(population.definitions.get(system) ?? []), since: at }
  if (before === "ON_QUEUE") world.onQueue--
  if (system === "ON_QUEUE") world.onQueue++
  else agent.missed = false
  const dated = !random.chance(0.03)
  const published = world.publish(
    "v2.users.{id}.presence",
    [agent.id],
    bodies.presence(agent, "", dated),
    at,
    dated ? undefined : agent
  )
  // Without a date the publication is the clock: what the agent does next must come after it.
  if (!dated) agent.last = Math.max(agent.last, published)
  publishActivity(world, agent, at)
  if (random.chance(0.02)) {
    const foreign = { ...bodies.presence(agent, "", true), source: "MICROSOFTTEAMS", primary: false }
    const presenceDefinition = { id: population.definitions.get("BUSY")?.[0], systemPresence: "BUSY" }
    world.publish("v2.users.{id}.presence", [agent.id], { ...foreign, presenceDefinition }, at)
  }
  if (random.chance(0.04)) publishPresenceAudit(world, agent, before, at)
  settleRouting(world, agent)
}

const setOutOfOffice = (world: World, agent: Agent, active: boolean): void => {
  if (agent.outOfOffice.active === active) return
  const at = instant(world, agent)
  agent.outOfOffice = { active, since: at }
  const body = bodies.outOfOffice(agent, at + world.random.whole(1, 14) * 86_400_000)
  const published = world.publish("v2.users.{id}.outofoffice", [agent.id], body, at, agent)
  // This topic has no clock of the change: its publication is one, and what follows must come after it.
  agent.last = Math.max(agent.last, published)
  publishActivity(world, agent, at)
}

const setStation = (world: World, agent: Agent, stationed: boolean): void => {
  if (agent.station === undefined || agent.stationed === stationed) return
  agent.stationed = stationed
  world.publish("v2.users.{id}.station", [agent.id], bodies.station(agent), instant(world, agent), agent)
}

/** Makes the agent active in exactly these queues. */
const setActiveQueues = (world: World, agent: Agent, queues: Agent["active"]["queues"]): void => {
  const before = agent.active.queues
  const at = instant(world, agent, ...new Set([...before, ...queues]))
  agent.active = { queues: [...queues], since: at }
  for (const queue of before) if (!queues.includes(queue)) publishMember(world, queue, agent, false, at)
  for (const queue of queues) if (!before.includes(queue)) publishMember(world, queue, agent, true, at)
  publishActivity(world, agent, at)
}

const goOnQueue = (world: World, agent: Agent): void => {
  if (agent.active.queues.length === 0) setActiveQueues(world, agent, agent.memberOf)
  declare(world, agent, "ON_QUEUE")
  offer(world, agent)
  plan(world, agent)
}

/** Somebody in the administration lets the user log on, or not any more. */
const setDeactivated = (world: World, agent: Agent, deactivated: boolean): void => {
  if (agent.deactivated === deactivated) return
  const at = instant(world, agent)
  agent.deactivated = deactivated
  const [before, after] = deactivated ? ["active", "inactive"] : ["inactive", "active"]
  const body = bodies.audit({
    id: world.id(),
    at,
    by: world.seldom.pick(world.population.agents),
    serviceName: "Directory",
    entityType: "User",
    action: deactivated ? "Deactivate" : "Activate",
    entity: { id: agent.id },
    change: { property: "state", oldValues: [before], newValues: [after] },
    remoteIp: `198.51.100.${world.seldom.whole(1, 254)}`
  })
  world.publish("v2.audits.entitytype.{id}.entityid.{id}", ["User", agent.id], body, at)
}

/** Begins a shift: station, presence, then the queues a little later. */
export const logOn = (world: World, agent: Agent): void => {
  const { random } = world
  agent.seen = true
  agent.shiftEnds =
    world.pace.natural() +
    1_000 * world.leisure * (random.chance(0.15) ? random.between(300, 1_800) : random.between(7_200, 28_800))
  setDeactivated(world, agent, false)
  setStation(world, agent, true)
  setOutOfOffice(world, agent, false)
  declare(world, agent, "AVAILABLE")
  world.after(random.between(4, 40), () => goOnQueue(world, agent))
}

const logOff = (world: World, agent: Agent): void => {
  // Whoever still has work takes no more and finishes it first.
  if (agent.work.size > 0) {
    if (agent.presence.system === "ON_QUEUE") declare(world, agent, "AVAILABLE")
    world.after(15, () => logOff(world, agent))
    return
  }
  declare(world, agent, "OFFLINE")
  setActiveQueues(world, agent, [])
  setStation(world, agent, false)
  if (world.random.chance(0.1)) setOutOfOffice(world, agent, true)
  if (world.seldom.chance(0.15)) setDeactivated(world, agent, true)
  world.after(world.random.between(600, 14_400) * world.leisure, () => logOn(world, agent))
}

const PAUSES: ReadonlyArray<readonly [weight: number, pause: readonly [SystemPresence, seconds: number]]> = [
  [0.42, ["BREAK", 540]],
  [0.12, ["MEAL", 1_800]],
  [0.12, ["MEETING", 1_500]],
  [0.06, ["TRAINING", 1_800]],
  [0.1, ["AWAY", 240]],
  [0.08, ["BUSY", 300]],
  [0.04, ["IDLE", 200]],
  [0.06, ["AVAILABLE", 120]]
]

/** A pause may begin in the middle of a conversation: routing then stays INTERACTING until it is wrapped up. */
const pause = (world: World, agent: Agent): void => {
  const [system, seconds] = world.random.weighted(PAUSES)
  declare(world, agent, system)
  world.after(world.random.around(seconds, 0.4), () => {
    if (world.pace.natural() > agent.shiftEnds) logOff(world, agent)
    else goOnQueue(world, agent)
  })
}

/** A call that is none of the queue's business. */
const callColleague = (world: World, agent: Agent): void => {
  const setCalling = (calling: boolean): void => {
    agent.calling = calling
    agent.reported.add("VOICE")
    publishSummary(world, agent, instant(world, agent))
    settleRouting(world, agent)
  }
  setCalling(true)
  world.after(world.random.around(80), () => {
    setCalling(false)
    offer(world, agent)
    plan(world, agent)
  })
}

/** Draws what an agent on queue does next besides the conversations that come, and when. */
const plan = (world: World, agent: Agent): void => {
  const { random } = world
  const free = 1_000 * Math.min(random.wait(1_800) * world.leisure, 14_400 * world.leisure)
  const left = agent.shiftEnds - world.pace.natural()
  if (left < free) {
    world.after(Math.max(1, left / 1_000), () => logOff(world, agent))
    return
  }
  world.after(free / 1_000, () => {
    if (agent.work.size === 0 && !agent.missed && random.chance(0.2)) callColleague(world, agent)
    else pause(world, agent)
  })
}

/** Somebody with the right to do so puts an agent into a queue or takes one out. */
export const changeMembership = (world: World): void => {
  const { random, population } = world
  const agent = random.pick(population.agents)
  const queue = random.pick(population.queues)
  if (!agent.seen || agent.active.queues.length === 0) return
  const joined = !agent.memberOf.includes(queue)
  if (!joined && agent.memberOf.length === 1) return
  agent.memberOf = joined ? [...agent.memberOf, queue] : agent.memberOf.filter((other) => other !== queue)
  setActiveQueues(world, agent, agent.memberOf)
  publishMemberAudit(world, queue, agent, joined ? "MemberAdd" : "MemberRemove", agent.active.since)
  if (joined) offer(world, agent)
}
