import * as bodies from "./bodies.ts"
import type { Conversation, Medium, Segment, Work } from "./model.ts"
import { touch } from "./queues.ts"
import { countSession, countWait } from "./tally.ts"
import type { World } from "./world.ts"

const MESSAGE_TYPES = ["WHATSAPP", "WEBMESSAGING", "SMS", "OPEN", "APPLE"] as const
const phone = (world: World): string => `tel:+1202555${`0${world.random.whole(100, 199)}`}`

export const contactOf: { readonly [M in Medium]: (world: World) => { readonly [field: string]: unknown } } = {
  VOICE: (world) => ({
    provider: "Edge",
    direction: "INBOUND",
    // Some callers withhold their number.
    ani: world.random.chance(0.06) ? undefined : phone(world),
    dnis: "tel:+12025550100"
  }),
  CHAT: () => ({ provider: "PureCloud Webchat v2", direction: "INBOUND" }),
  MESSAGE: (world) => ({
    provider: "PureCloud Messaging",
    direction: "INBOUND",
    messageType: world.random.pick(MESSAGE_TYPES),
    addressFrom: phone(world),
    addressTo: "+12025550101",
    utilizationLabel: world.random.chance(0.1) ? "priority" : undefined
  })
}

export const about = (conversation: Conversation): ReadonlyArray<string> => [conversation.id]

/** The session goes over into another state. */
export const enter = (world: World, work: Work, segment: Segment, at: number): void => {
  work.segment = segment
  work.entered = at
  const { random, population } = world
  const skills = random.chance(0.2) ? [random.pick(population.skills)] : []
  const language = random.chance(0.2) ? random.pick(population.languages) : undefined
  const body = { ...bodies.agentState(work, at), requestedSkillIds: skills, requestedLanguageId: language }
  world.publish("v2.detail.events.agent.{id}.state", [work.agent.id], body, at)
}

/** Ends the wait in the queue, if there is one. */
export const endAcd = (world: World, conversation: Conversation, at: number, extra: bodies.Body): void => {
  const { acd, queue, medium } = conversation
  if (acd === undefined) return
  conversation.acd = undefined
  queue.waiting.delete(acd.sessionId)
  touch(world, queue, medium)
  countWait(queue, medium, at, at - acd.since, extra.acdOutcome === "ANSWERED")
  const body = { ...bodies.acd(conversation, at, acd), connectedDurationMs: at - acd.since, ...extra }
  world.publish("v2.detail.events.conversation.{id}.acd.end", about(conversation), body, at)
}

/** Ends the agent's session: the conversation may go on without it. */
export const endUser = (world: World, work: Work, at: number, disconnectType: string): void => {
  const { conversation, queue, since, answered, held } = work
  work.queue.engaged.delete(work)
  touch(world, queue, conversation.medium)
  const talked = answered === 0 ? 0 : at - answered - held
  countSession(work, at, disconnectType === "TRANSFER" ? "transfer" : disconnectType === "PEER" ? "customer" : "agent")
  const body = {
    ...bodies.user(work, at),
    divisionId: work.agent.division.id,
    disconnectType,
    alertingDurationMs: (answered === 0 ? at : answered) - since,
    interactingDurationMs: answered === 0 ? undefined : talked,
    heldDurationMs: answered === 0 ? undefined : held
  }
  world.publish("v2.detail.events.conversation.{id}.user.end", about(conversation), body, at)
}

/** The customer has gone, and the conversation with them. */
export const endCustomer = (world: World, conversation: Conversation, at: number): void => {
  conversation.over = true
  world.conversations--
  const body = bodies.customer(conversation, at, world.population)
  world.publish(
    "v2.detail.events.conversation.{id}.customer.end",
    about(conversation),
    { ...body, disconnectType: "ENDPOINT", interactingDurationMs: at - conversation.customer.since },
    at
  )
}

/** The agent's session is gone for good. */
export const dismiss = (world: World, work: Work, at: number): void => {
  work.agent.work.delete(work)
  enter(world, work, "TERMINATED", at)
}
