import { Result } from "effect"
import type { Delta } from "../domain/delta.ts"
import { type Derivation, derive, type SourceRows } from "../domain/derivation.ts"
import { canonical, type Json } from "../domain/json.ts"
import { type Columns, mergeRow, type Projection } from "../domain/projection.ts"
import { asOf, emptyRow, type Register, type Row, sameRegister } from "../domain/row.ts"
import { dueAt, type Window } from "../domain/settle.ts"
import { columnsProblem, registerProblem, threw, type Unwritable, unwritable, wellFormed } from "../domain/writable.ts"
import type { Event } from "../genesys/event.ts"
import type { Revision, RowKey, RowWrite, StoredRow } from "../store/projection-store.ts"
import { tried } from "./tried.ts"

/** A derived register of a row, as `of` makes it from the row's own registers. `source` tells where it follows from. */
export interface DerivedUpdate extends RowKey {
  readonly register: string
  readonly of: (own: Row) => Register | undefined
  readonly source: Source
}

/** The rows of an entity that a derivation reads. `wantedBy`: a row that was updated itself and needs them. */
export interface Source {
  readonly derivation: Derivation
  readonly projection: string
  readonly entity: string
  readonly reads: SourceRows
  readonly wantedBy?: RowKey
}

/** A row, and the updates that are about to be merged into it. */
export interface Touched extends RowKey {
  readonly of: Projection<Event>
  readonly deltas: ReadonlyArray<Delta>
  readonly derived: ReadonlyArray<DerivedUpdate>
}

/** What the updates of a row make of it. Without a `write` nothing changes. `summarised`: a summary is to be derived for it. */
export interface Change {
  readonly before: Row
  readonly after: Row
  readonly won: ReadonlyArray<Delta>
  readonly revising: ReadonlyArray<Delta>
  readonly revised: Revision | undefined
  /** The rule or event by which the row is closed now and was not before, if no event of its own ended it. */
  readonly inferred: string | undefined
  readonly summarised: boolean
  readonly write: RowWrite | undefined
}

/** Whether a stored tombstone would be gone too soon. */
const lapses = (from: StoredRow | undefined, keepUntil: number): boolean =>
  from?.expiresAt !== undefined && from.expiresAt < keepUntil

/** A late update that says what stood there already revises nothing. */
const differs = (held: Register | undefined, value: Json): boolean =>
  held !== undefined && canonical(held.value) !== canonical(value)

/** What late updates that take the place of others make of a row that becomes visible at `now`. Without any it stays as it was. */
const revisedBy = (
  revising: ReadonlyArray<Delta>,
  now: number,
  window: Window,
  before: Revision | undefined
): Revision | undefined =>
  revising.length === 0
    ? before
    : {
        at: Math.floor(now),
        lateMs: Math.max(...revising.map(({ stamp }) => Math.floor(now) - dueAt(stamp.clock, window)))
      }

/** Ends the change of a row that cannot be made. */
class Refusal extends Error {
  readonly problem: Unwritable
  constructor(problem: Unwritable) {
    super(problem.reason)
    this.problem = problem
  }
}

/** Runs a function of a projection, which may be anybody's. */
const run = <A>(name: string, call: () => A): A =>
  Result.getOrThrowWith(tried(name, call), (problem) => new Refusal(problem))

const refuseIf = (problem: Unwritable | undefined): void => {
  if (problem !== undefined) throw new Refusal(problem)
}

/** Refuses a row with a register that no later reader could take apart. */
const checkRegisters = (before: Row, after: Row): void => {
  if (!(after instanceof Map)) throw new Refusal(unwritable("ValueInvalid", "`merge` returned no row"))
  for (const [name, register] of after) if (before.get(name) !== register) refuseIf(registerProblem(name, register))
}

/** The row after its deltas and derived registers. */
const apply = ({ of, row, deltas, derived }: Touched, before: Row): Row => {
  const updates = deltas.map(({ register, value, stamp }) => [register, { value, stamp }] as const)
  const merged = run("merge", () => mergeRow(of, row, before, updates))
  if (merged !== before) checkRegisters(before, merged)
  if (derived.length === 0) return merged
  const registers = new Map(
    derived.map((update) => [update.register, run("derived", () => update.of(merged))] as const)
  )
  for (const [name, register] of registers) if (register !== undefined) refuseIf(registerProblem(name, register))
  return derive(merged, registers, sameRegister)
}

