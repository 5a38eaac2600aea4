/** The properties of an integration of the type Amazon EventBridge Source, as the API names them. */
export interface IntegrationProperties {
  readonly awsAccountId: string
  readonly awsAccountRegion: string
  readonly eventSourceSuffix: string
  readonly eventFilter: ReadonlyArray<string>
}

/** One integration. Times are in epoch ms. */
export interface Integration {
  readonly id: string
  readonly name: string
  readonly version: number
  /** Undefined until its configuration was written for the first time. */
  readonly properties: IntegrationProperties | undefined
  readonly notes: string
  readonly intended: "ENABLED" | "DISABLED"
  /** When it was last asked to become what it should be. */
  readonly changedAt: number
  /** When it was enabled for the first time. */
  readonly enabledAt: number | undefined
}

/** How long the organisation takes, in ms. */
export interface Pace {
  /** From a request to the state that it ends in. */
  readonly changeMs: number
  /** From the first activation to the source that AWS lists. */
  readonly sourceMs: number
}

export const usualPace: Pace = { changeMs: 8_000, sourceMs: 20_000 }

/** A state as the API reports it. */
export interface ReportedState {
  readonly code: "ACTIVATING" | "ACTIVE" | "DEACTIVATING" | "INACTIVE" | "ERROR"
  readonly effective: string
  readonly detail: { readonly localizableMessageCode: string; readonly message: string }
}

const reported = (code: ReportedState["code"], message: string): ReportedState => ({
  code,
  effective: code.charAt(0) + code.slice(1).toLowerCase(),
  detail: { localizableMessageCode: `integration.${code.toLowerCase()}`, message }
})

/** What the organisation reports of an integration at a time. `refusal`: why AWS takes no source from it; undefined where it takes one. */
export const reportedAt = (
  { intended, changedAt, enabledAt }: Integration,
  refusal: string | undefined,
  { changeMs }: Pace,
  at: number
): ReportedState => {
  const done = at >= changedAt + changeMs
  if (intended === "DISABLED")
    return done || enabledAt === undefined
      ? reported("INACTIVE", "The integration is inactive.")
      : reported("DEACTIVATING", "The integration is being deactivated.")
  if (!done) return reported("ACTIVATING", "The integration is being activated.")
  return refusal === undefined ? reported("ACTIVE", "The integration is active.") : reported("ERROR", refusal)
}

/** Since when AWS lists the integration's source; undefined where it never will. */
export const sourceFrom = (
  { enabledAt }: Integration,
  refusal: string | undefined,
  { changeMs, sourceMs }: Pace
): number | undefined =>
  enabledAt === undefined || refusal !== undefined ? undefined : enabledAt + changeMs + sourceMs

const ACCOUNT = /^\d{12}$/
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d$/
const SUFFIX = /^[A-Za-z0-9._-]{1,64}$/

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((one) => typeof one === "string")

/** The properties in the body of a configuration, or what is wrong with them. `sends` says whether a topic can go to EventBridge. */
export const readProperties = (
  value: unknown,
  sends: (topic: string) => boolean
): IntegrationProperties | { readonly wrong: string } => {
  if (typeof value !== "object" || value === null) return { wrong: "properties must be an object" }
  const { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter, ...others } = value as Readonly<
    Record<string, unknown>
  >
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) return { wrong: `properties.${unknown} is not allowed` }
  if (typeof awsAccountId !== "string" || !ACCOUNT.test(awsAccountId)) return { wrong: "properties.awsAccountId" }
  if (typeof awsAccountRegion !== "string" || !REGION.test(awsAccountRegion))
    return { wrong: "properties.awsAccountRegion" }
  if (typeof eventSourceSuffix !== "string" || !SUFFIX.test(eventSourceSuffix))
    return { wrong: "properties.eventSourceSuffix" }
  if (!isTexts(eventFilter) || eventFilter.length === 0) return { wrong: "properties.eventFilter" }
  const [refused] = eventFilter.filter((topic) => !sends(topic))
  if (refused !== undefined) return { wrong: `properties.eventFilter has ${refused}` }
  return { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter }
}

/** The schema of the properties, as the type of the integration publishes it. */
export const propertiesSchema = {
  $schema: "http://json-schema.org/draft-04/schema#",
  title: "Amazon EventBridge Source",
  type: "object",
  properties: {
    awsAccountId: { type: "string", pattern: ACCOUNT.source },
    awsAccountRegion: { type: "string" },
    eventSourceSuffix: { type: "string", pattern: SUFFIX.source },
    eventFilter: { type: "array", items: { type: "string" } }
  },
  required: ["awsAccountId", "awsAccountRegion", "eventSourceSuffix", "eventFilter"]
}
