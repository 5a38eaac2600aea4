import { Clock, Effect } from "effect"
import { type Columns, STATE_ROW } from "../../domain/projection.ts"
import { settledAt } from "../../domain/watermark.ts"
import type { Write } from "../../read/change-record.ts"
import { AGENTS, QUEUE_INTERVALS, QUEUES } from "../../read/source.ts"
import { type Names, NO_NAMES } from "../../wallboard/names.ts"
import type { RowChange } from "../../wallboard/row-change.ts"
import { makeAgentDays } from "./agent-today.ts"
import { makeDay, WHOLE_DAY_EVERY_MS } from "./day.ts"
import type { FailedRead } from "./failed-read.ts"
import type { Measured } from "./price.ts"
import type { Listed, Reads, Sources } from "./reads.ts"
import { NAMES_EVERY_MS, type Rhythm } from "./rhythm.ts"
import { makeRounds, type Who } from "./rounds.ts"

/** After a failure the next reading waits longer each time, up to so many ms. */
const LONGEST_PAUSE_MS = 30_000

export interface PollingOptions {
  readonly rhythm: Rhythm
  /** Whether the figures of the day are shown, and those of an agent who is opened. */
  readonly withDay: boolean
  readonly withAgentDays: boolean
  readonly timeZone: string
  /** The only queues that are shown, with their members; all that the directory lists unless given. */
  readonly queues?: ReadonlyArray<string>
  readonly onChange: (change: RowChange) => void
}

const idsOf = (listed: ReadonlyArray<Listed>) => listed.map(({ id }) => id)

const sessionsIn = ({ sessions }: Columns): number => (sessions as ReadonlyArray<unknown>).length

/** The agent with the most sessions: somebody who opens one reads about as much. */
const busiest = (agents: ReadonlyArray<Columns>): string | undefined => {
  const [first] = agents.toSorted((a, b) => sessionsIn(b) - sessionsIn(a))
  return first === undefined ? undefined : String(first.agentId)
}

/** A row that is not there any more counts as one that expires. */
const GONE: { readonly columns: Columns; readonly closed: boolean } = { columns: {}, closed: true }

