import { latestIn, type Row } from "../src/domain/row.ts"
import type { Stamp } from "../src/domain/stamp.ts"

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

const namedBy = (register: string): Named => {
  const at = register.indexOf(" [")
  if (at < 0) return {}
  const [userId, queueId] = JSON.parse(register.slice(at + 1)) as ReadonlyArray<string | null>
  return { ...(userId == null ? {} : { userId }), ...(queueId == null ? {} : { queueId }) }
}

/** The last that a session's facts say of one thing. */
export const factIn = (row: Row, what: string): Fact | undefined => {
  const found = latestIn(row, what)
  if (found === undefined) return undefined
  const [name, { stamp, value }] = found
  return { stamp, value: { ...(value as Fact["value"] | null), ...namedBy(name) } }
}

/** All ids that the facts of a session name. */
export const namedIn = (row: Row, field: keyof Named): ReadonlyArray<string> => [
  ...new Set([...row.keys()].flatMap((name) => namedBy(name)[field] ?? []))
]
