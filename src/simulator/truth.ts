import { countsOf, type Load, loadOf } from "./bodies.ts"
import {
  type AgentTally,
  media,
  type Population,
  type RoutingStatus,
  type Segment,
  type SystemPresence,
  type Tally
} from "./model.ts"
import { agentTallies, queueTallies } from "./tally.ts"

/** What is so in the contact centre at `at` (epoch ms), whatever has been delivered by then. All times are epoch ms. */
export interface Truth {
  readonly at: number
  /** Agents about whom anything was ever said, or all of them, by id. */
  readonly agents: ReadonlyArray<AgentTruth>
  readonly queues: ReadonlyArray<QueueTruth>
}

export interface AgentTruth {
  readonly agentId: string
  readonly presence: SystemPresence
  readonly presenceSince: number
  readonly routingStatus: RoutingStatus
  readonly routingStatusSince: number
  readonly outOfOffice: boolean
  /** The user was deactivated, and is no agent as long as that is so. */
  readonly deactivated: boolean
  readonly activeQueueIds: ReadonlyArray<string>
  readonly stationId: string | undefined
  /** Only media that were ever reported: `call`, `chat`, `message`. */
  readonly conversations: { readonly [load: string]: Load }
  /** Sessions that have started and not ended; after-call work comes after the end. */
  readonly sessions: ReadonlyArray<SessionTruth>
  /** What the agent did, by the beginning of each interval of 15 minutes, until `countedUntil`; of the last day. */
  readonly intervals: ReadonlyMap<number, Readonly<AgentTally>>
  /** Now, or the agent's last change where that is later. */
  readonly countedUntil: number
}

export interface SessionTruth {
  readonly sessionId: string
  readonly conversationId: string
  readonly userId: string
  readonly queueId: string
  readonly mediaType: string
  readonly since: number
  readonly segment: Segment
}

export interface QueueTruth {
  readonly queueId: string
  readonly members: ReadonlyArray<string>
  readonly waiting: ReadonlyArray<{
    readonly sessionId: string
    readonly conversationId: string
    readonly mediaType: string
    readonly since: number
  }>
  readonly interacting: ReadonlyArray<SessionTruth>
  /** Only media of which anything was ever published: `voice`, `chat`, `message`. */
  readonly observations: { readonly [medium: string]: { readonly [metric: string]: number } }
  /** What happened in it, by the beginning of each interval of 15 minutes, epoch ms; of the last day. */
  readonly intervals: ReadonlyMap<number, Readonly<Tally>>
  /** The same of each medium: `voice`, `chat`, `message`. */
  readonly media: { readonly [medium: string]: ReadonlyMap<number, Readonly<Tally>> }
}

const by =
  <A>(key: (item: A) => string) =>
  (a: A, b: A): number =>
    key(a) < key(b) ? -1 : 1

/** `everybody`: also agents of whom nothing was ever said, which those know who ask. */
export const tell = ({ agents, queues }: Population, at: number, everybody = false): Truth => {
  const agentTruths = agents
    .filter((agent) => everybody || agent.seen)
    .map((agent): AgentTruth => {
      const sessions: Array<SessionTruth> = []
      for (const { segment, conversation, queue, sessionId, since } of agent.work)
        if (segment !== "WRAPUP")
          sessions.push({
            sessionId,
            conversationId: conversation.id,
            userId: agent.id,
            queueId: queue.id,
            mediaType: conversation.medium,
            since,
            segment
          })
      const countedUntil = Math.max(at, agent.presence.since, agent.routing.since)
      const loads = [...agent.reported].map((medium) => media[medium].load)
      return {
        agentId: agent.id,
        presence: agent.presence.system,
        presenceSince: agent.presence.since,
        routingStatus: agent.routing.status,
        routingStatusSince: agent.routing.since,
        outOfOffice: agent.outOfOffice.active,
        deactivated: agent.deactivated,
        activeQueueIds: agent.active.queues.map((queue) => queue.id).sort(),
        stationId: agent.stationed ? agent.station?.id : undefined,
        conversations: Object.fromEntries(loads.sort().map((load) => [load, loadOf(agent, load)])),
        sessions: sessions.sort(by((session) => session.sessionId)),
        intervals: agentTallies(agent, countedUntil),
        countedUntil
      }
    })
    .sort(by((agent) => agent.agentId))

  const sessions = agentTruths.flatMap((agent) => agent.sessions)
  const queueTruths = queues
    .map(
      (queue): QueueTruth => ({
        queueId: queue.id,
        members: [...queue.members].map((agent) => agent.id).sort(),
        waiting: [...queue.waiting]
          .map(([sessionId, { id, medium, acd }]) => ({
            sessionId,
            conversationId: id,
            mediaType: medium,
            since: acd?.since ?? at
          }))
          .sort(by((session) => session.sessionId)),
        interacting: sessions
          .filter((session) => session.queueId === queue.id)
          .sort(by((session) => session.sessionId)),
        observations: Object.fromEntries(
          [...queue.media]
            .filter((medium) => queue.counts.has(`${media[medium].lower}:oWaiting`))
            .map((medium) => [media[medium].lower, countsOf(queue, medium)])
        ),
        intervals: queueTallies(queue),
        media: Object.fromEntries(
          [...queue.tallies].map(([medium, tallies]) => [
            media[medium].lower,
            new Map([...tallies].map(([at, tally]) => [at, { ...tally }]))
          ])
        )
      })
    )
    .sort(by((queue) => queue.queueId))
  return { at, agents: agentTruths, queues: queueTruths }
}
