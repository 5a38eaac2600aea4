import type { EngineClock } from "./types.ts"

/** Sleeps on the engine's clock that end early when the sleeper is stopped. */
export interface Sleeper {
  readonly sleep: (ms: number) => Promise<void>
  readonly stop: () => void
}

export const makeSleeper = (clock: EngineClock): Sleeper => {
  const wakes = new Set<() => void>()
  let stopped = false
  return {
    sleep: (ms) =>
      new Promise((resolve) => {
        if (stopped) return resolve()
        const wake = () => {
          cancel()
          wakes.delete(wake)
          resolve()
        }
        const cancel = clock.at(clock.now() + ms, wake)
        wakes.add(wake)
      }),
    stop: () => {
      stopped = true
      for (const wake of wakes) wake()
    }
  }
}
