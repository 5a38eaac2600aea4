import { Effect } from "effect"
import { agentFiguresOf, spansOf, tellsBoth } from "../../projections/agent-figures.ts"
import { figuresOf } from "../../projections/queue-figures.ts"
import { intervalKey } from "../domain/interval.ts"
import type { Columns } from "../domain/projection.ts"
import { iso } from "../domain/stamp.ts"
import type { AgentReport, QueueReport } from "./answers.ts"
import { BadOption } from "./errors.ts"
import type { AgentIntervalOptions, IntervalOptions } from "./options.ts"
import { makeReports } from "./reports.ts"
import { ruleOf, type ServiceLevels } from "./service-level.ts"
import { AGENT_INTERVALS, type Found, type From, QUEUE_INTERVALS, type Source } from "./source.ts"
import type { Answer } from "./view.ts"

/**
 * How many rows before the time that is asked for are read, until they tell what the agent was in when it began. A row is a quarter of an
 * hour in which something changed, so all of them are a day on which something always does. What began before is not known.
 */
const LOOKED_BACK = [4, 20, 84] as const

/** Sorts before every interval. */
const FIRST_KEY = "0"

const columnsOf = (rows: ReadonlyArray<Found>): ReadonlyArray<Columns> => rows.map(({ columns }) => columns)

/**
 * The rows of `agent-intervals` of an agent from one time until another (epoch ms, at quarters of an hour), and of as much before as tells
 * what the agent was in at the beginning: about half a read unit.
 */
export const agentRows = Effect.fnUntraced(function* (
  source: Pick<Source, "rows">,
  from: From,
  agentId: string,
  [start, end]: readonly [start: number, end: number]
) {
  const before = Effect.gen(function* () {
    const last = intervalKey(start - 1)
    let rows: ReadonlyArray<Columns> = []
    for (const most of LOOKED_BACK) {
      rows = columnsOf(yield* source.rows(from, agentId, { first: FIRST_KEY, last, most }))
      if (rows.length < most || tellsBoth(rows)) break
    }
    return rows
  })
  const within = source.rows(from, agentId, { first: intervalKey(start), last: intervalKey(end - 1) })
  const [rows, earlier] = yield* Effect.all([Effect.map(within, columnsOf), before], { concurrency: 2 })
  return { rows, earlier }
})

/** The calls that sum what happened in a queue, or what an agent did, over time. */
export const makeIntervals = (source: Source, answer: Answer, levels: ServiceLevels) => {
  const [interval, today] = makeReports<QueueReport, IntervalOptions>(
    answer,
    ["interval", "today"],
    QUEUE_INTERVALS,
    "a queue",
    Effect.fnUntraced(function* (from, queueId, [start, end], { mediaType }) {
      if (mediaType !== undefined && (typeof mediaType !== "string" || mediaType === ""))
        return yield* new BadOption({
          field: "mediaType",
          problem: `is ${JSON.stringify(mediaType)}; it must be a medium as Genesys spells it, such as VOICE`
        })
      const rule = ruleOf(levels, queueId)
      const found = yield* source.rows(from, queueId, { first: intervalKey(start), last: intervalKey(end) })
      const rows = columnsOf(found).filter((columns) => mediaType === undefined || columns.mediaType === mediaType)
      return {
        figures: (at, to) => figuresOf(rowsIn(rows, at, to), rule),
        more: { rule }
      }
    })
  )

  const [agentInterval, agentToday] = makeReports<AgentReport, AgentIntervalOptions>(
    answer,
    ["agentInterval", "agentToday"],
    AGENT_INTERVALS,
    "an agent",
    Effect.fnUntraced(function* (from, agentId, [start, end], _, readAt) {
      const { rows, earlier } = yield* agentRows(source, from, agentId, [start, end])
      const spans = spansOf([...earlier, ...rows], start, Math.min(end, readAt))
      return {
        figures: (at, to) => agentFiguresOf(rowsIn(rows, at, to), spans, at, to),
        more: { spans: spans.map((span) => ({ ...span, from: iso(span.from), to: iso(span.to) })) }
      }
    })
  )

  return { interval, today, agentInterval, agentToday }
}

/** The rows of intervals that begin from one time (epoch ms) until another. */
const rowsIn = (rows: ReadonlyArray<Columns>, from: number, to: number): ReadonlyArray<Columns> =>
  rows.filter(({ interval }) => String(interval) >= iso(from) && String(interval) < iso(to))
