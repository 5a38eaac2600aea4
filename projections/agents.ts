import type { Json } from "../src/domain/json.ts"
import { type Columns, type Projection, STATE_ROW } from "../src/domain/projection.ts"
import type { Register, Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Event, Presence, Segment, Session } from "../src/genesys/event.ts"
import { foldFacets } from "../src/genesys/fold.ts"
import { effectiveState } from "../src/genesys/presence.ts"

const SESSION = "session#"
const CONVERSATIONS = "conversations."

const present = (register: Register | undefined, columns: (register: Register) => Columns): Columns =>
  register === undefined ? {} : columns(register)

const stateColumns = (row: Row): Columns => {
  const presence = row.get("presence")
  const routing = row.get("routingStatus")
  const systemPresence = (presence?.value as unknown as Presence | undefined)?.systemPresence
  const effective = effectiveState({
    ...(systemPresence === undefined ? {} : { presence: systemPresence }),
    ...(routing === undefined ? {} : { routingStatus: routing.value as string })
  })
  const since = effective.decidedBy && row.get(effective.decidedBy)
  const media = [...row.keys()].filter((name) => name.startsWith(CONVERSATIONS)).sort()
  return {
    state: effective.state,
    ...present(since, ({ stamp }) => ({ since: iso(stamp.clock) })),
    ...present(presence, ({ stamp, value }) => {
      const { systemPresence, definitionId } = value as unknown as Presence
      return {
        presence: systemPresence,
        presenceSince: iso(stamp.clock),
        ...(definitionId === undefined ? {} : { presenceId: definitionId })
      }
    }),
    ...present(routing, ({ stamp, value }) => ({ routingStatus: value, routingStatusSince: iso(stamp.clock) })),
    ...present(row.get("outOfOffice"), ({ value }) => ({ outOfOffice: value })),
    ...present(row.get("activeQueues"), ({ value }) => ({ activeQueueIds: value })),
    ...present(row.get("station"), ({ value }) => ({ station: value })),
    ...(media.length === 0
      ? {}
      : {
          conversations: Object.fromEntries(
            media.map((name) => [name.slice(CONVERSATIONS.length), (row.get(name) as Register).value])
          )
        })
  }
}

const sessionColumns = (id: string, row: Row): Columns => {
  const segment = row.get("segment")
  const { state, sessionStart, ...session } = (segment?.value ?? {}) as Partial<Segment>
  return {
    sessionId: id,
    open: isOpen(row),
    ...(row.has("session") ? {} : { ...session, ...(sessionStart === undefined ? {} : { since: iso(sessionStart) }) }),
    ...present(row.get("session"), ({ stamp, value }) =>
      value === null ? { endedAt: iso(stamp.clock) } : { since: iso(stamp.clock), ...(value as Columns) }
    ),
    ...present(segment, ({ stamp }) => ({ segment: state ?? null, segmentSince: iso(stamp.clock) })),
    ...present(row.get("wrapup"), ({ value }) => ({ wrapup: value }))
  }
}

/** Where the start of a session was never seen, a report of what goes on in it shows that it is open. */
const isOpen = (row: Row): boolean => {
  const session = row.get("session")
  return session === undefined ? row.has("segment") : session.value !== null
}

const sessionValue = (session: Session | null, queueId: string | undefined): Json =>
  session === null ? null : { ...session, ...(queueId === undefined ? {} : { queueId }) }

/**
 * What every agent is doing, one partition per agent (`agentId`).
 * Row `state`: effective state and since when, and each facet that was ever reported with its own time.
 * Rows `session#<id>`: one per conversation session; an ended one is a tombstone for a day.
 */
export const agents: Projection<Event> = {
  name: "agents",
  version: 1,
  key: "agentId",
  topics: [
    "v2.users.{id}.activity",
    "v2.users.{id}.presence",
    "v2.users.{id}.routingStatus",
    "v2.users.{id}.conversationsummary",
    "v2.users.{id}.outofoffice",
    "v2.users.{id}.station",
    "v2.detail.events.agent.{id}.state",
    "v2.detail.events.conversation.{id}.user.start",
    "v2.detail.events.conversation.{id}.user.end",
    "v2.detail.events.conversation.{id}.acw",
    "v2.audits.entitytype.{id}.entityid.{id}"
  ],
  deltas: foldFacets({
    presence: (f) => ({
      entity: f.agentId,
      row: STATE_ROW,
      register: "presence",
      value: { ...f.value }
    }),
    routingStatus: (f) => ({
      entity: f.agentId,
      row: STATE_ROW,
      register: "routingStatus",
      value: f.value
    }),
    outOfOffice: (f) => ({
      entity: f.agentId,
      row: STATE_ROW,
      register: "outOfOffice",
      value: f.value
    }),
    activeQueues: (f) => ({
      entity: f.agentId,
      row: STATE_ROW,
      register: "activeQueues",
      value: f.value
    }),
    station: (f) => ({
      entity: f.agentId,
      row: STATE_ROW,
      register: "station",
      value: f.value && { ...f.value }
    }),
    // One register per medium: a report without a medium says nothing about it.
    conversations: (f) => ({
      entity: f.agentId,
      row: STATE_ROW,
      register: CONVERSATIONS + f.media,
      value: { ...f.value }
    }),
    userSession: (f) =>
      f.userId === undefined
        ? undefined
        : {
            entity: f.userId,
            row: SESSION + f.sessionId,
            register: "session",
            value: sessionValue(f.value, f.queueId)
          },
    segment: (f) => ({
      entity: f.userId,
      row: SESSION + f.sessionId,
      register: "segment",
      value: { ...f.value, ...(f.queueId === undefined ? {} : { queueId: f.queueId }) }
    }),
    wrapup: (f) =>
      f.userId === undefined
        ? undefined
        : { entity: f.userId, row: SESSION + f.sessionId, register: "wrapup", value: { ...f.value } }
  }),
  view: (row, registers) =>
    row === STATE_ROW ? stateColumns(registers) : sessionColumns(row.slice(SESSION.length), registers),
  closed: (row, registers) => row !== STATE_ROW && !isOpen(registers),
  tombstoneSeconds: 86_400
}
