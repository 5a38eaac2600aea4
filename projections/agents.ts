import type { Json } from "../src/domain/json.ts"
import { type Columns, type Projection, STATE_ROW } from "../src/domain/projection.ts"
import type { Register, Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Event, Presence, UserState } from "../src/genesys/event.ts"
import { foldFacets } from "../src/genesys/fold.ts"
import { effectiveState, isGone } from "../src/genesys/presence.ts"
import { auditedClock } from "./audited.ts"
import { connectionsOfAgents } from "./connection.ts"
import { ACTIVE_QUEUES, listedName } from "./membership.ts"
import { inOrder } from "./observation.ts"
import { presumedOfAgents } from "./presumed.ts"
import { backs, CONVERSATIONS, IDLE, isZero, LOGGED_OFF, mergeRemembering } from "./remembered.ts"
import {
  isOpenWork,
  known,
  LOST_END_MS,
  type Phase,
  SEEN,
  sessionIdOf,
  sessionRow,
  userSession,
  userSessionColumns,
  withQueue
} from "./session.ts"

const present = (register: Register | undefined, columns: (register: Register) => Columns): Columns =>
  register === undefined ? {} : columns(register)

/** When it began: an audit tells only when it was written down. */
const sinceOf = ({ stamp, value }: Register): number =>
  (value as { readonly loggedAt?: number }).loggedAt ?? stamp.clock

/**
 * What became of the user, by audits. Nobody can log in who was deleted or deactivated: a presence other than OFFLINE that is later shows
 * that the user is back, though the audit that says so was lost.
 */
const userStateOf = (row: Row): { readonly state: UserState; readonly since: number } | undefined => {
  const [told, presence] = [row.get("userState"), row.get("presence")]
  if (told === undefined) return undefined
  const state = told.value as UserState
  const since = told.stamp.clock
  const isBack =
    isGone(state) &&
    presence !== undefined &&
    presence.stamp.clock > since &&
    (presence.value as unknown as Presence).systemPresence !== "OFFLINE"
  return isBack ? { state: "active", since: sinceOf(presence) } : { state, since }
}

const stateColumns = (row: Row): Columns => {
  const presence = row.get("presence")
  const routing = row.get("routingStatus")
  const systemPresence = (presence?.value as unknown as Presence | undefined)?.systemPresence
  const outOfOffice = row.get("outOfOffice")
  const user = userStateOf(row)
  const effective = effectiveState({
    presence: systemPresence,
    routingStatus: routing?.value as string | undefined,
    outOfOffice: outOfOffice?.value as boolean | undefined,
    userState: user?.state
  })
  const since = effective.decidedBy && row.get(effective.decidedBy)
  const media = [...row.keys()].filter((name) => name.startsWith(CONVERSATIONS))
  return {
    state: effective.state,
    ...present(since, (register) => ({ since: iso(sinceOf(register)) })),
    ...present(presence, (register) => {
      const { systemPresence, definitionId } = register.value as unknown as Presence
      return {
        presence: systemPresence,
        presenceSince: iso(sinceOf(register)),
        ...(definitionId === undefined ? {} : { presenceId: definitionId })
      }
    }),
    ...present(row.get("presenceSource"), ({ value }) => ({ presenceSource: value })),
    ...present(routing, ({ stamp, value }) => ({ routingStatus: value, routingStatusSince: iso(stamp.clock) })),
    ...present(outOfOffice, ({ value }) => ({ outOfOffice: value })),
    ...present(row.get(ACTIVE_QUEUES), ({ value }) => ({ activeQueueIds: (value as { readonly ids: Json }).ids })),
    ...present(row.get("station"), ({ value }) => ({ station: value })),
    ...present(row.get("persistentConnection"), ({ stamp, value }) => ({
      persistentConnection: { ...(value as Columns), since: iso(stamp.clock) }
    })),
    ...(user === undefined ? {} : { userState: user.state, userStateSince: iso(user.since) }),
    ...(media.length === 0
      ? {}
      : {
          conversations: inOrder(
            media.map((name) => [name.slice(CONVERSATIONS.length), (row.get(name) as Register).value])
          )
        })
  }
}

