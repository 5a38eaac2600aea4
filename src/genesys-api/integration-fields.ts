import { type Fields, fieldsOf, textOf } from "./http.ts"

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

const ID = /^[0-9A-Za-z-]{1,64}$/

/** Whether a text can be an id of Genesys: nothing that would change a path. */
export const isId = (text: string): boolean => ID.test(text)

const textsIn = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : []

/** The objects of a list; none for what is none. */
export const entitiesIn = (value: unknown): ReadonlyArray<Fields> => (Array.isArray(value) ? value.map(fieldsOf) : [])

/** The integration in a body; undefined where the body holds no id. */
export const integrationIn = (body: Fields): Integration | undefined => {
  const id = textOf(body.id)
  const reported = fieldsOf(body.reportedState)
  if (id === undefined || !isId(id)) return undefined
  return {
    id,
    name: textOf(body.name) ?? "",
    enabled: body.intendedState === "ENABLED",
    state: textOf(reported.code) ?? "unknown",
    detail: textOf(fieldsOf(reported.detail).message) ?? ""
  }
}

const propertiesIn = (value: unknown): EventBridgeProperties | undefined => {
  const { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter } = fieldsOf(value)
  const [account, region, suffix] = [awsAccountId, awsAccountRegion, eventSourceSuffix].map(textOf)
  return account === undefined || region === undefined || suffix === undefined
    ? undefined
    : {
        awsAccountId: account,
        awsAccountRegion: region,
        eventSourceSuffix: suffix,
        eventFilter: textsIn(eventFilter)
      }
}

/** The configuration in a body; undefined where the body holds no version. */
export const configurationIn = (body: Fields): IntegrationConfiguration | undefined =>
  typeof body.version === "number"
    ? {
        version: body.version,
        name: textOf(body.name) ?? "",
        notes: textOf(body.notes) ?? "",
        properties: propertiesIn(body.properties),
        advanced: fieldsOf(body.advanced),
        credentials: fieldsOf(body.credentials)
      }
    : undefined

/** The topics in a body of `availabletopics`. */
export const topicsIn = ({ entities }: Fields): ReadonlyArray<AvailableTopic> =>
  entitiesIn(entities).flatMap(({ id, transports }) =>
    typeof id === "string" ? [{ topic: id, transports: textsIn(transports) }] : []
  )
