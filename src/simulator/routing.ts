import * as bodies from "./bodies.ts"
import type { Agent, RoutingStatus } from "./model.ts"
import { countState } from "./tally.ts"
import { instant, type World } from "./world.ts"

const MESSAGES = ["back at half past", "in the training room", "call me on 202-555-0142"] as const

/** The list of queues has no clock but its publication. */
export const publishActivity = (world: World, agent: Agent, at: number): void => {
  const message = world.random.chance(0.03) ? world.random.pick(MESSAGES) : ""
  world.publish("v2.users.{id}.activity", [agent.id], bodies.activity(agent, message), at, agent)
}

export const publishSummary = (world: World, agent: Agent, at: number): void => {
  for (const { conversation, segment } of agent.work) if (segment !== "ALERT") agent.reported.add(conversation.medium)
  world.publish("v2.users.{id}.conversationsummary", [agent.id], bodies.conversationSummary(agent), at, agent)
}

/** What routing sees: set by the system from what the agent declares and does, never by hand. */
const routingStatusOf = (agent: Agent): RoutingStatus => {
  if (agent.missed && agent.presence.system === "ON_QUEUE") return "NOT_RESPONDING"
  for (const { segment } of agent.work) if (segment !== "ALERT") return "INTERACTING"
  if (agent.calling) return "COMMUNICATING"
  return agent.presence.system === "ON_QUEUE" ? "IDLE" : "OFF_QUEUE"
}

/** Brings the routing status in line with what the agent does, and says so if that is a change. */
export const settleRouting = (world: World, agent: Agent): void => {
  const status = routingStatusOf(agent)
  if (status === agent.routing.status) return
  const at = instant(world, agent)
  countState(agent.tallies, "routingStatusMs", agent.routing.status, agent.routing.since, at)
  agent.routing = { status, since: at }
  world.publish("v2.users.{id}.routingStatus", [agent.id], bodies.routingStatus(agent), at)
  publishActivity(world, agent, at)
}
