import { Clock, Effect, Option, Random, Result } from "effect"
import { Organisation } from "../../genesys-api/organisation.ts"
import { Deadline } from "../../store/deadline.ts"
import { Directory } from "../../store/directory.ts"
import { readersOf } from "../generations.ts"
import { agentsUnit } from "./agents.ts"
import {
  addCounts,
  type Checkpoint,
  noCounts,
  PHASES,
  QUEUES_A_CHUNK,
  type Reconciled,
  readCheckpoint,
  type Sweep,
  type SweepCounts,
  writeCheckpoint
} from "./checkpoint.ts"
import { namesUnit } from "./names.ts"
import { queuesPage, queuesUnit } from "./queues.ts"
import type { Unit } from "./unit.ts"

/** Ms at the end of an invocation that are for the checkpoint and the report. */
const RESERVE_MS = 10_000

/** Ms to plan for where no deadline is set: the longest that Lambda grants. */
const LONGEST_RUN_MS = 900_000

/** A sweep that has not ended after this long begins anew: what its first pages found is a day old. */
const STALE_MS = 86_400_000

/** How long a tick leaves a sweep alone that has failed: what Genesys refuses now it refuses in a minute as well. */
const RETRY_MS = 240_000

/** `start` begins a sweep where none is under way. `by`: who wants it, for the checkpoint. */
export interface Tick {
  readonly start: boolean
  readonly by: string
}

/**
 * How an invocation left the sweep. `idle`: none is under way, and none was wanted, or it has failed just now. `elsewhere`: another invocation runs it, or has taken it
 * over. `paused`: the next invocation goes on. `complete`: it is whole. `run` is what this invocation did, `sweep` what all did together.
 */
export interface SweepReport {
  readonly state: "idle" | "elsewhere" | "paused" | "complete"
  readonly run: SweepCounts
  readonly sweep?: Sweep
  readonly last?: Reconciled
}

/** The generation that readers use; undefined where the stack folds no such projection. */
const inUse = (name: string) =>
  readersOf(name).pipe(
    Effect.map((generation): string | undefined => generation),
    Effect.catchTag("GenerationRefused", () => Effect.undefined)
  )

/** What comes after a unit: the rest of its phase, or the next phase; undefined after the last. */
const after = (sweep: Sweep, unit: Unit): Sweep | undefined => {
  const { next: _, pending: __, ...rest } = sweep
  const counts = addCounts(sweep.counts, unit.counts)
  const totals =
    unit.total !== undefined && (sweep.phase === "agents" || sweep.phase === "queues")
      ? { ...sweep.totals, [sweep.phase]: unit.total }
      : sweep.totals
  const here = { ...rest, counts, totals }
  const pending = unit.pending ?? []
  if (unit.next !== undefined || pending.length > 0)
    return {
      ...here,
      ...(unit.next === undefined ? {} : { next: unit.next }),
      ...(pending.length === 0 ? {} : { pending })
    }
  const phase = PHASES[PHASES.indexOf(sweep.phase) + 1]
  return phase === undefined ? undefined : { ...here, phase }
}

const runUnit = Effect.fnUntraced(function* (sweep: Sweep, heard: number | undefined) {
  const { phase, next, pending, chunk } = sweep
  if (phase === "agents") return yield* agentsUnit(yield* inUse("agents"), next, heard)
  if (phase !== "queues") return yield* namesUnit(phase, next)
  const projection = yield* inUse("queues")
  if (pending === undefined) {
    const page = yield* queuesPage(next)
    return projection === undefined
      ? { ...page, counts: { ...page.counts, queues: page.pending.length }, pending: [] }
      : page
  }
  const counts = projection === undefined ? noCounts : yield* queuesUnit(projection, pending.slice(0, chunk), heard)
  return { counts, pending: pending.slice(chunk), ...(next === undefined ? {} : { next }) }
})

/** One unit, and the requests that it took. No unit where there was no time to end it. */
const unitInTime = Effect.fnUntraced(function* (sweep: Sweep, heard: number | undefined, ends: number) {
  const { requests } = yield* Organisation
  const before = yield* requests
  const left = ends - (yield* Clock.currentTimeMillis)
  if (left <= 0) return { unit: Option.none<Unit>(), requests: 0 }
  const unit = yield* runUnit(sweep, heard).pipe(
    Effect.provideService(Deadline, ends),
    Effect.timeoutOption(left),
    // A wait that ends after the invocation is none that failed.
    Effect.catchTag("CallFailed", (error) =>
      error.reason === "rateLimited" && error.retryAfterMs !== undefined
        ? Effect.succeed(Option.none<Unit>())
        : Effect.fail(error)
    )
  )
  return { unit, requests: (yield* requests) - before }
})

