import { makeIds } from "../random.ts"
import { type AvailableTopic, availableTopics, isOnEventBridge } from "./available-topics.ts"
import {
  type Integration,
  type IntegrationProperties,
  type Pace,
  propertiesSchema,
  readProperties,
  reportedAt,
  sourceFrom,
  usualPace
} from "./integration.ts"
import { paged } from "./page.ts"
import { type Asked, fieldsOf, invalid, notFound, ok, problem, type Reply, type Route } from "./route.ts"

/** A partner's event source in AWS. `from`: since when, in epoch ms. */
export interface PartnerSource {
  readonly name: string
  readonly account: string
  readonly region: string
  readonly from: number
}

export interface IntegrationsOptions {
  readonly seed: number
  /** The id of the organisation. */
  readonly organisation: string
  readonly topics?: ReadonlyArray<AvailableTopic>
  readonly pace?: Pace
  /** How many integrations of the type the organisation allows (default 5). */
  readonly maxInstances?: number
  /** Why AWS takes no source in an account and region; undefined where it takes one. */
  readonly refusal?: (account: string, region: string) => string | undefined
}

export interface Integrations {
  readonly routes: ReadonlyArray<Route>
  /** The sources that exist in AWS at a time. */
  readonly sources: (at: number) => ReadonlyArray<PartnerSource>
}

const TYPE = "amazon-eventbridge-source"
const BASE = "/api/v2/integrations"
const PAGE_SIZE = 100

const permission = (action: "view" | "add" | "edit" | "delete") => [`integrations:integration:${action}`]

const conflict = (code: string, message: string): Reply => problem(409, code, message)

const isSamePlace = (a: IntegrationProperties, b: IntegrationProperties): boolean =>
  a.awsAccountId === b.awsAccountId &&
  a.awsAccountRegion === b.awsAccountRegion &&
  a.eventSourceSuffix === b.eventSourceSuffix

const isName = (name: unknown): name is string => typeof name === "string" && name.trim() !== ""

const configOf = (one: Integration) => ({
  id: one.id,
  name: one.name,
  version: one.version,
  properties: one.properties ?? {},
  advanced: {},
  notes: one.notes,
  credentials: {},
  selfUri: `${BASE}/${one.id}/config/current`
})

/**
 * The integrations of an organisation with Amazon EventBridge, and which topics can go where. Where the documentation leaves a case open, the
 * organisation takes the harsher reading: account, region and suffix are fixed once an integration was enabled, every change of an enabled
 * one activates it anew, and only an inactive one can be deleted.
 */
