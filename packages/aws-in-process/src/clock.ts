import { Clock, Duration, Effect, Layer } from "effect"
import { makeTimers } from "./core/timers.ts"
import type { EngineClock } from "./core/types.ts"

/** The longest time that `setTimeout` can wait. */
const LONGEST_WAIT = 2 ** 31 - 1

/** The machine's time. One timer of the machine serves all tasks, and keeps the process alive while a task is set. */
export const realClock = (): EngineClock => {
  const timers = makeTimers()
  let armed: { readonly time: number; readonly handle: NodeJS.Timeout } | undefined

  const arm = () => {
    const next = timers.next()
    if (next === armed?.time) return
    clearTimeout(armed?.handle)
    armed = undefined
    if (next === undefined) return
    const wait = Math.min(Math.max(Math.ceil(next - Date.now()), 1), LONGEST_WAIT)
    armed = { time: next, handle: setTimeout(run, wait) }
  }
  const run = () => {
    armed = undefined
    const now = Date.now()
    try {
      for (let task = timers.takeDue(now); task !== undefined; task = timers.takeDue(now)) task()
    } finally {
      arm()
    }
  }

  return {
    now: Date.now,
    at: (time, task) => {
      const cancel = timers.set(time, task)
      arm()
      return () => {
        cancel()
        arm()
      }
    }
  }
}

export interface VirtualClock extends EngineClock {
  /** Runs every task that is due by `time`, each at its own instant, then stands at `time`. Never goes back. */
  readonly advanceTo: (time: number) => void
  /** The time of the earliest task; undefined when none is set. */
  readonly nextTimer: () => number | undefined
  /** Grows with each task that is set, cancelled or run: unchanged means that nothing touched the clock. */
  readonly touched: () => number
}

/** Time that stands still until it is moved. `start` is epoch ms. */
export const virtualClock = (start: number): VirtualClock => {
  const timers = makeTimers()
  let time = start
  let touched = 0
  return {
    now: () => time,
    // Whole milliseconds, as every clock of AWS tells them: a fraction would end up in what is stored.
    at: (due, task) => {
      touched++
      const cancel = timers.set(Math.ceil(due), task)
      return () => {
        touched++
        cancel()
      }
    },
    advanceTo: (end) => {
      for (;;) {
        const next = timers.next()
        if (next === undefined || next > end) break
        time = Math.max(time, next)
        touched++
        timers.takeDue(time)?.()
      }
      time = Math.max(time, end)
    },
    nextTimer: timers.next,
    touched: () => touched
  }
}

const nanos = (ms: number) => BigInt(Math.floor(ms * 1_000)) * 1_000n

/**
 * Replaces Effect's clock by the engine's, so that sleeps, schedules and time-outs run on engine time. It must reach the running
 * effects: merge it into the layer of the handler's runtime.
 */
export const effectClock = (clock: EngineClock): Layer.Layer<never> => {
  const sleepMillis = (ms: number): Effect.Effect<void> => {
    if (ms <= 0) return Effect.yieldNow
    if (!Number.isFinite(ms)) return Effect.never
    return Effect.callback((resume) => {
      const cancel = clock.at(clock.now() + ms, () => resume(Effect.void))
      return Effect.sync(cancel)
    })
  }
  const currentTimeNanosUnsafe = () => nanos(clock.now())
  return Layer.succeed(Clock.Clock, {
    currentTimeMillisUnsafe: clock.now,
    currentTimeMillis: Effect.sync(clock.now),
    currentTimeNanosUnsafe,
    currentTimeNanos: Effect.sync(currentTimeNanosUnsafe),
    monotonicTimeNanosUnsafe: currentTimeNanosUnsafe,
    monotonicTimeNanos: Effect.sync(currentTimeNanosUnsafe),
    sleep: (duration) => sleepMillis(Duration.toMillis(duration))
  })
}
