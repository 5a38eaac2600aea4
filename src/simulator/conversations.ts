import * as bodies from "./bodies.ts"
import { type Agent, allMedia, type Conversation, type Medium, media, type Queue, type Work } from "./model.ts"
import { touch } from "./queues.ts"
import { publishSummary, settleRouting } from "./routing.ts"
import { about, contactOf, dismiss, endAcd, endCustomer, endUser, enter } from "./sessions.ts"
import { countOffer, countWrapUp } from "./tally.ts"
import { canTake, instant, type World } from "./world.ts"

const NOTES = [
  "promised to call back on 202-555-0167",
  "address changed, letter requested",
  "see earlier case"
] as const

const PATIENCE_S = 110

const queueFor = (world: World, medium: Medium, except?: Queue): Queue | undefined => {
  const queues = world.population.queues.filter((queue) => queue !== except && queue.media.has(medium))
  return queues.length === 0 ? undefined : world.random.pick(queues)
}

/** A customer arrives, is greeted, and then waits in a queue. */
export const arrive = (world: World): void => {
  const { random, population } = world
  const medium = random.weighted(allMedia.map((medium) => [media[medium].share, medium] as const))
  const queue = queueFor(world, medium)
  if (queue === undefined) return
  const at = world.pace.now()
  const conversation: Conversation = {
    id: world.id(),
    medium,
    contact: contactOf[medium](world),
    contactIds: random.chance(0.4) ? [world.id()] : [],
    customer: { participantId: world.id(), sessionId: world.id(), since: at },
    queue,
    acd: undefined,
    alerting: undefined,
    over: false,
    last: at
  }
  world.conversations++
  const body = bodies.customer(conversation, at, population)
  const journey = { sessionId: world.id(), sessionIdType: "web", actionMapId: world.id() }
  const journeyContext = medium !== "VOICE" && random.chance(0.3) ? journey : undefined
  world.publish(
    "v2.detail.events.conversation.{id}.customer.start",
    about(conversation),
    { ...body, journeyContext },
    at
  )
  world.after(random.around(media[medium].greet, 0.3), () => enqueue(world, conversation, queue))
}

const enqueue = (world: World, conversation: Conversation, queue: Queue): void => {
  const { random, population } = world
  const at = instant(world, conversation, queue)
  const acd = { participantId: world.id(), sessionId: world.id(), since: at }
  conversation.queue = queue
  conversation.acd = acd
  countOffer(queue, conversation.medium, at)
  queue.waiting.set(acd.sessionId, conversation)
  touch(world, queue, conversation.medium)
  const skills = random.chance(0.3) ? [random.pick(population.skills)] : []
  world.publish(
    "v2.detail.events.conversation.{id}.acd.start",
    about(conversation),
    { ...bodies.acd(conversation, at, acd), requestedRoutingSkillIds: skills },
    at
  )
  const patience = random.wait(PATIENCE_S * (conversation.medium === "VOICE" ? 1 : 3)) + 4
  world.after(patience, () => {
    if (conversation.acd === acd) abandon(world, conversation)
  })
  const agent = longestIdle(queue, conversation.medium)
  if (agent !== undefined) alert(world, conversation, agent)
}

const longestIdle = (queue: Queue, medium: Medium): Agent | undefined => {
  let best: Agent | undefined
  const { capacity } = media[medium]
  for (const agent of queue.members) {
    if (!canTake(agent, medium, capacity)) continue
    if (best === undefined || agent.work.size < best.work.size) best = agent
    else if (agent.work.size === best.work.size && agent.routing.since < best.routing.since) best = agent
  }
  return best
}

/** Gives an agent with room the customer who has waited longest in any of their queues. */
export const offer = (world: World, agent: Agent): void => {
  let first: Conversation | undefined
  for (const queue of agent.active.queues)
    for (const conversation of queue.waiting.values()) {
      if (conversation.alerting !== undefined) continue
      if (!canTake(agent, conversation.medium, media[conversation.medium].capacity)) continue
      if (first === undefined || conversation.acd!.since < first.acd!.since) first = conversation
      break
    }
  if (first !== undefined) alert(world, first, agent)
}

const alert = (world: World, conversation: Conversation, agent: Agent): void => {
  const { random } = world
  const { queue, medium } = conversation
  const at = instant(world, conversation, agent, queue)
  const work: Work = {
    agent,
    queue,
    conversation,
    sessionId: world.id(),
    participantId: world.id(),
    since: at,
    segment: "ALERT",
    entered: at,
    answered: 0,
    held: 0
  }
  conversation.alerting = work
  agent.work.add(work)
  queue.engaged.add(work)
  touch(world, queue, medium)
  const body = { ...bodies.user(work, at), divisionId: agent.division.id }
  world.publish("v2.detail.events.conversation.{id}.user.start", about(conversation), body, at)
  enter(world, work, "ALERT", at)
  const misses = random.chance(0.04)
  world.after(misses ? media[medium].ring : random.around(media[medium].answer, 0.4), () => {
    if (conversation.alerting !== work) return
    if (misses) miss(world, work)
    else answer(world, work)
  })
}

