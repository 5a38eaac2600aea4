import { Clock, Effect, Option } from "effect"
import type { Delta } from "../../domain/delta.ts"
import { derivedName, isDerived } from "../../domain/derivation.ts"
import { generation, mergeRow, type Projection } from "../../domain/projection.ts"
import { firstGenerations, readersKey } from "../../domain/readers.ts"
import { emptyRow, type Register, type Row } from "../../domain/row.ts"
import type { Event } from "../../genesys/event.ts"
import { Control } from "../../store/control.ts"
import { EntityIndex } from "../../store/entity-index.ts"
import { ProjectionStore, type RowKey } from "../../store/projection-store.ts"
import { type DerivedUpdate, isUnwritable, rewriteOf } from "../change-row.ts"
import { applyDeltas } from "../derive.ts"
import { foldEntity } from "../fold-entity.ts"
import { Projections } from "../folding.ts"
import { fedProjections, promote, type Readers } from "../generations.ts"
import { mergeDeltas } from "../merge.ts"
import { readEvents } from "../read-events.ts"
import { type Of, type Stale, summarise } from "../summarise.ts"
import type { Discrepancy } from "./discrepancy.ts"
import { generationsInUse, type InUse } from "./in-use.ts"
import { derivedWrong, sourcesNamed } from "./look-at-derived.ts"
import { sayings } from "./look-at-events.ts"
import { rowsWrong, summaryWrong } from "./look-at-rows.ts"
import { readAudited, recheck } from "./recheck.ts"

/** How often a row is rewritten that others write at the same time. */
const MAX_ROUNDS = 20

/** How the events of an entity are found: by the index where one is given, and else in the whole store, by so many readers side by side. */
export interface Finding {
  readonly index?: EntityIndex["Service"]
  readonly segments: number
}

/** Whether mending needs all events of the entity, and so without an index the whole event store. */
export const needsEvents = ({ kind }: Discrepancy): boolean => kind === "unexplained"

/** What became of a discrepancy. `healed`: it was gone already. `left`: it is as it was; what to do about it is in the operations page. */
export type Mended = "mended" | "healed" | "left"

/**
 * Mends one discrepancy, and looks again whether it is gone. All of it is what live writes could do at any time: updates of stored events
 * are merged, what follows from rows is derived again. A register that no event explains cannot be merged away: its row is written anew, with what the
 * entity's events say and what of it they explain, on condition that nobody has written it meanwhile. A row of which nothing is left
 * becomes a tombstone.
 */
export const mend = Effect.fnUntraced(function* (one: Discrepancy, by: string, finding: Finding) {
  const generations = yield* generationsInUse
  const before = yield* recheck(generations, one)
  if (before === undefined) return "healed" as const
  yield* mendOne(generations, one, by, finding)
  const after = yield* recheck(yield* generationsInUse, one)
  return after === undefined ? ("mended" as const) : ("left" as const)
})

const mendOne = Effect.fnUntraced(function* (generations: InUse, one: Discrepancy, by: string, finding: Finding) {
  const { generation: projection, entity, row } = one
  if (one.kind === "pointer") return yield* point(projection, by)
  if (entity === undefined) return
  if (one.kind === "entryMissing" || one.kind === "entryExtra") return yield* mendEntry(one)
  const of = generations.inUse.find((other) => generation(other) === projection)
  if (of === undefined) return
  if (one.kind === "summary") return yield* deriveSummary(projection, entity)
  if (row === undefined) return
  const key = { projection, entity, row }
  if (one.kind === "update") yield* mergeUpdate(of, one, key, finding)
  else if (one.kind === "derived") yield* deriveAgain(generations, one, key)
  else {
    const was = yield* rewrite(of, key, one.kind === "unexplained" ? finding : undefined)
    const names = was === undefined ? [] : [...was.registers.keys()]
    // A row of which nothing was left has lost what derives for it as well.
    for (const source of was === undefined ? [] : sourcesNamed(generations.links, of, was))
      yield* deriveAgain(generations, { names, source }, key)
  }
  yield* follow(generations, of, entity)
})

/** What follows from the rows of an entity, which have changed: rows of others, and its summary. */
const follow = Effect.fnUntraced(function* (generations: InUse, of: Projection<Event>, entity: string) {
  const { found } = yield* derivedWrong(generations.links, { generation: generation(of), entity })
  for (const one of found) {
    const { generation: projection, entity: whose, row } = one
    if (whose === undefined || row === undefined) continue
    yield* deriveAgain(generations, one, { projection, entity: whose, row })
  }
  if ((yield* summaryWrong(of, entity)).length > 0) yield* deriveSummary(generation(of), entity)
})

const ofListed = Effect.map(Projections, (all): Of => {
  const byGeneration = new Map(all.map((projection) => [generation(projection), projection]))
  return (name) => byGeneration.get(name)
})

/** Merges deltas into rows, and derives what follows. */
const apply = Effect.fnUntraced(function* (deltas: ReadonlyArray<Delta>) {
  const { stale } = yield* applyDeltas(deltas, yield* fedProjections)
  yield* summarise(stale, yield* ofListed)
})

const asDeltas = (key: RowKey, registers: Row): ReadonlyArray<Delta> =>
  [...registers].map(([register, { value, stamp }]) => ({ ...key, register, value, stamp, late: false }))

