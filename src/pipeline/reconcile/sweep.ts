import { Clock, Effect, Option, Random, Result } from "effect"
import { CallFailed } from "../../genesys-api/call-failed.ts"
import { Organisation } from "../../genesys-api/organisation.ts"
import { Deadline } from "../../store/deadline.ts"
import type { Missing } from "./answers.ts"
import {
  addCounts,
  type Checkpoint,
  noCounts,
  QUEUES_A_CHUNK,
  type Reconciled,
  readCheckpoint,
  type Sweep,
  type SweepCounts,
  writeCheckpoint
} from "./checkpoint.ts"
import { countsOf } from "./counts.ts"
import { keep, NOTHING_KEPT } from "./kept.ts"
import type { Later } from "./look.ts"
import { step } from "./step.ts"

/** Ms at the end of an invocation that are for the checkpoint and the report. */
const RESERVE_MS = 10_000

/** Ms to plan for where no deadline is set: the longest that Lambda grants. */
const LONGEST_RUN_MS = 900_000

/** A sweep that has not ended after this long begins anew: what its first pages found is a day old. */
const STALE_MS = 86_400_000

/** How long a tick leaves a sweep alone that has failed: what Genesys refuses now it refuses in a minute as well. */
const RETRY_MS = 240_000

/** What is remembered of a fault that nothing accounts for. Its own message might quote what was read. */
const DEFECT = "a defect of this version; the log of the function reconcile names it"

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

/** What was done in the time that there is, and the requests that it took. Nothing where the time was too short. */
const inTime = Effect.fnUntraced(function* <A, E, R>(ends: number, work: Effect.Effect<A, E | CallFailed, R>) {
  const { requests } = yield* Organisation
  const before = yield* requests
  const left = ends - (yield* Clock.currentTimeMillis)
  if (left <= 0) return { made: Option.none<A>(), requests: 0 }
  const made = yield* work.pipe(
    Effect.provideService(Deadline, ends),
    Effect.timeoutOption(left),
    // A wait that ends after the invocation is none that failed.
    Effect.catchIf(
      (error) => error instanceof CallFailed && error.reason === "rateLimited" && error.retryAfterMs !== undefined,
      () => Effect.succeed(Option.none<A>())
    )
  )
  return { made, requests: (yield* requests) - before }
})

/** What looking came to, and what it found missing. */
interface Found {
  readonly counts: SweepCounts
  readonly missing: ReadonlyArray<Missing>
}

/** Looks once more at what was left for later and is due now; at all of it, when that is, where `wait` says so. */
const lookAgain = Effect.fnUntraced(function* (laters: Array<Later>, which: "due" | "all" | "wait") {
  let counts = noCounts
  const missing: Array<Missing> = []
  for (let later = laters[0]; later !== undefined; later = laters[0]) {
    const early = later.due - (yield* Clock.currentTimeMillis)
    if (which === "due" && early > 0) break
    if (which === "wait") yield* Effect.sleep(Math.max(0, early))
    const compared = yield* later.look
    counts = addCounts(counts, countsOf(compared))
    missing.push(...compared.missing)
    laters.shift()
  }
  return { counts, missing } satisfies Found as Found
})

const begin = (by: string, began: number): Sweep => ({
  began,
  by,
  phase: "agents",
  chunk: QUEUES_A_CHUNK,
  counts: noCounts,
  totals: {}
})

