import { queueIntervals } from "../../projections/queue-intervals.ts"
import { generation } from "../domain/projection.ts"
import { type DayRows, makeCalendar, makeDayRows, makeToday, type Today } from "../wallboard/today.ts"
import type { Captured } from "./capture.ts"
import type { Stack } from "./stack.ts"
import { followTable } from "./tables.ts"

/**
 * Follows the rows of `queue-intervals` of this day, from what the table holds on. `now` is epoch ms. Undefined where the stack does not
 * fold them.
 */
export const followToday = async (
  captured: Captured,
  stack: Pick<Stack, "operator" | "dynamodb">,
  now: () => number,
  timeZone: string = new Intl.DateTimeFormat().resolvedOptions().timeZone
): Promise<Today | undefined> => {
  if (!captured.projections.some((p) => generation(p) === generation(queueIntervals))) return undefined
  let table: (() => DayRows) | undefined
  const calendar = makeCalendar(now, timeZone, () => table?.().begin())
  const rows = await followTable(captured, stack, queueIntervals, () => makeDayRows(calendar.first))
  table = rows
  return makeToday(calendar, rows)
}
