import type { Delta } from "../../src/domain/delta.ts"
import { derivedName } from "../../src/domain/derivation.ts"
import { type Columns, deriveDeltas, mergeRow, type Projection, STATE_ROW } from "../../src/domain/projection.ts"
import { emptyRow, type Row } from "../../src/domain/row.ts"
import type { Event } from "../../src/genesys/event.ts"

const WINDOW = { settle: 5_000, skew: 300_000 }

type Entities = Map<string, Map<string, Row>>

const put = (entities: Entities, entity: string, row: string, registers: Row) => {
  const rows = entities.get(entity) ?? new Map<string, Row>()
  entities.set(entity, rows)
  rows.set(row, registers)
}

/** What a row says, registers in the order of their names. */
const text = (registers: Row): string => JSON.stringify([...registers].sort(([one], [other]) => (one < other ? -1 : 1)))

/**
 * The rows of projections that derive from each other, after some events: each statement is put in its row, and then everything that
 * follows from all rows, over and over until nothing changes. `projections` are in the order in which they follow from each other.
 * Statements that do not pass are left out.
 */
export const foldWhole = (
  projections: ReadonlyArray<Projection<Event>>,
  events: ReadonlyArray<Event>,
  passes = (_: Delta, __: Event) => true
) => {
  const tables = new Map(projections.map(({ name }) => [name, new Map() as Entities]))
  const tableOf = (name: string): Entities => tables.get(name) ?? new Map()
  for (const projection of projections)
    for (const event of events)
      for (const delta of deriveDeltas([projection], event, WINDOW)) {
        if (!passes(delta, event)) continue
        const { entity, row, register, value, stamp } = delta
        const entities = tableOf(projection.name)
        const held = entities.get(entity)?.get(row) ?? emptyRow
        put(entities, entity, row, mergeRow(projection, row, held, [[register, { value, stamp }]]))
      }

  const follow = (): boolean => {
    let changed = false
    for (const { name, derived = [] } of projections)
      for (const derivation of derived)
        for (const [source, rows] of [...tableOf(derivation.from)])
          for (const { entity, row, of } of derivation.rows(source, new Map(rows))) {
            const held = tableOf(name).get(entity)?.get(row) ?? emptyRow
            const register = derivedName(derivation, source)
            const follows = of(held)
            const next = new Map([...held].filter(([other]) => other !== register))
            if (follows !== undefined) next.set(register, follows)
            if (text(next) === text(held)) continue
            put(tableOf(name), entity, row, next)
            changed = true
          }
    return changed
  }
  for (let round = 0; follow(); round++) if (round === 20) throw new Error("what follows from the rows never settles")

  const rowsOf = (name: string, entity: string): ReadonlyMap<string, Row> => tableOf(name).get(entity) ?? new Map()
  return ({ name, view, summary }: Projection<Event>) => ({
    rows: (entity: string) => rowsOf(name, entity),
    view: (entity: string, row: string): Columns | undefined => {
      const registers = rowsOf(name, entity).get(row)
      return registers && view(row, registers)
    },
    state: (entity: string): Columns | undefined => {
      const registers = rowsOf(name, entity).get(STATE_ROW)
      return registers && view(STATE_ROW, registers)
    },
    keys: () =>
      [...tableOf(name)].flatMap(([entity, rows]) => [...rows.keys()].map((row) => `${entity} ${row}`)).sort(),
    summary: (entity: string) =>
      summary?.of?.(
        [...rowsOf(name, entity)]
          .filter(([row]) => summary.reads(row))
          .map(([row, registers]) => ({ row, columns: view(row, registers) })),
        {}
      )
  })
}