const folded = foldFacets({
  presence: ({ agentId: entity, clock, audited, value }) => {
    const update = { entity, row: STATE_ROW, clock }
    if (audited)
      return clock === undefined
        ? undefined
        : { ...update, register: "presence", value: { ...value, loggedAt: clock }, clock: auditedClock(clock) }
    const presence = { ...update, register: "presence", value: { ...value } }
    return value.systemPresence === "OFFLINE"
      ? [presence, { ...update, register: LOGGED_OFF, value: null, afterMs: LOST_END_MS }]
      : presence
  },
  routingStatus: ({ agentId: entity, value }) => ({ entity, row: STATE_ROW, register: "routingStatus", value }),
  outOfOffice: ({ agentId: entity, value }) => ({ entity, row: STATE_ROW, register: "outOfOffice", value }),
  activeQueues: ({ agentId: entity, changed, value: ids }) => [
    { entity, row: STATE_ROW, register: ACTIVE_QUEUES, value: known({ ids: [...ids], changed }) },
    { entity, row: STATE_ROW, register: listedName(ids), value: null }
  ],
  station: ({ agentId: entity, value }) => ({
    entity,
    row: STATE_ROW,
    register: "station",
    value: value && { ...value }
  }),
  persistentConnection: ({ agentId: entity, value }) => ({
    entity,
    row: STATE_ROW,
    register: "persistentConnection",
    value: { ...value }
  }),
  presenceSource: ({ agentId: entity, value }) => ({ entity, row: STATE_ROW, register: "presenceSource", value }),
  userState: ({ agentId: entity, value }) => ({ entity, row: STATE_ROW, register: "userState", value }),
  // One register per medium: a report without a medium says nothing about it.
  conversations: ({ agentId: entity, media, value }) => {
    const last = { entity, row: STATE_ROW, register: CONVERSATIONS + media, value: { ...value } }
    return isZero(value) ? [last, { entity, row: STATE_ROW, register: IDLE + media, value: null }] : last
  },
  userSession: ({ userId: entity, queueId, sessionId, value }) =>
    entity === undefined
      ? undefined
      : {
          entity,
          row: sessionRow(sessionId),
          register: value === null ? "end" : withQueue("start", queueId),
          value: value === null ? null : { ...value }
        },
  segment: ({ userId: entity, queueId, sessionId, value }) => ({
    entity,
    row: sessionRow(sessionId),
    register: value.state.toUpperCase() === "TERMINATED" ? "terminated" : withQueue("segment", queueId),
    value: { ...value }
  }),
  // Of a conversation that is known the conversation tells, in each queue too.
  sessionSeen: ({ userId: entity, conversationId, sessionId, value }) =>
    entity === undefined || conversationId !== undefined
      ? undefined
      : { entity, row: sessionRow(sessionId), register: SEEN, value },
  wrapup: ({ userId: entity, sessionId, value }) =>
    entity === undefined ? undefined : { entity, row: sessionRow(sessionId), register: "wrapup", value: { ...value } }
})

/**
 * What every agent is doing, one partition per agent (`agentId`).
 * Row `state`: effective state and since when, and each facet that was ever reported with its own time.
 * Rows `session#<id>`: one per conversation session, with its phase; an ended one is a tombstone for a day.
 */
export const agents: Projection<Event> = {
  name: "agents",
  version: 2,
  key: "agentId",
  topics: [
    "v2.users.{id}.activity",
    "v2.users.{id}.presence",
    "v2.users.{id}.routingStatus",
    "v2.users.{id}.conversationsummary",
    "v2.users.{id}.outofoffice",
    "v2.users.{id}.station",
    "v2.users.{id}.persistentconnection",
    "v2.users.{id}.integrationpresence",
    "v2.detail.events.agent.{id}.state",
    "v2.detail.events.conversation.{id}.user.start",
    "v2.detail.events.conversation.{id}.user.end",
    "v2.detail.events.conversation.{id}.acw",
    "v2.audits.entitytype.{id}.entityid.{id}",
    "snapshot.agents.{id}"
  ],
  deltas: (event) => [...folded(event), ...backs(event)],
  merge: mergeRemembering,
  derived: [connectionsOfAgents, presumedOfAgents],
  view: (row, registers) => {
    const sessionId = sessionIdOf(row)
    if (sessionId === undefined) return stateColumns(registers)
    const columns = userSessionColumns(sessionId, registers)
    return columns.phase === undefined ? columns : { ...columns, open: isOpenWork(columns.phase as Phase) }
  },
  closed: (row, registers) => row !== STATE_ROW && userSession(registers).phase === "ended",
  inferredEnd: (_, registers) => {
    const { inferred, endedBy } = userSession(registers)
    return inferred ? endedBy : undefined
  },
  tombstoneSeconds: 86_400,
  // Not summarised: the index tells which sessions a summary of the agent or a log-off may end.
  summary: {
    reads: (row) => row !== STATE_ROW,
    remembers: (_, registers) => userSession(registers).inferred === true,
    columns: []
  }
}
