import { Clock, Effect, Random, Result } from "effect"
import { type BreakerEvent, type Permit, permitOf } from "../domain/breaker.ts"
import { type DeadLetter, DeadLetters, type Source } from "../store/dead-letters.ts"
import { Deadline } from "../store/deadline.ts"
import type { HandedOver } from "../store/hand-over.ts"
import { Notices } from "../store/notices.ts"
import { Parked } from "../store/parked.ts"
import { tellBreaker } from "./breakers.ts"
import { type Lane, lanes, type ParkReason, refusedForGood, type Unrecoverable } from "./redrive-lanes.ts"
import { RedriveLimits } from "./redrive-limits.ts"
import { type ParkedCount, parkedNotice } from "./redrive-notice.ts"

/**
 * The account of one run: received = redriven + parked + left. `left` stays where it was, for a later run. `breakerOpen`: 1 when a
 * breaker that is not closed, or whose state nobody knows, keeps messages waiting. `reasons`: how many were parked by reason.
 */
export interface RedriveReport {
  readonly received: number
  readonly redriven: number
  readonly parked: number
  readonly left: number
  readonly breakerOpen: 0 | 1
  readonly breakers: Readonly<Record<string, LaneEnd>>
  readonly reasons: Readonly<Record<string, number>>
}

/**
 * How a lane stood when the run was done with it. `empty`: nothing was left in its queue. `more`: the run's share was used up. `open`:
 * its breaker says wait. `unknown`: its breaker could not be asked or told, and so nothing was brought back. `blind`: its queue
 * could not be read.
 */
export type LaneEnd = "empty" | "more" | "open" | "unknown" | "blind"

/** Messages in memory at a time, and in one call of a hand-over. */
const MAX_TURN = 100

/** Ms that a hand-over may take with its retries: whether to go on is for the breaker to say. */
const HAND_OVER_MS = 5_000

/** Ms at the end of a run in which no new turn begins: for what the last one began, the notice and the deletes. */
const RESERVE_MS = 15_000

/** Seconds that messages stay hidden beyond the run, so that none is received twice in it. */
const HIDDEN_BEYOND = 30

/** Ms to plan for where no deadline is set: the longest that Lambda grants. */
const LONGEST_RUN_MS = 900_000

interface ToPark {
  readonly source: Source
  readonly receipt: string
  readonly reason: ParkReason
}

/** What a run has come to so far. */
interface Run {
  readonly holder: string
  readonly ends: number
  readonly hiddenSeconds: number
  received: number
  redriven: number
  readonly toPark: Array<ToPark>
}

const park = Effect.fnUntraced(function* (
  run: Run,
  source: Source,
  cases: ReadonlyArray<{ readonly letter: DeadLetter; readonly why: Unrecoverable }>
) {
  const parked = yield* Parked
  yield* Effect.forEach(
    cases,
    Effect.fnUntraced(function* ({ letter, why }) {
      const { body, receipt, receives, attempts, sent, cause } = letter
      const detail = cause === undefined ? why.detail : `${why.detail}; the rule had given it up as ${codeOnly(cause)}`
      const entry = { from: source, body, reason: why.reason, detail, received: sent, attempts: attempts || receives }
      const kept = yield* Effect.result(parked.put(entry))
      if (Result.isSuccess(kept)) run.toPark.push({ source, receipt, reason: why.reason })
      else yield* Effect.logWarning(kept.failure.message)
    }),
    { concurrency: 8, discard: true }
  )
})

/** A service's code, and no free text, whoever put the message there. */
const codeOnly = (cause: string): string => (/^[A-Z_]{1,64}$/.test(cause) ? cause : "an unknown code")

/** What the breaker should hear: one message that is not taken means that there is no room, whatever became of its neighbours. */
const verdictOf = (outcomes: ReadonlyArray<HandedOver>): BreakerEvent["type"] => {
  if (outcomes.some(({ _tag }) => _tag === "unavailable")) return "failed"
  if (outcomes.some(({ _tag }) => _tag === "accepted")) return "succeeded"
  return outcomes.length > 0 ? "refused" : "abandoned"
}

const reasonsOf = (outcomes: ReadonlyArray<HandedOver>): string =>
  [...new Set(outcomes.flatMap((outcome) => (outcome._tag === "accepted" ? [] : [outcome.reason])))].sort().join(", ")

/** Receives up to `most` letters of a lane, hands over the recoverable ones, and deletes what was taken. Returns what the breaker should hear. */
const handOn = Effect.fnUntraced(function* (run: Run, lane: Lane, most: number) {
  const { source } = lane
  const { maxAttempts } = yield* RedriveLimits
  const deadLetters = yield* DeadLetters
  const letters = yield* deadLetters.receive(source, most, run.hiddenSeconds)
  run.received += letters.length
  const judged = letters.map((letter) => ({ letter, why: lane.unrecoverable(letter, maxAttempts) }))
  const hopeful = judged.flatMap(({ letter, why }) => (why === undefined ? [letter] : []))
  const until = Math.min(run.ends, (yield* Clock.currentTimeMillis) + HAND_OVER_MS)
  const outcomes =
    hopeful.length === 0 ? [] : yield* lane.handOver(hopeful).pipe(Effect.provideService(Deadline, until))
  const handed = hopeful.map((letter, i) => ({ letter, outcome: outcomes[i] as HandedOver }))

  const taken = handed.flatMap(({ letter, outcome }) => (outcome._tag === "accepted" ? [letter.receipt] : []))
  const undeleted = taken.length === 0 ? new Set() : yield* deadLetters.remove(source, taken)
  run.redriven += taken.length - undeleted.size
  const verdict = verdictOf(outcomes)
  if (verdict === "failed" || verdict === "refused")
    yield* Effect.logWarning(`${lane.dependency} takes no messages: ${reasonsOf(outcomes)}`)
  const cases = [
    ...judged.flatMap(({ letter, why }) => (why === undefined ? [] : [{ letter, why }])),
    ...handed.flatMap(({ letter, outcome }) => {
      const why = refusedForGood(letter, outcome, maxAttempts)
      return why === undefined ? [] : [{ letter, why }]
    })
  ]
  if (cases.length > 0) yield* park(run, source, cases)
  return { count: letters.length, verdict }
})

