import { Clock, Effect } from "effect"
import { settledAt } from "../../domain/watermark.ts"
import { type Names, NO_NAMES } from "../../wallboard/names.ts"
import type { RowChange } from "../../wallboard/row-change.ts"
import { DAY_EVERY_MS, makeDay, WHOLE_DAY_EVERY_MS } from "./day.ts"
import type { FailedRead } from "./failed-read.ts"
import type { Measured } from "./price.ts"
import type { Listed, Reads, Sources } from "./reads.ts"
import { makeRounds, type Who } from "./rounds.ts"

/** How often the directory is read again, ms. */
export const NAMES_EVERY_MS = 600_000

/** After a failure the next reading waits longer each time, up to so many ms. */
const LONGEST_PAUSE_MS = 30_000

export interface PollingOptions {
  readonly everySeconds: number
  /** Whether the figures of the day are shown. */
  readonly withDay: boolean
  readonly timeZone: string
  /** The only queues that are shown, with their members; all that the directory lists unless given. */
  readonly queues?: ReadonlyArray<string>
  readonly onChange: (change: RowChange) => void
}

const idsOf = (listed: ReadonlyArray<Listed>) => listed.map(({ id }) => id)

/** What is shown of a stack, read by polling, and how that goes. Its times are epoch ms. */
export const makePolling = Effect.fnUntraced(function* (reads: Reads, options: PollingOptions) {
  const { everySeconds, withDay, timeZone, onChange } = options
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const rounds = makeRounds(reads, onChange)
  const day = withDay ? makeDay(reads, now, timeZone) : undefined
  let who: Who = { queues: options.queues ?? [], agents: [] }
  let names: Names = NO_NAMES
  let sources: Sources | undefined
  let readAt = 0
  let problem: string | undefined
  let [namesAt, dayAt, wholeDayAt] = [0, 0, 0]

  const spentBy = Effect.fnUntraced(function* <A, E>(effect: Effect.Effect<A, E>) {
    const before = reads.spent()
    const value = yield* effect
    return { value, units: reads.spent() - before }
  })

  const readNames = Effect.gen(function* () {
    const [queues, agents] = [yield* reads.list("queues"), yield* reads.list("agents")]
    const known = [...queues, ...agents].flatMap(({ id, name }) => (name === undefined ? [] : [[id, name] as const]))
    names = new Map(known)
    if (options.queues === undefined) who = { queues: idsOf(queues), agents: idsOf(agents) }
    namesAt = now()
  })

  const readDay = (from: Sources["intervals"]) =>
    Effect.gen(function* () {
      if (day === undefined || from === undefined) return
      const isWhole = now() - wholeDayAt >= WHOLE_DAY_EVERY_MS
      yield* isWhole ? day.whole(from, who.queues) : day.latest(from, who.queues)
      dayAt = now()
      if (isWhole) wholeDayAt = dayAt
    })

  const readAll = Effect.gen(function* () {
    if (now() - namesAt >= NAMES_EVERY_MS) yield* readNames
    sources = yield* reads.sources(withDay)
    yield* rounds.round(sources, who)
    if (now() - dayAt >= DAY_EVERY_MS) yield* readDay(sources.intervals)
    readAt = now()
  })

  return {
    now,
    everySeconds,
    document: () => ({ agents: rounds.agents.list(), queues: rounds.queues.list() }),
    names: () => names,
    who: () => who,
    sources: () => sources,
    ...(day === undefined ? {} : { today: day.today }),
    readAt: () => readAt,
    problem: () => problem,
    settledThrough: () => sources?.level && settledAt(sources.level, now()),
    /** Reads who there is and what they do, once, and the last quarter of an hour, and says what each part took. */
    measure: Effect.gen(function* () {
      const listed = yield* spentBy(readNames)
      const context = yield* spentBy(reads.sources(withDay))
      sources = context.value
      const round = yield* rounds.round(sources, who)
      const { intervals } = sources
      const quarter =
        day === undefined || intervals === undefined
          ? undefined
          : (yield* day.lastQuarter(intervals, who.queues)).flatMap(({ rows }) => rows)
      readAt = now()
      const measured: Measured = {
        round,
        context: context.units,
        names: listed.units,
        ...(day === undefined || quarter === undefined
          ? {}
          : {
              day: {
                rows: quarter.length,
                sessions: quarter.filter(({ columns }) => columns.participant === "user").length,
                quarters: day.quarters()
              }
            }),
        spent: reads.spent()
      }
      return measured
    }),
    /** Reads again and again, and never ends. What fails is told once and tried again. */
    follow: (onProblem: (problem: string | undefined) => Effect.Effect<void>) =>
      Effect.gen(function* () {
        let failures = 0
        for (;;) {
          const began = now()
          const failed: FailedRead | undefined = yield* readAll.pipe(
            Effect.as(undefined),
            Effect.catchTag("FailedRead", (error) => Effect.succeed(error))
          )
          failures = failed === undefined ? 0 : failures + 1
          if (failed?.message !== problem) {
            problem = failed?.message
            yield* onProblem(problem)
          }
          const pause = Math.min(LONGEST_PAUSE_MS, everySeconds * 1_000 * 2 ** failures)
          yield* Effect.sleep(Math.max(0, (failures === 0 ? everySeconds * 1_000 : pause) - (now() - began)))
        }
      })
  }
})

export type Polling = Effect.Success<ReturnType<typeof makePolling>>
