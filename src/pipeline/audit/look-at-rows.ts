import { Clock, Effect } from "effect"
import type { Delta } from "../../domain/delta.ts"
import type { EventId } from "../../domain/ids.ts"
import { canonical } from "../../domain/json.ts"
import { type EntityRow, generation, type Projection } from "../../domain/projection.ts"
import type { Event } from "../../genesys/event.ts"
import { ProjectionStore } from "../../store/projection-store.ts"
import { readEvents } from "../read-events.ts"
import { tried } from "../tried.ts"
import { type AuditedRow, isExpired, isSummary, namedEvents, ownProblems, unexplainedRegisters } from "./check-row.ts"
import type { Discrepancy } from "./discrepancy.ts"
import { sayings } from "./look-at-events.ts"
import { AuditLimits } from "./settings.ts"

/** Of rows of one generation the registers that no stored event explains. */
const unexplained = Effect.fnUntraced(function* (of: Projection<Event>, rows: ReadonlyArray<AuditedRow>) {
  const { eventsKeptMs } = yield* AuditLimits
  const eventsSince = (yield* Clock.currentTimeMillis) - eventsKeptMs
  const ids = [...new Set(rows.flatMap(({ registers }) => namedEvents(registers)))]
  const { stored, gone } = yield* readEvents(ids)
  const said = yield* sayings([of], stored)
  const decoded = new Set(said.map(({ eventId }) => eventId))
  const updates = new Map<string, Map<EventId, Array<Delta>>>()
  for (const { eventId, deltas } of said)
    for (const delta of deltas) {
      const name = JSON.stringify([delta.entity, delta.row])
      const ofRow = updates.get(name) ?? new Map<EventId, Array<Delta>>()
      updates.set(name, ofRow.set(eventId, [...(ofRow.get(eventId) ?? []), delta]))
    }
  /** Nothing can be said of an event whose body is gone, or which this version does not decode, or which has left the store. */
  const isUnknown = (eventId: EventId, published: number) =>
    gone.has(eventId) || (stored.has(eventId) ? !decoded.has(eventId) : published < eventsSince)
  return rows.flatMap(({ entity, row, registers, version }): ReadonlyArray<Discrepancy> => {
    const found = unexplainedRegisters(of, row, registers, updates.get(JSON.stringify([entity, row])) ?? new Map())
    const told = found.filter(
      ([name, eventId]) => !isUnknown(eventId, registers.get(name)?.stamp.published ?? Number.POSITIVE_INFINITY)
    )
    const [first] = told
    return first === undefined
      ? []
      : [
          {
            kind: "unexplained",
            generation: generation(of),
            entity,
            row,
            names: told.map(([name]) => name),
            eventId: first[1],
            version
          }
        ]
  })
})

/** What of rows of one generation does not follow from themselves, or from the events that they name. */
export const rowsWrong = Effect.fnUntraced(function* (of: Projection<Event>, rows: ReadonlyArray<AuditedRow>) {
  const now = yield* Clock.currentTimeMillis
  const held = rows.filter((row) => !isExpired(row, now))
  const own = held.flatMap((row) =>
    ownProblems(of, row).map(
      (problem): Discrepancy => ({
        ...problem,
        generation: generation(of),
        entity: row.entity,
        row: row.row,
        version: row.version
      })
    )
  )
  return [...own, ...(yield* unexplained(of, held))]
})

/** The open rows of an entity that a summary reads, as the pipeline reads them, and what follows from them. */
export const summaryWrong = Effect.fnUntraced(function* (of: Projection<Event>, entity: string) {
  const store = yield* ProjectionStore
  const name = generation(of)
  const summary = of.summary?.of
  if (summary === undefined) return []
  const seen = yield* store.summary(name, entity)
  const open: ReadonlyArray<EntityRow> = yield* store.open(name, entity)
  const columns = tried("summary", () => summary(open, seen.columns))
  if (columns._tag === "Failure" || (seen.version > 0 && canonical(columns.success) === canonical(seen.columns)))
    return []
  return [{ kind: "summary", generation: name, entity, version: seen.version } satisfies Discrepancy as Discrepancy]
})

/** The entities of rows of which a summary is kept. */
export const summarisedEntities = (of: Projection<Event>, rows: ReadonlyArray<AuditedRow>): ReadonlyArray<string> => [
  ...new Set(
    rows
      .filter(({ row, registers }) => !isSummary(of, row) && registers.size > 0 && of.summary?.reads(row) === true)
      .map(({ entity }) => entity)
  )
]