const miss = (world: World, work: Work): void => {
  const { agent, conversation, queue } = work
  const at = instant(world, conversation, agent, queue)
  conversation.alerting = undefined
  endUser(world, work, at, "NO_ANSWER_TRANSFER")
  dismiss(world, work, at)
  agent.missed = agent.presence.system === "ON_QUEUE"
  settleRouting(world, agent)
  world.after(world.random.around(35), () => {
    agent.missed = false
    settleRouting(world, agent)
    offer(world, agent)
  })
  const other = longestIdle(queue, conversation.medium)
  if (other !== undefined) alert(world, conversation, other)
}

const abandon = (world: World, conversation: Conversation): void => {
  const { alerting, queue } = conversation
  const at = instant(world, conversation, queue, ...(alerting === undefined ? [] : [alerting.agent]))
  endAcd(world, conversation, at, { disconnectType: "PEER", acdOutcome: "ABANDON" })
  if (alerting !== undefined) {
    conversation.alerting = undefined
    endUser(world, alerting, at, "PEER")
    dismiss(world, alerting, at)
    offer(world, alerting.agent)
  }
  endCustomer(world, conversation, at)
}

const answer = (world: World, work: Work): void => {
  const { random } = world
  const { agent, conversation, queue } = work
  const at = instant(world, conversation, agent, queue)
  conversation.alerting = undefined
  work.answered = at
  endAcd(world, conversation, at, {
    disconnectType: "TRANSFER",
    acdOutcome: "ANSWERED",
    answeredUserId: agent.id,
    requestedRoutings: ["STANDARD"],
    usedRouting: "STANDARD"
  })
  enter(world, work, "INTERACT", at)
  settleRouting(world, agent)
  publishSummary(world, agent, at)
  offer(world, agent)
  const seconds = random.around(media[conversation.medium].handle)
  if (conversation.medium === "VOICE" && random.chance(0.2)) hold(world, work, seconds)
  else world.after(seconds, () => finish(world, work))
}

const hold = (world: World, work: Work, seconds: number): void => {
  const { random } = world
  world.after(seconds * random.between(0.2, 0.6), () => {
    const from = instant(world, work.conversation, work.agent)
    enter(world, work, "HOLD", from)
    world.after(random.around(25), () => {
      const to = instant(world, work.conversation, work.agent)
      work.held += to - from
      enter(world, work, "INTERACT", to)
      world.after(seconds * random.between(0.2, 0.4), () => finish(world, work))
    })
  })
}

/** The talk is over: the customer leaves or goes on to another queue, and the agent wraps up. */
const finish = (world: World, work: Work): void => {
  const { random } = world
  const { agent, conversation, queue } = work
  const next = random.chance(0.07) ? queueFor(world, conversation.medium, queue) : undefined
  const at = instant(world, conversation, agent, queue)
  endUser(world, work, at, next === undefined ? random.pick(["PEER", "CLIENT", "PEER"]) : "TRANSFER")
  if (next === undefined) endCustomer(world, conversation, at)
  enter(world, work, "WRAPUP", at)
  publishSummary(world, agent, at)
  if (next !== undefined) enqueue(world, conversation, next)
  world.after(random.around(media[conversation.medium].acw), () => wrapUp(world, work, at))
}

const wrapUp = (world: World, work: Work, ended: number): void => {
  const { random, population } = world
  const { agent, conversation, queue } = work
  const at = instant(world, conversation, agent)
  countWrapUp(queue, conversation.medium, at, at - ended)
  const wrapup = {
    queueId: queue.id,
    wrapupCode: random.pick(population.wrapupCodes).id,
    wrapupNotes: random.chance(0.12) ? random.pick(NOTES) : random.chance(0.5) ? "" : undefined,
    wrapupDurationMs: at - ended
  }
  const { userId, ...anonymous } = bodies.user(work, at)
  world.publish("v2.detail.events.conversation.{id}.acw", about(conversation), { ...anonymous, userId, ...wrapup }, at)
  world.publish("v2.detail.events.conversation.{id}.wrapup", about(conversation), { ...anonymous, ...wrapup }, at)
  dismiss(world, work, at)
  settleRouting(world, agent)
  publishSummary(world, agent, at)
  offer(world, agent)
}
