import { Effect, Layer } from "effect"
import { type Columns, STATE_ROW } from "../../domain/projection.ts"
import { emptyRow } from "../../domain/row.ts"
import {
  ProjectionStore,
  ProjectionStoreError,
  RESERVED_COLUMNS,
  type ReadRow,
  type RowWrite,
  rowKey,
  type StoredRow,
  type Written
} from "../projection-store.ts"

type Entity = Map<string, ReadRow>

const refuseReserved = (op: string, columns: Columns) => {
  const name = Object.keys(columns).find((column) => RESERVED_COLUMNS.has(column))
  return name === undefined
    ? Effect.void
    : Effect.fail(new ProjectionStoreError({ op, reason: `ReservedColumn ${name}`, retryable: false }))
}

const toStored = ({ registers, version, columns, expiresAt }: ReadRow): StoredRow => ({
  registers,
  version,
  columns: Object.keys(columns),
  ...(expiresAt === undefined ? {} : { expiresAt })
})

/** Projection tables in memory. `rows` looks inside: the rows of one entity, by name in code-unit order. */
export const memoryProjectionStore = () => {
  const entities = new Map<string, Entity>()
  const tickets = new Map<string, number>()
  const keyOf = (projection: string, entity: string) => rowKey({ projection, entity, row: "" })

  const rows = (projection: string, entity: string): ReadonlyArray<ReadRow> =>
    [...(entities.get(keyOf(projection, entity))?.values() ?? [])].sort((a, b) => (a.row < b.row ? -1 : 1))

  const put = (projection: string, entity: string, row: ReadRow) => {
    const key = keyOf(projection, entity)
    entities.set(key, (entities.get(key) ?? new Map()).set(row.row, row))
  }

  const write = ({ projection, entity, row, registers, columns, asOf, from, expiresAt }: RowWrite): Written => {
    const held = entities.get(keyOf(projection, entity))?.get(row)
    if (held?.version !== from?.version) return "conflict"
    const tombstone = expiresAt === undefined ? {} : { expiresAt }
    put(projection, entity, { row, columns, registers, asOf, version: (from?.version ?? 0) + 1, ...tombstone })
    return "written"
  }

  const layer = Layer.succeed(ProjectionStore, {
    load: (keys) =>
      Effect.sync(() => {
        const found = new Map<string, StoredRow>()
        for (const key of keys) {
          const held = entities.get(keyOf(key.projection, key.entity))?.get(key.row)
          if (held !== undefined) found.set(rowKey(key), toStored(held))
        }
        return found
      }),
    save: (writes) =>
      Effect.andThen(
        Effect.forEach(writes, ({ columns }) => refuseReserved("save", columns), { discard: true }),
        Effect.sync(() => writes.map(write))
      ),
    rows: (projection, entity) => Effect.sync(() => rows(projection, entity)),
    ticket: (projection, entity) =>
      Effect.sync(() => {
        const key = keyOf(projection, entity)
        const ticket = (tickets.get(key) ?? 0) + 1
        tickets.set(key, ticket)
        return ticket
      }),
    summarise: (projection, entity, ticket, columns, asOf) =>
      Effect.andThen(
        refuseReserved("summarise", columns),
        Effect.sync(() => {
          const held = entities.get(keyOf(projection, entity))?.get(STATE_ROW)
          if (held !== undefined && held.version > ticket) return "superseded"
          put(projection, entity, { row: STATE_ROW, columns, registers: emptyRow, asOf, version: ticket })
          return "written"
        })
      )
  })

  return { layer, rows }
}
