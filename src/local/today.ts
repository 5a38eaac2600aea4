import { figuresOf, judgedWaits, type ServiceLevelRule } from "../../projections/queue-figures.ts"
import { queueIntervals } from "../../projections/queue-intervals.ts"
import { dayOf, INTERVAL_MS, intervalKey, intervalOf } from "../domain/interval.ts"
import { type Columns, generation } from "../domain/projection.ts"
import type { ReadRow } from "../store/projection-store.ts"
import type { Captured } from "./capture.ts"
import type { Stack } from "./stack.ts"
import { followTable } from "./tables.ts"
import type { AgentFigures, DayFigures, Quarter } from "./view/day-figures.ts"

/** What happened in the queues today. */
export interface Today {
  /** When the day began, epoch ms, by that time zone. */
  readonly since: () => number
  readonly timeZone: string
  /** The figures of a queue; the same value until one of its rows is written. */
  readonly of: (queueId: string, rule: ServiceLevelRule) => DayFigures
  /** The figures of an agent over all queues, and of the waits nothing. */
  readonly ofAgent: (agentId: string) => AgentFigures
  /** The figures of its quarters of an hour, the first of the day first. */
  readonly quarters: (queueId: string, rule: ServiceLevelRule) => ReadonlyArray<Quarter>
}

const NO_ROWS: ReadonlyMap<string, Columns> = new Map()

const withJudged = (rows: ReadonlyArray<Columns>, rule: ServiceLevelRule): DayFigures => {
  const figures = figuresOf(rows, rule)
  return { ...figures, judged: judgedWaits(figures, rule) }
}

/** The rows of each queue since the beginning of a day. Rows of earlier days are let go. */
const makeRows = (first: () => string) => {
  const held = new Map<string, Map<string, Columns>>()
  const figures = new Map<string, DayFigures>()
  const put = (queueId: string, { row, columns }: ReadRow) => {
    if (row < first()) return
    const rows = held.get(queueId) ?? new Map<string, Columns>()
    held.set(queueId, rows.set(row, columns))
    figures.delete(queueId)
  }
  return {
    put,
    wrote: put,
    rowsOf: (queueId: string): ReadonlyMap<string, Columns> => held.get(queueId) ?? NO_ROWS,
    rowsOfAgent: (agentId: string): ReadonlyArray<Columns> =>
      [...held.values()].flatMap((rows) => [...rows.values()].filter(({ userId }) => userId === agentId)),
    figures,
    begin: () => {
      for (const rows of held.values()) for (const row of rows.keys()) if (row < first()) rows.delete(row)
      figures.clear()
    }
  }
}

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
  let quarter = Number.NaN
  let since = dayOf(now(), timeZone)
  let first = intervalKey(since)
  const table = await followTable(captured, stack, queueIntervals, () => makeRows(() => first))
  const turn = () => {
    if (intervalOf(now()) === quarter) return
    quarter = intervalOf(now())
    const begins = dayOf(quarter, timeZone)
    if (begins === since) return
    since = begins
    first = intervalKey(since)
    table().begin()
  }
  return {
    since: () => {
      turn()
      return since
    },
    timeZone,
    of: (queueId, rule) => {
      turn()
      const { figures, rowsOf } = table()
      const known = figures.get(queueId) ?? withJudged([...rowsOf(queueId).values()], rule)
      figures.set(queueId, known)
      return known
    },
    ofAgent: (agentId) => {
      turn()
      const { handled, averageHandleMs, notAnswered, transferred } = figuresOf(table().rowsOfAgent(agentId))
      return { handled, notAnswered, transferred, ...(averageHandleMs === undefined ? {} : { averageHandleMs }) }
    },
    quarters: (queueId, rule) => {
      turn()
      const byQuarter = new Map<number, Array<Columns>>()
      for (let at = since; at <= quarter; at += INTERVAL_MS) byQuarter.set(at, [])
      for (const columns of table().rowsOf(queueId).values())
        byQuarter.get(Date.parse(String(columns.interval)))?.push(columns)
      return [...byQuarter].map(([from, rows]) => ({ from, ...withJudged(rows, rule) }))
    }
  }
}
