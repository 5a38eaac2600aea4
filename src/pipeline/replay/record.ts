import { Clock, Effect, Result, Schema } from "effect"
import type { Projection } from "../../domain/projection.ts"
import type { Event } from "../../genesys/event.ts"
import { Control } from "../../store/control.ts"
import type { StoreError } from "../../store/store-error.ts"
import { dollarsOf, noCounts, ReplayCounts } from "./budget.ts"
import { Difference, ReplayError, ReplayPlan, type SegmentReport, SegmentState } from "./plan.ts"

/** What is known of a replay as a whole. `stopping`: its segments stop at their next checkpoint. */
export const ReplayRun = Schema.Struct({ plan: ReplayPlan, startedAt: Schema.Finite, stopping: Schema.Boolean })
export type ReplayRun = typeof ReplayRun.Type

/**
 * How far a segment is. `cursor`: up to where all is written. `stale`: entities whose summaries are still to be derived, with the time
 * of the last row that they read. `running`: it is, or it was killed. `refused`: the event that its last run ended with, and when (epoch ms).
 */
export const Checkpoint = Schema.Struct({
  state: Schema.Union([SegmentState, Schema.Literal("running")]),
  cursor: Schema.optionalKey(Schema.String),
  counts: ReplayCounts,
  stale: Schema.Array(Schema.Tuple([Schema.String, Schema.Finite])),
  differences: Schema.Array(Difference),
  refused: Schema.optionalKey(Schema.Struct({ at: Schema.Finite, message: Schema.String }))
})
export type Checkpoint = typeof Checkpoint.Type

/** Where a segment begins. */
const fresh: Checkpoint = { state: "running", counts: noCounts, stale: [], differences: [] }

const DAY_MS = 86_400_000

/** Days after which a replay is not resumed that says nothing else. */
export const LEAST_DAYS = 7

/** After so many days a replay is not resumed, and a day later nothing of it runs any more: so long it keeps tombstones. */
export const daysOf = ({ days = LEAST_DAYS }: ReplayPlan): number => days

/** Until when a replay may run, and its tombstones are needed. Epoch ms. */
export const endOf = ({ plan, startedAt }: ReplayRun): number => startedAt + (daysOf(plan) + 1) * DAY_MS

/** The same as the tombstones say it: epoch seconds, at the end of that day, so that another replay on this day has none to write again. */
export const keepUntil = (run: ReplayRun): number => (Math.ceil(endOf(run) / DAY_MS) * DAY_MS) / 1_000

export const runKey = (id: string): string => `replay/${id}`
export const checkpointKey = (id: string, segment: number): string => `replay/${id}/${segment}`

const stored = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownResult(schema)
  return Effect.fnUntraced(function* (key: string) {
    const { value, version } = yield* Control.use(({ read }) => read(key))
    if (value === undefined) return { value: undefined, version }
    const decoded = decode(value)
    if (Result.isFailure(decoded))
      return yield* new ReplayError({ reason: `${key} holds no record of a replay; take another id` })
    return { value: decoded.success, version }
  })
}

/** What is known of a replay; undefined for one that never began. */
export const readRun = stored<ReplayRun>(ReplayRun as unknown as Schema.Codec<ReplayRun, unknown>)

/** How far a segment of a replay is; undefined for one that never began. */
export const readCheckpoint = stored<Checkpoint>(Checkpoint as unknown as Schema.Codec<Checkpoint, unknown>)

/** What must not change while a replay is resumed: the rest is pace, and money. */
const identity = ({ generation, scope, segments, write, source, sealed }: ReplayPlan): string =>
  JSON.stringify([generation, scope.topics, scope.since, scope.until, scope.entity, segments, write, source, sealed])

/**
 * Begins a replay, or lets it go on as the plan now says. Refuses a plan that is another than that which began under its id, and one
 * that began so long ago that tombstones it wrote may be gone: a start that is folded then would stay open for good.
 */
export const beginRun = Effect.fnUntraced(function* (plan: ReplayPlan) {
  const control = yield* Control
  const key = runKey(plan.id)
  for (;;) {
    const { value, version } = yield* readRun(key)
    const now = yield* Clock.currentTimeMillis
    if (value !== undefined) yield* admit(plan, value, now)
    // Tombstones that it has written are kept for as long as it said when it began.
    const days = daysOf(value?.plan ?? plan)
    const run: ReplayRun = { plan: { ...plan, days }, startedAt: value?.startedAt ?? now, stopping: false }
    if ((yield* control.write(key, JSON.parse(JSON.stringify(run)), version)) === "written") return run
  }
})

const admit = Effect.fnUntraced(function* (plan: ReplayPlan, run: ReplayRun, now: number) {
  if (identity(run.plan) !== identity(plan))
    return yield* new ReplayError({ reason: `${plan.id} is the id of another replay; take another id` })
  const days = daysOf(run.plan)
  if (plan.write && now - run.startedAt > days * DAY_MS)
    return yield* new ReplayError({
      reason: `${plan.id} began more than ${days} days ago; begin anew under another id`
    })
})

/** Asks a replay to stop at its next checkpoints. False when there is no such replay. */
export const stopRun = Effect.fnUntraced(function* (id: string) {
  const control = yield* Control
  for (;;) {
    const { value, version } = yield* readRun(runKey(id))
    if (value === undefined) return false
    if (
      (yield* control.write(runKey(id), JSON.parse(JSON.stringify({ ...value, stopping: true })), version)) ===
      "written"
    )
      return true
  }
})

/** Is told how far a segment is, after each page. */
export type OnProgress = (report: SegmentReport) => Effect.Effect<void>

export const toReport = (segment: number, state: SegmentState, held: Checkpoint): SegmentReport => ({
  segment,
  state,
  counts: held.counts,
  dollars: dollarsOf(held.counts),
  differences: held.differences
})

/** A segment that is about to be worked on, and what was read for it: the replay, its projection, and how far the segment is. */
export interface OpenSegment {
  readonly run: ReplayRun
  readonly projection: Projection<Event>
  readonly segment: number
  readonly held: Checkpoint
  /** Moves the checkpoint. */
  readonly save: (checkpoint: Checkpoint) => Effect.Effect<void, ReplayError | StoreError>
}

/**
 * Opens a segment, to be moved by this worker alone: another that moves it as well ends this one. `run` is as it stands, but for the
 * pace of its plan, which is the worker's.
 */
export const openSegment = Effect.fnUntraced(function* (
  run: ReplayRun,
  projection: Projection<Event>,
  segment: number
) {
  const control = yield* Control
  const { id } = run.plan
  yield* admit(run.plan, run, yield* Clock.currentTimeMillis)
  const key = checkpointKey(id, segment)
  const { value: held = fresh, version: first } = yield* readCheckpoint(key)
  let version = first
  const save = Effect.fnUntraced(function* (checkpoint: Checkpoint) {
    const text = JSON.stringify(checkpoint)
    if ((yield* control.write(key, JSON.parse(text), version)) === "conflict") {
      // After a lost answer the conflict is with our own write.
      const now = yield* control.read(key)
      if (now.version !== version + 1 || JSON.stringify(now.value) !== text)
        return yield* new ReplayError({ reason: `segment ${segment} of ${id} is replayed by somebody else as well` })
    }
    version++
  })
  return { run, projection, segment, held, save } satisfies OpenSegment as OpenSegment
})
