import { isWait, waitOf } from "../../../projections/queues.ts"
import { SEEN, sessionIdOf, sessionRow, snapshotIn } from "../../../projections/session.ts"
import { isDerived } from "../../domain/derivation.ts"
import { emptyRow, type Row } from "../../domain/row.ts"
import type { Session } from "../../genesys/event.ts"
import type { Waiting } from "../../genesys-api/organisation.ts"
import type { Answer, Held, SaidOfWaits } from "./answers.ts"
import { type Finding, isRecent, isToldByEvents, statedAt, undatedAt } from "./finding.ts"

/** A wait of the queue in its rows. */
interface HeldWait {
  readonly sessionId: string
  readonly conversationId?: string
  readonly row: Row
}

const heldWaits = ({ rows }: Held): ReadonlyArray<HeldWait> =>
  [...rows].flatMap(([name, row]) => {
    const sessionId = sessionIdOf(name)
    if (sessionId === undefined || !isWait(row)) return []
    const { conversationId } = (row.get("acd")?.value ?? {}) as Session
    return [{ sessionId, ...(conversationId === undefined ? {} : { conversationId }), row }]
  })

const isOpen = (row: Row): boolean => waitOf(row).phase === "waiting"

/** How many wait in a queue by its rows. */
export const openWaits = (held: Held): number => heldWaits(held).filter(({ row }) => isOpen(row)).length

const seen = (
  queueId: string,
  { sessionId, conversationId }: Omit<HeldWait, "row">,
  { asked, value, expected }: { readonly asked: number; readonly value: boolean; readonly expected: boolean }
): Finding => {
  const named = { queueId, sessionId, ...(conversationId === undefined ? {} : { conversationId }) }
  return { statement: { facet: { facet: "sessionSeen", ...named, value }, at: undatedAt(asked) }, expected }
}

const lastHeard = (row: Row): number => Math.max(row.get("acd")?.stamp.clock ?? 0, snapshotIn(row).seenAt)

/** A wait that no row has. It can be told only where its session is named, and not where that is an agent's. */
const newWait = (
  queueId: string,
  { conversationId, sessionId, since, mediaType, direction }: Waiting,
  asked: number,
  { rows, heard }: Held
): ReadonlyArray<Finding> => {
  const row = rows.get(sessionRow(sessionId ?? "")) ?? emptyRow
  if (sessionId === undefined || [...row.keys()].some((name) => name !== SEEN && !isDerived(name))) return []
  const value = {
    conversationId,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(direction === undefined ? {} : { direction })
  }
  const at = statedAt(since, asked)
  const opened: Finding = {
    statement: { facet: { facet: "acdSession", conversationId, queueId, sessionId, value }, at },
    expected: heard !== undefined && since !== undefined && since >= heard
  }
  const again = seen(queueId, { sessionId, conversationId }, { asked, value: true, expected: false })
  return snapshotIn(row).goneAt < at ? [opened] : [opened, again]
}

/** A wait that the API lists: new, or over by a rule though it goes on, or nothing. */
const listedWait = (
  queueId: string,
  said: Waiting,
  asked: number,
  waits: ReadonlyArray<HeldWait>,
  held: Held
): ReadonlyArray<Finding> => {
  const own = waits
    .filter(({ sessionId, conversationId }) => conversationId === said.conversationId || sessionId === said.sessionId)
    .map((wait) => ({ ...wait, ...waitOf(wait.row) }))
  const isEnded = ({ sessionId, inferred, endedAt = 0 }: (typeof own)[number]) =>
    !inferred && (sessionId === said.sessionId || isRecent(endedAt, asked))
  if (own.some(({ phase }) => phase === "waiting") || own.some(isEnded)) return []
  const presumed = own.filter(({ inferred }) => inferred)
  if (presumed.length === 0) return newWait(queueId, said, asked, held)
  return presumed.flatMap(({ row, endedAt = 0, ...wait }) =>
    isRecent(Math.max(endedAt, lastHeard(row)), asked)
      ? []
      : [seen(queueId, wait, { asked, value: true, expected: false })]
  )
}

/**
 * What the API says of waits. They are compared by their conversations: no document says that the session that it names is the one of
 * events, and a customer waits in a queue once at a time. One that alerts an agent still waits, by events.
 */
export const waitFindings = (
  queueId: string,
  { asked, said }: Answer<SaidOfWaits>,
  held: Held
): ReadonlyArray<Finding> => {
  const waits = heldWaits(held)
  const listed = new Set([...said.waiting, ...said.alerting].map(({ conversationId }) => conversationId))
  const isGone = ({ row, conversationId }: HeldWait) =>
    isOpen(row) && (conversationId === undefined || !listed.has(conversationId)) && !isRecent(lastHeard(row), asked)
  return [
    ...said.waiting.flatMap((wait) => listedWait(queueId, wait, asked, waits, held)),
    ...(said.complete ? waits.filter(isGone) : []).map((wait): Finding => {
      const expected = isToldByEvents(wait.row)
      return { ...seen(queueId, wait, { asked, value: false, expected }), missing: "wait" }
    })
  ]
}