const columnsOf = ({ of, row }: Touched, registers: Row): Columns => {
  const columns = run("view", () => of.view(row, registers))
  refuseIf(columnsProblem(columns))
  return wellFormed(columns) as Columns
}

const writeOf = (
  touched: Touched,
  after: Row,
  from: StoredRow | undefined,
  now: number,
  keepUntil: number,
  revised: Revision | undefined
): RowWrite => {
  const { of, projection, entity, row } = touched
  const closed = run("closed", () => of.closed(row, after))
  return {
    projection,
    entity,
    row,
    registers: after,
    columns: columnsOf(touched, after),
    asOf: asOf(after)?.clock ?? 0,
    from,
    counted: run("summary.reads", () => of.summary?.reads(row) ?? false),
    ...(run("summary.remembers", () => of.summary?.remembers?.(row, after)) ? { remembered: true } : {}),
    ...(revised === undefined ? {} : { revised }),
    ...(closed
      ? { expiresAt: Math.max(Math.ceil(now / 1_000) + of.tombstoneSeconds, keepUntil, from?.expiresAt ?? 0) }
      : {})
  }
}

const change = (
  touched: Touched,
  from: StoredRow | undefined,
  now: number,
  keepUntil: number,
  window: Window | undefined
): Change => {
  const { of, row, deltas } = touched
  const before = from?.registers ?? emptyRow
  const after = apply(touched, before)
  const isClosed = (registers: Row) => run("closed", () => of.closed(row, registers))
  const counted = run("summary.reads", () => of.summary?.reads(row) ?? false)
  const won = deltas.filter(({ register, stamp }) => after.get(register)?.stamp === stamp)
  // What has ended was shown as open.
  const turned = before.size > 0 && isClosed(before) !== isClosed(after)
  const revising = won.filter(({ late, register, value }) => late && (turned || differs(before.get(register), value)))
  const revised = window === undefined ? from?.revised : revisedBy(revising, now, window, from?.revised)
  const summarised = counted && of.summary?.of !== undefined && after.size > 0
  const unchanged = { before, after, won, revising, revised, summarised, inferred: undefined, write: undefined }
  if (after === before && !lapses(from, keepUntil)) return unchanged
  const write = writeOf(touched, after, from, now, keepUntil, revised)
  const rule = run("inferredEnd", () => of.inferredEnd?.(row, after))
  const isNew = rule !== undefined && rule !== run("inferredEnd", () => of.inferredEnd?.(row, before))
  return { ...unchanged, inferred: isNew ? rule : undefined, write }
}

/**
 * A row written over itself with these registers, as a live write would write it: columns, expiry and mark for the index of open rows
 * follow from them. Without registers it is a tombstone that TTL deletes at once. Never throws.
 */
export const rewriteOf = (
  of: Projection<Event>,
  { projection, entity, row }: RowKey,
  registers: Row,
  from: StoredRow,
  now: number
): RowWrite | Unwritable => {
  const key = { projection, entity, row }
  if (registers.size === 0)
    return { ...key, registers, columns: {}, asOf: 0, from, counted: false, expiresAt: Math.floor(now / 1_000) }
  try {
    return writeOf({ ...key, of, deltas: [], derived: [] }, registers, from, now, 0, from.revised)
  } catch (thrown) {
    return thrown instanceof Refusal ? thrown.problem : threw("fold", thrown)
  }
}

/**
 * How a row changes by its updates, or why it cannot. Never throws. `from`: the row that is stored; `now`: when it becomes visible (epoch
 * ms); `keepUntil` and `window` as in `mergeDeltas`.
 */
export const changeOf = (...of: Parameters<typeof change>): Change | Unwritable => {
  const [, from] = of
  if (from?.unreadable !== undefined) return from.unreadable
  try {
    return change(...of)
  } catch (thrown) {
    return thrown instanceof Refusal ? thrown.problem : threw("fold", thrown)
  }
}

export const isUnwritable = <A extends object>(made: A | Unwritable): made is Unwritable => "reason" in made
