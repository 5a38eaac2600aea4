import { Clock, Effect } from "effect"
import { iso } from "../domain/stamp.ts"
import { settledAt } from "../domain/watermark.ts"
import { Deadline } from "../store/deadline.ts"
import type { Freshness } from "./answers.ts"
import { BadOption, NoActiveGeneration, type ReadError, ReaderError, StaleAnswer } from "./errors.ts"
import type { AddNames } from "./names.ts"
import type { ReadOptions } from "./options.ts"
import type { Remembered } from "./read-context.ts"
import { millis, type Settings } from "./settings.ts"
import type { Found, From, Projection, ReadContext } from "./source.ts"

/** How one answer is read: with one read context for all of it, so that it reads one generation of each projection. */
export interface View {
  /** Epoch ms. */
  readonly readAt: number
  /** Epoch ms; undefined until the stack has said it. */
  readonly settledThrough: number | undefined
  readonly from: (projection: Projection) => Effect.Effect<From, NoActiveGeneration>
}

/** The watermark moves once a second, so it is not looked for again sooner. */
const MOVES_EVERY = 1_000

const viewOf = Effect.fnUntraced(function* (
  { prefix }: Settings,
  { generations, level }: ReadContext,
  consistent: boolean,
  maxAgeMs: number
) {
  const readAt = yield* Clock.currentTimeMillis
  const settledThrough = level && settledAt(level, readAt)
  const ageMs = settledThrough === undefined ? Number.POSITIVE_INFINITY : readAt - settledThrough
  if (ageMs > maxAgeMs)
    return yield* new StaleAnswer({
      ageMs,
      maxAgeMs,
      ...(settledThrough === undefined ? {} : { settledThrough: iso(settledThrough) }),
      reason: level === undefined ? "unsettled" : maxAgeMs < level.windowMs ? "window" : "behind"
    })
  const view: View = {
    readAt,
    settledThrough,
    from: (projection) => {
      const generation = generations.get(projection.name)
      return generation === undefined
        ? new NoActiveGeneration({ projection: projection.name, table: `${prefix}-control` })
        : Effect.succeed({ projection, generation, consistent })
    }
  }
  return view
})

/** Whether a newer read context may turn the failure into an answer. */
const mayPass = (error: ReadError, { at }: ReadContext, now: number): boolean =>
  error._tag === "StaleAnswer"
    ? error.reason !== "window" && now - at >= MOVES_EVERY
    : error._tag === "ReaderError" && error.reason === "ResourceNotFoundException"

/** Runs one call within the time that a call may take. */
export const withinTime = Effect.fnUntraced(function* <A>(
  { timeoutMs }: Settings,
  op: string,
  call: Effect.Effect<A, ReadError>
) {
  const deadline = (yield* Clock.currentTimeMillis) + timeoutMs
  return yield* call.pipe(
    Effect.provideService(Deadline, deadline),
    Effect.timeoutOrElse({
      duration: timeoutMs,
      orElse: () => new ReaderError({ op, reason: "Timeout", retryable: true })
    })
  )
})

/**
 * Runs one call within its time. `run` reads with the remembered read context, and once more with a new one if that was out of date: the
 * table is gone, or the answer would be too old. `name` is that of the projection, where the call is not of agents
 * and queues. Names are added to the answer where the options ask for them.
 */
export const makeAnswer = (settings: Settings, remembered: Remembered, addNames: AddNames) =>
  Effect.fnUntraced(function* <A>(
    op: string,
    options: ReadOptions,
    run: (view: View) => Effect.Effect<A, ReadError>,
    name?: string
  ) {
    const maxAgeMs = yield* millis("maxAge", options.maxAge, settings.maxAgeMs)
    const consistent = options.consistent ?? settings.consistent
    const names = options.names ?? settings.names
    if (typeof names !== "boolean")
      return yield* new BadOption({ field: "names", problem: `is ${JSON.stringify(names)}; it must be true or false` })
    const by = (context: ReadContext) =>
      Effect.gen(function* () {
        const found = yield* run(yield* viewOf(settings, context, consistent, maxAgeMs))
        return names ? yield* addNames(found, name) : found
      })
    const answer = Effect.gen(function* () {
      const held = yield* remembered.now(name)
      return yield* Effect.catch(by(held), (error) =>
        Effect.gen(function* () {
          if (!mayPass(error, held, yield* Clock.currentTimeMillis)) return yield* error
          return yield* by(yield* remembered.after(held, name))
        })
      )
    })
    return yield* withinTime(settings, op, answer)
  })

/** Serves calls, each by one view. */
export type Answer = ReturnType<typeof makeAnswer>

/** How far an answer that rests on these rows can be relied upon; undefined without any. */
export const freshnessOf = (
  { readAt, settledThrough }: View,
  { generation }: From,
  rows: ReadonlyArray<Found>
): Freshness | undefined => {
  const asOf = latest(rows.map((row) => row.asOf))
  if (asOf === undefined) return undefined
  const revisedAt = latest(rows.flatMap(({ revised }) => revised?.at ?? []))
  const revised = rows.find((row) => row.revised !== undefined && row.revised.at === revisedAt)?.revised
  return {
    asOf,
    ...(settledThrough === undefined ? {} : { settledThrough: iso(settledThrough) }),
    inWindow: settledThrough === undefined || Date.parse(asOf) > settledThrough,
    ...(revised === undefined ? {} : { revised }),
    generation,
    readAt: iso(readAt)
  }
}

/** Of ISO texts of one form, which sort as times. */
const latest = (times: ReadonlyArray<string>): string | undefined =>
  times.reduce<string | undefined>(
    (greatest, time) => (greatest === undefined || time > greatest ? time : greatest),
    undefined
  )
