import { Context, Effect, Layer } from "effect"
import { CallFailed } from "./call-failed.ts"
import { GenesysCalls } from "./calls.ts"
import { type Fields, fieldsOf, textOf } from "./http.ts"

/** The type of the integration that sends topics to Amazon EventBridge. */
export const EVENTBRIDGE_TYPE = "amazon-eventbridge-source"

/** What an integration sends, and where: its properties, as the API names them. */
export interface EventBridgeProperties {
  /** Twelve digits. */
  readonly awsAccountId: string
  readonly awsAccountRegion: string
  /** How the name of the partner's event source ends. */
  readonly eventSourceSuffix: string
  /** Topic templates with a literal `{id}`. */
  readonly eventFilter: ReadonlyArray<string>
}

/** An integration, without its configuration. */
export interface Integration {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  /** `ACTIVE`, `ACTIVATING`, `INACTIVE`, `DEACTIVATING`, `ERROR`, or what a later version of the API reports. */
  readonly state: string
  /** What Genesys says about the state, in its own words. */
  readonly detail: string
}

/** The configuration of an integration. `version` counts its changes: who writes must have read the latest. */
export interface IntegrationConfiguration {
  readonly version: number
  readonly name: string
  readonly notes: string
  /** Undefined while nobody has configured it. */
  readonly properties: EventBridgeProperties | undefined
  /** What else it holds. Whoever writes sends it back. */
  readonly advanced: Fields
  readonly credentials: Fields
}

/** A configuration that can be written. */
export type WritableConfiguration = IntegrationConfiguration & { readonly properties: EventBridgeProperties }

/** What the organisation says about the type of the integration. `most`: how many integrations of it there may be, where it says so. */
export interface IntegrationType {
  readonly most: number | undefined
  /** Names of the properties that it takes. */
  readonly properties: ReadonlyArray<string>
}

/** A topic that the organisation can send, and by which ways. */
export interface AvailableTopic {
  readonly topic: string
  readonly transports: ReadonlyArray<string>
}

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

/** Ids of Genesys: nothing that would change a path. */
const ID = /^[0-9A-Za-z-]{1,64}$/

const unreadable = (call: string) => new CallFailed({ reason: "unreadable", call })

const textsOf = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : []

const fieldListOf = (value: unknown): ReadonlyArray<Fields> => (Array.isArray(value) ? value.map(fieldsOf) : [])

const integrationOf = (body: Fields): Integration | undefined => {
  const id = textOf(body.id)
  const reported = fieldsOf(body.reportedState)
  if (id === undefined || !ID.test(id)) return undefined
  return {
    id,
    name: textOf(body.name) ?? "",
    enabled: body.intendedState === "ENABLED",
    state: textOf(reported.code) ?? "unknown",
    detail: textOf(fieldsOf(reported.detail).message) ?? ""
  }
}

const propertiesOf = (value: unknown): EventBridgeProperties | undefined => {
  const { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter } = fieldsOf(value)
  const [account, region, suffix] = [awsAccountId, awsAccountRegion, eventSourceSuffix].map(textOf)
  return account === undefined || region === undefined || suffix === undefined
    ? undefined
    : {
        awsAccountId: account,
        awsAccountRegion: region,
        eventSourceSuffix: suffix,
        eventFilter: textsOf(eventFilter)
      }
}

const make = Effect.gen(function* () {
  const { request } = yield* GenesysCalls

  const one = (call: string) => (body: Fields) => {
    const found = integrationOf(body)
    return found === undefined ? Effect.fail(unreadable(call)) : Effect.succeed(found)
  }

  const organisation = Effect.gen(function* () {
    const path = "/api/v2/organizations/me"
    const { id, name } = yield* request({ path })
    const known = textOf(id)
    if (known === undefined || !ID.test(known)) return yield* unreadable(`GET ${path}`)
    return { id: known, name: textOf(name) ?? "" }
  })

  const availableTopics = Effect.map(
    request({ path: "/api/v2/notifications/availabletopics?expand=transports" }),
    ({ entities }) =>
      fieldListOf(entities).flatMap(({ id, transports }) =>
        typeof id === "string" ? [{ topic: id, transports: textsOf(transports) }] : []
      )
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
    const entities = fieldListOf(body.entities)
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
    const body = yield* request({ path: `${BASE}/${id}/config/current` })
    const { version } = body
    if (typeof version !== "number") return yield* unreadable(`GET ${BASE}/{id}/config/current`)
    return {
      version,
      name: textOf(body.name) ?? "",
      notes: textOf(body.notes) ?? "",
      properties: propertiesOf(body.properties),
      advanced: fieldsOf(body.advanced),
      credentials: fieldsOf(body.credentials)
    }
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
