import { Clock, Effect, Option } from "effect"
import { generation } from "../../domain/projection.ts"
import { EntityIndex } from "../../store/entity-index.ts"
import { ProjectionStore, type RowKey, rowKey } from "../../store/projection-store.ts"
import { SettleWindow } from "../folding.ts"
import { readEvents } from "../read-events.ts"
import type { AuditedRow } from "./check-row.ts"
import { type Discrepancy, discrepancyKey } from "./discrepancy.ts"
import { generationsInUse, type InUse } from "./in-use.ts"
import { derivedWrong } from "./look-at-derived.ts"
import { sayings, updatesMissing } from "./look-at-events.ts"
import { rowsWrong, summaryWrong } from "./look-at-rows.ts"

/** How often a row is read that changes between two reads of it. */
const MAX_READS = 3

/** A row as it is now, by consistent reads; undefined where there is none, or it changes all the time, and then it is as others write it. */
export const readAudited = Effect.fnUntraced(function* (key: RowKey) {
  const store = yield* ProjectionStore
  for (let read = 0; read < MAX_READS; read++) {
    const stored = (yield* store.load([key], true)).get(rowKey(key))
    const shown = (yield* store.read([key])).get(rowKey(key))
    if (stored === undefined || shown === undefined || stored.unreadable !== undefined) return undefined
    if (stored.version !== shown.version) continue
    const { registers, version, open, expiresAt } = stored
    const row: AuditedRow = {
      entity: key.entity,
      row: key.row,
      registers,
      version,
      open,
      columns: shown.columns,
      asOf: shown.asOf,
      ...(expiresAt === undefined ? {} : { expiresAt })
    }
    return { stored, row }
  }
  return undefined
})

/** How long after its last event a source is compared with what follows from it: until then that is being written. */
const QUIET_MS = 60_000

/** A row of a discrepancy; undefined where it is of no row. */
const rowOf = ({ generation: projection, entity, row }: Discrepancy): RowKey | undefined =>
  entity === undefined || row === undefined ? undefined : { projection, entity, row }

const eventOf = Effect.fnUntraced(function* ({ eventId }: Discrepancy) {
  return (yield* readEvents(eventId === undefined ? [] : [eventId])).stored
})

/** Looks once more, by consistent reads, at what was seen to be wrong: the same of it that is wrong now. */
const again = Effect.fnUntraced(function* ({ inUse, links }: InUse, one: Discrepancy) {
  const of = inUse.find((projection) => generation(projection) === one.generation)
  const key = rowOf(one)
  switch (one.kind) {
    case "pointer":
      return (yield* generationsInUse).wrong
    case "entryMissing":
    case "entryExtra":
      return yield* entryAgain(one)
    case "update":
      return of === undefined ? [] : yield* updatesMissing([of], yield* sayings([of], yield* eventOf(one)), true)
    case "summary": {
      const found = of === undefined || one.entity === undefined ? [] : yield* summaryWrong(of, one.entity)
      // A summary that was written since was derived anew.
      return found.filter(({ version }) => version === one.version)
    }
    case "derived": {
      if (key === undefined || one.source === undefined) return []
      const { found, latest } = yield* derivedWrong(links, one.source, { ...key, generation: key.projection })
      const { settle } = yield* SettleWindow
      return found.length > 0 && (yield* Clock.currentTimeMillis) < latest + settle + QUIET_MS ? undefined : found
    }
    case "unexplained":
    case "columns":
    case "tombstone":
    case "openIndex": {
      const held = of === undefined || key === undefined ? undefined : yield* readAudited(key)
      return of === undefined || held === undefined ? [] : yield* rowsWrong(of, [held.row])
    }
  }
})

const entryAgain = Effect.fnUntraced(function* (one: Discrepancy) {
  const index = Option.getOrUndefined(yield* Effect.serviceOption(EntityIndex))
  const { generation: projection, entity, eventId, received } = one
  if (index === undefined || entity === undefined || eventId === undefined || received === undefined) return []
  const isMissing = (yield* index.missing([{ projection, entity, eventId, received }])).length > 0
  const { stored, gone } = yield* readEvents([eventId])
  const isWrong = one.kind === "entryMissing" ? isMissing && stored.has(eventId) : !isMissing && !stored.has(eventId)
  return isWrong && !gone.has(eventId) ? [one] : []
})

/** The discrepancy as it is now; undefined where it is gone. `unknown`: what it follows from is being written. */
export const recheck = Effect.fnUntraced(function* (generations: InUse, one: Discrepancy) {
  const found = yield* again(generations, one)
  if (found === undefined) return "unknown" as const
  const key = discrepancyKey(one)
  return found.find((other) => discrepancyKey(other) === key)
})
