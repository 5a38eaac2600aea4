import { Effect } from "effect"
import type { CallFailed } from "../../genesys-api/call-failed.ts"
import type { AvailableTopic, Integration, IntegrationConfiguration } from "../../genesys-api/integration-fields.ts"
import { Integrations } from "../../genesys-api/integrations.ts"
import { type PartnerSource, PartnerSources } from "../../store/partner-sources.ts"
import { printable, quoted, usageError } from "../screen.ts"
import { partsOfSource, type Wanted } from "./wanted.ts"

/** An integration with its configuration. */
export interface Known {
  readonly integration: Integration
  readonly configuration: IntegrationConfiguration
}

/** What is there. */
export interface Found {
  readonly organisation: { readonly id: string; readonly name: string }
  /** The account that must get the events. */
  readonly account: string
  /** The full name of the event source that the integration makes. */
  readonly sourceName: string
  readonly known: Known | undefined
  /** All integrations of the type. */
  readonly all: ReadonlyArray<Known>
  readonly source: PartnerSource | undefined
  readonly available: ReadonlyArray<AvailableTopic>
}

/** Whether a topic can go to EventBridge. An organisation that says nothing about it does not send it. */
export const canGo = (available: ReadonlyArray<AvailableTopic>, topic: string): boolean =>
  available.some((one) => one.topic === topic && one.transports.some((way) => way === "All" || way === "EventBridge"))

const titleOf = ({ integration: { name, id } }: Known): string => `the integration ${quoted(name)} (${id})`

/** The integration of the stack: by where it sends, or by its name while nobody has configured it. Refuses what others use. */
const own = Effect.fnUntraced(function* (all: ReadonlyArray<Known>, { suffix, region, name }: Wanted, account: string) {
  const alike = all.filter(({ configuration }) => configuration.properties?.eventSourceSuffix === suffix)
  const [here, second] = alike.filter(
    ({ configuration: { properties } }) =>
      properties?.awsAccountId === account && properties.awsAccountRegion === region
  )
  if (here !== undefined && second !== undefined)
    return yield* usageError(
      `${titleOf(here)} and ${titleOf(second)} both make this event source: delete one of them in Genesys Cloud (Admin, Integrations)`
    )
  if (here !== undefined) return here
  const [elsewhere] = alike
  if (elsewhere !== undefined) {
    const { awsAccountId, awsAccountRegion } = elsewhere.configuration.properties ?? {}
    return yield* usageError(
      `${titleOf(elsewhere)} has the suffix ${suffix} already, for account ${printable(String(awsAccountId))} in ${printable(String(awsAccountRegion))}, and not for ${account} in ${region}: sign in to that account, correct aws:region, or give another --suffix`
    )
  }
  const named = all.find(({ integration }) => integration.name === name)
  const { properties } = named?.configuration ?? {}
  if (named !== undefined && properties !== undefined)
    return yield* usageError(
      `${titleOf(named)} has the suffix ${printable(properties.eventSourceSuffix)}: give --suffix ${printable(properties.eventSourceSuffix)} to use it, or another --name to make one beside it`
    )
  return named
})

const configured = Effect.fnUntraced(function* (integration: Integration) {
  const { configuration } = yield* Integrations
  return { integration, configuration: yield* configuration(integration.id) } satisfies Known as Known
})

/** Reads what there is in Genesys and in AWS. Changes nothing. */
export const findAll = Effect.fnUntraced(function* (wanted: Wanted) {
  const integrations = yield* Integrations
  const aws = yield* PartnerSources
  const account = yield* aws.account
  const organisation = yield* integrations.organisation
  const [configuredFor] = partsOfSource(wanted.settings.genesysEventSource ?? "") ?? []
  if (configuredFor !== undefined && configuredFor !== organisation.id)
    return yield* usageError(
      `the credentials are of the organisation ${organisation.id}, and genesysEventSource of stack ${wanted.stack} is one of ${configuredFor}: use credentials of that one, or remove genesysEventSource`
    )
  const all = yield* Effect.forEach(yield* integrations.list, configured)
  const sourceName = `aws.partner/genesys.com/cloud/${organisation.id}/${wanted.suffix}`
  return {
    organisation,
    account,
    sourceName,
    all,
    known: yield* own(all, wanted, account),
    source: yield* aws.source(sourceName),
    available: yield* integrations.availableTopics
  } satisfies Found as Found
})

/** Reads one integration again. */
export const findAgain = (id: string): Effect.Effect<Known, CallFailed, Integrations> =>
  Effect.flatMap(Integrations, ({ get }) => Effect.flatMap(get(id), configured))
