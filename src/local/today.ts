import { agentIntervals } from "../../projections/agent-intervals.ts"
import { queueIntervals } from "../../projections/queue-intervals.ts"
import { intervalKey } from "../domain/interval.ts"
import { generation, type Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { type AgentToday, agentTodayOf } from "../wallboard/agent-today.ts"
import { type DayRows, makeCalendar, makeDayRows, makeToday, type Today } from "../wallboard/today.ts"
import type { Captured } from "./capture.ts"
import type { Stack } from "./stack.ts"
import { followTable } from "./tables.ts"

export interface DayOptions {
  /** Epoch ms. */
  readonly now: () => number
  readonly timeZone: string
  /** Since when events are heard, epoch ms, if that is known. */
  readonly heardFrom?: number
}

const isFolded = (captured: Captured, projection: Projection<Event>): boolean =>
  captured.projections.some((p) => generation(p) === generation(projection))

/** Follows the rows of `queue-intervals` of this day, from what the table holds on. Undefined where the stack does not fold them. */
export const followToday = async (
  captured: Captured,
  stack: Pick<Stack, "operator" | "dynamodb">,
  { now, timeZone, heardFrom }: DayOptions
): Promise<Today | undefined> => {
  if (!isFolded(captured, queueIntervals)) return undefined
  let table: (() => DayRows) | undefined
  const calendar = makeCalendar(now, timeZone, () => table?.().begin())
  const rows = await followTable(captured, stack, queueIntervals, () => makeDayRows(calendar.first))
  table = rows
  return makeToday(calendar, rows, heardFrom)
}

/** For so long before a day its beginning is looked for, ms: something changes for an agent in every day. */
const BEFORE_MS = 86_400_000

/** Follows the rows of `agent-intervals`, and returns what tells an agent's day. Undefined where the stack does not fold them. */
export const followAgentsToday = async (
  captured: Captured,
  stack: Pick<Stack, "operator" | "dynamodb">,
  { now, timeZone }: DayOptions
): Promise<((agentId: string) => AgentToday) | undefined> => {
  if (!isFolded(captured, agentIntervals)) return undefined
  let table: (() => DayRows) | undefined
  const calendar = makeCalendar(now, timeZone, () => table?.().begin())
  const first = () => intervalKey(calendar.since() - BEFORE_MS)
  const rows = await followTable(captured, stack, agentIntervals, () => makeDayRows(first))
  table = rows
  return (agentId) => {
    const { since } = calendar.turn()
    return agentTodayOf([...rows().rowsOf(agentId).values()], since, now())
  }
}
