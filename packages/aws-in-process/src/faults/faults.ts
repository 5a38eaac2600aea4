import type { Activity } from "../core/activity.ts"
import { type EngineClock, type Service, ServiceError } from "../core/types.ts"
import type { SeededRandom } from "../random.ts"
import { partialAnswers } from "./partial.ts"

/** How often each fault happens, 0 to 1. */
export interface FaultRates {
  /** The call is refused before it does anything; in a batch, single entries are. */
  readonly throttle: number
  /** The call takes effect, and its answer never arrives. */
  readonly loseAnswer: number
  /** The answer comes up to `slowestMs` later. */
  readonly slow: number
  /** A batch read leaves keys out; a query or scan returns a short page. */
  readonly partial: number
}

export type FaultKind = keyof FaultRates | "throttleEntry"

/** The services of which the faults are known, by the names that the engine gives them. */
export type FaultyService = "dynamodb" | "sqs" | "kinesis" | "s3" | "sns" | "secretsmanager"

export interface Faults {
  readonly wrap: (name: FaultyService, service: Service) => Service
  /** Faults happen from the start; off, every call passes untouched. */
  readonly enable: (on: boolean) => void
  readonly counts: () => Readonly<Record<FaultKind, number>>
}

/** One number for all: `level` 0 injects nothing, 1 refuses every sixth call. */
export const chaosRates = (level: number): FaultRates => ({
  throttle: level / 6,
  loseAnswer: level / 20,
  slow: level / 6,
  partial: level / 4
})

/** What each service says when it is asked too much. */
const throttled: Readonly<Record<FaultyService, () => ServiceError>> = {
  dynamodb: () => new ServiceError("ThrottlingException", "Rate exceeded"),
  sqs: () => new ServiceError("RequestThrottled", "Request is throttled.", 403),
  kinesis: () => new ServiceError("ProvisionedThroughputExceededException", "Rate exceeded for stream"),
  s3: () => new ServiceError("SlowDown", "Please reduce your request rate.", 503),
  sns: () => new ServiceError("Throttling", "Rate exceeded"),
  secretsmanager: () => new ServiceError("ThrottlingException", "Rate exceeded")
}

/** What the SDK's own HTTP handler fails with, in both of its forms. */
const lost = [
  () => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
  () => Object.assign(new Error("Request timed out"), { name: "TimeoutError" })
] as const

/**
 * Injects the faults that AWS is known for, drawn from `random`. Each service has a generator of its own, so that the calls to one do
 * not shift the faults of another. A slow answer waits on the engine clock.
 */
export const makeFaults = (options: {
  readonly random: SeededRandom
  readonly rates: FaultRates
  readonly clock: EngineClock
  readonly activity: Activity
  /** Longest delay of a slow answer in ms of engine time; 2,000 unless given. */
  readonly slowestMs?: number
}): Faults => {
  const { rates, clock, activity, slowestMs = 2000 } = options
  const counts: Record<FaultKind, number> = { throttle: 0, throttleEntry: 0, loseAnswer: 0, slow: 0, partial: 0 }
  let enabled = true

  const wrap: Faults["wrap"] = (name, service) => {
    const random = options.random.fork(`faults/${name}`)
    const happens = (kind: keyof FaultRates, counted: FaultKind = kind) => {
      const yes = random.chance(rates[kind])
      if (yes) counts[counted]++
      return yes
    }
    return async (operation, input, principal) => {
      if (!enabled) return service(operation, input, principal)
      // All draws before the call: how many there are must not depend on its answer or on who else is waiting.
      const refused = happens("throttle")
      const loses = !refused && happens("loseAnswer")
      const slow = !refused && happens("slow")
      const delay = slow ? 1 + random.int(slowestMs) : 0
      const how = random.pick(lost)
      if (refused) throw throttled[name]()

      const partial = partialAnswers.get(operation)
      const answer = await (partial === undefined
        ? service(operation, input, principal)
        : partial(input, { random, happens }, (changed) => service(operation, changed, principal)))
      if (slow) await activity.sleep(clock, delay)
      if (loses) throw how()
      return answer
    }
  }

  return {
    wrap,
    enable: (on) => {
      enabled = on
    },
    counts: () => ({ ...counts })
  }
}
