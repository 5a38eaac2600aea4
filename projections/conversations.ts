import { derivedIn } from "../src/domain/derivation.ts"
import type { Json } from "../src/domain/json.ts"
import type { Columns, Projection } from "../src/domain/projection.ts"
import type { Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Event } from "../src/genesys/event.ts"
import { foldFacets } from "../src/genesys/fold.ts"
import { endsOfConversation, OVER } from "./connection.ts"
import { type Fact, type Facts, factName, factsIn } from "./fact.ts"
import { known, LOST_END_MS, phaseOfSegment, sessionIdOf, sessionRow } from "./session.ts"

/** Start and end of each kind of session, by the names of their registers. */
const participants = [
  { participant: "acd", start: "acd", ends: ["acdEnd"] },
  { participant: "user", start: "user", ends: ["userEnd", "terminated"] },
  { participant: "customer", start: "customer", ends: ["customerEnd"] }
] as const

const kindOf = ({ fact }: Facts) =>
  participants.find(({ start, ends }) => [start, ...ends].some((what) => fact(what) !== undefined)) ?? participants[1]

const inferredEnd = (row: Row): { readonly endedAt?: number; readonly endedBy?: string } | undefined =>
  derivedIn(row, OVER)?.value as { readonly endedAt?: number; readonly endedBy?: string } | undefined

const isOpen = (row: Row, facts = factsIn(row)): boolean =>
  !kindOf(facts).ends.some((end) => facts.fact(end) !== undefined) && inferredEnd(row)?.endedBy === undefined

/** What a fact tells of its session. What it tells of others is no column. */
const columnsOf = (fact: Fact | undefined): Columns => {
  const { served: _, sessionStart: __, ...told } = fact?.value ?? {}
  return known(told) as Columns
}

const columns = (sessionId: string, row: Row): Columns => {
  const facts = factsIn(row)
  const { fact } = facts
  const { participant, start, ends } = kindOf(facts)
  const [began, connected] = [fact(start), fact("connected")]
  const end = ends.map((what) => fact(what)).find((one) => one !== undefined)
  const over = end === undefined ? inferredEnd(row) : undefined
  return {
    sessionId,
    participant,
    open: isOpen(row, facts),
    ...columnsOf(connected),
    ...columnsOf(end),
    ...columnsOf(began),
    ...(began === undefined ? {} : { since: iso(began.stamp.clock) }),
    ...(connected === undefined ? {} : { connectedSince: iso(connected.stamp.clock) }),
    ...(end === undefined ? {} : { endedAt: iso(end.stamp.clock) }),
    ...(over?.endedBy === undefined ? {} : { endedBy: over.endedBy }),
    ...(over?.endedAt === undefined ? {} : { endedAt: iso(over.endedAt) })
  }
}

/**
 * Where a conversation is, one partition per conversation (`conversationId`): rows `session#<id>` of the customer, of its waits in queues
 * (`acd`) and of agents (`user`). What one of them tells of another follows from here, for `agents` and `queues` too.
 */
export const conversations: Projection<Event> = {
  name: "conversations",
  version: 1,
  key: "conversationId",
  topics: [
    "v2.detail.events.agent.{id}.state",
    "v2.detail.events.conversation.{id}.acd.start",
    "v2.detail.events.conversation.{id}.acd.end",
    "v2.detail.events.conversation.{id}.user.start",
    "v2.detail.events.conversation.{id}.user.end",
    "v2.detail.events.conversation.{id}.customer.start",
    "v2.detail.events.conversation.{id}.customer.end",
    "snapshot.agents.{id}",
    "snapshot.queues.{id}"
  ],
  deltas: foldFacets({
    acdSession: ({ conversationId: entity, sessionId, queueId, outcome, answeredBy, value }) => ({
      entity,
      row: sessionRow(sessionId),
      register: factName(value === null ? "acdEnd" : "acd", { queueId }),
      value: value === null ? known({ outcome, answeredBy }) : session(value)
    }),
    userSession: ({ conversationId: entity, sessionId, userId, queueId, served, value }) => ({
      entity,
      row: sessionRow(sessionId),
      register: factName(value === null ? "userEnd" : "user", { userId, queueId }),
      value: value === null ? known({ served }) : session(value)
    }),
    customerSession: ({ conversationId: entity, sessionId, mediaType, clock, value }) => {
      const update = { entity, row: sessionRow(sessionId), value: known({ mediaType }), clock }
      if (value !== null) return { ...update, register: "customer" }
      return [
        { ...update, register: "customerEnd" },
        { ...update, register: "@customerGone", value: null, afterMs: LOST_END_MS }
      ]
    },
    segment: ({ sessionId, userId, queueId, value: { state, conversationId, mediaType, sessionStart } }) => {
      if (conversationId === undefined) return undefined
      const update = {
        entity: conversationId,
        row: sessionRow(sessionId),
        value: known({ mediaType })
      }
      const named = { userId, queueId }
      if (state.toUpperCase() === "TERMINATED") return { ...update, register: factName("terminated", named) }
      if (phaseOfSegment(state) !== "interacting") return undefined
      return { ...update, register: factName("connected", named), value: known({ mediaType, sessionStart }) }
    }
  }),
  derived: [endsOfConversation],
  view: (row, registers) => columns(sessionIdOf(row) ?? row, registers),
  closed: (_, registers) => !isOpen(registers),
  inferredEnd: (_, registers) => (isOpen(registers) ? undefined : inferredEnd(registers)?.endedBy),
  tombstoneSeconds: 86_400
}

function session({ mediaType, direction }: { readonly mediaType?: string; readonly direction?: string }): Json {
  return known({ mediaType, direction })
}
