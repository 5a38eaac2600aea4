import type { VirtualClock } from "./clock.ts"

export interface RunVirtual {
  /** Work in progress that ends without the passing of engine time, such as a table's disk. Time stands while it is not 0. */
  readonly pending: () => number
  /** The goal: asked whenever nothing more can happen at the present instant. */
  readonly until: () => boolean
  /** Engine time that may pass, in ms. */
  readonly limit: number
  /** What has not happened yet, for the error. */
  readonly waiting?: () => string
}

/** Idle turns in a row that end an instant. One would do if each turn saw all its work; the others are for results on their way. */
const IDLE_TURNS = 3

/** Real time in ms after which work that ends by itself is taken for dead. */
const PATIENCE = 10_000

/** Runs of this process that wait for their next turn. */
let waitingRuns = 0

const turn = () => {
  waitingRuns++
  return new Promise<void>((resolve) =>
    setImmediate(() => {
      waitingRuns--
      resolve()
    })
  )
}

/** Somebody has asked for the next turn (an Effect fiber that yielded), or the file system owes an answer: callback, promise, close. */
const BUSY: ReadonlySet<string> = new Set(["Immediate", "FSReqCallback", "FSReqPromise", "CloseReq"])

// Two runs would keep each other busy for ever, such as a test's and that of one before it that has timed out.
const machineBusy = () => process.getActiveResourcesInfo().filter((name) => BUSY.has(name)).length > waitingRuns

/**
 * Runs a virtual clock until the goal: lets all promise work of an instant drain, then jumps to the next timer. Rejects when the
 * goal is out of reach (no timer is left, or none within `limit`), and says what is waiting.
 */
export const runVirtual = async (
  clock: VirtualClock,
  { pending, until, limit, waiting }: RunVirtual
): Promise<void> => {
  const end = clock.now() + limit
  const fail = (what: string) => {
    const more = waiting === undefined ? "" : `; waiting: ${waiting()}`
    throw new Error(`${what} at ${new Date(clock.now()).toISOString()} (${pending()} pending${more})`)
  }

  const drain = async () => {
    let lastMove = performance.now()
    let seen = clock.touched()
    for (let idle = 0; idle < IDLE_TURNS; ) {
      await turn()
      const touched = clock.touched()
      const moved = touched !== seen || machineBusy()
      seen = touched
      if (moved) lastMove = performance.now()
      if (moved || pending() > 0) idle = 0
      else idle++
      if (performance.now() - lastMove > PATIENCE) fail("stuck: work does not end")
    }
  }

  for (;;) {
    await drain()
    const next = clock.nextTimer()
    if (next !== undefined && next <= clock.now()) {
      clock.advanceTo(clock.now())
      continue
    }
    if (until()) return
    if (next === undefined) return fail("stuck: no timer is left")
    if (next > end) return fail(`not done within ${limit} ms`)
    clock.advanceTo(next)
  }
}
