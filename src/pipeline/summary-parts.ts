import type { Json } from "../domain/json.ts"
import type { Columns, EntityRow } from "../domain/projection.ts"

/**
 * A summary in parts: rows whose keys begin alike have a part each, so that whoever changed a row reads those of its part again, and no
 * others. `digits`: how many characters of what follows the kind of row (`session#`) tell parts apart. `parts`: by the beginning of the
 * row keys, how many rows there are, and what the summary would be of those alone.
 */
export interface Parts {
  readonly digits: number
  readonly parts: ReadonlyMap<string, { readonly rows: number; readonly columns: Columns }>
}

/** Rows of an entity from which its parts are told apart by a character more, and below which by one less again. */
const [MANY, FEW] = [64, 32]

/** Rows of an index that one read unit holds, more or less. */
const ROWS_A_UNIT = 30

/** The beginning that the key shares with the others of its part. */
export const partOf = (row: string, digits: number): string => {
  const kind = row.indexOf("#") + 1
  return kind === 0 ? row : row.slice(0, kind + digits)
}

export const rowsIn = ({ parts }: Parts): number => [...parts.values()].reduce((sum, { rows }) => sum + rows, 0)

/** How finely so many rows are to be told apart. Between the bounds it stays as it is. */
export const digitsFor = (rows: number, before: number | undefined): number =>
  rows > MANY ? 1 : rows < FEW ? 0 : (before ?? 0)

/**
 * The parts to read again for rows that were touched; undefined where reading all that is open costs no more, or is due because the
 * parts are too coarse or too fine by now.
 */
export const partsToRead = (held: Parts | undefined, touched: ReadonlySet<string> | undefined) => {
  if (held === undefined || touched === undefined) return undefined
  const all = rowsIn(held)
  if (digitsFor(all, held.digits) !== held.digits) return undefined
  const names = [...new Set([...touched].map((row) => partOf(row, held.digits)))]
  const units = (rows: number) => Math.max(1, Math.ceil(rows / ROWS_A_UNIT))
  const cost = names.reduce((sum, name) => sum + units(held.parts.get(name)?.rows ?? 0), 0)
  return cost < units(all) || (cost === units(all) && names.length === 1) ? names : undefined
}

type Summarise = (rows: ReadonlyArray<EntityRow>, before: Columns) => Columns

const part = (of: Summarise, rows: ReadonlyArray<EntityRow>, before: Columns = {}) => ({
  rows: rows.length,
  columns: of(rows, before)
})

/** The parts of all rows. A part whose rows are gone stays: it may remember that there were some. */
export const partsOfAll = (of: Summarise, rows: ReadonlyArray<EntityRow>, held: Parts | undefined): Parts => {
  const digits = digitsFor(rows.length, held?.digits)
  const groups = Map.groupBy(rows, ({ row }) => partOf(row, digits))
  const before = held?.digits === digits ? held.parts : new Map()
  const names = new Set([...before.keys(), ...groups.keys()])
  return {
    digits,
    parts: new Map([...names].sort().map((name) => [name, part(of, groups.get(name) ?? [], before.get(name)?.columns)]))
  }
}

/** The parts with those that were read again in place of what they were. */
export const withParts = (of: Summarise, held: Parts, read: ReadonlyMap<string, ReadonlyArray<EntityRow>>): Parts => ({
  ...held,
  parts: new Map([
    ...held.parts,
    ...[...read].map(([name, rows]) => [name, part(of, rows, held.parts.get(name)?.columns)] as const)
  ])
})

/** As they are kept with the summary of version `version`. */
export const encodeParts = ({ digits, parts }: Parts, version: number): Json => ({
  version,
  digits,
  parts: Object.fromEntries([...parts].map(([name, { rows, columns }]) => [name, [rows, columns]]))
})

/**
 * The inverse; undefined where there are none, or where they are of another version of the summary: whoever wrote that knew nothing of
 * parts.
 */
export const decodeParts = (kept: Json | undefined, version: number): Parts | undefined => {
  const found = kept as
    | {
        readonly version: number
        readonly digits: number
        readonly parts: { readonly [name: string]: readonly [number, Columns] }
      }
    | undefined
  if (found === undefined || found.version !== version) return undefined
  return {
    digits: found.digits,
    parts: new Map(Object.entries(found.parts).map(([name, [rows, columns]]) => [name, { rows, columns }]))
  }
}
