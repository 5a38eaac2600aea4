import { Config, Effect, Layer, Option, Redacted } from "effect"
import { genesysDomainOf, genesysDomains } from "../../genesys/regions.ts"
import { layerGenesysCalls } from "../../genesys-api/calls.ts"
import { layerIntegrations } from "../../genesys-api/integrations.ts"
import type { GenesysCredentials, GenesysOptions } from "../../genesys-api/options.ts"
import type { ConnectionSettings } from "../../store/connection.ts"
import { usageError } from "../screen.ts"
import type { Flags } from "./flags.ts"
import { environment, type Wanted } from "./wanted.ts"

const ID = "GENESYSCLOUD_OAUTHCLIENT_ID"
const SECRET = "GENESYSCLOUD_OAUTHCLIENT_SECRET"
const REGION = "GENESYSCLOUD_REGION"

/** Where the credentials come from, as a person knows it, and how the client reads them. */
interface Credentials {
  readonly from: string
  readonly source: GenesysOptions["credentials"]
}

const inSecret = (secret: string): Credentials => ({ from: `secret ${secret}`, source: secret })

/** The credentials that the flags, the environment or the stack name, in this order. They are read when they are used, and never kept. */
const credentialsOf = Effect.fnUntraced(function* (flags: Flags, { settings }: Wanted) {
  if (Option.isSome(flags.credentialsSecret)) return inSecret(flags.credentialsSecret.value)
  const id = yield* environment(Config.Redacted(ID))
  const secret = yield* environment(Config.Redacted(SECRET))
  if (Option.isSome(id) && Option.isSome(secret)) {
    const read = async (): Promise<GenesysCredentials> => ({
      clientId: Redacted.value(id.value),
      clientSecret: Redacted.value(secret.value)
    })
    return { from: `${ID} and ${SECRET}`, source: read } satisfies Credentials as Credentials
  }
  if (Option.isSome(id) !== Option.isSome(secret))
    return yield* usageError(
      `${Option.isSome(id) ? ID : SECRET} is set without ${Option.isSome(id) ? SECRET : ID}: set both, or give --credentials-secret NAME`
    )
  const { genesysCredentialsSecret = "" } = settings
  if (genesysCredentialsSecret !== "") return inSecret(genesysCredentialsSecret)
  return yield* usageError(
    `no credentials of Genesys Cloud: set ${ID} and ${SECRET}, or give --credentials-secret NAME (never on the command line)`
  )
})

/** What the flags, the environment or the stack say, in this order, and who says it. */
const placeOf = Effect.fnUntraced(function* (flags: Flags, { settings, stack }: Wanted) {
  const named = yield* environment(Config.String(REGION))
  const { genesysDomain = "" } = settings
  if (Option.isSome(flags.domain)) return { by: "--domain", place: flags.domain.value }
  if (Option.isSome(named)) return { by: REGION, place: named.value }
  if (genesysDomain !== "") return { by: `genesysDomain of stack ${stack}`, place: genesysDomain }
  return yield* usageError(
    `where is the organisation? give --domain with its region or domain, such as eu-central-1 or mypurecloud.de, or set ${REGION}`
  )
})

const domainOf = Effect.fnUntraced(function* (flags: Flags, wanted: Wanted) {
  const { by, place } = yield* placeOf(flags, wanted)
  const domain = genesysDomainOf(place)
  if (domain !== undefined) return domain
  const regions = Object.keys(genesysDomains).join(", ")
  return yield* usageError(
    `${by} ${JSON.stringify(place)} is no region of Genesys Cloud: give one of ${regions}, or its domain`
  )
})

/** How the organisation is reached: for the sentences about it, and as a layer of its integrations. */
export const organisationOf = Effect.fnUntraced(function* (
  flags: Flags,
  wanted: Wanted,
  connection: ConnectionSettings
) {
  const domain = yield* domainOf(flags, wanted)
  const { from, source } = yield* credentialsOf(flags, wanted)
  const endpoint = Option.isNone(flags.endpoint) ? {} : { endpoint: flags.endpoint.value }
  const calls = layerGenesysCalls({ domain, credentials: source, ...endpoint }, connection)
  const layer = layerIntegrations.pipe(Layer.provide(calls))
  return { from, at: Option.getOrElse(flags.endpoint, () => domain), layer }
})
