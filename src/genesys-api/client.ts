import { Effect, type Scope } from "effect"
import { isRefusal, NoAnswer } from "./error.ts"
import { type Fields, type Response, send } from "./http.ts"
import type { GenesysCredentials, GenesysSettings } from "./options.ts"
import { makeRateLimiter, type RateLimiter } from "./rate-limiter.ts"
import { makeTokens } from "./token.ts"

/** Without `Retry-After` a 429 says that it is enough, not for how long. */
export const UNTOLD_HOLD_MS = 3_000

/** Credentials that were refused are not tried at every call. */
const REFUSED_HOLD_MS = 10_000

const LOGIN_REFUSALS: ReadonlySet<number> = new Set([400, 403, 404])

const refusal = (status: number): NoAnswer | undefined => {
  if (status === 401 || status === 403) return new NoAnswer({ reason: "refused", status })
  if (status === 404) return new NoAnswer({ reason: "unknownAgent", status })
  return status < 200 || status > 299 ? new NoAnswer({ reason: "unavailable", status }) : undefined
}

type Holds = Pick<RateLimiter, "hold">

const hold = (pace: Holds, reason: "rateLimited" | "refused" | "unavailable", status: number, ms: number) =>
  Effect.flatMap(pace.hold(reason, ms), (retryAfterMs) => Effect.fail(new NoAnswer({ reason, status, retryAfterMs })))

/** The body of a response; or its failure, and the hold that it asks for. */
const judge =
  (pace: Holds) =>
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

const withToken = (token: string, { method = "GET", body }: ApiRequest): RequestInit => ({
  method,
  headers: {
    accept: "application/json",
    authorization: `Bearer ${token}`,
    "cache-control": "no-cache",
    ...(body === undefined ? {} : { "content-type": "application/json" })
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) })
})

/** A request to the API. `path` begins with `/api/v2/` and may have a query; `body` goes as JSON. */
export interface ApiRequest {
  /** Default: `GET`. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly path: string
  readonly body?: unknown
}

/** Sends a request, with a token that is renewed once where it is refused. Returns the response, whatever its status is. */
export type Exchange = (request: ApiRequest) => Effect.Effect<Response, NoAnswer>

/** Takes a place for one request, to the API or to the login, or fails with the wait. */
export interface Places {
  readonly take: RateLimiter["take"]
  readonly login: RateLimiter["take"]
  readonly hold: RateLimiter["hold"]
}

/** What a line to the API is made of. `timeoutMs`: how long one response may take; absent: as long as the caller waits. */
export interface Line {
  readonly settings: GenesysSettings
  readonly credentials: Effect.Effect<GenesysCredentials, NoAnswer>
  readonly places: Places
  readonly timeoutMs?: number
}

const timedOut = () => Effect.fail(new NoAnswer({ reason: "timedOut" }))

/** The line to the API: requests within the limit that `places` keeps, and a token. */
export const makeExchange = ({ settings, credentials, places, timeoutMs }: Line, scope: Scope.Scope): Exchange => {
  const read = judge(places)
  const timed =
    timeoutMs === undefined
      ? send
      : (url: string, init: RequestInit) =>
          Effect.timeoutOrElse(send(url, init), { duration: timeoutMs, orElse: timedOut })

  const exchange = (client: GenesysCredentials) =>
    Effect.andThen(places.login, timed(`${settings.login}/oauth/token`, form(client))).pipe(
      // OAuth refuses a client with 400 as well, and the login knows no agents.
      Effect.map((response) => (LOGIN_REFUSALS.has(response.status) ? { ...response, status: 401 } : response)),
      Effect.flatMap(read)
    )

  const tokens = makeTokens({ readCredentials: credentials, exchange }, scope)
  const call = (request: ApiRequest, token: string) =>
    Effect.andThen(places.take, timed(`${settings.api}${request.path}`, withToken(token, request)))

  return Effect.fnUntraced(function* (request) {
    const token = yield* tokens.get
    const first = yield* call(request, token)
    return first.status === 401 ? yield* call(request, yield* tokens.renew(token)) : first
  })
}

/** Asks one path of the API: the fields of what it answers. */
export type Ask = (path: string) => Effect.Effect<Fields, NoAnswer>

/** Asks within the rate limit. Nobody waits for it: who may not ask now, is told how long. */
export const makeGenesysClient = (
  settings: GenesysSettings,
  credentials: Effect.Effect<GenesysCredentials, NoAnswer>,
  scope: Scope.Scope
): Ask => {
  const pace = makeRateLimiter(settings.requestsPerMinute)
  const exchange = makeExchange({ settings, credentials, places: { ...pace, login: pace.take } }, scope)
  const read = judge(pace)
  return (path) =>
    exchange({ path }).pipe(
      Effect.flatMap(read),
      Effect.catchIf(isRefusal, ({ status = 401 }) => hold(pace, "refused", status, REFUSED_HOLD_MS))
    )
}
