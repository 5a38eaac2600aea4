import { Clock, Effect, Result } from "effect"
import type { Delta } from "../../domain/delta.ts"
import { TIMER } from "../../domain/row.ts"
import { sourcesOf } from "../../domain/stages.ts"
import { Deadline } from "../../store/deadline.ts"
import { EventSource } from "../../store/event-source.ts"
import { SettleWindow } from "../folding.ts"
import { fedProjections } from "../generations.ts"
import type { Refused } from "../refused.ts"
import { addCounts, isSpent, limitRate, ReplayBounds, type ReplayCounts, shareOf } from "./budget.ts"
import { foldPage, foldWith, parkOrRefuse, settleRefused, topicsOf } from "./fold.ts"
import { partOfStore, type ReplayRefused } from "./plan.ts"
import {
  type Checkpoint,
  endOf,
  keepUntil,
  type OnProgress,
  type OpenSegment,
  readRun,
  runKey,
  toReport
} from "./record.ts"
import { makeWriter } from "./write.ts"

/** Events a page, unless the rate is lower. */
const PAGE = 1_000

/** Ms of reading that a long write may have delayed, and that is caught up on. */
const BEHIND_MS = 60_000

/** Reads one segment from its checkpoint on, page by page, and writes what its events say into the generation. */
export const writeSegment = Effect.fnUntraced(function* (open: OpenSegment, onProgress: OnProgress) {
  const { run, projection, segment, held, save } = open
  const { plan } = run
  const [source, window] = [yield* EventSource, yield* SettleWindow]
  const { flushMs } = yield* ReplayBounds
  const ends = Math.min(yield* Deadline, endOf(run))
  if (held.state === "done" || run.stopping) return toReport(segment, held.state === "done" ? "done" : "stopped", held)

  const atOnce = Math.min(plan.concurrency ?? plan.segments, plan.segments)
  const rate = plan.eventsPerSecond / atOnce
  const rowRate = (plan.rowsPerSecond ?? plan.eventsPerSecond) / atOnce
  const pace = yield* limitRate(rate, BEHIND_MS)
  const fed = yield* fedProjections
  const sources = sourcesOf(projection, fed)
  const onRefused = (refused: ReadonlyArray<Refused>) => parkOrRefuse(refused, plan.park)
  const writer = yield* makeWriter(projection, sources, fed, rowRate, keepUntil(run), held.stale, onRefused)
  const folded = [projection, ...sources] as const
  const fold = foldWith(folded, plan.scope, window)
  const topics = topicsOf(folded, plan.scope)
  const allowance = shareOf(plan.budget, segment, plan.segments)

  /** A timer that the live path has set, because its event came after the replay began: waiting for such would never end. */
  const isSetLive = ({ register, stamp }: Delta): boolean =>
    register.startsWith(TIMER) && stamp.published >= run.startedAt + window.skew

  /** What the store says is behind us, and what a kill now would leave of it. */
  let at: { readonly cursor?: string; readonly counts: ReplayCounts; readonly exhausted: boolean } = {
    counts: held.counts,
    exhausted: false,
    ...(held.cursor === undefined ? {} : { cursor: held.cursor })
  }
  const { refused: _, ...before } = held
  let kept: Checkpoint = before
  if (held.refused !== undefined) yield* save(before)
  let flushed = yield* Clock.currentTimeMillis

  /** Writes what was gathered, and only then moves the checkpoint over the pages that it came from. */
  const checkpoint = Effect.fnUntraced(function* (
    state: Checkpoint["state"],
    last = state !== "running",
    refusal?: ReplayRefused
  ) {
    // What cannot be written is told of where people look for how far the segment is. Its pages are read again.
    const written = yield* Effect.tapErrorTag(writer.flush(last), "ReplayRefused", ({ message }) =>
      Effect.flatMap(Clock.currentTimeMillis, (at) => save({ ...kept, refused: { at, message } }))
    )
    if (Result.isSuccess(written)) {
      at = { ...at, counts: addCounts(at.counts, written.success) }
      kept = {
        state,
        counts: at.counts,
        stale: writer.stale(),
        differences: [],
        ...(at.cursor === undefined ? {} : { cursor: at.cursor })
      }
    } else kept = { ...kept, state: "deadline", stale: writer.stale() }
    flushed = yield* Clock.currentTimeMillis
    yield* save(refusal === undefined ? kept : { ...kept, refused: { at: flushed, message: refusal.message } })
    return Result.isSuccess(written)
  })

  const next = Effect.fnUntraced(function* () {
    const now = yield* Clock.currentTimeMillis
    if (at.exhausted) return "done"
    if (isSpent(at.counts, allowance)) return "budget"
    if (now + writer.needs() > ends) return "deadline"
    return writer.isFull() || now - flushed >= flushMs ? "running" : "read"
  })

  for (;;) {
    const state = yield* next()
    if (state === "read") {
      const left = (allowance.items ?? Number.POSITIVE_INFINITY) - at.counts.scanned
      const limit = Math.max(1, Math.min(PAGE, plan.sealed === undefined ? Math.ceil(rate) : PAGE, left))
      const { cursor } = at
      const page = yield* source.page({
        ...partOfStore(plan),
        segment,
        segments: plan.segments,
        limit,
        topics,
        ...(cursor && { cursor })
      })
      const scanned = page.events.length + page.unreadable.length + page.skipped
      if (page.cold !== true) yield* pace(scanned)
      const { folded: pageDeltas, refused } = foldPage(page, fold, run.startedAt)
      if (refused[0] !== undefined && !plan.park) yield* checkpoint("running", true, refused[0].refusal)
      yield* settleRefused(refused, plan.park)
      for (const deltas of pageDeltas) writer.gather(deltas.filter((delta) => !isSetLive(delta)))
      const counts = addCounts(at.counts, {
        scanned,
        folded: pageDeltas.length,
        deltas: pageDeltas.reduce((sum, deltas) => sum + deltas.length, 0),
        parked: refused.length,
        readUnits: page.readUnits
      })
      at = {
        counts,
        exhausted: page.cursor === undefined,
        ...(page.cursor === undefined ? {} : { cursor: page.cursor })
      }
      yield* onProgress(toReport(segment, "stopped", { ...kept, counts }))
      continue
    }
    const complete = yield* checkpoint(state)
    if (!complete) return toReport(segment, "deadline", kept)
    if (state !== "running") return toReport(segment, state, kept)
    if ((yield* readRun(runKey(plan.id))).value?.stopping) {
      yield* checkpoint("stopped")
      return toReport(segment, "stopped", kept)
    }
  }
})
