import { Effect, Option, Stream } from "effect"
import type { EntityId, EventId } from "../domain/ids.ts"
import { canonical, type Json } from "../domain/json.ts"
import { type Columns, projectionOf } from "../domain/projection.ts"
import { asOf, type Register, type Row } from "../domain/row.ts"
import { compareStamps } from "../domain/stamp.ts"
import { type PlacedRow, ProjectionStore, type ReadRow, rowKey } from "../store/projection-store.ts"
import { GenerationRefused } from "./generations.ts"

/** What one generation holds, and the event that set it: event time (`clock`) and publication in epoch ms. */
export interface Held {
  readonly value: Json
  readonly eventId: EventId
  readonly clock: number
  readonly published: number
}

/**
 * Why two rows differ.
 * `onlyInA`, `onlyInB`: the other generation has no such row, or no such register in it.
 * `fold`: one event set the register in both, and was folded differently.
 * `event`: different events set the register; the stamps say which should have won.
 * `view`: the registers agree and a column does not, or a summary counts differently.
 */
export type DifferenceKind = "onlyInA" | "onlyInB" | "fold" | "event" | "view"

/**
 * One difference. `register` is the register, or for `view` the column (`column`); neither for a whole row. Of a whole row the side
 * that has it shows its columns and the event that set its latest register; a summary is set by no event of its own, and neither side
 * has one.
 */
export interface Difference {
  readonly kind: DifferenceKind
  readonly entity: EntityId
  readonly row: string
  readonly register?: string
  readonly column?: string
  readonly a?: Held | { readonly value: Json }
  readonly b?: Held | { readonly value: Json }
}

/**
 * `rows` were compared, of `scanned` that were read (each row of either side). `tombstones` among them are kept by neither side but
 * until they are deleted, and differ in nothing that a reader sees. `readUnits` are those of the scans; reading the other side by key
 * takes about as many again, doubled for being consistent.
 */
export interface DiffPage {
  readonly scanned: number
  readonly rows: number
  readonly tombstones: number
  readonly readUnits: number
  readonly differences: ReadonlyArray<Difference>
}

/** All pages together. `differences` holds the first `limit` of `total`. */
export interface DiffReport extends DiffPage {
  readonly total: number
  readonly kinds: Readonly<Record<DifferenceKind, number>>
}

const heldOf = ({ value, stamp: { eventId, clock, published } }: Register): Held => ({
  value,
  eventId,
  clock,
  published
})

const rowHeld = ({ columns, registers }: ReadRow): Held | { readonly value: Json } => {
  const latest = asOf(registers)
  return latest === undefined ? { value: columns } : heldOf({ value: columns, stamp: latest })
}

