import type { AgentSession, AgentState } from "../../projections/agents-rows.ts"
import type { QueueMember, QueueObservation, QueueSession, QueueState } from "../../projections/queues-rows.ts"
import { canonical, type Json } from "../domain/json.ts"
import type { Columns } from "../domain/projection.ts"
import { type ChangeRecord, readWrite, type SeenRow, type Write } from "./change-record.ts"
import { BadOption } from "./errors.ts"

/**
 * How a row changed. `appeared`: the row is new, or open again. `changed`: columns differ. `closed`: it is over, and will be deleted after a
 * day without a further change. `removed`: somebody deleted it by hand.
 */
export type ChangeKind = "appeared" | "changed" | "closed" | "removed"

/** A settled change of a row that readers can see. docs/changes.md describes each field. */
export interface Change<R = Columns> {
  /** The same for every delivery of the same change, and different for every other change. */
  readonly id: string
  readonly kind: ChangeKind
  /** Such as `agents`. */
  readonly projection: string
  /** Such as `agents-v2`. */
  readonly generation: string
  /** The agent's or the queue's id. */
  readonly entity: string
  /** The sort key: `state`, `session#<id>`, ... */
  readonly row: string
  /** The columns as readers saw them before; absent where there was no row. */
  readonly before?: R
  /** The columns as readers see them now; absent for `removed`. */
  readonly after?: R
  /** The columns that differ, sorted. Never empty. */
  readonly changed: ReadonlyArray<string>
  /** When the latest event happened that is in the row: ISO-8601 in UTC with milliseconds. */
  readonly asOf: string
  /** Grows with every write of the row, and with its removal. A change with a lower version than one that you handled is obsolete. */
  readonly version: number
}

/** The active generation of a projection: the value of the item `readers/<projection>` of the control table. */
export interface Pointer {
  readonly generation: string
  readonly previous?: string
  /** Since when, in epoch ms; absent if nothing was ever promoted. */
  readonly at?: number
}

/** Which stack the records come from, and which generations are active. */
export interface ChangesOptions {
  /** The stack's output `prefix`, such as `genesys-cloud-projections-prod`. */
  readonly prefix: string
  /** By the name of the projection: one entry for each whose stream you read. */
  readonly readers: Readonly<Record<string, Pointer>>
}

/** A tombstone stands at least so long, so that one that is new and older was there before. */
const FORGOTTEN_MS = 24 * 3_600_000

/** Before a promotion the previous generation, from it on the new one, whenever the record is read: no write is of both or of neither. */
const usedAt = ({ generation, previous, at }: Pointer, time: number): string =>
  previous !== undefined && at !== undefined && time < at ? previous : generation

const pointerOf = ({ readers }: ChangesOptions, projection: string): Pointer => {
  const pointer = Object.hasOwn(readers, projection) ? readers[projection] : undefined
  if (typeof pointer?.generation === "string") return pointer
  const problem = "must be the value of the control table's item of that key: a record of its stream is to be read"
  throw new BadOption({ field: `readers/${projection}`, problem })
}

const differing = (before: Columns = {}, after: Columns = {}): ReadonlyArray<string> => {
  const text = (columns: Columns, name: string) =>
    Object.hasOwn(columns, name) ? canonical(columns[name] as Json) : undefined
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => text(before, name) !== text(after, name))
    .sort()
}

const kindOf = (before: SeenRow | undefined, after: SeenRow | undefined): ChangeKind => {
  if (after === undefined) return "removed"
  const [was, is] = [before !== undefined && !before.closed, !after.closed]
  return was === is && before !== undefined ? "changed" : is ? "appeared" : "closed"
}

/** A replay brings tombstones back that have expired since: what they say was announced in its time. */
const isForgotten = ({ before, after, at }: Write): boolean =>
  before === undefined && after?.closed === true && Date.parse(after.asOf) + FORGOTTEN_MS <= at

// With the time, because versions begin anew where a row comes back after it was deleted.
const idOf = ({ generation, entity, row, after }: Write, version: number, asOf: string): string =>
  [
    generation,
    encodeURIComponent(entity),
    encodeURIComponent(row),
    `${version}@${Date.parse(asOf)}`,
    ...(after === undefined ? ["removed"] : [])
  ].join("/")

/**
 * Returns the change of one record, or undefined if readers see none: only a version, a stamp or the time of a revision differs, a
 * tombstone has expired or was restored, or the generation is not active. Throws `MalformedRecord`, and `BadOption` for a projection that
 * `readers` lacks.
 */
export const changeOf = (record: ChangeRecord, options: ChangesOptions): Change | undefined => {
  const write = readWrite(record, options.prefix)
  const { projection, generation, entity, row, before, after, at, expired } = write
  const latest = after ?? before
  if (generation !== usedAt(pointerOf(options, projection), at)) return undefined
  const changed = differing(before?.columns, after?.columns)
  if (latest === undefined || changed.length === 0 || expired || isForgotten(write)) return undefined
  const version = after === undefined ? latest.version + 1 : latest.version
  return {
    id: idOf(write, version, latest.asOf),
    kind: kindOf(before, after),
    projection,
    generation,
    entity,
    row,
    ...(before === undefined ? {} : { before: before.columns }),
    ...(after === undefined ? {} : { after: after.columns }),
    changed,
    asOf: latest.asOf,
    version
  }
}

/** Returns the changes of the records, in their order: see `changeOf`. Throws if one record does. */
export const changesOf = (records: ReadonlyArray<ChangeRecord>, options: ChangesOptions): ReadonlyArray<Change> =>
  records.flatMap((record) => changeOf(record, options) ?? [])

/** The columns of each kind of row, as docs/tables.md lists them. */
export interface RowTypes {
  readonly "agents/state": typeof AgentState.Type
  readonly "agents/session": typeof AgentSession.Type
  readonly "queues/state": typeof QueueState.Type
  readonly "queues/member": typeof QueueMember.Type
  readonly "queues/session": typeof QueueSession.Type
  readonly "queues/observation": typeof QueueObservation.Type
}

/** Returns whether a change is of this kind of row, and types its columns: `isOf(change, "agents/state")`. */
export const isOf = <K extends keyof RowTypes>(change: Change, kind: K): change is Change & Change<RowTypes[K]> =>
  `${change.projection}/${change.row.split("#")[0]}` === kind
