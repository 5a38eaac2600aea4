import { Data, Effect, Option } from "effect"
import { windowAt } from "../domain/archive-window.ts"
import type { EntityId, EventId, Generation } from "../domain/ids.ts"
import { type Columns, generation, isSummarised, type Projection, STATE_ROW } from "../domain/projection.ts"
import { asOf, type Row } from "../domain/row.ts"
import type { Event } from "../genesys/event.ts"
import { isSnapshotId } from "../genesys/snapshot.ts"
import { Archive } from "../store/archive.ts"
import { EventStore, type StoredEvent } from "../store/event-store.ts"
import { ProjectionStore, type Revision } from "../store/projection-store.ts"
import { type Arrived, type FoldOptions, foldEntity } from "./fold-entity.ts"
import { Projections } from "./folding.ts"
import { type Cause, provenanceOf, summaryProvenance } from "./provenance.ts"

/**
 * A register and the event that set it. Times are epoch ms: `clock` the event time that decides, `published` when Genesys sent it, `arrived`
 * when it first came in, and `delayMs` how long it was under way. The last two and the topic are absent where the event store has no such
 * event. `archived`: since when (epoch ms) the week in which it was published is archived, where the event is not in the table: it is in the
 * archive, unless it was erased. `snapshot`: the platform's API said it when it was asked, just before `arrived`; it was not under way since
 * then.
 */
export interface Setting extends Cause {
  readonly arrived?: number
  readonly delayMs?: number
  readonly topic?: string
  readonly archived?: number
  readonly snapshot?: true
}

/** A column with the registers that it follows from, the latest first; none: from the name of the row alone. */
export interface ExplainedField {
  readonly column: string
  readonly value: Columns[string]
  readonly setBy: ReadonlyArray<Setting>
}

/**
 * `derived`: a summary of the open rows, which has no registers of its own. `tombstone`: it is deleted after a while. `revised`: the last
 * time that an update came too late for its window and changed the row, as it stands now.
 */
export interface ExplainedRow {
  readonly row: string
  readonly asOf: number
  readonly tombstone: boolean
  readonly derived: boolean
  readonly revised?: Revision
  readonly fields: ReadonlyArray<ExplainedField>
}

export interface Explanation {
  readonly generation: string
  readonly entity: EntityId
  readonly rows: ReadonlyArray<ExplainedRow>
}

/** The generation is not one that this code folds. */
export class NotFolded extends Data.TaggedError("NotFolded")<{ readonly generation: string }> {
  override get message() {
    return `${this.generation} is not folded; projections/index.ts does not list it`
  }
}

const listed = Effect.fnUntraced(function* (name: string) {
  const projection = (yield* Projections).find((p) => generation(p) === name)
  return projection ?? (yield* new NotFolded({ generation: name }))
})

/** A row before it is explained. Columns only of a summary: those of other rows follow from their registers. */
interface Bare {
  readonly row: string
  readonly registers: Row
  readonly asOf: number
  readonly tombstone: boolean
  readonly columns: Columns
  readonly revised?: Revision
}

/** Which closed rows are shown: all, none, or those that a rule closed. */
export type Tombstones = boolean | "inferred"

const isShown =
  (tombstones: Tombstones, { inferredEnd }: Projection<Event>) =>
  ({ row, registers, tombstone }: Bare): boolean =>
    !tombstone || tombstones === true || (tombstones === "inferred" && inferredEnd?.(row, registers) !== undefined)

/** A setting with what is known of the event that set it. */
const arrivedAs = (said: Setting, { received: arrived, topic }: Arrived): Setting =>
  said.snapshot === true ? { ...said, arrived, topic } : { ...said, arrived, delayMs: arrived - said.published, topic }

/** Of the rows of an entity, those that are shown: without tombstones, unless they are asked for. */
const explainRows = (
  of: Projection<Event>,
  rows: ReadonlyArray<Bare>,
  tombstones: Tombstones,
  arrivedOf: (eventId: EventId) => Arrived | undefined,
  archivedAt: (published: number) => number | undefined = () => undefined
): ReadonlyArray<ExplainedRow> => {
  const toSetting = (cause: Cause): Setting => {
    const arrival = arrivedOf(cause.eventId)
    const said = isSnapshotId(cause.eventId) ? { ...cause, snapshot: true as const } : cause
    if (arrival !== undefined) return arrivedAs(said, arrival)
    const archived = archivedAt(cause.published)
    return archived === undefined ? said : { ...said, archived }
  }
  const summarised = rows.filter(({ row, registers }) => isSummarised(of, row, registers))
  return rows.filter(isShown(tombstones, of)).map(({ row, registers, asOf, tombstone, columns, revised }) => {
    const derived = of.summary?.of !== undefined && row === STATE_ROW
    const causes = derived ? summaryProvenance(of, summarised) : provenanceOf(of, row, registers)
    // A table gives columns in any order; people read them in that of the projection.
    const order = Object.keys(derived ? (of.summary?.of?.(summarised, {}) ?? {}) : of.view(row, registers))
    const place = (column: string) => (order.includes(column) ? order.indexOf(column) : order.length)
    const fields = Object.entries(columns)
      .map(([column, value]) => ({ column, value, setBy: (causes.get(column) ?? []).map(toSetting) }))
      .sort((a, b) => place(a.column) - place(b.column) || (a.column < b.column ? -1 : 1))
    return { row, asOf, tombstone, derived, ...(revised === undefined ? {} : { revised }), fields }
  })
}

