/** When a breaker opens, waits and closes. Times in ms, counts at least 1, `share` above 0 and at most 1. */
export interface BreakerRules {
  /** So many failures in a row open it ... */
  readonly failures: number
  /** ... and so does this share of failures among at least `calls` calls, counted for `window` ms from a first failure on. */
  readonly share: number
  readonly calls: number
  readonly window: number
  /** How long it stays open; twice as long each time a probe fails, up to `longestCoolDown`. */
  readonly coolDown: number
  readonly longestCoolDown: number
  /** After which a probe that nothing was heard of counts as gone. */
  readonly lease: number
  /** So many probes that succeed, one after the other, close it. */
  readonly successes: number
}

/** What is known of a dependency, as data. Times are epoch ms; `rounds` counts the cool-downs since it was closed. */
export type Breaker =
  | {
      readonly state: "closed"
      readonly inARow: number
      /** Of the present window: when it began, and how many calls and failures it saw. Nothing is counted before a first failure. */
      readonly since: number
      readonly calls: number
      readonly failed: number
    }
  | { readonly state: "open"; readonly until: number; readonly rounds: number }
  | { readonly state: "halfOpen"; readonly rounds: number; readonly succeeded: number; readonly probe?: Probe }

interface Probe {
  readonly holder: string
  readonly until: number
}

/**
 * What happens to a breaker, and on whose account. `ask`: may I call? `failed`: the dependency did not do its work. `succeeded`: it did.
 * `refused`: it answered that the data is bad, so it works. `abandoned`: there was nothing to call it with.
 */
export interface BreakerEvent {
  readonly type: "ask" | "succeeded" | "refused" | "failed" | "abandoned"
  readonly holder: string
}

/** `pass`: call as you like. `probe`: make one call, and tell how it went. `wait`: do not call. */
export type Permit = "pass" | "probe" | "wait"

type Closed = Extract<Breaker, { state: "closed" }>

export const closed: Closed = { state: "closed", inARow: 0, since: 0, calls: 0, failed: 0 }

/** What a breaker that has been asked grants to a holder. */
export const permitOf = (breaker: Breaker, holder: string): Permit => {
  if (breaker.state === "closed") return "pass"
  return breaker.state === "halfOpen" && breaker.probe?.holder === holder ? "probe" : "wait"
}

/**
 * The breaker after an event at `now`; the same value when the event changes nothing. Total: what cannot happen, such as the report of
 * a probe that was given up long ago, changes nothing either.
 */
export const step = (rules: BreakerRules, breaker: Breaker, { type, holder }: BreakerEvent, now: number): Breaker => {
  switch (breaker.state) {
    case "closed":
      if (type === "failed") return countFailure(rules, breaker, now)
      return type === "succeeded" || type === "refused" ? countSuccess(rules, breaker, now) : breaker
    case "open":
      if (type !== "ask" || now < breaker.until) return breaker
      return { state: "halfOpen", rounds: breaker.rounds, succeeded: 0, probe: { holder, until: now + rules.lease } }
    case "halfOpen": {
      const { probe, ...rest } = breaker
      if (type === "ask")
        return probe === undefined || now >= probe.until
          ? { ...rest, probe: { holder, until: now + rules.lease } }
          : breaker
      if (probe?.holder !== holder) return breaker
      if (type === "failed") return open(rules, breaker.rounds, now)
      if (type === "abandoned") return rest
      const succeeded = breaker.succeeded + 1
      return succeeded >= rules.successes ? closed : { ...rest, succeeded }
    }
  }
}

const open = (rules: BreakerRules, rounds: number, now: number): Breaker => ({
  state: "open",
  until: now + Math.min(rules.coolDown * 2 ** rounds, rules.longestCoolDown),
  rounds: rounds + 1
})

const inWindow = (rules: BreakerRules, { failed, since }: Closed, now: number): boolean =>
  failed > 0 && now < since + rules.window

const countFailure = (rules: BreakerRules, breaker: Closed, now: number): Breaker => {
  const { since, calls, failed } = inWindow(rules, breaker, now) ? breaker : { since: now, calls: 0, failed: 0 }
  const next = { ...breaker, inARow: breaker.inARow + 1, since, calls: calls + 1, failed: failed + 1 }
  const tooMany = next.calls >= rules.calls && next.failed >= rules.share * next.calls
  return next.inARow >= rules.failures || tooMany ? open(rules, 0, now) : next
}

const countSuccess = (rules: BreakerRules, breaker: Closed, now: number): Breaker => {
  if (inWindow(rules, breaker, now)) return { ...breaker, inARow: 0, calls: breaker.calls + 1 }
  return breaker.failed > 0 || breaker.inARow > 0 ? closed : breaker
}

/**
 * The longest time in ms from the moment that the dependency is well again until the breaker is closed, if somebody asks every `pause`
 * ms, has something to call it with, and hears within the lease: the cool-down, a probe that crashed, and the probes that close it.
 */
export const longestRecovery = (rules: BreakerRules, pause: number): number =>
  Math.max(rules.coolDown, rules.longestCoolDown) + rules.lease + (rules.successes + 2) * pause
