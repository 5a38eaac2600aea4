import { Effect } from "effect"
import type { Judgement } from "../../wallboard/thresholds.ts"
import { type MachineClock, ruleBy, type Shown } from "../../wallboard/wallboard.ts"
import type { StackTarget } from "../stack/stack.ts"
import { makeDetails } from "./details.ts"
import type { Polling } from "./polling.ts"
import type { Price } from "./price.ts"
import type { Reads } from "./reads.ts"
import { PASS_EVERY_MS } from "./rhythm.ts"

const MINUTE_MS = 60_000

/** What nobody sees with the rights of a reader, and where it is. */
export const WITHOUT =
  "Not shown, for readers may not see it: event rate, late events and what waits for people (see the dashboard), the events behind a field"

/** A round reads the sessions of queues. */
const OF_NO_QUEUE = ", conversations of no queue"

/** How much was spent in the last minute; `spent` is asked at least as often as somebody asks here. */
const makeMeter = (spent: () => number, now: () => number) => {
  let points: ReadonlyArray<readonly [at: number, spent: number]> = []
  return (): number => {
    const at = now()
    const [last] = points.slice(-1)
    if (last === undefined || at - last[0] >= 1_000) points = [...points, [at, spent()]]
    const first = points.findLast(([then]) => at - then >= MINUTE_MS) ?? points[0]
    points = points.filter((point) => first === undefined || point[0] >= first[0])
    return spent() - (first?.[1] ?? 0)
  }
}

/** What the wallboard shows of a deployed stack. */
export const shownOf = Effect.fnUntraced(function* (
  { name, outputs }: StackTarget,
  reads: Reads,
  polling: Polling,
  price: Price,
  judgement: Judgement
) {
  const run = Effect.runPromiseWith(yield* Effect.context<never>())
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const { now, today, agentDays, timeZone, names, rhythm } = polling
  const settleWindowMs = outputs.settleWindowSeconds * 1_000
  const detailsOf = makeDetails(reads, polling, settleWindowMs)
  const unitsLastMinute = makeMeter(reads.spent, now)
  const machine: MachineClock = {
    now,
    at: (time, call) => {
      const fiber = fork(Effect.andThen(Effect.sleep(Math.max(0, time - now())), Effect.sync(call)))
      return () => fiber.interruptUnsafe()
    }
  }
  const shown: Shown = {
    machine,
    figures: () => {
      const settledThrough = polling.settledThrough()
      const problem = polling.problem()
      const since = today?.since() ?? agentDays?.since()
      return {
        run: { now: now(), stack: name.startsWith("stack ") ? name.slice("stack ".length) : outputs.prefix },
        settleWindowMs,
        reading: {
          by: rhythm.by,
          everySeconds: rhythm.by === "polling" ? rhythm.roundMs / 1_000 : PASS_EVERY_MS / 1_000,
          readAt: polling.readAt(),
          ...(settledThrough === undefined ? {} : { settledThrough }),
          unitsLastMinute: unitsLastMinute(),
          unitsAMinute: price.unitsAMinute,
          ...(problem === undefined ? {} : { problem }),
          without: `${WITHOUT}${rhythm.by === "polling" ? OF_NO_QUEUE : ""}.`
        },
        ...(since === undefined ? {} : { day: { since, timeZone } })
      }
    },
    document: polling.document,
    names,
    ...(today === undefined ? {} : { today }),
    judgement,
    details: (past) => {
      const of = detailsOf(past, ruleBy(judgement, names))
      return (kind, id) => run(of(kind, id))
    },
    close: async () => {}
  }
  return shown
})
