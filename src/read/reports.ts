import { Clock, Effect } from "effect"
import { dayOf, INTERVAL_MS, intervalOf } from "../domain/interval.ts"
import { iso } from "../domain/stamp.ts"
import type { AgentReport, QueueReport } from "./answers.ts"
import { BadOption, type ReadError } from "./errors.ts"
import type { AgentIntervalOptions } from "./options.ts"
import { checkId } from "./settings.ts"
import type { From, Projection } from "./source.ts"
import type { Answer, View } from "./view.ts"

/** From one boundary of an interval to another, epoch ms. */
type Range = readonly [start: number, end: number]

/** Rows are deleted after five weeks, so that nobody is told that nothing happened before. In ms. */
const LONGEST_MS = 35 * 86_400_000

const MINUTES = [15, 30, 60] as const

/** `Date.parse` also takes what is no ISO-8601 text: `1` is January 2001, and a text without a zone is of the machine's. */
const ISO = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/

/** The boundary of an interval, epoch ms. */
const boundary = (field: string, given: unknown) => {
  const at =
    given instanceof Date
      ? given.getTime()
      : typeof given === "string" && ISO.test(given)
        ? Date.parse(given)
        : Number.NaN
  return Number.isFinite(at) && at === intervalOf(at)
    ? Effect.succeed(at)
    : new BadOption({
        field,
        problem: `is ${String(given)}; it must be a Date or an ISO-8601 text at a quarter of an hour, such as 2026-05-06T10:15:00Z`
      })
}

/** The time that is asked for. */
const boundaries = Effect.fnUntraced(function* (from: unknown, to: unknown) {
  const [start, end] = [yield* boundary("from", from), yield* boundary("to", to)]
  if (end <= start || end - start > LONGEST_MS)
    return yield* new BadOption({
      field: "to",
      problem: `is ${iso(end)}; it must be later than from, by 35 days at most`
    })
  const range: Range = [start, end]
  return range
})

/** From the beginning of this day in a time zone to the end of this interval. */
const thisDay = Effect.fnUntraced(function* (timeZone: string) {
  const now = yield* Clock.currentTimeMillis
  const start = yield* Effect.try({
    try: () => dayOf(now, timeZone),
    catch: () =>
      new BadOption({
        field: "timeZone",
        problem: `is ${JSON.stringify(timeZone)}; it must be the name of a time zone, such as Europe/Berlin`
      })
  })
  const range: Range = [start, intervalOf(now) + INTERVAL_MS]
  return range
})

/** The length of the intervals that are listed, in ms. */
const stepOf = (minutes: (typeof MINUTES)[number] = 15) =>
  MINUTES.includes(minutes)
    ? Effect.succeed(minutes * 60_000)
    : new BadOption({ field: "minutes", problem: `is ${minutes}; it must be one of ${MINUTES.join(", ")}` })

/** The intervals that are listed: an interval that has not begun by `readAt` (epoch ms) is none yet. */
const stepsOf = ([start, end]: Range, stepMs: number, readAt: number): ReadonlyArray<Range> => {
  const until = Math.min(end, intervalOf(readAt) + INTERVAL_MS)
  const count = Math.max(0, Math.ceil((until - start) / stepMs))
  return Array.from({ length: count }, (_, i) => [start + i * stepMs, Math.min(start + (i + 1) * stepMs, end)] as const)
}

type Report = AgentReport | QueueReport
type Figures<R extends Report> = Omit<R["intervals"][number], "from" | "to" | "settled">
type Frame = "agentId" | "queueId" | "from" | "to" | "intervals" | "settledThrough" | "generation" | "readAt" | "names"

/** What was read for a report: the figures of any part of its time, and what the report has besides. */
interface Loaded<R extends Report> {
  readonly figures: (from: number, to: number) => Figures<R>
  readonly more: Omit<R, Frame | keyof Figures<R>>
}

/**
 * Two calls that report on an agent or a queue, by the names in `ops`: from one quarter of an hour until another, and today. `what` the id
 * is of, for those who give none.
 */
export const makeReports = <R extends Report, O extends AgentIntervalOptions>(
  answer: Answer,
  ops: readonly [interval: string, today: string],
  projection: Projection,
  what: string,
  load: (from: From, id: string, range: Range, options: O, readAt: number) => Effect.Effect<Loaded<R>, ReadError>
) => {
  const report = Effect.fnUntraced(function* (op: string, id: string, options: O, range: Range) {
    yield* checkId(projection.key, id, what)
    const stepMs = yield* stepOf(options.minutes)
    const read = ({ from: fromOf, readAt, settledThrough }: View) =>
      Effect.gen(function* () {
        const from = yield* fromOf(projection)
        const { figures, more } = yield* load(from, id, range, options, readAt)
        const partOf = ([start, end]: Range) => ({ from: iso(start), to: iso(end), ...figures(start, end) })
        return {
          [projection.key]: id,
          ...partOf(range),
          ...more,
          intervals: stepsOf(range, stepMs, readAt).map((part) => ({
            ...partOf(part),
            settled: settledThrough !== undefined && settledThrough >= part[1]
          })),
          ...(settledThrough === undefined ? {} : { settledThrough: iso(settledThrough) }),
          generation: from.generation,
          readAt: iso(readAt)
        } as unknown as R
      })
    return yield* answer(op, options, read, projection.name)
  })
  const interval = (id: string, from: string | Date, to: string | Date, options = {} as O) =>
    Effect.flatMap(boundaries(from, to), (range) => report(ops[0], id, options, range))
  const today = (id: string, timeZone: string, options = {} as O) =>
    Effect.flatMap(thisDay(timeZone), (range) => report(ops[1], id, options, range))
  return [interval, today] as const
}
