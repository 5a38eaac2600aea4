import type { Row } from "../src/domain/row.ts"
import { compareStamps, type Stamp } from "../src/domain/stamp.ts"

/** What a fact of a conversation's session names: an agent, a queue, both or none. */
interface Named {
  readonly userId?: string | undefined
  readonly queueId?: string | undefined
}

/** A fact of a session: when, and what its event said. */
export interface Fact {
  readonly stamp: Stamp
  readonly value: Named & {
    readonly mediaType?: string
    readonly outcome?: string
    readonly answeredBy?: string
    /** Of the end of an agent's session: whether the agent was connected in it. */
    readonly served?: boolean
    /** Of a snapshot: whether the platform's API lists the session. */
    readonly listed?: boolean
    /** Of a segment: when its session began, epoch ms. */
    readonly sessionStart?: number
  }
}

/**
 * The register of a fact, named after what happened and whom it names: `user ["agent","queue"]`. Facts of one session that name different
 * queues are rare, and a later one must not make an earlier one forgotten: rows of the queue that only the earlier names follow from it.
 */
export const factName = (what: string, { userId, queueId }: Named): string =>
  userId === undefined && queueId === undefined ? what : `${what} ${JSON.stringify([userId ?? null, queueId ?? null])}`

/** The inverse of `factName`. */
const parse = (register: string): readonly [what: string, Named] => {
  const at = register.indexOf(" [")
  if (at < 0) return [register, {}]
  const [userId, queueId] = JSON.parse(register.slice(at + 1)) as ReadonlyArray<string | null>
  return [register.slice(0, at), { ...(userId == null ? {} : { userId }), ...(queueId == null ? {} : { queueId }) }]
}

/** What a session's registers say. `fact` is the last that they say of one thing, `named` are all ids that they ever named. */
export interface Facts {
  readonly fact: (what: string) => Fact | undefined
  readonly named: (field: keyof Named) => ReadonlyArray<string>
}

export const factsIn = (row: Row): Facts => {
  const facts = new Map<string, Fact>()
  const named = { userId: new Set<string>(), queueId: new Set<string>() }
  for (const [register, { stamp, value }] of row) {
    const [what, names] = parse(register)
    if (names.userId !== undefined) named.userId.add(names.userId)
    if (names.queueId !== undefined) named.queueId.add(names.queueId)
    const held = facts.get(what)
    if (held === undefined || compareStamps(stamp, held.stamp) > 0)
      facts.set(what, { stamp, value: { ...(value as Fact["value"] | null), ...names } })
  }
  return { fact: (what) => facts.get(what), named: (field) => [...named[field]] }
}
