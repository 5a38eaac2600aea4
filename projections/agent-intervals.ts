import { intervalKey, intervalOf } from "../src/domain/interval.ts"
import type { Columns, Projection } from "../src/domain/projection.ts"
import { merge, type Register, type Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Event, Spent } from "../src/genesys/event.ts"
import { foldFacets } from "../src/genesys/fold.ts"
import { sessionSums } from "./queue-figures.ts"

/** Five weeks, so that a month can be asked for when it is over. */
const KEPT_SECONDS = 35 * 86_400

/**
 * A change is believed from an event that is published this long (ms) after it, or less. Events repeat what has not changed, which tells
 * of a change whose own event was lost; one that is older would bring back a row that has been deleted.
 */
const TOLD_WITHIN_MS = 7 * 86_400_000

/** What registers begin with: two kinds of change, and the end of a session. */
const PRESENCE = "presence "
const ROUTING_STATUS = "routingStatus "
const ENDED = "ended "

const isChange = (register: string): boolean => register.startsWith(PRESENCE) || register.startsWith(ROUTING_STATUS)

/** A clock that is ahead of the arrival must not make an interval that has not begun. */
const timeOf = (clock: number | undefined, { published, received }: Event): number =>
  Math.min(clock ?? published, received)

/** A state that began: the name says all of it, when in its interval and what. */
const change = (
  event: Event,
  entity: string,
  kind: typeof PRESENCE | typeof ROUTING_STATUS,
  clock: number | undefined,
  word: string
) => {
  const at = timeOf(clock, event)
  return event.published - at > TOLD_WITHIN_MS
    ? undefined
    : { entity, row: intervalKey(at), register: `${kind}${at - intervalOf(at)} ${word}`, value: null, clock: at }
}

/** What an agent's session adds to the sums of the interval in which it ended; nothing where the customer left before an answer. */
const sumsOf = (disconnectType: string | undefined, spent: Spent | undefined): Columns => {
  const { handled, notAnswered, transferred, talkMs, heldMs } = sessionSums([
    { endedAt: true, ...(disconnectType === undefined ? {} : { disconnectType }), ...(spent as Columns) }
  ])
  return positive({ handled, notAnswered, transferred, talkMs, heldMs })
}

const positive = (sums: Readonly<Record<string, number>>): Columns =>
  Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum > 0))

/**
 * Which event told of a change does not matter, so the first that does writes the row and those that repeat it write nothing. The row is
 * shorter without their ids, too.
 */
const changeOnce = ([name, register]: readonly [string, Register]): readonly [string, Register] =>
  isChange(name)
    ? [name, { value: null, stamp: { clock: register.stamp.clock, published: 0, eventId: "" } }]
    : [name, register]

/** The states that began, by when, in the order of time. Of two that began at once, the greater word counts in every order of arrival. */
const changesIn = (registers: Row, kind: string): Columns => {
  const found = [...registers].flatMap(([name, { stamp }]) =>
    name.startsWith(kind) ? [[stamp.clock, name.slice(name.indexOf(" ", kind.length) + 1)] as const] : []
  )
  const inOrder = found.sort(([a, one], [b, other]) => a - b || (one < other ? -1 : 1))
  return Object.fromEntries(inOrder.map(([at, word]) => [iso(at), word]))
}

const orNone = <A extends object>(name: string, columns: A): { readonly [_ in string]?: A } =>
  Object.keys(columns).length === 0 ? {} : { [name]: columns }

/** The sums of all sessions that ended. */
const endedIn = (registers: Row): Columns => {
  const sums: Record<string, number> = {}
  for (const [name, { value }] of registers)
    if (name.startsWith(ENDED))
      for (const [sum, more] of Object.entries(value as Columns)) sums[sum] = (sums[sum] ?? 0) + Number(more)
  return sums
}

/**
 * What each agent did in each interval of 15 minutes, one partition per agent (`agentId`), one row per interval in which something
 * changed: when each presence and each routing status began, and the sums of the sessions that ended. How long a state lasted is no
 * fact of one row: `agentFiguresOf` (`agent-figures.ts`) reads it from one change to the next.
 * A change is a register by its own time and word, so duplicates, any order and replays end in the same rows.
 * Audits are left out: they tell when a change was logged.
 */
export const agentIntervals: Projection<Event> = {
  name: "agent-intervals",
  version: 1,
  key: "agentId",
  topics: [
    "v2.users.{id}.activity",
    "v2.users.{id}.presence",
    "v2.users.{id}.routingStatus",
    "v2.detail.events.conversation.{id}.user.end",
    "snapshot.agents.{id}"
  ],
  deltas: foldFacets({
    presence: ({ agentId, clock, audited, value: { systemPresence } }, event) =>
      audited ? undefined : change(event, agentId, PRESENCE, clock, systemPresence),
    routingStatus: ({ agentId, clock, value }, event) => change(event, agentId, ROUTING_STATUS, clock, value),
    userSession: ({ userId: entity, sessionId, clock, value, disconnectType, spent }, event) => {
      if (entity === undefined || value !== null) return undefined
      const at = timeOf(clock, event)
      const sums = sumsOf(disconnectType, spent)
      return Object.keys(sums).length === 0
        ? undefined
        : { entity, row: intervalKey(at), register: ENDED + sessionId, value: sums, clock: at }
    }
  }),
  merge: (_, held, updates) => merge(held, [...updates].map(changeOnce)),
  view: (row, registers) => ({
    interval: row.replace("Z", ":00.000Z"),
    ...orNone("presence", changesIn(registers, PRESENCE)),
    ...orNone("routingStatus", changesIn(registers, ROUTING_STATUS)),
    ...endedIn(registers)
  }),
  // A fact is over when it is told: it expires.
  closed: () => true,
  tombstoneSeconds: KEPT_SECONDS
}
