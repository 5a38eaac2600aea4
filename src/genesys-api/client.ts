import { Effect, type Scope } from "effect"
import { isRefusal, NoAnswer } from "./error.ts"
import { type Fields, type Response, send } from "./http.ts"
import type { GenesysCredentials, GenesysSettings } from "./options.ts"
import { makeRateLimiter, type RateLimiter } from "./rate-limiter.ts"
import { makeTokens } from "./token.ts"

/** Without `Retry-After` a 429 says that it is enough, not for how long. */
const UNTOLD_HOLD_MS = 3_000

/** Credentials that were refused are not tried at every call. */
const REFUSED_HOLD_MS = 10_000

const LOGIN_REFUSALS: ReadonlySet<number> = new Set([400, 403, 404])

const refusal = (status: number): NoAnswer | undefined => {
  if (status === 401 || status === 403) return new NoAnswer({ reason: "refused", status })
  if (status === 404) return new NoAnswer({ reason: "unknownAgent", status })
  return status < 200 || status > 299 ? new NoAnswer({ reason: "unavailable", status }) : undefined
}

const hold = (pace: RateLimiter, reason: "rateLimited" | "refused" | "unavailable", status: number, ms: number) =>
  Effect.flatMap(pace.hold(reason, ms), (retryAfterMs) => Effect.fail(new NoAnswer({ reason, status, retryAfterMs })))

/** The body of a response; or its failure, and the hold that it asks for. */
const judge =
  (pace: RateLimiter) =>
  ({ status, retryAfterMs, body }: Response): Effect.Effect<Fields, NoAnswer> => {
    if (status === 429) return hold(pace, "rateLimited", status, retryAfterMs ?? UNTOLD_HOLD_MS)
    if (status >= 500 && retryAfterMs !== undefined) return hold(pace, "unavailable", status, retryAfterMs)
    const refused = refusal(status)
    if (refused !== undefined) return Effect.fail(refused)
    return body === undefined ? Effect.fail(new NoAnswer({ reason: "unreadable", status })) : Effect.succeed(body)
  }

const form = ({ clientId, clientSecret }: GenesysCredentials): RequestInit => ({
  method: "POST",
  headers: {
    accept: "application/json",
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded"
  },
  body: "grant_type=client_credentials"
})

const bearer = (token: string): RequestInit => ({
  headers: { accept: "application/json", authorization: `Bearer ${token}`, "cache-control": "no-cache" }
})

/** Asks one path of the API: the fields of what it answers. */
export type Ask = (path: string) => Effect.Effect<Fields, NoAnswer>

/** The line to the API: requests within the limit, with a token that is renewed once where it is refused. */
export const makeGenesysClient = (
  settings: GenesysSettings,
  credentials: Effect.Effect<GenesysCredentials, NoAnswer>,
  scope: Scope.Scope
): Ask => {
  const pace = makeRateLimiter(settings.requestsPerMinute)
  const read = judge(pace)
  const request = (url: string, init: RequestInit) => Effect.andThen(pace.take, send(url, init))

  const exchange = (client: GenesysCredentials) =>
    request(`${settings.login}/oauth/token`, form(client)).pipe(
      // OAuth refuses a client with 400 as well, and the login knows no agents.
      Effect.map((response) => (LOGIN_REFUSALS.has(response.status) ? { ...response, status: 401 } : response)),
      Effect.flatMap(read)
    )

  const tokens = makeTokens({ readCredentials: credentials, exchange }, scope)
  const get = (path: string, token: string) => request(`${settings.api}${path}`, bearer(token))

  const ask = Effect.fnUntraced(function* (path: string) {
    const token = yield* tokens.get
    const first = yield* get(path, token)
    return yield* read(first.status === 401 ? yield* get(path, yield* tokens.renew(token)) : first)
  })

  return (path) =>
    Effect.catchIf(ask(path), isRefusal, ({ status = 401 }) => hold(pace, "refused", status, REFUSED_HOLD_MS))
}
