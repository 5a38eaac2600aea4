import { Context, Effect, Layer } from "effect"
import { CallFailed } from "./call-failed.ts"
import { GenesysCalls } from "./calls.ts"
import { type Fields, fieldsOf, textOf } from "./http.ts"
import {
  type AvailableTopic,
  configurationIn,
  entitiesIn,
  type Integration,
  type IntegrationConfiguration,
  type IntegrationType,
  integrationIn,
  isId,
  topicsIn,
  type WritableConfiguration
} from "./integration-fields.ts"

/** The type of the integration that sends topics to Amazon EventBridge. */
const EVENTBRIDGE_TYPE = "amazon-eventbridge-source"

/** The integrations of an organisation with Amazon EventBridge, and what else of it a connection needs. */
export class Integrations extends Context.Service<
  Integrations,
  {
    readonly organisation: Effect.Effect<{ readonly id: string; readonly name: string }, CallFailed>
    readonly availableTopics: Effect.Effect<ReadonlyArray<AvailableTopic>, CallFailed>
    /** Fails with `notFound` where the organisation does not offer it. */
    readonly type: Effect.Effect<IntegrationType, CallFailed>
    /** All of the type, whoever made them. */
    readonly list: Effect.Effect<ReadonlyArray<Integration>, CallFailed>
    readonly get: (id: string) => Effect.Effect<Integration, CallFailed>
    readonly configuration: (id: string) => Effect.Effect<IntegrationConfiguration, CallFailed>
    /** Makes one that is disabled and has no configuration. Not idempotent. */
    readonly create: (name: string) => Effect.Effect<Integration, CallFailed>
    /** Replaces a configuration. Fails with `conflict` where `version` is not the latest. */
    readonly configure: (id: string, configuration: WritableConfiguration) => Effect.Effect<void, CallFailed>
    readonly enable: (id: string) => Effect.Effect<void, CallFailed>
    readonly disable: (id: string) => Effect.Effect<void, CallFailed>
    /** Succeeds where there is none of that id. */
    readonly remove: (id: string) => Effect.Effect<void, CallFailed>
  }
>()("projections/Integrations") {}

const BASE = "/api/v2/integrations"
const PAGE_SIZE = 100

/** Pages of a list that are read: an organisation has a few hundred integrations. */
const MOST_PAGES = 100

const unreadable = (call: string) => new CallFailed({ reason: "unreadable", call })

const make = Effect.gen(function* () {
  const { request } = yield* GenesysCalls

  const one = (call: string) => (body: Fields) => {
    const found = integrationIn(body)
    return found === undefined ? Effect.fail(unreadable(call)) : Effect.succeed(found)
  }

  const organisation = Effect.gen(function* () {
    const path = "/api/v2/organizations/me"
    const { id, name } = yield* request({ path })
    const known = textOf(id)
    if (known === undefined || !isId(known)) return yield* unreadable(`GET ${path}`)
    return { id: known, name: textOf(name) ?? "" }
  })

  const availableTopics = Effect.map(
    request({ path: "/api/v2/notifications/availabletopics?expand=transports" }),
    topicsIn
  )

  const type = Effect.gen(function* () {
    const path = `${BASE}/types/${EVENTBRIDGE_TYPE}`
    const { maxInstances } = yield* request({ path })
    const schema = yield* request({ path: `${path}/configschemas/properties` })
    return {
      most: typeof maxInstances === "number" ? maxInstances : undefined,
      properties: Object.keys(fieldsOf(schema.properties))
    }
  })

  const page = Effect.fnUntraced(function* (number: number) {
    const body = yield* request({ path: `${BASE}?pageSize=${PAGE_SIZE}&pageNumber=${number}` })
    const entities = entitiesIn(body.entities)
    const ours = entities.filter(({ integrationType }) => fieldsOf(integrationType).id === EVENTBRIDGE_TYPE)
    const found = yield* Effect.forEach(ours, one(`GET ${BASE}`))
    // An answer without a count of pages ends with the first page that is not full.
    const more = typeof body.pageCount === "number" ? number < body.pageCount : entities.length === PAGE_SIZE
    return { found, more }
  })

  const list = Effect.gen(function* () {
    const all: Array<Integration> = []
    for (let number = 1; number <= MOST_PAGES; number++) {
      const { found, more } = yield* page(number)
      all.push(...found)
      if (!more) return all
    }
    return yield* unreadable(`GET ${BASE}`)
  })

  const configuration = Effect.fnUntraced(function* (id: string) {
    const found = configurationIn(yield* request({ path: `${BASE}/${id}/config/current` }))
    return found ?? (yield* unreadable(`GET ${BASE}/{id}/config/current`))
  })

  const intend = (intendedState: "ENABLED" | "DISABLED") => (id: string) =>
    Effect.asVoid(request({ method: "PATCH", path: `${BASE}/${id}`, body: { intendedState }, repeatable: true }))

  return Integrations.of({
    organisation,
    availableTopics,
    type,
    list,
    get: (id) => Effect.flatMap(request({ path: `${BASE}/${id}` }), one(`GET ${BASE}/{id}`)),
    configuration,
    create: (name) =>
      Effect.flatMap(
        request({ method: "POST", path: BASE, body: { name, integrationType: { id: EVENTBRIDGE_TYPE } } }),
        one(`POST ${BASE}`)
      ),
    // Not repeatable: where the answer was lost, the same version is refused, and who asks cannot tell why.
    configure: (id, body) => Effect.asVoid(request({ method: "PUT", path: `${BASE}/${id}/config/current`, body })),
    enable: intend("ENABLED"),
    disable: intend("DISABLED"),
    remove: (id) =>
      request({ method: "DELETE", path: `${BASE}/${id}`, repeatable: true }).pipe(
        Effect.catchIf(
          ({ reason }) => reason === "notFound",
          () => Effect.void
        ),
        Effect.asVoid
      )
  })
})

/** The integrations over calls to the API. */
export const layerIntegrations = Layer.effect(Integrations, make)