/**
 * Merges what an event says into its rows; and what all other events of the entity say of the row, where an index tells which these are: a
 * row that was missing as a whole lacks more than one.
 */
const mergeUpdate = Effect.fnUntraced(function* (
  of: Projection<Event>,
  { eventId }: Discrepancy,
  key: RowKey,
  { index }: Finding
) {
  const { stored } = yield* readEvents(eventId === undefined ? [] : [eventId])
  yield* apply((yield* sayings(yield* fedProjections, stored)).flatMap((event): ReadonlyArray<Delta> => event.deltas))
  if (index !== undefined) yield* apply(asDeltas(key, yield* foldedRow(of, key, { index, segments: 1 })))
})

const deriveSummary = Effect.fnUntraced(function* (projection: string, entity: string) {
  const of = (yield* ofListed)(projection)
  const rows = yield* (yield* ProjectionStore).rows(projection, entity)
  const latest = Math.max(0, ...rows.flatMap(({ row, asOf }) => (of?.summary?.reads(row) === true ? [asOf] : [])))
  const stale: Stale = { projection, entity, latest }
  yield* summarise(new Map([[`${projection}:${entity}`, stale]]), yield* ofListed)
})

/** Derives a register again from the rows of its source. */
const deriveAgain = Effect.fnUntraced(function* (
  { links }: InUse,
  { names = [], source }: Pick<Discrepancy, "names" | "source">,
  key: RowKey
) {
  const following = links.filter(
    (link) => generation(link.target) === key.projection && generation(link.source) === source?.generation
  )
  if (following.length === 0 || source === undefined) return
  const held = (yield* (yield* ProjectionStore).rows(source.generation, source.entity)).filter(
    ({ registers }) => registers.size > 0
  )
  const rows = new Map(held.map(({ row, registers }) => [row, registers] as const))
  const updates = following
    .filter(({ derivation }) => names.includes(derivedName(derivation, source.entity)))
    .map(({ derivation }): DerivedUpdate => {
      const made = derivation.rows(source.entity, rows).find((one) => one.entity === key.entity && one.row === key.row)
      return {
        ...key,
        register: derivedName(derivation, source.entity),
        of: made?.of ?? (() => undefined),
        source: { derivation, projection: source.generation, entity: source.entity, reads: "all" }
      }
    })
  const { stale } = yield* mergeDeltas([], yield* ofListed, 0, undefined, updates)
  yield* summarise(stale, yield* ofListed)
})

/**
 * Writes a row anew from its registers; with `finding` from what the events of its entity say and of its own what they explain. Returns the
 * row as it was, where it was written.
 */
const rewrite = Effect.fnUntraced(function* (of: Projection<Event>, key: RowKey, finding: Finding | undefined) {
  const store = yield* ProjectionStore
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const held = yield* readAudited(key)
    if (held === undefined) return undefined
    const { stored, row } = held
    const found = yield* rowsWrong(of, [row])
    const wrong = new Set(found.flatMap(({ kind, names = [] }) => (kind === "unexplained" ? names : [])))
    const sound = [...stored.registers].filter(([name]) => !wrong.has(name))
    const registers = finding === undefined ? stored.registers : yield* explained(of, key, sound, finding)
    const write = rewriteOf(of, key, registers, stored, yield* Clock.currentTimeMillis)
    if (isUnwritable(write)) return undefined
    const [written] = yield* store.save([write])
    if (written !== "conflict") return row
  }
  return undefined
})

/** What all events of an entity say of a row. */
const foldedRow = Effect.fnUntraced(function* (
  of: Projection<Event>,
  { entity, row }: RowKey,
  { index, segments }: Finding
) {
  const { rows } = yield* foldEntity(of, entity, { segments, ...(index === undefined ? {} : { index }) })
  return new Map([...(rows.get(row) ?? emptyRow)].filter(([name]) => !isDerived(name))) as Row
})

/** The same, with those of its registers that are explained. */
const explained = Effect.fnUntraced(function* (
  of: Projection<Event>,
  key: RowKey,
  sound: ReadonlyArray<readonly [name: string, register: Register]>,
  finding: Finding
) {
  const own = sound.filter(([name]) => !isDerived(name))
  const merged = mergeRow(of, key.row, yield* foldedRow(of, key, finding), own)
  return merged.size === 0 ? emptyRow : (new Map([...merged, ...sound.filter(([name]) => isDerived(name))]) as Row)
})

const mendEntry = Effect.fnUntraced(function* (one: Discrepancy) {
  const index = Option.getOrUndefined(yield* Effect.serviceOption(EntityIndex))
  const { generation: projection, entity, eventId, received } = one
  if (index === undefined || entity === undefined || eventId === undefined || received === undefined) return
  const entries = [{ projection, entity, eventId, received }]
  yield* one.kind === "entryMissing" ? index.add(entries) : index.remove(entries)
})

/** Lets readers use a generation that is fed: what they used before, if it is one, and else the first that is listed. */
const point = Effect.fnUntraced(function* (name: string, by: string) {
  const projections = (yield* fedProjections).filter((one) => one.name === name)
  const { value } = yield* (yield* Control).read(readersKey(name))
  const previous = (value as Readers | null | undefined)?.previous
  const generations = projections.map(generation)
  const to =
    previous !== undefined && generations.includes(previous) ? previous : firstGenerations(projections).get(name)
  if (to !== undefined) yield* Effect.result(promote(to, by))
})
