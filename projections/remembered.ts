import type { Update } from "../src/domain/delta.ts"
import { type Projection, STATE_ROW } from "../src/domain/projection.ts"
import { merge, type Register, type Row } from "../src/domain/row.ts"
import { compareStamps } from "../src/domain/stamp.ts"
import type { Event, Load } from "../src/genesys/event.ts"
import { compactQueues, expandQueues } from "./membership.ts"
import { LOST_END_MS } from "./session.ts"

/*
 * What the row `state` of an agent remembers although a later update hides it: the last summary without a conversation of a medium, that
 * the agent was back after a log-off, and the queues that were listed once. What another register says as well is kept with that one: it
 * is put in place before a merge, and taken out again after it.
 */

/** Registers of the row `state` of an agent. */
export const CONVERSATIONS = "conversations."
export const IDLE = "idle."
export const LOGGED_OFF = "@loggedOff"
export const BACK = "back"
/** The same by an event that repeats an older presence. */
const STILL_BACK = "back still"

export const isZero = ({ active, acw, enterpriseActive = 0, enterpriseAcw = 0 }: Load): boolean =>
  active === 0 && acw === 0 && enterpriseActive === 0 && enterpriseAcw === 0

/** Which event told that the agent was back does not matter, and the row is shorter without its id. */
const backAt = (clock: number): Register => ({ value: null, stamp: { clock, published: 0, eventId: "" } })

/** What a register says besides what it is called. */
const implied = (name: string, { value, stamp }: Register): readonly [string, Register] | undefined => {
  if (name.startsWith(CONVERSATIONS))
    return isZero(value as unknown as Load)
      ? [IDLE + name.slice(CONVERSATIONS.length), { value: null, stamp }]
      : undefined
  if (name !== "presence") return undefined
  const { systemPresence, loggedAt } = (value ?? {}) as { readonly systemPresence?: string; readonly loggedAt?: number }
  return systemPresence === "OFFLINE" || loggedAt !== undefined ? undefined : [BACK, backAt(stamp.clock)]
}

const allImplied = (state: Row) =>
  [...state].flatMap(([name, register]) => {
    const found = implied(name, register)
    return found === undefined ? [] : [found]
  })

/** The row with what its other registers say as well. */
export const expand = (state: Row): Row => merge(state, allImplied(state))

const compact = (state: Row): Row => {
  // Both updates of one event need not come together.
  const said = allImplied(state).filter(([name, { stamp }]) => {
    const held = state.get(name)
    return held !== undefined && compareStamps(stamp, held.stamp) >= 0
  })
  const names = new Set(said.map(([name]) => name))
  return new Map([...state].filter(([name]) => !names.has(name)))
}

/**
 * What tells that an agent is back: a presence that has changed within the timer. An event that repeats an older one says nothing new, so
 * that what follows from it need not be looked up again, but it may be all that is left of it.
 */
export const backs = ({ facets, published }: Event): ReadonlyArray<Update> =>
  facets.flatMap((facet) =>
    facet.facet === "presence" && facet.audited !== true && facet.value.systemPresence !== "OFFLINE"
      ? [
          {
            entity: facet.agentId,
            row: STATE_ROW,
            register: (facet.clock ?? published) > published - LOST_END_MS ? BACK : STILL_BACK,
            value: null,
            clock: facet.clock
          }
        ]
      : []
  )

const backOnce = ([name, register]: readonly [string, Register]): readonly [string, Register] =>
  name === BACK || name === STILL_BACK ? [BACK, backAt(register.stamp.clock)] : [name, register]

const isSame = (a: Register, b: Register | undefined): boolean =>
  b !== undefined && compareStamps(a.stamp, b.stamp) === 0

/** The merge of rows of `agents`. */
export const mergeRemembering: NonNullable<Projection<Event>["merge"]> = (row, held, updates) => {
  if (row !== STATE_ROW) return merge(held, updates)
  const expanded = expand(expandQueues(held))
  const merged = compactQueues(compact(merge(expanded, [...updates].map(backOnce))))
  return merged.size === held.size && [...merged].every(([name, register]) => isSame(register, held.get(name)))
    ? held
    : merged
}