/** A new sweep in place of one that is given up: what that one has found missing is never said. */
const beginAnew = ({ kept }: Sweep): Partial<Sweep> =>
  kept === undefined ? {} : { kept: { ...NOTHING_KEPT, slots: kept.slots } }

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
  const given = checkpoint.sweep === undefined ? {} : beginAnew(checkpoint.sweep)
  let sweep: Sweep = { ...(underWay ?? { ...begin(wanted?.by ?? tick.by, now), ...given }), holder, until: deadline }
  let version = yield* writeCheckpoint({ ...seen, sweep }, held)
  let done = noCounts
  let moved = false

  /** Leaves the sweep to whoever comes next. */
  const leave = (kept: Sweep, failure?: Checkpoint["failure"]) =>
    writeCheckpoint({ ...seen, sweep: release(kept), ...(failure === undefined ? {} : { failure }) }, version)

  const laters: Array<Later> = []
  const account = (counts: SweepCounts) => {
    done = addCounts(done, counts)
    sweep = { ...sweep, counts: addCounts(sweep.counts, counts) }
  }
  /** Does what there is time for until `until`, or leaves the sweep with the failure. */
  const attempt = Effect.fnUntraced(function* <A, E extends { readonly message: string }, R>(
    until: number,
    work: Effect.Effect<A, E | CallFailed, R>
  ) {
    const outcome = yield* Effect.result(inTime(until, work)).pipe(
      // Held until its deadline, the sweep would stand still, and nobody would be told why.
      Effect.catchDefect(
        Effect.fnUntraced(function* (defect) {
          yield* leave(sweep, { at: yield* Clock.currentTimeMillis, message: DEFECT })
          return yield* Effect.die(defect)
        })
      )
    )
    if (Result.isFailure(outcome)) {
      yield* leave(sweep, { at: yield* Clock.currentTimeMillis, message: outcome.failure.message })
      return yield* Effect.fail(outcome.failure)
    }
    account({ ...noCounts, requests: outcome.success.requests })
    return outcome.success.made
  })
  /** Looks again, and keeps what is missing. Returns whether there was time for that. */
  const look = Effect.fnUntraced(function* (until: number, which: "due" | "all" | "wait") {
    const work = Effect.flatMap(lookAgain(laters, which), ({ counts, missing }) =>
      Effect.map(keep(sweep.began, sweep.kept, missing), (kept) => ({ counts, kept }))
    )
    const found = yield* attempt(until, work)
    if (Option.isNone(found)) return false
    account(found.value.counts)
    sweep = { ...sweep, kept: found.value.kept }
    return true
  })
  const pause = Effect.fnUntraced(function* () {
    // Nobody else knows of these. What is true may be said twice, and is counted as what may have been on its way.
    yield* look(deadline - RESERVE_MS / 2, "all")
    // A chunk that takes more than a whole invocation would never be done.
    const kept = moved ? sweep : { ...sweep, chunk: Math.max(1, sweep.chunk >> 1) }
    yield* leave(kept)
    return { state: "paused", run: done, sweep: release(kept), ...seen } as SweepReport
  })

  for (;;) {
    if (sweep.phase === "missing" && laters.length > 0) {
      if (!(yield* look(ends, "wait"))) return yield* pause()
      version = yield* writeCheckpoint({ ...seen, sweep }, version)
    }
    const work = Effect.flatMap(step(sweep, last?.began), (made) =>
      Effect.map(keep(sweep.began, sweep.kept, made.unit.missing), (kept) => ({ ...made, kept }))
    )
    const made = yield* attempt(ends, work)
    if (Option.isNone(made)) return yield* pause()
    const { unit, next, kept } = made.value
    done = addCounts(done, unit.counts)
    // The requests of this step are in the sweep already, and not in what follows from it.
    const counts = addCounts(sweep.counts, unit.counts)
    if (unit.later !== undefined) laters.push(unit.later)
    if (next === undefined) {
      const refused = unit.refused ?? sweep.refused
      const whole: Reconciled = {
        began: sweep.began,
        ended: yield* Clock.currentTimeMillis,
        counts,
        ...(refused === undefined ? {} : { refused })
      }
      yield* writeCheckpoint({ last: whole }, version)
      return { state: "complete", run: done, last: whole } as SweepReport
    }
    sweep = { ...next, counts, kept }
    yield* look(ends, "due")
    version = yield* writeCheckpoint({ ...seen, sweep }, version)
    moved = true
  }
})