/** One turn of a lane: asks its breaker, hands on, and tells it how that went. Returns how many letters it moved, or how the lane ended. */
const turn = Effect.fnUntraced(function* (run: Run, lane: Lane, most: number) {
  const { breaker: rules } = yield* RedriveLimits
  const tell = (type: BreakerEvent["type"]) => tellBreaker(rules, lane.dependency, { type, holder: run.holder })
  const permit: Permit = permitOf(yield* tell("ask"), run.holder)
  if (permit === "wait") return "open" as const
  const done = yield* handOn(run, lane, permit === "probe" ? 1 : most)
  if (permit === "probe" || done.verdict !== "abandoned") yield* tell(done.verdict)
  return done.count === 0 ? ("empty" as const) : done.count
})

/** The same, with a failure of what redrive itself stands on as an end of the lane. */
const safely = (run: Run, lane: Lane, most: number) =>
  turn(run, lane, most).pipe(
    Effect.catchTag("StoreError", (error) => {
      if (error.store === "dead letters") return Effect.as(Effect.logWarning(error.message), "blind" as const)
      // All else that a turn stands on is its breaker.
      return Effect.as(
        Effect.logError(`nothing is brought back to ${lane.dependency}: ${error.message}`),
        "unknown" as const
      )
    })
  )

const countsOf = (condemned: ReadonlyArray<ToPark>): ReadonlyArray<ParkedCount> => {
  const counts = new Map<string, ParkedCount>()
  for (const { source: from, reason } of condemned) {
    const key = `${from} ${reason}`
    counts.set(key, { from, reason, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
}

/** Tells people, once, and only then deletes: a crash before that parks the same again and tells them again, but never nobody. */
const parkAll = Effect.fnUntraced(function* (stack: string, { toPark }: Run) {
  if (toPark.length === 0) return []
  const told = yield* Effect.result((yield* Notices).publish(parkedNotice(stack, countsOf(toPark))))
  if (Result.isFailure(told)) {
    yield* Effect.logError(`parked letters stay where they were, for nobody was told: ${told.failure.message}`)
    return []
  }
  const { remove } = yield* DeadLetters
  const buried: Array<ToPark> = []
  for (const { source } of lanes) {
    const mine = toPark.filter((one) => one.source === source)
    const receipts = mine.map(({ receipt }) => receipt)
    const undeleted = receipts.length === 0 ? new Set<string>() : yield* remove(source, receipts)
    buried.push(...mine.filter(({ receipt }) => !undeleted.has(receipt)))
  }
  return buried
})

/**
 * Brings dead letters back, turn by turn over the queues, at the pace and up to the number that `RedriveLimits` sets, while the breaker
 * of where they go allows it and there is time. A letter is deleted only after it was taken over, or parked and people told: a crash
 * anywhere loses nothing and repeats what merging and the first insert make harmless. Never fails.
 */
export const redrive = Effect.fnUntraced(function* (stack: string) {
  const { perSecond, perRun } = yield* RedriveLimits
  const started = yield* Clock.currentTimeMillis
  const ends = Math.min(yield* Deadline, started + LONGEST_RUN_MS)
  const run: Run = {
    holder: `${started}-${(yield* Random.next).toString(36).slice(2)}`,
    ends,
    hiddenSeconds: Math.ceil((ends - started) / 1_000) + HIDDEN_BEYOND,
    received: 0,
    redriven: 0,
    toPark: []
  }
  const laneEnds = new Map<Lane, LaneEnd>(lanes.map((lane) => [lane, "more"]))
  const open = new Set(lanes)
  let due = started
  while (open.size > 0) {
    for (const lane of open) {
      yield* Effect.sleep(Math.max(0, due - (yield* Clock.currentTimeMillis)))
      const most = Math.min(perSecond, perRun - run.received, MAX_TURN)
      const now = yield* Clock.currentTimeMillis
      if (most === 0 || now + RESERVE_MS > ends) {
        open.clear()
        break
      }
      const end = yield* safely(run, lane, most)
      if (typeof end === "number") due = Math.max(due, now) + (end * 1_000) / perSecond
      else {
        laneEnds.set(lane, end)
        open.delete(lane)
      }
    }
  }
  const parked = yield* parkAll(stack, run)
  const reasons: Record<string, number> = {}
  for (const { reason } of parked) reasons[reason] = (reasons[reason] ?? 0) + 1
  const standing = [...laneEnds.values()]
  return {
    received: run.received,
    redriven: run.redriven,
    parked: parked.length,
    left: run.received - run.redriven - parked.length,
    breakerOpen: standing.some((end) => end === "open" || end === "unknown") ? 1 : 0,
    breakers: Object.fromEntries([...laneEnds].map(([{ dependency }, end]) => [dependency, end])),
    reasons
  } satisfies RedriveReport
})
