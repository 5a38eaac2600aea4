import { Clock, Effect, Option, Result } from "effect"
import type { Delta } from "../../domain/delta.ts"
import { foldEvent } from "../../domain/fold-event.ts"
import type { EventId } from "../../domain/ids.ts"
import { generation, type Projection } from "../../domain/projection.ts"
import { decodeStored } from "../../genesys/decoder.ts"
import type { Event } from "../../genesys/event.ts"
import { type EntityEntry, EntityIndex } from "../../store/entity-index.ts"
import type { StoredEvent } from "../../store/event-store.ts"
import { ProjectionStore, type RowKey, rowKey } from "../../store/projection-store.ts"
import { entriesOf } from "../entity-entries.ts"
import { Projections, SettleWindow } from "../folding.ts"
import { readEvents } from "../read-events.ts"
import { missingUpdates, type Stated } from "./check-row.ts"
import type { Discrepancy } from "./discrepancy.ts"
import { AuditLimits } from "./settings.ts"

/** A stored event, and what it says of generations. */
export interface SaidEvent extends Omit<Stated, "deltas"> {
  readonly deltas: ReadonlyArray<Delta>
}

/** What stored events say of these generations. An event that this version cannot decode is left out: append quarantines such. */
export const sayings = Effect.fnUntraced(function* (
  of: ReadonlyArray<Projection<Event>>,
  stored: ReadonlyMap<EventId, StoredEvent>
) {
  const window = yield* SettleWindow
  return [...stored].flatMap(([eventId, { envelope, received }]): ReadonlyArray<SaidEvent> => {
    const decoded = Result.try(() => decodeStored(envelope, received))
    if (Result.isFailure(decoded) || Result.isFailure(decoded.success)) return []
    const event = decoded.success.success
    return [{ eventId, received, published: event.published, deltas: foldEvent(of, event, window).deltas }]
  })
})

/** The updates of one event, row by row. */
export const byRow = (event: SaidEvent): ReadonlyArray<Stated> =>
  [...Map.groupBy(event.deltas, rowKey).values()].map((deltas) => ({ ...event, deltas }))

const keyOf = ({ projection, entity, row }: RowKey): RowKey => ({ projection, entity, row })

/** The updates of events that are not in their rows. */
export const updatesMissing = Effect.fnUntraced(function* (
  inUse: ReadonlyArray<Projection<Event>>,
  said: ReadonlyArray<SaidEvent>,
  consistent = false
) {
  const store = yield* ProjectionStore
  const now = yield* Clock.currentTimeMillis
  const of = new Map(inUse.map((projection) => [generation(projection), projection]))
  const rows = said.flatMap(byRow)
  if (rows.length === 0) return []
  const keys = new Map(rows.map(({ deltas: [delta] }) => [rowKey(delta as Delta), keyOf(delta as Delta)]))
  const stored = yield* store.load([...keys.values()], consistent)
  return rows.flatMap((stated): ReadonlyArray<Discrepancy> => {
    const { projection, entity, row } = stated.deltas[0] as Delta
    const held = stored.get(rowKey({ projection, entity, row }))
    if (held?.unreadable !== undefined) return []
    const names = missingUpdates(of.get(projection) as Projection<Event>, held, stated, now)
    return names.length === 0
      ? []
      : [{ kind: "update", generation: projection, entity, row, names, eventId: stated.eventId }]
  })
})

const entryDiscrepancy = (kind: "entryMissing" | "entryExtra", entry: EntityEntry): Discrepancy => ({
  kind,
  generation: entry.projection,
  entity: entry.entity,
  eventId: entry.eventId,
  received: entry.received
})

/** The entries that the index by entity lacks of events, where there is one. `since` (epoch ms): from when on it is told of events. */
export const entriesMissing = Effect.fnUntraced(function* (said: ReadonlyArray<SaidEvent>, since: number) {
  const index = Option.getOrUndefined(yield* Effect.serviceOption(EntityIndex))
  const expected = entriesOfSaid(
    yield* Projections,
    said.filter(({ received }) => received > since)
  )
  if (index === undefined || expected.length === 0) return []
  return (yield* index.missing(expected)).map((entry) => entryDiscrepancy("entryMissing", entry))
})

/** What the index by entity is told of events. */
export const entriesOfSaid = (projections: ReadonlyArray<Projection<Event>>, said: ReadonlyArray<SaidEvent>) =>
  entriesOf(
    projections,
    said.flatMap(({ deltas }) => deltas),
    said.map(({ eventId: id, received }) => ({ event: { id }, received }))
  )

/** Whether an event has had time to be in all its rows. */
export const isSettled = Effect.fnUntraced(function* () {
  const { settledMs } = yield* AuditLimits
  const now = yield* Clock.currentTimeMillis
  return ({ received }: { readonly received: number }) => received < now - settledMs
})

/** What of stored events is not as it should be: their updates in rows, and their entries in the index by entity. */
export const lookAtEvents = Effect.fnUntraced(function* (
  inUse: ReadonlyArray<Projection<Event>>,
  stored: ReadonlyMap<EventId, StoredEvent>,
  indexedSince: number
) {
  const settled = yield* isSettled()
  const due = new Map([...stored].filter(([, event]) => settled(event)))
  const listed = yield* Projections
  const said = yield* sayings(listed, due)
  const used = new Set(inUse.map(generation))
  const ofUse = said.map((event) => ({
    ...event,
    deltas: event.deltas.filter(({ projection }) => used.has(projection))
  }))
  return [...(yield* updatesMissing(inUse, ofUse)), ...(yield* entriesMissing(said, indexedSince))]
})

/** The entries of the index by entity of which no event is stored, and what of their events is not in its rows. */
export const lookAtEntries = Effect.fnUntraced(function* (
  inUse: ReadonlyArray<Projection<Event>>,
  entries: ReadonlyArray<EntityEntry>,
  indexedSince: number
) {
  const { eventsKeptMs } = yield* AuditLimits
  const eventsSince = (yield* Clock.currentTimeMillis) - eventsKeptMs
  const settled = yield* isSettled()
  const due = entries.filter((entry) => settled(entry) && entry.received >= eventsSince)
  const { stored, gone } = yield* readEvents([...new Set(due.map(({ eventId }) => eventId))])
  const extra = due.filter(({ eventId }) => !stored.has(eventId) && !gone.has(eventId))
  return [
    ...extra.map((entry) => entryDiscrepancy("entryExtra", entry)),
    ...(yield* lookAtEvents(inUse, stored, indexedSince))
  ]
})