/** What is shown of a stack, as it is read, and how that goes. Its times are epoch ms. */
export const makePolling = Effect.fnUntraced(function* (reads: Reads, options: PollingOptions) {
  const { rhythm, withDay, withAgentDays, timeZone, onChange } = options
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const rounds = makeRounds(reads, onChange)
  const day = withDay ? makeDay(reads, now, timeZone) : undefined
  const agentDays = withAgentDays ? makeAgentDays(reads, now, timeZone) : undefined
  const isOpen = options.queues === undefined
  let who: Who = { queues: options.queues ?? [], agents: [] }
  /** Whom a stream has told of. */
  const told = { queues: new Set<string>(), agents: new Set<string>() }
  let names: Names = NO_NAMES
  let sources: Sources | undefined
  /** Why tables cannot be read, and why streams cannot: one says nothing of the other. */
  const problems: { reading: string | undefined; streams: string | undefined } = {
    reading: undefined,
    streams: undefined
  }
  let [readAt, namesAt, roundAt, dayAt, wholeDayAt] = [0, 0, 0, 0, 0]

  const spentBy = Effect.fnUntraced(function* <A, E>(effect: Effect.Effect<A, E>) {
    const before = reads.spent()
    const value = yield* effect
    return { value, units: reads.spent() - before }
  })

  /** Who is listed, and whom a stream has told of besides. */
  const show = (listed: Who) => {
    who = {
      queues: [...new Set([...listed.queues, ...told.queues])],
      agents: [...new Set([...listed.agents, ...told.agents])]
    }
  }
  const heardOf = (kind: keyof typeof told, id: string) => {
    if (!isOpen || told[kind].has(id)) return
    told[kind].add(id)
    show(who)
  }

  const readNames = Effect.gen(function* () {
    const [queues, agents] = [yield* reads.list("queues"), yield* reads.list("agents")]
    const known = [...queues, ...agents].flatMap(({ id, name }) => (name === undefined ? [] : [[id, name] as const]))
    names = new Map(known)
    if (isOpen) show({ queues: idsOf(queues), agents: idsOf(agents) })
    namesAt = now()
  })

  const readSources = Effect.gen(function* () {
    const before = sources
    sources = yield* reads.sources(withDay)
    const moved = (["agents", "queues", "intervals"] as const).some(
      (name) => before?.[name]?.generation !== sources?.[name]?.generation
    )
    // Readers were led to another generation: its rows are others.
    if (moved) [roundAt, wholeDayAt] = [0, 0]
    return sources
  })

  const readDay = Effect.fnUntraced(function* ({ intervals }: Sources) {
    if (day === undefined || intervals === undefined) return
    const isWhole = now() - wholeDayAt >= WHOLE_DAY_EVERY_MS
    if (!isWhole && now() - dayAt < rhythm.dayMs) return
    yield* isWhole ? day.whole(intervals, who.queues) : day.latest(intervals, who.queues)
    dayAt = now()
    if (isWhole) wholeDayAt = dayAt
  })

  const readAll = Effect.gen(function* () {
    if (now() - namesAt >= NAMES_EVERY_MS) yield* readNames
    const current = yield* readSources
    // A reading that comes a moment early is on time.
    if (now() - roundAt >= rhythm.roundMs - rhythm.sourcesMs / 2) {
      const began = now()
      yield* rounds.round(current, who)
      roundAt = began
      readAt = now()
    }
    yield* readDay(current)
  })

  /** Takes what was written to a row, of the generations that readers use. */
  const apply = ({ projection, generation, entity, row, after, expired, at }: Write) => {
    if (expired) return
    const written = { ...(after ?? GONE), row, asOf: after === undefined ? at : Date.parse(after.asOf) }
    const held = { row, columns: written.columns, asOf: written.asOf, ...(written.closed ? { expiresAt: at } : {}) }
    if (projection === QUEUE_INTERVALS.name) {
      if (generation === sources?.intervals?.generation && after !== undefined) day?.put(entity, held)
    } else if (projection === QUEUES.name && generation === sources?.queues.generation) {
      heardOf("queues", entity)
      if (who.queues.includes(entity)) rounds.tell("queues", entity, held, now())
      const { userId } = held.columns
      // Whoever is new in a queue is read with the next round, which is due.
      if (typeof userId === "string" && !written.closed && !rounds.isShown(userId)) roundAt = 0
    } else if (projection === AGENTS.name && generation === sources?.agents.generation) {
      if (row === STATE_ROW) heardOf("agents", entity)
      if (isOpen || rounds.isShown(entity)) rounds.tell("agents", entity, held, now())
    }
  }

  return {
    now,
    rhythm,
    document: () => ({ agents: rounds.agents.list(), queues: rounds.queues.list() }),
    names: () => names,
    sources: () => sources,
    ...(day === undefined ? {} : { today: day.today }),
    ...(agentDays === undefined ? {} : { agentDays }),
    timeZone,
    /** When all was read, or when a stream has told all, last. */
    readAt: () => readAt,
    problem: () => problems.reading ?? problems.streams,
    settledThrough: () => sources?.level && settledAt(sources.level, now()),
    /** Takes what a stream tells, all up to now. */
    hear: (writes: ReadonlyArray<Write>) => {
      for (const write of writes) apply(write)
      readAt = now()
    },
    /** Makes the next reading one of all: what a stream would have told is not known. */
    again: () => {
      roundAt = 0
      wholeDayAt = 0
    },
    /** Says why a stream cannot be read, or that it can again. */
    tell: (why: string | undefined) => {
      problems.streams = why
    },
    /** Reads who there is and what they do, once, and the last quarter of an hour, and says what each part took. */
    measure: Effect.gen(function* () {
      const listed = yield* spentBy(readNames)
      const context = yield* spentBy(readSources)
      const round = yield* rounds.round(context.value, who)
      roundAt = now()
      const { intervals } = context.value
      const quarter =
        day === undefined || intervals === undefined
          ? undefined
          : (yield* day.lastQuarter(intervals, who.queues)).flatMap(({ rows }) => rows)
      const agentId = busiest(rounds.agents.list())
      const opened =
        agentId === undefined
          ? undefined
          : {
              rows: (yield* spentBy(reads.rows(context.value.agents, [agentId]))).units,
              day: agentDays === undefined ? 0 : (yield* spentBy(agentDays.of(agentId))).units
            }
      readAt = now()
      const measured: Measured = {
        round,
        ...(opened === undefined ? {} : { opened }),
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
        let said: string | undefined
        for (;;) {
          const began = now()
          const failed: FailedRead | undefined = yield* readAll.pipe(
            Effect.as(undefined),
            Effect.catchTag("FailedRead", (error) => Effect.succeed(error))
          )
          failures = failed === undefined ? 0 : failures + 1
          if (failed?.message !== said) {
            said = failed?.message
            problems.reading = said
            yield* onProblem(said)
          }
          const pause = failures === 0 ? rhythm.sourcesMs : Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** failures)
          yield* Effect.sleep(Math.max(0, pause - (now() - began)))
        }
      })
  }
})

export type Polling = Effect.Success<ReturnType<typeof makePolling>>
