import { type VirtualClock, virtualClock } from "../src/clock.ts"
import { makeActivity } from "../src/core/activity.ts"
import { type Authorize, type Principal, type RandomSource, ServiceError } from "../src/core/types.ts"
import { type RunVirtual, runVirtual } from "../src/run-virtual.ts"

export const START = Date.UTC(2026, 0, 5, 9)

/** A virtual clock at `START`, the activity beside it, and a run of so many ms. */
export const makeTime = () => {
  const clock: VirtualClock = virtualClock(START)
  const activity = makeActivity()
  return {
    clock,
    activity,
    /** Ms since `START`. */
    elapsed: () => clock.now() - START,
    /** Lets everything happen that is due within `ms` from now. */
    pass: (ms: number) => {
      const end = clock.now() + ms
      clock.at(end, () => {})
      return runVirtual(clock, { pending: activity.pending, until: () => clock.now() >= end, limit: ms })
    },
    run: (until: () => boolean, more: Partial<RunVirtual> = {}) =>
      runVirtual(clock, { pending: activity.pending, until, limit: 3_600_000, ...more })
  }
}

/** An authorizer that refuses the actions named, and writes down all others. */
export const guard = (...refused: ReadonlyArray<string>) => {
  const used: Array<string> = []
  const authorize: Authorize = (_principal, action, resource) => {
    if (refused.includes(action)) throw new ServiceError("AccessDeniedException", `${action} on ${resource}`)
    used.push(`${action} ${resource}`)
  }
  return { authorize, used }
}

export const ROLE: Principal = { roleArn: "arn:aws:iam::000000000000:role/tester", label: "tester" }

/** A generator of the given numbers, then the last one for ever. */
export const random = (...throws: readonly [number, ...Array<number>]): RandomSource => {
  let i = 0
  return { next: () => throws[Math.min(i++, throws.length - 1)]! }
}

export const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:000000000000:${resource}`

/** The error's name, when `call` rejects with one. */
export const errorOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "no error",
    (error: unknown) => (error instanceof Error ? error.name : String(error))
  )
