import { Context, Effect, Layer } from "effect"
import { type Ask, makeGenesysClient } from "./client.ts"
import { NoAnswer } from "./error.ts"
import { type Fields, fieldsOf } from "./http.ts"
import { type GenesysOptions, type GenesysSettings, genesysSettings } from "./options.ts"
import { readCredentials, type SecretAccess } from "./secret.ts"
import { makeSingleFlight } from "./single-flight.ts"
import { type Facet, type GenesysSnapshot, isAbout, presenceIn, routingStatusIn } from "./snapshot.ts"

/** The part of the Genesys Cloud API that a decision needs. */
export class GenesysApi extends Context.Service<
  GenesysApi,
  {
    /**
     * Presence and routing status of a user now: one request, or up to three where Genesys leaves out a part. Concurrent calls for one
     * agent share it, so a response may be up to `timeout` older than its call.
     */
    readonly snapshot: (agentId: string) => Effect.Effect<GenesysSnapshot, NoAnswer>
  }
>()("projections/GenesysApi") {}

/** What would change the path, or is no id of Genesys, is not asked for. */
const ID = /^[0-9A-Za-z-]{1,64}$/

/** A facet that was left out is asked for by itself: what a user is expanded with is best effort, as the API says. */
const facet = Effect.fnUntraced(function* (
  ask: Ask,
  expanded: Facet | undefined,
  path: string,
  read: (body: Fields) => Facet | undefined
) {
  const found = expanded ?? read(yield* ask(path))
  return found ?? (yield* new NoAnswer({ reason: "unreadable" }))
})

const observe = Effect.fnUntraced(function* (ask: Ask, agentId: string) {
  const path = `/api/v2/users/${agentId}`
  const user = yield* ask(`${path}?expand=presence,routingStatus`)
  if (!isAbout(agentId, user)) return yield* new NoAnswer({ reason: "unreadable" })
  const [presence, routingStatus] = [presenceIn(fieldsOf(user.presence)), routingStatusIn(fieldsOf(user.routingStatus))]
  return yield* Effect.all(
    {
      presence: facet(ask, presence, `${path}/presences/purecloud`, presenceIn),
      routingStatus: facet(ask, routingStatus, `${path}/routingstatus`, routingStatusIn)
    },
    { concurrency: 2 }
  )
})

/** The API by its settings. `access` says where the secret is that holds the credentials. */
export const makeGenesysApi = Effect.fnUntraced(function* (settings: GenesysSettings, access: SecretAccess) {
  const scope = yield* Effect.scope
  const ask = makeGenesysClient(settings, readCredentials(settings.credentials, access), scope)
  const flights = makeSingleFlight<GenesysSnapshot, NoAnswer>(scope)
  const timed = Effect.timeoutOrElse({
    duration: settings.timeoutMs,
    orElse: () => Effect.fail(new NoAnswer({ reason: "timedOut" }))
  })
  return GenesysApi.of({
    snapshot: (agentId) =>
      ID.test(agentId)
        ? // Twice: who joins waits no longer than who began, and who asks a scope that has ended waits for nobody.
          timed(flights(agentId.toLowerCase(), timed(observe(ask, agentId))))
        : Effect.fail(new NoAnswer({ reason: "unknownAgent" }))
  })
})

/** Returns the layer of the API with these options. Fails with `BadOption` for one that cannot be used. */
export const layerGenesysApi = (options: GenesysOptions, access: SecretAccess = {}) =>
  Layer.effect(
    GenesysApi,
    Effect.flatMap(genesysSettings(options), (settings) => makeGenesysApi(settings, access))
  )
