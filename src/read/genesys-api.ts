import { Context, Effect, Layer } from "effect"
import { iso } from "../domain/time.ts"
import { normalisePresence, normaliseRoutingStatus } from "../genesys/presence.ts"
import { parseTime } from "../genesys/time.ts"
import type { BadOption } from "./errors.ts"
import { isRefusal, NoAnswer } from "./genesys-error.ts"
import { makeFlights } from "./genesys-flights.ts"
import { type Fields, fieldsOf, type Response, send, textOf } from "./genesys-http.ts"
import { type GenesysOptions, type GenesysSettings, genesysSettings } from "./genesys-options.ts"
import { makePace } from "./genesys-pace.ts"
import { readCredentials, type SecretAccess } from "./genesys-secret.ts"
import { makeTokens } from "./genesys-token.ts"

/** A facet as one source states it: in the spelling of events, and since when (ISO-8601 in UTC) where the source says. */
export interface Stated {
  readonly value: string
  readonly since?: string
}

/** What Genesys says of an agent. */
export interface Witness {
  readonly presence: Stated
  readonly routingStatus: Stated
}

/** The Genesys Cloud API, as far as a decision needs it. */
export class GenesysApi extends Context.Service<
  GenesysApi,
  {
    /**
     * Presence and routing status of a user now: one request, two or three where Genesys leaves out what was asked for. Calls for
     * one agent at the same time share it, so an answer was given at most `timeout` before its call.
     */
    readonly witness: (agentId: string) => Effect.Effect<Witness, NoAnswer>
  }
>()("projections/GenesysApi") {}

/** Without `Retry-After` a 429 says that it is enough, not for how long. */
const UNTOLD_HOLD_MS = 3_000

/** Credentials that were refused are not tried at every call. */
const REFUSED_HOLD_MS = 10_000

const LOGIN_REFUSALS: ReadonlySet<number> = new Set([400, 403, 404])

const ID = /^[0-9A-Za-z-]{1,64}$/

const stated = (value: string | undefined, since: unknown): Stated | undefined => {
  if (value === undefined) return undefined
  const clock = parseTime(since)
  return clock === undefined ? { value } : { value, since: iso(clock) }
}

const presenceIn = (body: Fields): Stated | undefined => {
  const value = textOf(fieldsOf(body.presenceDefinition).systemPresence)
  // Another source than the primary one does not speak for the agent.
  return body.primary === false ? undefined : stated(value && normalisePresence(value), body.modifiedDate)
}

const routingStatusIn = (body: Fields): Stated | undefined => {
  const value = textOf(body.status)
  return stated(value && normaliseRoutingStatus(value), body.startTime)
}

const isAbout = (agentId: string, id: unknown): boolean =>
  typeof id === "string" && id.toLowerCase() === agentId.toLowerCase()

const make = (settings: GenesysSettings, access: SecretAccess) =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const pace = makePace(settings.requestsPerMinute)
    const flights = makeFlights<Witness, NoAnswer>(scope)

    const held = (reason: "rateLimited" | "refused" | "unavailable", status: number, ms: number) =>
      Effect.flatMap(pace.hold(reason, ms), (retryAfterMs) =>
        Effect.fail(new NoAnswer({ reason, status, retryAfterMs }))
      )

    /** The response where it is one to read; else its failure, and the hold that it asks for. */
    const judge = (response: Response): Effect.Effect<Response, NoAnswer> => {
      const { status, retryAfterMs } = response
      if (status === 429) return held("rateLimited", status, retryAfterMs ?? UNTOLD_HOLD_MS)
      if (status >= 500 && retryAfterMs !== undefined) return held("unavailable", status, retryAfterMs)
      if (status === 401 || status === 403) return Effect.fail(new NoAnswer({ reason: "refused", status }))
      if (status === 404) return Effect.fail(new NoAnswer({ reason: "unknownAgent", status }))
      if (status < 200 || status > 299) return Effect.fail(new NoAnswer({ reason: "unavailable", status }))
      if (response.body === undefined) return Effect.fail(new NoAnswer({ reason: "unreadable", status }))
      return Effect.succeed(response)
    }

    const request = (url: string, init: RequestInit) => Effect.andThen(pace.take, send(url, init))

    const tokens = makeTokens(
      {
        readCredentials: readCredentials(settings.credentials, access),
        exchange: ({ clientId, clientSecret }) =>
          request(`${settings.login}/oauth/token`, {
            method: "POST",
            headers: {
              accept: "application/json",
              authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
              "content-type": "application/x-www-form-urlencoded"
            },
            body: "grant_type=client_credentials"
          }).pipe(
            // OAuth refuses a client with 400 as well, and the login knows no agents.
            Effect.map((response) => (LOGIN_REFUSALS.has(response.status) ? { ...response, status: 401 } : response)),
            Effect.flatMap(judge)
          )
      },
      scope
    )

    const get = (path: string, token: string) =>
      request(`${settings.api}${path}`, {
        headers: { accept: "application/json", authorization: `Bearer ${token}`, "cache-control": "no-cache" }
      })

    const ask = Effect.fnUntraced(function* (path: string) {
      const token = yield* tokens.get
      const first = yield* get(path, token)
      if (first.status !== 401) return fieldsOf((yield* judge(first)).body)
      const second = yield* get(path, yield* tokens.renew(token))
      return fieldsOf((yield* judge(second)).body)
    })

    /** A facet that was left out is asked for by itself: what a user is expanded with is best effort, as the API says. */
    const facet = Effect.fnUntraced(function* (
      expanded: Stated | undefined,
      path: string,
      read: (body: Fields) => Stated | undefined
    ) {
      const found = expanded ?? read(yield* ask(path))
      return found ?? (yield* new NoAnswer({ reason: "unreadable" }))
    })

    const observe = Effect.fnUntraced(function* (agentId: string) {
      const path = `/api/v2/users/${agentId}`
      const user = yield* ask(`${path}?expand=presence,routingStatus`)
      if (!isAbout(agentId, user.id)) return yield* new NoAnswer({ reason: "unreadable" })
      return yield* Effect.all(
        {
          presence: facet(presenceIn(fieldsOf(user.presence)), `${path}/presences/purecloud`, presenceIn),
          routingStatus: facet(routingStatusIn(fieldsOf(user.routingStatus)), `${path}/routingstatus`, routingStatusIn)
        },
        { concurrency: 2 }
      )
    })

    const holdRefused = (error: NoAnswer) =>
      isRefusal(error) ? held("refused", 401, REFUSED_HOLD_MS) : Effect.fail(error)

    const timed = Effect.timeoutOrElse({
      duration: settings.timeoutMs,
      orElse: () => Effect.fail(new NoAnswer({ reason: "timedOut" }))
    })

    return GenesysApi.of({
      witness: (agentId) =>
        ID.test(agentId)
          ? timed(flights(agentId.toLowerCase(), timed(Effect.catch(observe(agentId), holdRefused))))
          : Effect.fail(new NoAnswer({ reason: "unknownAgent" }))
    })
  })

/** The API by options. `access` says where the secret with the credentials is, where they are in one. */
export const makeGenesysApi = (options: GenesysOptions, access: SecretAccess = {}) =>
  Effect.flatMap(
    Effect.try({ try: () => genesysSettings(options), catch: (thrown) => thrown as BadOption }),
    (settings) => make(settings, access)
  )

export const layerGenesysApi = (options: GenesysOptions, access: SecretAccess = {}) =>
  Layer.effect(GenesysApi, makeGenesysApi(options, access))
