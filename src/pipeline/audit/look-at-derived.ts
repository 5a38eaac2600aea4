import { Clock, Effect, Result } from "effect"
import { type Derivation, derivedName } from "../../domain/derivation.ts"
import { generation, type Projection, STATE_ROW } from "../../domain/projection.ts"
import { DERIVED, emptyRow, type Register, type Row, sameRegister } from "../../domain/row.ts"
import type { Event } from "../../genesys/event.ts"
import { ProjectionStore, rowKey } from "../../store/projection-store.ts"
import type { Links } from "../sources.ts"
import { tried } from "../tried.ts"
import { type AuditedRow, isExpired } from "./check-row.ts"
import type { Discrepancy } from "./discrepancy.ts"

/** An entity from whose rows registers of others follow. */
export interface DerivedFrom {
  readonly generation: string
  readonly entity: string
}

/** How much of the life of a tombstone counts as recent: rows that are younger have lost none of those that they follow from. */
const RECENT_SHARE = 0.75

const isRecent = (registers: Row, since: number): boolean =>
  [...registers].every(
    ([name, { stamp }]) => name.startsWith(DERIVED) || stamp.published === 0 || stamp.published > since
  )

const latestIn = (rows: Iterable<Row>): number =>
  Math.max(
    0,
    ...[...rows].flatMap((row) => [...row.values()].map(({ stamp }) => Math.max(stamp.published, stamp.clock)))
  )

/**
 * The registers of rows in use that do not follow from the rows of an entity, as they are now. Only of rows that are younger than a
 * tombstone lives, on both sides: what older ones followed from may have been deleted. `latest`: when the entity was last told of (epoch ms).
 * `only`: one row of a target, which need not follow from the entity at all.
 */
export const derivedWrong = Effect.fnUntraced(function* (
  links: Links,
  from: DerivedFrom,
  only?: { readonly generation: string; readonly entity: string; readonly row: string }
) {
  const store = yield* ProjectionStore
  const now = yield* Clock.currentTimeMillis
  const following = links.filter((link) => generation(link.source) === from.generation)
  const source = following[0]?.source
  const nothing = { found: [] as ReadonlyArray<Discrepancy>, latest: 0 }
  if (source === undefined) return nothing
  const rows = new Map(
    (yield* store.rows(from.generation, from.entity))
      .filter((row) => row.registers.size > 0 && !isExpired(row, now))
      .map(({ row, registers }) => [row, registers] as const)
  )
  // All that it was told of may have been deleted, unless a row was told of it a short while ago.
  if (rows.size === 0 && only === undefined) return nothing
  const sourceIsRecent = [...rows].every(
    ([row, registers]) =>
      (row === STATE_ROW && !source.closed(row, registers)) ||
      isRecent(registers, now - source.tombstoneSeconds * 1_000 * RECENT_SHARE)
  )
  const wanted = following.flatMap((link) => expectedOf(link, from.entity, rows))
  const unlisted = only === undefined ? [] : unlistedOf(following, from.entity, only, wanted)
  const expected = [...wanted, ...unlisted].filter(
    ({ target, entity, row }) =>
      only === undefined || (generation(target) === only.generation && entity === only.entity && row === only.row)
  )
  if (expected.length === 0) return nothing
  const keys = expected.map(({ target, entity, row }) => ({ projection: generation(target), entity, row }))
  const held = yield* store.load([...new Map(keys.map((key) => [rowKey(key), key])).values()], true)
  const found = expected.flatMap(({ target, derivation, entity, row, of }): ReadonlyArray<Discrepancy> => {
    const stored = held.get(rowKey({ projection: generation(target), entity, row }))
    if (stored?.unreadable !== undefined) return []
    const isThere = stored !== undefined && !isExpired(stored, now)
    const own = isThere ? stored.registers : emptyRow
    const stays = derivation.sourceOf?.(row) !== undefined
    const name = derivedName(derivation, from.entity)
    const recent = now - target.tombstoneSeconds * 1_000 * RECENT_SHARE
    const toldRecently = rows.size > 0 || (own.get(name)?.stamp.published ?? 0) > recent
    if (!stays && !(sourceIsRecent && toldRecently && isRecent(own, recent))) return []
    const made = tried("derived", () => of(own))
    if (Result.isFailure(made) || isEqual(own.get(name), made.success)) return []
    // What would be a tombstone may have been deleted.
    if (!isThere && made.success !== undefined && target.closed(row, new Map([[name, made.success]]))) return []
    return [
      {
        kind: "derived",
        generation: generation(target),
        entity,
        row,
        names: [name],
        source: from
      } satisfies Discrepancy
    ]
  })
  return { found, latest: latestIn(rows.values()) }
})

const isEqual = (a: Register | undefined, b: Register | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameRegister(a, b)

interface Expected {
  readonly target: Projection<Event>
  readonly derivation: Derivation
  readonly entity: string
  readonly row: string
  readonly of: (own: Row) => Register | undefined
}

const expectedOf = (
  { target, derivation }: Links[number],
  source: string,
  rows: ReadonlyMap<string, Row>
): ReadonlyArray<Expected> =>
  Result.getOrElse(
    tried("derived.rows", () => derivation.rows(source, rows).map((row) => ({ ...row, target, derivation }))),
    () => []
  )

/** A row that names an entity it does not follow from. */
const unlistedOf = (
  links: Links,
  entity: string,
  only: { readonly generation: string; readonly entity: string; readonly row: string },
  wanted: ReadonlyArray<Expected>
): ReadonlyArray<Expected> =>
  links
    .filter(
      ({ target, derivation }) =>
        generation(target) === only.generation &&
        !wanted.some((one) => one.derivation === derivation && one.entity === only.entity && one.row === only.row)
    )
    .map(({ target, derivation }) => ({
      target,
      derivation,
      entity: only.entity,
      row: only.row,
      of: () => undefined,
      source: entity
    }))

/** The entities that derived registers of a row follow from, by their names, by the row's, or by its own entity. */
export const sourcesNamed = (
  links: Links,
  of: Projection<Event>,
  { entity, row, registers }: AuditedRow
): ReadonlyArray<DerivedFrom> =>
  links.flatMap(({ target, derivation, source }) => {
    if (target !== of) return []
    const prefix = `${DERIVED}${derivation.register} `
    const held = [...registers.keys()]
    const named =
      derivation.shared === true
        ? held.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
        : held.includes(DERIVED + derivation.register)
          ? [derivation.sourceOf?.(row) ?? (derivation.from === of.name ? entity : undefined)]
          : []
    return named.flatMap((id) => (id === undefined ? [] : [{ generation: generation(source), entity: id }]))
  })
