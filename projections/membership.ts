import { type Derivation, derivedIn } from "../src/domain/derivation.ts"
import { STATE_ROW } from "../src/domain/projection.ts"
import { merge, type Register, type Row } from "../src/domain/row.ts"
import type { Stamp } from "../src/domain/stamp.ts"
import { known } from "./session.ts"

/** The rows of a queue's members. */
export const MEMBER = "member#"

/** The agent's active queues, and a register for each list of those that were listed once: `listed.<ids>`. */
export const ACTIVE_QUEUES = "activeQueues"
const LISTED = "listed."

interface ActiveQueues {
  readonly ids: ReadonlyArray<string>
  /** When the list changed, as far as Genesys knows; epoch ms. */
  readonly changed?: number
}

const idsOf = (register: Register | undefined): ReadonlyArray<string> =>
  (register?.value as unknown as ActiveQueues | undefined)?.ids ?? []

export const listedName = (ids: ReadonlyArray<string>): string => LISTED + [...ids].sort().join(",")

/** Which event listed a queue once does not matter, and every order must end in the same. */
const NO_STAMP: Stamp = { clock: 0, published: 0, eventId: "" }

/** Queues that were listed once and are not now. A list that later ones forget would leave its members for good. */
const unlisted = (row: Row): ReadonlyArray<string> => {
  const now = new Set(idsOf(row.get(ACTIVE_QUEUES)))
  const ever = [...row.keys()].flatMap((name) =>
    name.startsWith(LISTED) ? name.slice(LISTED.length).split(",").filter(Boolean) : []
  )
  return [...new Set(ever)].filter((id) => !now.has(id))
}

/** Adds the queues that are listed now to those that were listed once. */
export const expandQueues = (row: Row): Row =>
  merge(row, [[listedName(idsOf(row.get(ACTIVE_QUEUES))), { value: null, stamp: NO_STAMP }]])

/** Keeps of the queues that were listed once what the list of now does not say, in one register. */
export const compactQueues = (row: Row): Row => {
  const ids = unlisted(row)
  const rest = new Map([...row].filter(([name]) => !name.startsWith(LISTED)))
  return ids.length === 0 ? rest : rest.set(listedName(ids), { value: null, stamp: NO_STAMP })
}

/** How much later (ms) than a direct statement a list must be published to say something else: it may have been made a moment before. */
const LIST_LAG_MS = 5_000

/** What an event states of a member. `loggedAt`: when an audit wrote it down, epoch ms. */
export interface Stated {
  readonly joined: boolean
  readonly loggedAt?: number
}

const statedIn = ({ value }: Register): Stated => value as unknown as Stated

/**
 * What an agent's list of active queues says of their membership in one queue, where it is later than what was stated of the queue and says
 * something else. The list holds what was true at publication: Genesys calls the time at which it changed "for reference only".
 */
const listed = (own: Row, { value, stamp }: Register, queueId: string): Register | undefined => {
  const direct = own.get("joined")
  const { ids, changed } = value as unknown as ActiveQueues
  const joined = ids.includes(queueId)
  if (direct !== undefined) {
    const later = stamp.clock > direct.stamp.clock + LIST_LAG_MS
    if (!later || statedIn(direct).joined === joined) return undefined
  }
  const clock = changed ?? direct?.stamp.clock ?? 0
  return {
    value: known({ joined, since: changed }),
    stamp: { clock, published: clock, eventId: "v2.users.{id}.activity" }
  }
}

/** Members that are known from the lists of agents, for `queues`. */
export const members: Derivation = {
  from: "agents",
  since: 2,
  register: "listed",
  reads: (updated) =>
    updated.length === 0 || updated.some(([row, register]) => row === STATE_ROW && register === ACTIVE_QUEUES)
      ? { rows: [STATE_ROW], open: false }
      : undefined,
  rows: (agentId, rows) => {
    const state = rows.get(STATE_ROW)
    const list = state?.get(ACTIVE_QUEUES)
    if (state === undefined || list === undefined) return []
    return [...idsOf(list), ...unlisted(state)].map((queueId) => ({
      entity: queueId,
      row: MEMBER + agentId,
      of: (own) => listed(own, list, queueId)
    }))
  },
  sourceOf: (row) => (row.startsWith(MEMBER) ? row.slice(MEMBER.length) : undefined)
}

/** Whether an agent is a member, and since when: the list where it says something else than what was stated, and that otherwise. */
export const membershipOf = (row: Row): { readonly joined: boolean; readonly since?: number } | undefined => {
  const list = derivedIn(row, "listed")?.value as { readonly joined: boolean; readonly since?: number } | undefined
  if (list !== undefined) return list
  const direct = row.get("joined")
  if (direct === undefined) return undefined
  const { joined, loggedAt } = statedIn(direct)
  return { joined, since: loggedAt ?? direct.stamp.clock }
}
