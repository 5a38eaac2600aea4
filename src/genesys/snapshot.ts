import { canonical, type Json } from "../domain/json.ts"
import { iso } from "../domain/stamp.ts"
import type { Envelope } from "./envelope.ts"
import type { Facet, Session } from "./event.ts"
import { fillTemplate } from "./template.ts"
import { SNAPSHOT_SOURCE, snapshots, snapshotTopics } from "./topics/snapshot.ts"

type Of<K extends Facet["facet"]> = Extract<Facet, { readonly facet: K }>

/** What the API tells that a snapshot can state, in the spelling of events. */
export type Stated =
  | Of<"presence" | "routingStatus" | "outOfOffice" | "station" | "userState" | "conversations" | "segment" | "member">
  /** A session that waits. That it does no more is a `sessionSeen` of false. */
  | (Of<"acdSession"> & { readonly queueId: string; readonly value: Session })
  | (Of<"sessionSeen"> & ({ readonly userId: string } | { readonly userId?: undefined; readonly queueId: string }))

/**
 * One thing that the platform's API says of one agent or queue.
 *
 * `at` is epoch ms: since when that is so where the API says it, and else the time at which the API was asked. A `clock` of the facet itself
 * counts for nothing.
 */
export interface Statement {
  readonly facet: Stated
  readonly at: number
}

type Kind = Stated["facet"]
type StatedAs<K extends Kind> = Extract<Stated, { readonly facet: K }>

/** What a facet is about, and the body that states it. */
interface Told {
  readonly topic: keyof typeof snapshots
  readonly id: string
  readonly body: { readonly [field: string]: Json }
}

const agent = (id: string, body: Told["body"]): Told => ({ topic: "agents", id, body })
const queue = (id: string, body: Told["body"]): Told => ({ topic: "queues", id, body })

/** A field, or none where it has no value. */
const optional = (name: string, value: Json | undefined): { readonly [field: string]: Json } =>
  value === undefined ? {} : { [name]: value }

const tellings: { readonly [K in Kind]: (facet: StatedAs<K>) => Told } = {
  presence: ({ agentId, value: { systemPresence, definitionId } }) =>
    agent(agentId, { presence: { systemPresence, ...optional("id", definitionId) } }),
  routingStatus: ({ agentId, value }) => agent(agentId, { routingStatus: value }),
  outOfOffice: ({ agentId, value }) => agent(agentId, { outOfOffice: value }),
  station: ({ agentId, value }) => agent(agentId, { station: { ...value } }),
  userState: ({ agentId, value }) => agent(agentId, { userState: value }),
  conversations: ({ agentId, media, value }) => agent(agentId, { conversations: { media, ...value } }),
  segment: ({ userId, queueId, sessionId, value: { state: currentState, ...value } }) =>
    agent(userId, { session: { sessionId, ...optional("queueId", queueId), ...value, currentState } }),
  member: ({ queueId, userId, joined }) => queue(queueId, { member: { userId, joined } }),
  acdSession: ({ queueId, conversationId, sessionId, value }) =>
    queue(queueId, { wait: { ...value, sessionId, conversationId } }),
  sessionSeen: (facet) => {
    const { conversationId, queueId, sessionId, value: listed } = facet
    const seen = { sessionId, ...optional("conversationId", conversationId), listed }
    return facet.userId === undefined
      ? queue(facet.queueId, { seen })
      : agent(facet.userId, { seen: { ...seen, ...optional("queueId", queueId) } })
  }
}

const PREFIX = "snapshot-"

/**
 * A statement as an event: an envelope to put on the stream as any other, of the source `genesys-cloud-projections.snapshot`.
 *
 * It holds nothing but what the API said and since when, so the same statement is always the same event: the store keeps it once, however
 * often it is sent. The id is made from all of it. `hash` makes a short text from a long one, such as 22 letters of a SHA-256; the id is written into
 * each row that the event sets. `detail.timestamp` is `at`, so an event of the platform that says the same of the same time wins, for it
 * was published later.
 */
export const snapshotEvent = ({ facet, at }: Statement, hash: (text: string) => string): Envelope => {
  const { topic, id, body } = (tellings[facet.facet] as (facet: Stated) => Told)(facet)
  const { template } = snapshots[topic]
  const timestamp = iso(at)
  const detail = { topicName: fillTemplate(template, [id]), version: "2", eventBody: body, timestamp }
  return {
    version: "0",
    id: PREFIX + hash(canonical(detail)),
    "detail-type": template,
    source: SNAPSHOT_SOURCE,
    time: `${timestamp.slice(0, 19)}Z`,
    resources: [],
    detail
  }
}

/** Whether an event, by its id, is a snapshot. */
export const isSnapshotId = (eventId: string): boolean => eventId.startsWith(PREFIX)

const templates: ReadonlySet<string> = new Set(snapshotTopics.map(({ template }) => template))

/** Whether events of a topic (a template) come from the API and not from the platform's feed. */
export const isSnapshotTopic = (topic: string): boolean => templates.has(topic)
