import { Clock, Effect } from "effect"
import { figuresOf } from "../../projections/queue-figures.ts"
import { dayOf, INTERVAL_MS, intervalKey, intervalOf } from "../domain/interval.ts"
import { iso } from "../domain/stamp.ts"
import type { QueueReport } from "./answers.ts"
import { BadOption } from "./errors.ts"
import type { IntervalOptions } from "./options.ts"
import { ruleOf, type ServiceLevels } from "./service-level.ts"
import { checkId } from "./settings.ts"
import { QUEUE_INTERVALS, type Source } from "./source.ts"
import type { Answer, View } from "./view.ts"

/** Rows are deleted after five weeks, so that nobody is told that nothing happened before. In ms. */
const LONGEST_MS = 35 * 86_400_000

const MINUTES = [15, 30, 60] as const

/** The boundary of an interval, epoch ms. */
const boundary = (field: string, given: unknown) => {
  const at = given instanceof Date ? given.getTime() : typeof given === "string" ? Date.parse(given) : Number.NaN
  return Number.isFinite(at) && at === intervalOf(at)
    ? Effect.succeed(at)
    : new BadOption({
        field,
        problem: `is ${String(given)}; it must be a Date or an ISO-8601 text at a quarter of an hour, such as 2026-05-06T10:15:00Z`
      })
}

const checkOptions = Effect.fnUntraced(function* ({ minutes = 15, mediaType }: IntervalOptions) {
  if (!MINUTES.includes(minutes))
    return yield* new BadOption({ field: "minutes", problem: `is ${minutes}; it must be one of ${MINUTES.join(", ")}` })
  if (mediaType !== undefined && (typeof mediaType !== "string" || mediaType === ""))
    return yield* new BadOption({
      field: "mediaType",
      problem: `is ${JSON.stringify(mediaType)}; it must be a medium as Genesys spells it, such as VOICE`
    })
  return { stepMs: minutes * 60_000, mediaType }
})

/** The calls that sum what happened in a queue over time. */
export const makeIntervals = (source: Source, answer: Answer, levels: ServiceLevels) => {
  const report = Effect.fnUntraced(function* (
    op: "interval" | "today",
    queueId: string,
    options: IntervalOptions,
    [start, end]: readonly [number, number]
  ) {
    yield* checkId("queueId", queueId, "a queue")
    const { stepMs, mediaType } = yield* checkOptions(options)
    const rule = ruleOf(levels, queueId)
    const read = (view: View) =>
      Effect.gen(function* () {
        const from = yield* view.from(QUEUE_INTERVALS)
        const found = yield* source.rows(from, queueId, { first: intervalKey(start), last: intervalKey(end) })
        const rows = found
          .map(({ columns }) => columns)
          .filter((columns) => mediaType === undefined || columns.mediaType === mediaType)
        const { readAt, settledThrough } = view
        // An interval that has not begun is none yet.
        const until = Math.min(end, intervalOf(readAt) + INTERVAL_MS)
        const starts = Array.from(
          { length: Math.max(0, Math.ceil((until - start) / stepMs)) },
          (_, i) => start + i * stepMs
        )
        const spans = starts.map((at) => [at, Math.min(at + stepMs, end)] as const)
        const groups = spans.map(([at, to]) => ({
          from: iso(at),
          to: iso(to),
          settled: settledThrough !== undefined && settledThrough >= to,
          ...figuresOf(rowsIn(rows, iso(at), iso(to)), rule)
        }))
        const all: QueueReport = {
          queueId,
          from: iso(start),
          to: iso(end),
          ...figuresOf(rows, rule),
          rule,
          intervals: groups,
          ...(settledThrough === undefined ? {} : { settledThrough: iso(settledThrough) }),
          generation: from.generation,
          readAt: iso(readAt)
        }
        return all
      })
    return yield* answer(op, options, read, QUEUE_INTERVALS.name)
  })

  const interval = Effect.fnUntraced(function* (
    queueId: string,
    from: string | Date,
    to: string | Date,
    options: IntervalOptions = {}
  ) {
    const [start, end] = [yield* boundary("from", from), yield* boundary("to", to)]
    if (end <= start || end - start > LONGEST_MS)
      return yield* new BadOption({
        field: "to",
        problem: `is ${iso(end)}; it must be later than from, by 35 days at most`
      })
    return yield* report("interval", queueId, options, [start, end])
  })

  const today = Effect.fnUntraced(function* (queueId: string, timeZone: string, options: IntervalOptions = {}) {
    const now = yield* Clock.currentTimeMillis
    const start = yield* Effect.try({
      try: () => dayOf(now, timeZone),
      catch: () =>
        new BadOption({
          field: "timeZone",
          problem: `is ${JSON.stringify(timeZone)}; it must be the name of a time zone, such as Europe/Berlin`
        })
    })
    return yield* report("today", queueId, options, [start, intervalOf(now) + INTERVAL_MS])
  })

  return { interval, today }
}

/** The rows of intervals that begin from one time (ISO-8601) until another. */
function rowsIn<R extends { readonly interval?: unknown }>(rows: ReadonlyArray<R>, from: string, to: string) {
  return rows.filter(({ interval }) => String(interval) >= from && String(interval) < to)
}