/**
 * Every field of an entity's rows as they stand in the table, with the register behind it and the event that set that. Without
 * rows for an entity that was never heard of. Rows that have closed are left out unless `tombstones`.
 */
export const explain = Effect.fnUntraced(function* (
  name: Generation,
  entity: EntityId,
  tombstones: Tombstones = false
) {
  const of = yield* listed(name)
  const [rows, events] = [yield* ProjectionStore, yield* EventStore]
  const found = (yield* rows.rows(name, entity)).map(
    ({ row, registers, asOf, columns, expiresAt, revised }): Bare => ({
      row,
      registers,
      asOf,
      tombstone: expiresAt !== undefined,
      columns,
      ...(revised === undefined ? {} : { revised })
    })
  )
  const told = found.filter((one) => isShown(tombstones, of)(one) || isSummarised(of, one.row, one.registers))
  const ids = new Set(told.flatMap(({ registers }) => [...registers.values()].map(({ stamp }) => stamp.eventId)))
  const stored = yield* events.read([...ids])
  const archive = yield* Effect.serviceOption(Archive)
  const windows = Option.isSome(archive) && stored.size < ids.size ? yield* archive.value.windows : []
  const sealed = new Map(windows.map(({ window, sealedAt }) => [window, sealedAt]))
  const archivedAt = (published: number) => sealed.get(windowAt(published))
  const rowsOf = explainRows(of, told, tombstones, (id) => arrivedOf(stored.get(id)), archivedAt)
  return { generation: name, entity, rows: rowsOf } satisfies Explanation
})

const arrivedOf = (event: StoredEvent | undefined): Arrived | undefined =>
  event && { received: event.received, topic: String(event.envelope["detail-type"]) }

/** When the events were published (epoch ms) that have left the table for the archive, by id. */
export const archivedIn = ({ rows }: Explanation): ReadonlyMap<EventId, number> =>
  new Map(
    rows.flatMap(({ fields }) =>
      fields.flatMap(({ setBy }) =>
        setBy.flatMap(({ archived, eventId, published }) =>
          archived === undefined ? [] : [[eventId, published] as const]
        )
      )
    )
  )

/** The explanation with what the archive was found to hold of those events. What it does not hold is stored nowhere. */
export const withArchived = (
  { rows, ...explanation }: Explanation,
  found: ReadonlyMap<EventId, StoredEvent>
): Explanation => {
  const looked = (setting: Setting): Setting => {
    const { archived, ...said } = setting
    if (archived === undefined) return setting
    const arrival = arrivedOf(found.get(said.eventId))
    return arrival === undefined ? said : arrivedAs(said, arrival)
  }
  const fieldOf = (field: ExplainedField) => ({ ...field, setBy: field.setBy.map(looked) })
  return { ...explanation, rows: rows.map((row) => ({ ...row, fields: row.fields.map(fieldOf) })) }
}

/**
 * The same as it was: what the entity's events say whose event time is up to `at`, and which had arrived up to `arrived` (epoch ms; at
 * least one of them). Reads what the index by entity lists where one is given, and else the whole event store.
 */
export const explainPast = Effect.fnUntraced(function* (name: Generation, entity: EntityId, options: FoldOptions) {
  const of = yield* listed(name)
  const { rows: folded, arrivals, ...account } = yield* foldEntity(of, entity, options)
  const bare = [...folded].map(
    ([row, registers]): Bare => ({
      row,
      registers,
      asOf: asOf(registers)?.clock ?? 0,
      tombstone: of.closed(row, registers),
      columns: of.view(row, registers)
    })
  )
  const summarise = of.summary?.of
  const read = summarise === undefined ? [] : bare.filter(({ row }) => of.summary?.reads(row))
  const summarised = read.filter(({ row, registers }) => isSummarised(of, row, registers))
  const summary: Bare = {
    row: STATE_ROW,
    registers: new Map(),
    asOf: Math.max(0, ...read.map((one) => one.asOf)),
    tombstone: false,
    columns: summarise?.(summarised, {}) ?? {}
  }
  const all = read.length === 0 ? bare : [...bare, summary]
  const rows = explainRows(
    of,
    all.sort((a, b) => (a.row < b.row ? -1 : 1)),
    options.tombstones === true,
    (id) => arrivals.get(id)
  )
  return { generation: name, entity, rows, ...account } satisfies Explanation & typeof account
})
