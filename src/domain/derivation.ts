import type { EntityId } from "./ids.ts"
import { DERIVED, latestIn, type Register, type Row } from "./row.ts"

export const isDerived = (register: string): boolean => register.startsWith(DERIVED)

/** A row whose derived register follows from the rows that were read. `of` gets the row's own registers. */
export interface DerivedRow {
  readonly entity: string
  readonly row: string
  /** The register's value with the stamp of what decides it; undefined: the row has no such register. */
  readonly of: (own: Row) => Register | undefined
}

/**
 * Which rows of the source entity a derivation reads: all of them, or those that are named, with `open` also those that its table's index
 * `open` holds.
 */
export type SourceRows = "all" | { readonly rows: ReadonlyArray<string>; readonly open: boolean }

/**
 * The second stage of a fold: a register of rows of one projection that follows from the rows of an entity of another (or the same). It is
 * a function of what those rows hold now, so it may take back what it said: what a row was written from is read again after the write,
 * until both agree. So the last writer leaves what follows from the last rows, in any order.
 *
 * `from` is the name of the source projection, and `since` the first version of it whose rows this understands (1). A target follows from
 * one generation: its own where it derives from its own rows, and else the lowest from `since` on that is fed. `reads` says which of the
 * source's rows are needed when some of them were updated, as pairs of row and register; undefined: those do not matter. `sourceOf` names the source entity that a row of the target needs when it is
 * itself updated, where the source was not updated with it. `shared`: one row may follow from several sources, each by a register of its
 * own. A row that once followed from a source must stay among its `rows`: nothing else would take back what it says.
 */
export interface Derivation {
  readonly from: string
  readonly since?: number
  readonly register: string
  readonly shared?: true
  readonly reads: (updated: ReadonlyArray<readonly [row: string, register: string]>) => SourceRows | undefined
  readonly rows: (entity: string, rows: ReadonlyMap<string, Row>) => ReadonlyArray<DerivedRow>
  readonly sourceOf?: (row: string) => string | undefined
}

/** The row with its derived registers put in place of those that it has; the same object where nothing changes. */
export const derive = (
  row: Row,
  registers: ReadonlyMap<string, Register | undefined>,
  same: (a: Register, b: Register) => boolean
): Row => {
  let derived: Map<string, Register> | undefined
  for (const [name, register] of registers) {
    const held = row.get(name)
    if (register === undefined ? held === undefined : held !== undefined && same(held, register)) continue
    derived ??= new Map(row)
    if (register === undefined) derived.delete(name)
    else derived.set(name, register)
  }
  return derived ?? row
}

/** The name of a register that follows from a source. */
export const derivedName = ({ register, shared }: Derivation, source: EntityId): string =>
  shared === true ? `${DERIVED}${register} ${source}` : DERIVED + register

/** What sources say of a row by a derivation's register: of several, the latest. */
export const derivedIn = (row: Row, register: string): Register | undefined => latestIn(row, DERIVED + register)?.[1]
