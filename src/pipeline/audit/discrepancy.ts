import type { EntityId, EventId } from "../../domain/ids.ts"

/**
 * What an audit tells apart, by what is to be done about it.
 *
 * `update`: an update of a stored event is not in its row, or the row is missing. `unexplained`: a row holds a register that no stored
 * event explains, or is a row too many. `columns`: columns do not follow from the registers. `tombstone`: a closed row has no expiry, or
 * an open one has. `openIndex`: the index of open rows has a row too many or too few. `derived`: a register does not follow from the
 * rows that it derives from. `summary`: a summary does not follow from the open rows. `entryMissing`, `entryExtra`: the index by entity
 * lacks an event, or names one that says nothing of the entity. `pointer`: readers use a generation that is not listed, or is retired.
 */
export const DISCREPANCY_KINDS = [
  "update",
  "unexplained",
  "columns",
  "tombstone",
  "openIndex",
  "derived",
  "summary",
  "entryMissing",
  "entryExtra",
  "pointer"
] as const
export type DiscrepancyKind = (typeof DISCREPANCY_KINDS)[number]

/**
 * One thing that is not what the events say. `generation` names the table (`agents-v2`); of an entry and of a pointer it is the name of
 * the projection. `names` are registers, or columns, or of a pointer the generation that it names. `eventId`: the event that is not in the
 * row, that the register names, or that the entry is of; `received` is the arrival that the entry tells (epoch ms). `version`: of the row when it was read; `source`: the entity that a derived
 * register follows from.
 */
export interface Discrepancy {
  readonly kind: DiscrepancyKind
  readonly generation: string
  readonly entity?: EntityId
  readonly row?: string
  readonly names?: ReadonlyArray<string>
  readonly eventId?: EventId
  readonly received?: number
  readonly version?: number
  readonly source?: { readonly generation: string; readonly entity: EntityId }
}

/** The text by which a discrepancy is known again, whatever was written meanwhile. */
export const discrepancyKey = ({ kind, generation, entity, row, eventId, names, source }: Discrepancy): string =>
  JSON.stringify([
    kind,
    generation,
    entity,
    row,
    kind === "update" || kind === "entryMissing" || kind === "entryExtra" ? eventId : undefined,
    kind === "derived" ? [names, source?.entity] : undefined
  ])