export const makeIntegrations = ({
  seed,
  organisation,
  topics = availableTopics,
  pace = usualPace,
  maxInstances = 5,
  refusal = () => undefined
}: IntegrationsOptions): Integrations => {
  const nextId = makeIds(`${seed}:integrations`)
  const held = new Map<string, Integration>()

  const refusalOf = ({ properties }: Integration) =>
    properties && refusal(properties.awsAccountId, properties.awsAccountRegion)

  const shown = (one: Integration, at: number) => ({
    id: one.id,
    name: one.name,
    integrationType: { id: TYPE, name: "Amazon EventBridge Source" },
    notes: one.notes,
    intendedState: one.intended,
    reportedState: reportedAt(one, refusalOf(one), pace, at),
    selfUri: `${BASE}/${one.id}`
  })

  const keep = (one: Integration): Integration => {
    held.set(one.id, one)
    return one
  }

  const create = ({ body, at }: Asked): Reply => {
    const { name, integrationType } = fieldsOf(body)
    if (!isName(name)) return invalid("name is required")
    if (fieldsOf(integrationType).id !== TYPE) return invalid("integrationType.id is not known")
    if ([...held.values()].some((one) => one.name === name)) return conflict("name.exists", "The name is taken")
    if (held.size >= maxInstances) return conflict("max.instances", `There may be ${maxInstances} of that type`)
    const made = {
      properties: undefined,
      notes: "",
      intended: "DISABLED",
      changedAt: at,
      enabledAt: undefined
    } as const
    return ok(shown(keep({ id: nextId(), name, version: 1, ...made }), at))
  }

  const configure = ({ body, at }: Asked, one: Integration): Reply => {
    const { name, version, properties, notes } = fieldsOf(body)
    if (version !== one.version) return conflict("version.mismatch", `The version is ${one.version}`)
    if (!isName(name)) return invalid("name is required")
    const read = readProperties(properties, (topic) => isOnEventBridge(topics, topic))
    if ("wrong" in read) return invalid(read.wrong)
    if (one.enabledAt !== undefined && one.properties !== undefined && !isSamePlace(one.properties, read))
      return invalid("awsAccountId, awsAccountRegion and eventSourceSuffix cannot be changed")
    return ok(
      configOf(
        keep({
          ...one,
          name,
          version: one.version + 1,
          properties: read,
          notes: typeof notes === "string" ? notes : one.notes,
          changedAt: one.intended === "ENABLED" ? at : one.changedAt
        })
      )
    )
  }

  const patch = ({ body, at }: Asked, one: Integration): Reply => {
    const { intendedState } = fieldsOf(body)
    if (intendedState !== "ENABLED" && intendedState !== "DISABLED")
      return invalid("intendedState must be ENABLED or DISABLED")
    if (intendedState === one.intended) return ok(shown(one, at))
    if (one.properties === undefined) return invalid("The integration has no configuration")
    const enabledAt = intendedState === "ENABLED" ? (one.enabledAt ?? at) : one.enabledAt
    return ok(shown(keep({ ...one, intended: intendedState, changedAt: at, enabledAt }), at))
  }

  const remove = ({ at }: Asked, one: Integration): Reply => {
    if (reportedAt(one, refusalOf(one), pace, at).code !== "INACTIVE")
      return conflict("not.inactive", "The integration must be inactive")
    held.delete(one.id)
    return ok(shown(one, at))
  }

  /** A route about one integration, which must exist. */
  const one =
    (reply: (asked: Asked, one: Integration) => Reply): Route["reply"] =>
    (asked) => {
      const found = held.get(asked.id)
      return found === undefined ? notFound("integration") : reply(asked, found)
    }

  const listTopics = ({ query }: Asked): Reply =>
    // Without being asked for, transports are not told.
    ok({ entities: query.getAll("expand").includes("transports") ? topics : topics.map(({ id }) => ({ id })) })

  const [path, config] = [`${BASE}/{id}`, `${BASE}/{id}/config/current`]
  const type = { id: TYPE, name: "Amazon EventBridge Source", maxInstances }

  return {
    routes: [
      { method: "GET", path: "/api/v2/notifications/availabletopics", reply: listTopics },
      { method: "GET", path: `${BASE}/types/${TYPE}`, permissions: permission("view"), reply: () => ok(type) },
      {
        method: "GET",
        path: `${BASE}/types/${TYPE}/configschemas/properties`,
        permissions: permission("view"),
        reply: () => ok(propertiesSchema)
      },
      {
        method: "GET",
        path: BASE,
        permissions: permission("view"),
        reply: (asked) => paged(asked, PAGE_SIZE, [...held.values()], (item) => shown(item, asked.at))
      },
      { method: "POST", path: BASE, permissions: permission("add"), reply: create },
      { method: "GET", path, permissions: permission("view"), reply: one(({ at }, found) => ok(shown(found, at))) },
      { method: "PATCH", path, permissions: permission("edit"), reply: one(patch) },
      { method: "DELETE", path, permissions: permission("delete"), reply: one(remove) },
      { method: "GET", path: config, permissions: permission("view"), reply: one((_, found) => ok(configOf(found))) },
      { method: "PUT", path: config, permissions: permission("edit"), reply: one(configure) }
    ],
    sources: (at) =>
      [...held.values()].flatMap((integration) => {
        const { properties } = integration
        const from = sourceFrom(integration, refusalOf(integration), pace)
        if (properties === undefined || from === undefined || at < from) return []
        const { awsAccountId: account, awsAccountRegion: region, eventSourceSuffix } = properties
        return [{ name: `aws.partner/genesys.com/cloud/${organisation}/${eventSourceSuffix}`, account, region, from }]
      })
  }
}
