import { Effect, type Scope } from "effect"
import { isRefusal, NoAnswer } from "./error.ts"
import { type Fields, textOf } from "./http.ts"
import type { GenesysCredentials } from "./options.ts"
import { monotonicMs } from "./rate-limiter.ts"
import { makeSingleFlight } from "./single-flight.ts"

/** The bearer token of this client. */
export interface Tokens {
  /** The one that is held, or a new one; one request for all who ask at once. */
  readonly get: Effect.Effect<string, NoAnswer>
  /** One that is not `refused`: of many who were refused the same, one asks. */
  readonly renew: (refused: string) => Effect.Effect<string, NoAnswer>
}

/** A token that expires on its way helps nobody: it is given up this long before, or a tenth of its life before. */
const MARGIN_MS = 60_000

/**
 * For how long a token is asked for, secret included. Longer than a call may wait: who comes after one that gave up finds the token.
 */
const ASKING_MS = 5_000

interface Held {
  readonly token: string
  readonly until: number
}

const sameAs = (a: GenesysCredentials, b: GenesysCredentials): boolean =>
  a.clientId === b.clientId && a.clientSecret === b.clientSecret

export interface TokenSource {
  readonly readCredentials: Effect.Effect<GenesysCredentials, NoAnswer>
  /** Sends the credentials; the body of the answer. Fails with `refused` where they are. */
  readonly exchange: (credentials: GenesysCredentials) => Effect.Effect<Fields, NoAnswer>
}

export const makeTokens = ({ readCredentials, exchange }: TokenSource, scope: Scope.Scope): Tokens => {
  const flights = makeSingleFlight<string, NoAnswer>(scope)
  let credentials: GenesysCredentials | undefined
  let held: Held | undefined

  const read = Effect.tap(readCredentials, (fresh) =>
    Effect.sync(() => {
      credentials = fresh
    })
  )

  const exchanged = Effect.suspend(() => {
    const known = credentials
    if (known === undefined) return Effect.flatMap(read, exchange)
    // What was refused may have been rotated. What has not been is not sent again: it locks clients out.
    return Effect.catchIf(exchange(known), isRefusal, (refused) =>
      Effect.flatMap(read, (fresh) => (sameAs(fresh, known) ? Effect.fail(refused) : exchange(fresh)))
    )
  })

  const keep = (body: Fields): Effect.Effect<string, NoAnswer> => {
    const token = textOf(body.access_token)
    const seconds = body.expires_in
    if (token === undefined || typeof seconds !== "number" || !(seconds > 0))
      return Effect.fail(new NoAnswer({ reason: "unreadable" }))
    const life = seconds * 1_000
    return Effect.map(monotonicMs, (now) => {
      held = { token, until: now + life - Math.min(MARGIN_MS, life / 10) }
      return token
    })
  }

  const asked = exchanged.pipe(
    Effect.flatMap(keep),
    Effect.timeoutOrElse({ duration: ASKING_MS, orElse: () => Effect.fail(new NoAnswer({ reason: "timedOut" })) })
  )

  const get = Effect.flatMap(monotonicMs, (now) =>
    held !== undefined && now < held.until ? Effect.succeed(held.token) : flights("token", asked)
  )

  return {
    get,
    renew: (refused) =>
      Effect.suspend(() => {
        if (held?.token === refused) held = undefined
        return get
      })
  }
}
