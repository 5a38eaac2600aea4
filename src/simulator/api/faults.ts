import { makeRandom } from "../random.ts"

/** What goes wrong with the API at 1, as the share of requests or, where it says so, of parts. At 0.1 it is a tenth of it. */
export const apiFaultRates = {
  /** 500, 502, 503 or 504; a 502 with a page of HTML. */
  serverError: 0.1,
  /** 429 with a wait of a few seconds, though the client kept within its limit: others of the organisation did not. */
  rateLimited: 0.05,
  /** A part of a user or of a member that was asked for is missing. Of parts. */
  missingExpand: 0.1,
  /** The answer is as of a while ago. */
  stale: 0.2,
  /** A list of observations is cut in the middle. Of lists. */
  truncated: 0.1,
  /** A queue or a medium where nothing happens is left out of observations rather than said to be empty. Of groups. */
  silentGroup: 0.5,
  /** The token of the request is no longer valid, before its time. */
  expiredToken: 0.02
} as const

export type ApiFault = keyof typeof apiFaultRates

/** 0 (nothing goes wrong) to 1 for all faults, or for each of those named, as a factor of its rate. */
export type FaultOptions = number | { readonly [fault in ApiFault]?: number }

export interface Faults {
  /** Whether this one happens now. */
  readonly happens: (fault: ApiFault) => boolean
  readonly whole: (low: number, high: number) => number
  readonly pick: <A>(items: ReadonlyArray<A>) => A
  /** How often each happened so far. */
  readonly counts: () => { readonly [fault in ApiFault]?: number }
  readonly isPossible: (fault: ApiFault) => boolean
  /** No more of them. */
  readonly end: () => void
}

/** Faults by seed: the same requests in the same order meet the same ones. */
export const makeFaults = (seed: number, options: FaultOptions): Faults => {
  const random = makeRandom(`${seed}:api-faults`)
  const counts: { [fault in ApiFault]?: number } = {}
  let ended = false
  const rate = (fault: ApiFault) =>
    ended ? 0 : apiFaultRates[fault] * (typeof options === "number" ? options : (options[fault] ?? 0))
  return {
    happens: (fault) => {
      if (rate(fault) === 0 || !random.chance(rate(fault))) return false
      counts[fault] = (counts[fault] ?? 0) + 1
      return true
    },
    whole: random.whole,
    pick: random.pick,
    counts: () => counts,
    isPossible: (fault) => rate(fault) > 0,
    end: () => {
      ended = true
    }
  }
}
