import { SCANNED_BYTES_A_UNIT } from "../domain/prices.ts"
import type { Capacity } from "./capacity.ts"

/** Write units a row takes at most, about: for the row, for its copy in the index, and for a share of its entity's summary. */
const UNITS_PER_ROW = 2.5

/** What an item takes at most that is read for its columns: an event of the average size with nothing compressed. */
const itemUnits = (averageEventBytes: number): number => averageEventBytes / SCANNED_BYTES_A_UNIT

/** What all functions of a replay may do together, each a second. */
export interface ReplayPace {
  /** Events that they read. */
  readonly eventsPerSecond: number
  /** Rows that they write. A replay of many events about one row writes it once, so that this is no bound on events. */
  readonly rowsPerSecond: number
}

/**
 * The pace at which the reads of the event table, and the writes of a projection table, take `sharePercent` of what the table has warm.
 * At least one of each.
 */
export const replayPace = (
  { eventTable, projectionTable }: Pick<Capacity, "eventTable" | "projectionTable">,
  averageEventBytes: number,
  sharePercent: number
): ReplayPace => {
  const share = (most: number) => Math.max(1, Math.floor((most * sharePercent) / 100))
  return {
    eventsPerSecond: share(eventTable.reads / itemUnits(averageEventBytes)),
    rowsPerSecond: share(projectionTable.writes / UNITS_PER_ROW)
  }
}
