import type { Delta } from "./delta.ts"
import { derive, derivedName } from "./derivation.ts"
import type { EntityId, Generation } from "./ids.ts"
import { type FoldableEvent, generation, mergeRow, type Projection } from "./projection.ts"
import { emptyRow, type Row, sameRegister } from "./row.ts"
import { linksOf, stagesOf } from "./stages.ts"

/** Derivations that still change something after so many rounds depend on themselves. */
const MAX_ROUNDS = 20

/** The rows of a projection, by entity and by row. */
type Table = Map<string, Map<string, Row>>

/**
 * The rows of projections that derive from each other, as the pipeline leaves them, held in memory. `merge` takes deltas in any order;
 * `derive` adds what follows from all rows together, and is called once after all of them.
 */
export const makeTables = <E extends FoldableEvent>(projections: ReadonlyArray<Projection<E>>) => {
  const byGeneration = new Map(projections.map((projection) => [generation(projection), projection]))
  const tables = new Map<string, Table>()
  const tableOf = (name: Generation): Table => {
    const table = tables.get(name) ?? new Map()
    tables.set(name, table)
    return table
  }
  const rowsOf = (name: Generation, entity: EntityId): Map<string, Row> => {
    const table = tableOf(name)
    const rows = table.get(entity) ?? new Map()
    table.set(entity, rows)
    return rows
  }

  const links = linksOf(projections)

  const follow = (of: Projection<E>): boolean => {
    let changed = false
    for (const { target, derivation, source } of links) {
      if (target !== of) continue
      for (const [entity, rows] of [...tableOf(generation(source))])
        for (const { entity: to, row, of } of derivation.rows(entity, new Map(rows))) {
          const held = rowsOf(generation(target), to)
          const before = held.get(row) ?? emptyRow
          const after = derive(before, new Map([[derivedName(derivation, entity), of(before)]]), sameRegister)
          if (after === before) continue
          held.set(row, after)
          changed = true
        }
    }
    return changed
  }

  return {
    merge: (deltas: Iterable<Delta>): void => {
      for (const { projection, entity, row, register, value, stamp } of deltas) {
        const of = byGeneration.get(projection)
        if (of === undefined) continue
        const rows = rowsOf(projection, entity)
        rows.set(row, mergeRow(of, row, rows.get(row) ?? emptyRow, [[register, { value, stamp }]]))
      }
    },
    derive: (): void => {
      for (const stage of stagesOf(projections))
        for (let round = 0; stage.map(follow).includes(true); round++)
          if (round === MAX_ROUNDS) throw new Error(`${stage.map(generation).join(", ")}: what follows never settles`)
    },
    /** The rows of every entity of a generation. Without those that hold no register. */
    rows: (name: Generation): ReadonlyMap<EntityId, ReadonlyMap<string, Row>> => tableOf(name)
  }
}