const sameValue = (a: Json | undefined, b: Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : canonical(a) === canonical(b)

const names = (a: Iterable<string>, b: Iterable<string>): ReadonlyArray<string> => [...new Set([...a, ...b])].sort()

const registerDifferences = (at: Place, a: Row, b: Row): ReadonlyArray<Difference> =>
  names(a.keys(), b.keys()).flatMap((register): ReadonlyArray<Difference> => {
    const [ours, theirs] = [a.get(register), b.get(register)]
    if (ours === undefined) return theirs ? [{ kind: "onlyInB", ...at, register, b: heldOf(theirs) }] : []
    if (theirs === undefined) return [{ kind: "onlyInA", ...at, register, a: heldOf(ours) }]
    const kind = compareStamps(ours.stamp, theirs.stamp) === 0 ? "fold" : "event"
    if (kind === "fold" && sameValue(ours.value, theirs.value)) return []
    return [{ kind, ...at, register, a: heldOf(ours), b: heldOf(theirs) }]
  })

const columnDifferences = (at: Place, a: Columns, b: Columns): ReadonlyArray<Difference> =>
  names(Object.keys(a), Object.keys(b)).flatMap((column): ReadonlyArray<Difference> => {
    const [ours, theirs] = [a[column], b[column]]
    if (sameValue(ours, theirs)) return []
    return [
      {
        kind: "view",
        ...at,
        column,
        ...(ours === undefined ? {} : { a: { value: ours } }),
        ...(theirs === undefined ? {} : { b: { value: theirs } })
      }
    ]
  })

interface Place {
  readonly entity: EntityId
  readonly row: string
}

const isTombstone = (row: ReadRow | undefined): boolean => row === undefined || row.expiresAt !== undefined

/** Whether a difference of registers can be why columns differ: the same value that another event set cannot. */
const isTelling = ({ a, b }: Difference): boolean => !sameValue(a?.value, b?.value)

/**
 * What two rows of one key differ in, as readers are shown them: nothing where neither shows a row, or both the same columns; and otherwise
 * the registers with other values, or the columns where there are none. With `registers`, all registers that differ, in value or
 * by the event that set them, whether readers are shown it or not.
 */
export const compareRows = (
  at: Place,
  a: ReadRow | undefined,
  b: ReadRow | undefined,
  withRegisters = false
): ReadonlyArray<Difference> => {
  if (isTombstone(a) && isTombstone(b)) return []
  if (a === undefined) return b ? [{ kind: "onlyInB", ...at, b: rowHeld(b) }] : []
  if (b === undefined) return [{ kind: "onlyInA", ...at, a: rowHeld(a) }]
  const columns = columnDifferences(at, a.columns, b.columns)
  if (columns.length === 0 && !withRegisters) return []
  const all = registerDifferences(at, a.registers, b.registers)
  const registers = withRegisters ? all : all.filter(isTelling)
  return registers.length > 0 ? registers : columns
}

/** Both sides of each place, read at one moment. */
const readBoth = Effect.fnUntraced(function* (a: string, b: string, places: ReadonlyArray<Place>) {
  const store = yield* ProjectionStore
  const keys = [a, b].flatMap((projection) => places.map(({ entity, row }) => ({ projection, entity, row })))
  const read = keys.length === 0 ? new Map<string, ReadRow>() : yield* store.read(keys)
  return places.map((at) => ({
    at,
    a: read.get(rowKey({ projection: a, ...at })),
    b: read.get(rowKey({ projection: b, ...at }))
  }))
})

const placeOf = ({ entity, row }: PlacedRow): Place => ({ entity, row })

/**
 * A page of `from` beside the same rows of `other`; only those that `other` lacks where `missing` asks for them alone. What seems to
 * differ is read again on both sides.
 */
const comparePage = Effect.fnUntraced(function* (
  sides: { readonly a: string; readonly b: string },
  from: "a" | "b",
  rows: ReadonlyArray<PlacedRow>,
  registers: boolean
) {
  const store = yield* ProjectionStore
  const other = sides[from === "a" ? "b" : "a"]
  const keyIn = (row: PlacedRow) => rowKey({ projection: other, ...placeOf(row) })
  const found =
    rows.length === 0
      ? new Map<string, ReadRow>()
      : yield* store.read(rows.map((row) => ({ projection: other, ...placeOf(row) })))
  // The way back looks for nothing but what the way there could not see.
  const compared = from === "a" ? rows : rows.filter((row) => !found.has(keyIn(row)))
  const suspects = compared.filter((row) => compareRows(placeOf(row), row, found.get(keyIn(row)), registers).length > 0)
  const differences = (yield* readBoth(sides.a, sides.b, suspects.map(placeOf))).flatMap(({ at, a, b }) =>
    compareRows(at, a, b, registers)
  )
  const tombstones = compared.filter((row) => isTombstone(row) && isTombstone(found.get(keyIn(row)))).length
  return { scanned: rows.length, rows: compared.length, tombstones, differences }
})

/**
 * Compares two generations of one projection, page by page: the rows of `a` with those of `b`, then those of `b` that `a` has not. Holds one
 * page of either at a time. Rows that seem to differ are read once more, both sides at one moment and consistently, so that traffic between
 * two reads does not look like a difference. Every row is read twice. `segments`: shares of the tables, one after the other. `registers`: as in `compareRows`.
 */
export const differences = (a: string, b: string, segments = 1, registers = false) =>
  Stream.flatMap(Stream.range(0, segments - 1), (segment) =>
    Stream.flatMap(Stream.make("a" as const, "b" as const), (from) =>
      Stream.paginate(undefined as string | undefined, (cursor) =>
        Effect.gen(function* () {
          const store = yield* ProjectionStore
          const page = yield* store.pages(from === "a" ? a : b, {
            segment,
            segments,
            ...(cursor === undefined ? {} : { cursor })
          })
          const compared: DiffPage = {
            ...(yield* comparePage({ a, b }, from, page.rows, registers)),
            readUnits: page.readUnits
          }
          return [[compared], Option.fromUndefinedOr(page.cursor)] as const
        })
      )
    )
  )

/** What `diff` compares and keeps, and whom it tells. `limit`: differences that are listed, the rest being counted. `registers`: as in `compareRows`. */
export interface DiffOptions {
  readonly limit: number
  readonly segments?: number
  readonly registers?: boolean
  readonly onPage?: (report: DiffReport) => Effect.Effect<void>
}

const nothing: DiffReport = {
  scanned: 0,
  rows: 0,
  tombstones: 0,
  readUnits: 0,
  total: 0,
  kinds: { onlyInA: 0, onlyInB: 0, fold: 0, event: 0, view: 0 },
  differences: []
}

const add = (report: DiffReport, page: DiffPage, limit: number): DiffReport => {
  const kinds = { ...report.kinds }
  for (const { kind } of page.differences) kinds[kind]++
  return {
    scanned: report.scanned + page.scanned,
    rows: report.rows + page.rows,
    tombstones: report.tombstones + page.tombstones,
    readUnits: report.readUnits + page.readUnits,
    total: report.total + page.differences.length,
    kinds,
    differences: [...report.differences, ...page.differences.slice(0, limit - report.differences.length)]
  }
}

/** `differences` in one report. `onPage` hears after each page of what there is so far. */
export const diff = Effect.fnUntraced(function* (a: string, b: string, options: DiffOptions) {
  const { limit, segments, registers, onPage = () => Effect.void } = options
  if (projectionOf(a) !== projectionOf(b)) return yield* new GenerationRefused({ subject: b, reason: "unlike" })
  return yield* Stream.runFoldEffect(
    differences(a, b, segments, registers),
    () => nothing,
    (report, page) => {
      const sum = add(report, page, limit)
      return Effect.as(onPage(sum), sum)
    }
  )
})