/** The kinds of the directory that are complete once a phase is done. Only agents say which teams there are. */
const completed = Effect.fnUntraced(function* (sweep: Sweep, next: Sweep | undefined) {
  if (next?.phase === sweep.phase) return
  const { swept } = yield* Directory
  yield* swept(sweep.phase, sweep.began)
  if (sweep.phase === "agents") yield* swept("teams", sweep.began)
})

const begin = (by: string, began: number): Sweep => ({
  began,
  by,
  phase: "agents",
  chunk: QUEUES_A_CHUNK,
  counts: noCounts,
  totals: {}
})

const release = ({ holder: _, until: __, ...sweep }: Sweep): Sweep => sweep

/**
 * Compares the whole organisation with the rows that readers use, page by page, with a checkpoint after each. Ends before the deadline,
 * and goes on from the checkpoint in the next invocation. Two that run at once do no harm: the later one finds the checkpoint held, or
 * written since, and stops. Fails with what the API or a store failed with; the sweep then stands where it is.
 */
export const reconcile = (tick: Tick) =>
  Effect.catchTag(run(tick), "Overtaken", () => Effect.succeed<SweepReport>({ state: "elsewhere", run: noCounts }))

const run = Effect.fnUntraced(function* (tick: Tick) {
  const now = yield* Clock.currentTimeMillis
  const deadline = Math.min(yield* Deadline, now + LONGEST_RUN_MS)
  const ends = deadline - RESERVE_MS
  const { checkpoint, version: held } = yield* readCheckpoint
  const { last } = checkpoint
  const seen = last === undefined ? {} : { last }
  const underWay =
    checkpoint.sweep !== undefined && now - checkpoint.sweep.began < STALE_MS ? checkpoint.sweep : undefined
  const { wanted, failure } = checkpoint
  const failedNow = failure !== undefined && now - failure.at < RETRY_MS
  if (!tick.start && wanted === undefined && (checkpoint.sweep === undefined || failedNow))
    return {
      state: "idle",
      run: noCounts,
      ...(checkpoint.sweep === undefined ? {} : { sweep: checkpoint.sweep }),
      ...seen
    } as SweepReport
  if (underWay?.until !== undefined && underWay.until > now)
    return { state: "elsewhere", run: noCounts, sweep: underWay, ...seen } as SweepReport

  const holder = `${now}-${(yield* Random.next).toString(36).slice(2)}`
  let sweep: Sweep = { ...(underWay ?? begin(wanted?.by ?? tick.by, now)), holder, until: deadline }
  let version = yield* writeCheckpoint({ ...seen, sweep }, held)
  let done = noCounts
  let moved = false

  /** Leaves the sweep to whoever comes next. */
  const leave = (kept: Sweep, failure?: Checkpoint["failure"]) =>
    writeCheckpoint({ ...seen, sweep: release(kept), ...(failure === undefined ? {} : { failure }) }, version)

  for (;;) {
    const outcome = yield* Effect.result(unitInTime(sweep, last?.began, ends))
    if (Result.isFailure(outcome)) {
      const error = outcome.failure
      yield* leave(sweep, { at: yield* Clock.currentTimeMillis, message: error.message })
      return yield* error
    }
    const asked = { ...noCounts, requests: outcome.success.requests }
    done = addCounts(done, asked)
    sweep = { ...sweep, counts: addCounts(sweep.counts, asked) }
    if (Option.isNone(outcome.success.unit)) {
      // A chunk that takes more than a whole invocation would never be done.
      const smaller = moved ? sweep : { ...sweep, chunk: Math.max(1, sweep.chunk >> 1) }
      yield* leave(smaller)
      return { state: "paused", run: done, sweep: release(smaller), ...seen } as SweepReport
    }
    const unit = outcome.success.unit.value
    done = addCounts(done, unit.counts)
    const next = after(sweep, unit)
    yield* completed(sweep, next)
    if (next === undefined) {
      const counts = addCounts(sweep.counts, unit.counts)
      const whole: Reconciled = { began: sweep.began, ended: yield* Clock.currentTimeMillis, counts }
      yield* writeCheckpoint({ last: whole }, version)
      return { state: "complete", run: done, last: whole } as SweepReport
    }
    version = yield* writeCheckpoint({ ...seen, sweep: next }, version)
    sweep = next
    moved = true
  }
})
