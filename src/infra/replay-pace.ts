import type { Capacity } from "./capacity.ts"

/** Counted over the simulated centre: updates of one generation that an event makes, each of which may be a write of its own. */
const WRITES_PER_EVENT = 2.5

/** A scan that is not consistent reads twice 4 KB for a unit. */
const BYTES_PER_READ = 8_192

/** What an item takes at most that is read for its columns: an event of the average size with nothing deflated. */
const itemUnits = (averageEventBytes: number): number => averageEventBytes / BYTES_PER_READ

/**
 * Events per second that all functions of a replay may fold together, so that neither the reads of the event table nor the writes of a
 * projection table take more than `sharePercent` of what the table has warm. At least one.
 */
export const replayPace = (
  { eventTable, projectionTable }: Pick<Capacity, "eventTable" | "projectionTable">,
  averageEventBytes: number,
  sharePercent: number
): number => {
  const most = Math.min(eventTable.reads / itemUnits(averageEventBytes), projectionTable.writes / WRITES_PER_EVENT)
  return Math.max(1, Math.floor((most * sharePercent) / 100))
}
