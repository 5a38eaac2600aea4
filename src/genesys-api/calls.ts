import { Clock, Context, Effect, Layer, Random } from "effect"
import { Deadline } from "../store/deadline.ts"
import { CallFailed, type CallFailure, describeCall, problemIn } from "./call-failed.ts"
import { type ApiRequest, type Exchange, makeExchange, UNTOLD_HOLD_MS } from "./client.ts"
import type { NoAnswer, NoAnswerReason } from "./error.ts"
import type { Fields, Response } from "./http.ts"
import { type GenesysOptions, type GenesysSettings, genesysSettings } from "./options.ts"
import { makePace, type Pace } from "./pace.ts"
import { readCredentials, type SecretAccess } from "./secret.ts"

/** `repeatable`: the request may be sent again when nobody knows whether it arrived. Default: for `GET`. */
export interface Call extends ApiRequest {
  readonly repeatable?: boolean
}

/** Calls to the Genesys Cloud API that take the time they need: for what reads or sets up an organisation, not for a decision. */
export class GenesysCalls extends Context.Service<
  GenesysCalls,
  {
    /**
     * The fields of what the API answers; none where it answers without a body. Waits for its turn within the rate limit. Tries again after
     * a 429, and after a failure that may pass where the call is repeatable, with growing pauses. Fails at once with what does not pass, and
     * where the deadline of the invocation is nearer than the next try.
     */
    readonly request: (call: Call) => Effect.Effect<Fields, CallFailed>
    /** Requests that went out so far, those to the login included. */
    readonly sent: Effect.Effect<number>
  }
>()("projections/GenesysCalls") {}

/** How long a response may take, unless the options say: a page of 500 users with all that they are expanded with is no small thing. */
const PATIENCE_MS = 15_000

/** Tries of one call that may pass: with their pauses, more than a minute. */
const TRIES = 6

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/** Tries of one call that is told to wait: at the longest holds, more than an hour. */
const WAITS = 20

const byStatus: Readonly<Record<number, CallFailure>> = {
  401: "refused",
  403: "forbidden",
  404: "notFound",
  409: "conflict",
  408: "timedOut",
  429: "rateLimited"
}

const failureOf = (status: number): CallFailure =>
  byStatus[status] ?? (status >= 400 && status < 500 ? "invalid" : "unavailable")

const sameReason: Readonly<Record<NoAnswerReason, CallFailure>> = {
  rateLimited: "rateLimited",
  timedOut: "timedOut",
  unavailable: "unavailable",
  unreadable: "unreadable",
  refused: "refused",
  unknownAgent: "notFound",
  noCredentials: "noCredentials"
}

/** Failures that may pass by themselves. */
const passing: ReadonlySet<CallFailure> = new Set(["unavailable", "timedOut", "unreadable"])

const unanswered = (call: string, { reason, status, retryAfterMs, detail }: NoAnswer) =>
  new CallFailed({
    reason: sameReason[reason],
    call,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(detail === undefined ? {} : { detail })
  })

/** The fields of a response, or what its status means; a wait that it asks for holds all calls. */
const judge = Effect.fnUntraced(function* (pace: Pace, call: string, { status, body, retryAfterMs, empty }: Response) {
  if (status >= 200 && status < 300) {
    if (body !== undefined) return body
    if (empty) return {} as Fields
    return yield* new CallFailed({ reason: "unreadable", call, status })
  }
  const reason = failureOf(status)
  const asked = status === 429 ? (retryAfterMs ?? UNTOLD_HOLD_MS) : status >= 500 ? retryAfterMs : undefined
  const held = asked === undefined ? {} : { retryAfterMs: yield* pace.hold("rateLimited", asked) }
  return yield* new CallFailed({ reason, call, status, ...problemIn(body ?? {}), ...held })
})

/** Full jitter: who failed together does not come back together. */
const pause = Effect.fnUntraced(function* (attempt: number) {
  return (yield* Random.next) * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)
})

const makeRequest = (exchange: Exchange, pace: Pace) => {
  const once = (request: ApiRequest, call: string) =>
    Effect.andThen(pace.ready, exchange(request)).pipe(
      Effect.mapError((error) => unanswered(call, error)),
      Effect.flatMap((response) => judge(pace, call, response))
    )

  return Effect.fnUntraced(function* ({ repeatable, ...request }: Call) {
    const { method = "GET" } = request
    const call = describeCall(method, request.path)
    const mayRepeat = repeatable ?? method === "GET"
    for (let [tries, waits] = [1, 1]; ; ) {
      const result = yield* Effect.result(once(request, call))
      if (result._tag === "Success") return result.success
      const { failure } = result
      const left = (yield* Deadline) - (yield* Clock.currentTimeMillis)
      // Refused for its number, a request was not carried out, and may be sent again whatever it does.
      if (failure.reason === "rateLimited") {
        if (waits++ >= WAITS || (failure.retryAfterMs ?? 0) > left) return yield* failure
        continue
      }
      const pauseMs = yield* pause(tries)
      if (!(mayRepeat && passing.has(failure.reason)) || tries++ >= TRIES || pauseMs > left) return yield* failure
      yield* Effect.sleep(pauseMs)
    }
  })
}

/** The calls by their settings. `access` says where the secret is that holds the credentials. */
export const makeGenesysCalls = Effect.fnUntraced(function* (settings: GenesysSettings, access: SecretAccess) {
  const pace = makePace(settings.requestsPerMinute)
  const line = { settings, credentials: readCredentials(settings.credentials, access), places: pace }
  const exchange = makeExchange({ ...line, timeoutMs: settings.timeoutMs }, yield* Effect.scope)
  return GenesysCalls.of({ request: makeRequest(exchange, pace), sent: pace.sent })
})

/** Returns the layer of the calls with these options. Fails with `BadOption` for one that cannot be used. */
export const layerGenesysCalls = (options: GenesysOptions, access: SecretAccess = {}) =>
  Layer.effect(
    GenesysCalls,
    Effect.flatMap(genesysSettings({ timeout: PATIENCE_MS, ...options }), (settings) =>
      makeGenesysCalls(settings, access)
    )
  )
