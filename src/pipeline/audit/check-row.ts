import { Result } from "effect"
import type { Delta } from "../../domain/delta.ts"
import { isDerived } from "../../domain/derivation.ts"
import type { EntityId, EventId } from "../../domain/ids.ts"
import { canonical } from "../../domain/json.ts"
import { type Columns, mergeRow, type Projection, STATE_ROW } from "../../domain/projection.ts"
import { asOf, emptyRow, type Register, type Row } from "../../domain/row.ts"
import { compareStamps } from "../../domain/stamp.ts"
import { wellFormed } from "../../domain/writable.ts"
import type { Event } from "../../genesys/event.ts"
import { isOpen, type StoredRow } from "../../store/projection-store.ts"
import { changeOf, isUnwritable } from "../change-row.ts"
import { tried } from "../tried.ts"
import type { Discrepancy } from "./discrepancy.ts"

/** A row as it is stored, with all that is to be compared. `expiresAt` is epoch seconds, `asOf` epoch ms. */
export interface AuditedRow {
  readonly entity: EntityId
  readonly row: string
  readonly registers: Row
  readonly columns: Columns
  readonly asOf: number
  readonly version: number
  readonly open: boolean
  readonly expiresAt?: number
}

type Problem = Pick<Discrepancy, "kind" | "names" | "eventId">

/** Whether TTL may have deleted the row by `now` (epoch ms): it is as if it were not there. */
export const isExpired = ({ expiresAt }: { readonly expiresAt?: number }, now: number): boolean =>
  expiresAt !== undefined && expiresAt * 1_000 <= now

const differingNames = (a: Columns, b: Columns): ReadonlyArray<string> =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => {
      const [ours, theirs] = [a[name], b[name]]
      return ours === undefined || theirs === undefined ? ours !== theirs : canonical(ours) !== canonical(theirs)
    })
    .sort()

/** Whether the row `state` of the projection is a summary. */
export const isSummary = ({ summary }: Pick<Projection<Event>, "summary">, row: string): boolean =>
  row === STATE_ROW && summary?.of !== undefined

/**
 * What of a row does not follow from its own registers. A row without registers is none that an event wrote: a row that an audit
 * emptied is a tombstone, and any other is a row too many. What a function of the projection throws on is not compared.
 */
export const ownProblems = (of: Projection<Event>, held: AuditedRow): ReadonlyArray<Problem> => {
  const { row, registers, columns, expiresAt } = held
  if (registers.size === 0)
    return isSummary(of, row) || expiresAt !== undefined ? [] : [{ kind: "unexplained", names: [] }]
  const expected = tried("row", () => {
    const closed = of.closed(row, registers)
    return {
      columns: wellFormed(of.view(row, registers)) as Columns,
      closed,
      open: isOpen({
        counted: of.summary?.reads(row) ?? false,
        ...(closed ? { expiresAt: 0 } : {}),
        remembered: of.summary?.remembers?.(row, registers) ?? false
      })
    }
  })
  if (Result.isFailure(expected)) return []
  const { closed, open } = expected.success
  const names = [
    ...differingNames(columns, expected.success.columns),
    ...(held.asOf === (asOf(registers)?.clock ?? 0) ? [] : ["asOf"])
  ]
  return [
    ...(names.length === 0 ? [] : [{ kind: "columns" as const, names }]),
    ...(closed === (expiresAt !== undefined) ? [] : [{ kind: "tombstone" as const }]),
    ...(of.summary === undefined || open === held.open ? [] : [{ kind: "openIndex" as const }])
  ]
}

/** The events that the registers of a row name, without those that a rule set and of which it does not matter which event they are of. */
export const namedEvents = (registers: Row): ReadonlyArray<EventId> => [
  ...new Set(
    [...registers].flatMap(([name, { stamp }]) => (isDerived(name) || stamp.eventId === "" ? [] : [stamp.eventId]))
  )
]

const sayIt = (said: ReadonlyArray<Delta>, name: string, { stamp, value }: Register): boolean | undefined => {
  const same = said.filter((delta) => delta.register === name && compareStamps(delta.stamp, stamp) === 0)
  return same.length === 0 ? undefined : same.some((delta) => canonical(delta.value) === canonical(value))
}

/**
 * The registers of a row that the events they name do not say. `said`: the updates of this row by event; absent for an event that is not
 * stored, which says nothing. A register that the projection's own merge makes is explained where the merge of those updates has it.
 */
export const unexplainedRegisters = (
  of: Projection<Event>,
  row: string,
  registers: Row,
  said: ReadonlyMap<EventId, ReadonlyArray<Delta>>
): ReadonlyArray<readonly [name: string, eventId: EventId]> => {
  const all = [...said.values()].flat()
  const merged = of.merge === undefined ? emptyRow : mergedOf(of, row, all)
  return [...registers].flatMap(([name, register]) => {
    const { eventId } = register.stamp
    if (isDerived(name) || eventId === "") return []
    const explained = sayIt(said.get(eventId) ?? [], name, register) ?? holds(of, row, merged, name, register)
    return explained ? [] : [[name, eventId] as const]
  })
}

const mergedOf = (of: Projection<Event>, row: string, deltas: ReadonlyArray<Delta>): Row =>
  Result.getOrElse(
    tried("merge", () =>
      mergeRow(
        of,
        row,
        emptyRow,
        deltas.map(({ register, value, stamp }) => [register, { value, stamp }] as const)
      )
    ),
    () => emptyRow
  )

const holds = (of: Projection<Event>, row: string, merged: Row, name: string, register: Register): boolean =>
  merged.size > 0 &&
  Result.getOrElse(
    tried("merge", () => mergeRow(of, row, merged, [[name, register]]) === merged),
    () => true
  )

/** How much of the life of a tombstone counts as recent: what was said within it cannot have expired. */
const RECENT_SHARE = 0.75

const oldestIn = (registers: Row): number => Math.min(...[...registers.values()].map(({ stamp }) => stamp.published))

/** An event whose updates a row is compared with. Times are epoch ms. */
export interface Stated {
  readonly eventId: EventId
  readonly received: number
  readonly published: number
  readonly deltas: ReadonlyArray<Delta>
}

/**
 * The registers in which a row lacks what an event says of it: merging would change them. None where the row may have been deleted since, as
 * tombstones are, or made anew after that; and none where no table could hold the update, which is parked.
 */
export const missingUpdates = (
  of: Projection<Event>,
  stored: StoredRow | undefined,
  { published, deltas }: Stated,
  now: number
): ReadonlyArray<string> => {
  const [first] = deltas
  if (first === undefined) return []
  const held = stored === undefined || isExpired(stored, now) ? undefined : stored
  const since = now - of.tombstoneSeconds * 1_000 * RECENT_SHARE
  // Whatever has won a register since is later, and has written the row since.
  const recent = deltas.some(({ stamp }) => stamp.clock > since)
  if (!recent && (held === undefined || held.registers.size === 0 || oldestIn(held.registers) > published)) return []
  const { entity, row, projection } = first
  const made = changeOf({ projection, entity, row, of, deltas, derived: [] }, held, now, 0, undefined)
  if (isUnwritable(made) || made.after === made.before) return []
  return made.won.length > 0 ? made.won.map(({ register }) => register) : deltas.map(({ register }) => register)
}
