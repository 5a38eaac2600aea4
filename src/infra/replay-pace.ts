import { SCANNED_BYTES_A_UNIT } from "../domain/prices.ts"
import type { Capacity } from "./capacity.ts"

/**
 * Write units a row takes at most, about: for the row, for its copy in the index, and for a share of its entity's summary. Rows are held
 * to the rate of events, so that it does not matter here how many events meet in one.
 */
const UNITS_PER_ROW = 2.5

/** What an item takes at most that is read for its columns: an event of the average size with nothing deflated. */
const itemUnits = (averageEventBytes: number): number => averageEventBytes / SCANNED_BYTES_A_UNIT

/**
 * Events per second that all functions of a replay may fold together, so that neither the reads of the event table nor the writes of a
 * projection table take more than `sharePercent` of what the table has warm. At least one.
 */
export const replayPace = (
  { eventTable, projectionTable }: Pick<Capacity, "eventTable" | "projectionTable">,
  averageEventBytes: number,
  sharePercent: number
): number => {
  const most = Math.min(eventTable.reads / itemUnits(averageEventBytes), projectionTable.writes / UNITS_PER_ROW)
  return Math.max(1, Math.floor((most * sharePercent) / 100))
}
