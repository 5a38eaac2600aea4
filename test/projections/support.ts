import { type Columns, deriveDeltas, mergeRow, type Projection, STATE_ROW } from "../../src/domain/projection.ts"
import { emptyRow, type Row } from "../../src/domain/row.ts"
import type { Event } from "../../src/genesys/event.ts"
import { foldInOrder, keyOf, type WithSources } from "../../src/testing/fold.ts"
import { type EventSpec, eventOf } from "../../src/testing/index.ts"

export const AGENT = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
export const QUEUE = "d81c5e07-4b9a-42f6-8e13-7a0f6c2b9d35"
export const noon = Date.parse("2026-05-06T12:00:00.000Z")

const window = { settle: 5_000, skew: 300_000 }
let eventIds = 0

/** An event on a topic, published at noon plus `at` ms. Each is an event of its own, even where all else is equal. */
export const event = (topic: string, ids: string | ReadonlyArray<string>, body: object, at = 0, metadata = {}): Event =>
  eventOf({ id: `event-${++eventIds}`, topic, ids, body: body as EventSpec["body"], at: noon + at, metadata })

/** The rows of a projection after some events, in any order: entity, row, columns. */
export const fold = (projection: Projection<Event>, ...events: ReadonlyArray<Event>) => {
  const rows = new Map<string, { entity: string; row: string; registers: Row }>()
  for (const one of events)
    for (const { entity, row, register, value, stamp } of deriveDeltas([projection], one, window)) {
      const key = JSON.stringify([entity, row])
      const held = rows.get(key)?.registers ?? emptyRow
      rows.set(key, { entity, row, registers: mergeRow(projection, row, held, [[register, { value, stamp }]]) })
    }
  const view = (entity: string, row: string): Columns | undefined => {
    const held = rows.get(JSON.stringify([entity, row]))
    return held && projection.view(row, held.registers)
  }
  return {
    view,
    state: (entity: string) => view(entity, STATE_ROW),
    closed: (entity: string, row: string) =>
      projection.closed(row, rows.get(JSON.stringify([entity, row]))?.registers ?? emptyRow),
    keys: () => [...rows.values()].map(({ entity, row }) => `${entity} ${row}`).sort(),
    summary: (entity: string) =>
      projection.summary?.of?.(
        [...rows.values()]
          .filter((one) => one.entity === entity && projection.summary?.reads(one.row))
          .map(({ row, registers }) => ({ row, columns: projection.view(row, registers) })),
        {}
      )
  }
}

/** ISO text of noon plus some ms. */
export const iso = (at: number): string => new Date(noon + at).toISOString()

/** What a row holds once some events have come, by the names of its registers; undefined where there is no such row. */
export const registersOf = (of: WithSources, entity: string, row: string, ...events: ReadonlyArray<Event>) =>
  foldInOrder(of, events).get(keyOf(entity, row))?.registers
