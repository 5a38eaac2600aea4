import { Effect, Layer } from "effect"
import type { Json } from "../../domain/json.ts"
import { type Columns, STATE_ROW } from "../../domain/projection.ts"
import { emptyRow } from "../../domain/row.ts"
import type { Unwritable } from "../../domain/writable.ts"
import {
  isOpen,
  type Page,
  type PlacedRow,
  ProjectionStore,
  RESERVED_COLUMNS,
  type ReadRow,
  type RowWrite,
  reservedColumn,
  rowKey,
  type StoredRow,
  type Written
} from "../projection-store.ts"

/** Few, so that what reads pages has several to read. */
const ROWS_A_PAGE = 25

const shareOf = (entity: string, segments: number): number =>
  [...entity].reduce((sum, char) => sum + (char.codePointAt(0) ?? 0), 0) % segments

interface Held extends ReadRow {
  readonly open: boolean
  readonly parts?: Json
}

type Entity = Map<string, Held>

const reserved = (columns: Columns): Unwritable | undefined => {
  const name = Object.keys(columns).find((column) => RESERVED_COLUMNS.has(column))
  return name === undefined ? undefined : reservedColumn(name)
}

const toStored = ({ registers, version, columns, open, expiresAt, revised }: Held): StoredRow => ({
  registers,
  version,
  columns: Object.keys(columns),
  open,
  ...(expiresAt === undefined ? {} : { expiresAt }),
  ...(revised === undefined ? {} : { revised })
})

/** Projection tables in memory. `rows` looks inside: the rows of one entity, by name in code-unit order. `drop` loses them, or one of them, as people do. */
export const memoryProjectionStore = () => {
  const entities = new Map<string, Entity>()
  const keyOf = (projection: string, entity: string) => rowKey({ projection, entity, row: "" })

  const held = (projection: string, entity: string): ReadonlyArray<Held> =>
    [...(entities.get(keyOf(projection, entity))?.values() ?? [])].sort((a, b) => (a.row < b.row ? -1 : 1))

  const rows = (projection: string, entity: string): ReadonlyArray<ReadRow> =>
    held(projection, entity).map(({ open: _, parts: __, ...row }) => row)

  const put = (projection: string, entity: string, row: Held) => {
    const key = keyOf(projection, entity)
    names.set(key, [projection, entity])
    entities.set(key, (entities.get(key) ?? new Map()).set(row.row, row))
  }

  /** Names of entities by `keyOf`, which hides where one name ends. */
  const names = new Map<string, readonly [projection: string, entity: string]>()

  /** The rows of one share of a table, whole partitions after one another. */
  const placed = (projection: string, segment: number, segments: number): ReadonlyArray<PlacedRow> =>
    [...names.values()]
      .filter(([of, entity]) => of === projection && shareOf(entity, segments) === segment)
      .map(([, entity]) => entity)
      .sort()
      .flatMap((entity) => held(projection, entity).map((row) => ({ entity, ...row })))

  const write = (rowWrite: RowWrite): Written => {
    const { projection, entity, row, registers, columns, asOf, from, expiresAt, revised } = rowWrite
    const refused = reserved(columns)
    if (refused !== undefined) return refused
    const held = entities.get(keyOf(projection, entity))?.get(row)
    if (held?.version !== from?.version) return "conflict"
    const marks = { ...(expiresAt === undefined ? {} : { expiresAt }), ...(revised === undefined ? {} : { revised }) }
    const version = (from?.version ?? 0) + 1
    put(projection, entity, { row, columns, registers, asOf, version, open: isOpen(rowWrite), ...marks })
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
    save: (writes) => Effect.sync(() => writes.map(write)),
    rows: (projection, entity) => Effect.sync(() => rows(projection, entity)),
    open: (projection, entity, prefix = "") =>
      Effect.sync(() =>
        held(projection, entity).flatMap(({ row, columns, open }) =>
          open && row.startsWith(prefix) ? [{ row, columns }] : []
        )
      ),
    read: (keys) =>
      Effect.sync(() => {
        const found = new Map<string, ReadRow>()
        for (const key of keys) {
          const row = rows(key.projection, key.entity).find(({ row }) => row === key.row)
          if (row !== undefined) found.set(rowKey(key), row)
        }
        return found
      }),
    pages: (projection, { segment, segments, cursor, limit = ROWS_A_PAGE }) =>
      Effect.sync((): Page => {
        const [entity, row] = JSON.parse(cursor ?? '["",""]') as [string, string]
        const left = placed(projection, segment, segments).filter(
          (one) => one.entity > entity || (one.entity === entity && one.row > row)
        )
        const page = left.slice(0, Math.min(limit, ROWS_A_PAGE))
        const last = page.at(-1)
        const more = left.length > page.length && last ? { cursor: JSON.stringify([last.entity, last.row]) } : {}
        return { rows: page, ...more, readUnits: 0 }
      }),
    summary: (projection, entity) =>
      Effect.sync(() => {
        const held = entities.get(keyOf(projection, entity))?.get(STATE_ROW)
        return held === undefined
          ? { version: 0, columns: {}, asOf: 0 }
          : {
              version: held.version,
              columns: held.columns,
              asOf: held.asOf,
              revised: held.revised,
              ...(held.parts === undefined ? {} : { parts: held.parts })
            }
      }),
    summarise: (projection, entity, { version }, { columns, asOf, revised, parts }) =>
      Effect.sync((): Written => {
        const refused = reserved(columns)
        if (refused !== undefined) return refused
        if ((entities.get(keyOf(projection, entity))?.get(STATE_ROW)?.version ?? 0) !== version) return "conflict"
        const marks = {
          asOf,
          open: false,
          ...(revised === undefined ? {} : { revised }),
          ...(parts === undefined ? {} : { parts })
        }
        put(projection, entity, { row: STATE_ROW, columns, registers: emptyRow, version: version + 1, ...marks })
        return "written"
      })
  })

  const drop = (projection: string, entity: string, row?: string) => {
    const key = keyOf(projection, entity)
    if (row === undefined) entities.delete(key)
    else entities.get(key)?.delete(row)
  }

  return { layer, rows, drop }
}
