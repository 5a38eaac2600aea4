import { Effect } from "effect"
import { generation } from "../../domain/projection.ts"
import { Projections } from "../folding.ts"
import { ReplayError, type ReplayPlan } from "./plan.ts"
import { beginRun, daysOf, type OnProgress, type OpenSegment, openSegment, readRun, runKey } from "./record.ts"
import { writeSegment } from "./segment.ts"
import { verifySegment } from "./verify.ts"

/** Segments of one plan that run at a time in one process: each holds what it has gathered. */
export const MAX_AT_ONCE = 16

/** The projection that a plan folds. Fails where it is not listed, or the plan makes no sense. */
export const projectionOf = Effect.fnUntraced(function* (plan: ReplayPlan) {
  const { segments, eventsPerSecond, rowsPerSecond = eventsPerSecond } = plan
  if (!Number.isInteger(segments) || segments < 1 || !(eventsPerSecond > 0 && rowsPerSecond > 0))
    return yield* new ReplayError({ reason: "segments must be a whole number from 1, and the rates above 0" })
  const projection = (yield* Projections).find((one) => generation(one) === plan.generation)
  if (projection === undefined)
    return yield* new ReplayError({ reason: `no such generation: ${plan.generation}; list it in projections/index.ts` })
  return projection
})

/**
 * One segment of a replay, from where it stopped before, until it is done or has to stop. Stops at `Deadline`, when its share of the
 * budget is spent, and at a checkpoint after `stopRun`; all of these leave a checkpoint to go on from. A kill repeats what was not
 * yet written. Fails with `ReplayRefused` on an event that cannot be folded, unless the plan parks such events.
 *
 * Merging makes replay and live commute, so nothing waits for anything, and rows that live has brought further are left alone.
 * Tombstones are written whatever their age, and kept until a day after the replay can be resumed last, when nothing of it runs any more: other
 * segments may hold the starts of what they end, and a start that found no tombstone would stay open for good.
 * Until all segments are done, a generation that readers use may show again what had ended more than a day before.
 */
export const replaySegment = (open: OpenSegment, onProgress: OnProgress = () => Effect.void) =>
  (open.run.plan.write ? writeSegment : verifySegment)(open, onProgress)

/** All segments in this process. Begins the replay, or goes on with it, and returns the reports in order of the segments. */
export const replayAll = Effect.fnUntraced(function* (plan: ReplayPlan, onProgress: OnProgress = () => Effect.void) {
  const projection = yield* projectionOf(plan)
  const begun = yield* beginRun(plan)
  const concurrency = Math.min(plan.concurrency ?? plan.segments, MAX_AT_ONCE)
  return yield* Effect.forEach(
    Array.from({ length: plan.segments }, (_, segment) => segment),
    Effect.fnUntraced(function* (segment) {
      // A segment that begins late must hear that the replay was asked to stop meanwhile.
      const { value: run = begun } = yield* readRun(runKey(plan.id))
      const open = yield* openSegment(
        { ...run, plan: { ...plan, days: daysOf(run.plan), concurrency } },
        projection,
        segment
      )
      return yield* replaySegment(open, onProgress)
    }),
    { concurrency }
  )
})
