import { Clock, Effect } from "effect"
import { STATE_ROW } from "../../domain/projection.ts"
import type { Row } from "../../domain/row.ts"
import { ProjectionStore, type RowKey, rowKey } from "../../store/projection-store.ts"
import type { Held } from "./answers.ts"

/** Entities of which rows are read at a time. */
const AT_ONCE = 32

/** The names of an entity's open rows. */
export const openRows = Effect.fnUntraced(function* (projection: string, entity: string) {
  const store = yield* ProjectionStore
  return (yield* store.open(projection, entity)).map(({ row }) => row)
})

/** The same of many, by entity. */
export const openOf = (projection: string, entities: ReadonlyArray<string>) =>
  Effect.map(
    Effect.forEach(entities, (entity) => openRows(projection, entity), { concurrency: AT_ONCE }),
    (all) => new Map(entities.map((entity, i) => [entity, all[i] ?? []]))
  )

/** An entity, and rows that it is asked for besides `state` and those that are open. */
export interface Wanted {
  readonly entity: string
  readonly rows: ReadonlyArray<string>
}

/**
 * The rows of entities as they are after this call began. One that nothing can be told of is absent: nothing is then known, and what
 * is stated of it changes nothing that is sound.
 */
export const readHeld = Effect.fnUntraced(function* (
  projection: string,
  wanted: ReadonlyArray<Wanted>,
  heard: number | undefined
) {
  const store = yield* ProjectionStore
  const read = yield* Clock.currentTimeMillis
  const open = yield* openOf(
    projection,
    wanted.map(({ entity }) => entity)
  )
  const keysOf = ({ entity, rows }: Wanted): ReadonlyArray<RowKey> =>
    [...new Set([STATE_ROW, ...(open.get(entity) ?? []), ...rows])].map((row) => ({ projection, entity, row }))
  const keys = wanted.map(keysOf)
  const loaded = yield* store.load(keys.flat(), true)
  return new Map(
    wanted.map(({ entity }, i): readonly [string, Held] => {
      const rows = new Map<string, Row>()
      for (const key of keys[i] ?? []) {
        const registers = loaded.get(rowKey(key))?.registers
        if (registers !== undefined && registers.size > 0) rows.set(key.row, registers)
      }
      return [entity, { rows, read, ...(heard === undefined ? {} : { heard }) }]
    })
  )
})
