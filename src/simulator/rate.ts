import { makeAgenda } from "./agenda.ts"

const TICK_MS = 200

/**
 * The clock of the simulator. Handling times, patience and shifts are drawn in natural milliseconds; `now` is published time,
 * epoch ms. One published millisecond is `pace` natural ones, and the pace is steered so that `rate` records a second come out:
 * a population too small for the rate works faster, and never differently.
 */
export interface EmissionRate {
  /** Published time, epoch ms. */
  readonly now: () => number
  /** Natural time since the start, ms. */
  readonly natural: () => number
  /** Runs `task` after so many natural milliseconds. */
  readonly after: (ms: number, task: () => void) => void
  /** Runs `task` after so many published milliseconds, as the pace is now. */
  readonly afterPublished: (ms: number, task: () => void) => void
  /** Nothing happens before this instant of published time. */
  readonly horizon: () => number
  /** Moves to the horizon and does what is due there: a task, or steering. */
  readonly advance: () => void
  /** Lets so many ms of published time pass in which nothing happens. */
  readonly rest: (ms: number) => void
  readonly tasks: () => number
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

/** `emitted` counts the records so far; `pace` is a first guess, from which the steering departs. */
export const makeEmissionRate = (start: number, rate: number, pace: number, emitted: () => number): EmissionRate => {
  const agenda = makeAgenda<() => void>()
  const memory = Math.exp(-TICK_MS / (5_000 + 20_000 / rate))
  const horizon = 3 + 6 / rate
  let speed = pace
  let [published, natural, tick] = [start, 0, start + TICK_MS]
  const prior = 2 + 10 / rate
  let [seconds, records] = [prior * pace, prior * rate]
  let [seen, debt, since] = [0, 0, 0]

  const steer = (): void => {
    const fresh = emitted() - seen
    seen += fresh
    records = records * memory + fresh
    seconds = seconds * memory + (natural - since) / 1_000
    since = natural
    // Debt is forgotten beyond ten seconds: a lull is made up for gently, not by a burst.
    debt = clamp(debt + (rate * TICK_MS) / 1_000 - fresh, -10 * rate - 30, 10 * rate + 30)
    const wanted = clamp(rate + debt / horizon, rate / 4, 2 * rate)
    const density = Math.max(records, 0.5) / seconds
    speed = clamp(wanted / density, speed / 1.6, speed * 1.6)
  }

  const dueIn = (): number => {
    const due = agenda.due()
    if (due === undefined) throw new Error("a simulator without anything to come")
    return (due - natural) / speed
  }

  return {
    now: () => Math.round(published),
    natural: () => natural,
    after: (ms, task) => agenda.add(natural + ms, task),
    afterPublished: (ms, task) => agenda.add(natural + ms * speed, task),
    horizon: () => Math.min(tick, published + dueIn()),
    advance: () => {
      const wait = dueIn()
      if (published + wait >= tick) {
        natural += (tick - published) * speed
        published = tick
        tick += TICK_MS
        steer()
        return
      }
      published += wait
      natural = agenda.due() as number
      agenda.take()?.()
    },
    rest: (ms) => {
      published += ms
      tick += ms
    },
    tasks: agenda.size
  }
}
