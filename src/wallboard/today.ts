import { figuresOf, judgedWaits, type ServiceLevelRule } from "../../projections/queue-figures.ts"
import { dayOf, INTERVAL_MS, intervalKey, intervalOf } from "../domain/interval.ts"
import type { Columns } from "../domain/projection.ts"
import { comparisons } from "./reported.ts"
import type { Comparison } from "./view/comparison.ts"
import type { AgentFigures, DayFigures, Quarter } from "./view/day-figures.ts"

/** What happened in the queues today. */
export interface Today {
  /** When the day began, epoch ms, by that time zone. */
  readonly since: () => number
  readonly timeZone: string
  /** The figures of a queue; the same value until one of its rows is written. */
  readonly of: (queueId: string, rule: ServiceLevelRule) => DayFigures
  /** The figures of an agent over all queues, and of the waits nothing; the same value until one of the rows is written. */
  readonly ofAgent: (agentId: string) => AgentFigures
  /** The figures of its quarters of an hour, the first of the day first. */
  readonly quarters: (queueId: string, rule: ServiceLevelRule) => ReadonlyArray<Quarter>
  /** What the rows of a queue say that Genesys reports, beside what is counted here; see `comparisons`. */
  readonly compared: (
    queueId: string,
    rule: ServiceLevelRule,
    rows: Parameters<typeof comparisons>[0]
  ) => ReadonlyArray<Comparison>
}

const NO_ROWS: ReadonlyMap<string, Columns> = new Map()

const withJudged = (rows: ReadonlyArray<Columns>, rule: ServiceLevelRule): DayFigures => {
  const figures = figuresOf(rows, rule)
  return { ...figures, judged: judgedWaits(figures, rule) }
}

/** The rows of each queue or agent since the row key `first`, which moves when another day begins. Rows of earlier days are let go. */
export const makeDayRows = (first: () => string) => {
  const held = new Map<string, Map<string, Columns>>()
  const figures = new Map<string, DayFigures>()
  /** The rows in which an agent is named, by queue and row, and what they say. */
  const ofAgents = new Map<string, Map<string, Columns>>()
  const agentFigures = new Map<string, AgentFigures>()
  const putOfAgent = (agentId: string, key: string, columns: Columns) => {
    const rows = ofAgents.get(agentId) ?? new Map<string, Columns>()
    ofAgents.set(agentId, rows.set(key, columns))
    agentFigures.delete(agentId)
  }
  const put = (queueId: string, { row, columns }: { readonly row: string; readonly columns: Columns }) => {
    if (row < first()) return
    if (typeof columns.userId === "string") putOfAgent(columns.userId, `${row} ${queueId}`, columns)
    const rows = held.get(queueId) ?? new Map<string, Columns>()
    held.set(queueId, rows.set(row, columns))
    figures.delete(queueId)
  }
  return {
    put,
    wrote: put,
    rowsOf: (queueId: string): ReadonlyMap<string, Columns> => held.get(queueId) ?? NO_ROWS,
    rowsOfAgent: (agentId: string): ReadonlyArray<Columns> => [...(ofAgents.get(agentId)?.values() ?? [])],
    figures,
    agentFigures,
    begin: () => {
      for (const all of [held, ofAgents])
        for (const rows of all.values()) for (const key of rows.keys()) if (key < first()) rows.delete(key)
      figures.clear()
      agentFigures.clear()
    }
  }
}

export type DayRows = ReturnType<typeof makeDayRows>

/** The day by a time zone. `now` is epoch ms; `onTurn` is called when another day has begun. Throws where there is no such time zone. */
export const makeCalendar = (now: () => number, timeZone: string, onTurn: () => void) => {
  let quarter = Number.NaN
  let since = dayOf(now(), timeZone)
  return {
    timeZone,
    first: () => intervalKey(since),
    since: () => since,
    /** When the day began; the quarter of an hour that goes on. Both epoch ms. */
    turn: (): { readonly since: number; readonly quarter: number } => {
      if (intervalOf(now()) !== quarter) {
        quarter = intervalOf(now())
        const begins = dayOf(quarter, timeZone)
        if (begins !== since) {
          since = begins
          onTurn()
        }
      }
      return { since, quarter }
    }
  }
}

/** What the rows of a day say, by a calendar that turns with them. `heardFrom`: since when events are heard, epoch ms, if that is known. */
export const makeToday = (
  calendar: ReturnType<typeof makeCalendar>,
  rows: () => DayRows,
  heardFrom?: number
): Today => ({
  since: () => calendar.turn().since,
  timeZone: calendar.timeZone,
  of: (queueId, rule) => {
    calendar.turn()
    const { figures, rowsOf } = rows()
    const known = figures.get(queueId) ?? withJudged([...rowsOf(queueId).values()], rule)
    figures.set(queueId, known)
    return known
  },
  ofAgent: (agentId) => {
    calendar.turn()
    const { agentFigures, rowsOfAgent } = rows()
    const known = agentFigures.get(agentId)
    if (known !== undefined) return known
    const { handled, averageHandleMs, notAnswered, transferred } = figuresOf(rowsOfAgent(agentId))
    const made = { handled, notAnswered, transferred, ...(averageHandleMs === undefined ? {} : { averageHandleMs }) }
    agentFigures.set(agentId, made)
    return made
  },
  quarters: (queueId, rule) => {
    const { since, quarter } = calendar.turn()
    const byQuarter = new Map<number, Array<Columns>>()
    for (let at = since; at <= quarter; at += INTERVAL_MS) byQuarter.set(at, [])
    for (const columns of rows().rowsOf(queueId).values())
      byQuarter.get(Date.parse(String(columns.interval)))?.push(columns)
    return [...byQuarter].map(([from, rows]) => ({ from, ...withJudged(rows, rule) }))
  },
  compared: (queueId, rule, reported) =>
    comparisons(reported, [...rows().rowsOf(queueId).values()], calendar.turn().since, rule, heardFrom)
})
