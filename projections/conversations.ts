import { derivedIn } from "../src/domain/derivation.ts"
import type { Json } from "../src/domain/json.ts"
import type { Columns, Projection } from "../src/domain/projection.ts"
import type { Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Event } from "../src/genesys/event.ts"
import { foldFacets } from "../src/genesys/fold.ts"
import { endsOfConversation, OVER } from "./connection.ts"
import { type Fact, type Facts, factName, factsIn } from "./fact.ts"
import { BY_SNAPSHOT, known, LOST_END_MS, phaseOfSegment, sessionIdOf, sessionRow } from "./session.ts"

/** Start and end of each kind of session, by the names of their registers. */
const participants = [
  { participant: "acd", start: "acd", ends: ["acdEnd"] },
  { participant: "user", start: "user", ends: ["userEnd", "terminated"] },
  { participant: "customer", start: "customer", ends: ["customerEnd"] }
] as const

const kindOf = ({ fact }: Facts) =>
  participants.find(({ start, ends }) => [start, ...ends].some((what) => fact(what) !== undefined)) ?? participants[1]

const ownEnd = (facts: Facts): Fact | undefined =>
  kindOf(facts)
    .ends.map((end) => facts.fact(end))
    .find((end) => end !== undefined)

/** When and by what a session ended of which no event told the end. A snapshot counts for what it is later than. */
const inferredEnd = (
  row: Row,
  facts = factsIn(row)
): { readonly endedAt: number; readonly endedBy: string } | undefined => {
  if (ownEnd(facts) !== undefined) return undefined
  const { fact } = facts
  const over = derivedIn(row, OVER)?.value as { readonly endedAt: number; readonly endedBy: string } | undefined
  const seen = fact("seen")
  const at = seen?.stamp.clock ?? 0
  if (over !== undefined && !(seen?.value.listed === true && at > over.endedAt)) return over
  const signs = ["acd", "user", "customer", "connected"].map((what) => fact(what)?.stamp.clock ?? 0)
  return seen?.value.listed === false && at > Math.max(...signs) ? { endedAt: at, endedBy: BY_SNAPSHOT } : undefined
}

const isOpen = (row: Row, facts = factsIn(row)): boolean =>
  ownEnd(facts) === undefined && inferredEnd(row, facts) === undefined

/** What a fact tells of its session. What it tells of others is no column. */
const columnsOf = (fact: Fact | undefined): Columns => {
  const { served: _, sessionStart: __, ...told } = fact?.value ?? {}
  return known(told) as Columns
}

const columns = (sessionId: string, row: Row): Columns => {
  const facts = factsIn(row)
  const { fact } = facts
  const { participant, start } = kindOf(facts)
  const [began, connected] = [fact(start), fact("connected")]
  const end = ownEnd(facts)
  const over = inferredEnd(row, facts)
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
    ...(over === undefined ? {} : { endedBy: over.endedBy, endedAt: iso(over.endedAt) })
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
    sessionSeen: ({ conversationId: entity, sessionId, userId, queueId, value: listed }) =>
      entity === undefined
        ? undefined
        : {
            entity,
            row: sessionRow(sessionId),
            register: factName("seen", { userId, queueId }),
            value: { listed }
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
  inferredEnd: (_, registers) => inferredEnd(registers)?.endedBy,
  tombstoneSeconds: 86_400
}

function session({ mediaType, direction }: { readonly mediaType?: string; readonly direction?: string }): Json {
  return known({ mediaType, direction })
}
