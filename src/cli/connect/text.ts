import { iso } from "../../domain/stamp.ts"
import type { PartnerSource } from "../../store/partner-sources.ts"
import { printable } from "../screen.ts"
import type { Found } from "./find.ts"
import type { Plan, Step } from "./plan.ts"
import type { Wanted } from "./wanted.ts"

/** Lines of a name and a value. */
export const pairs = (values: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const width = Math.max(...Object.keys(values).map((name) => name.length))
  return Object.entries(values).map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`)
}

const integrationText = ({ known }: Found): string =>
  known === undefined
    ? "none yet"
    : `${known.configuration.name || known.integration.name}, ${known.integration.id}, ${known.integration.state}`

const sourceText = (name: string, source: PartnerSource | undefined): string =>
  source === undefined ? `${name}, not in AWS yet` : `${name}, ${source.state}`

/** What is there, for a person. */
export const placeLines = ({ stack, region }: Wanted, found: Found): ReadonlyArray<string> =>
  pairs({
    stack,
    organisation: `${found.organisation.name} (${found.organisation.id})`,
    integration: integrationText(found),
    account: `${found.account}, ${region}`,
    "event source": sourceText(found.sourceName, found.source)
  })

const stepTexts: Readonly<Record<Step, (plan: Plan) => string>> = {
  create: ({ wanted }) => `make the integration ${JSON.stringify(wanted.name)}`,
  configure: ({ topics, added, removed }) =>
    `configure it to send ${topics.length} topics: ${added.length} added, ${removed.length} removed`,
  restart: () => "disable it and enable it again, because it is in ERROR",
  enable: () => "enable it",
  activate: () => "wait until it is ACTIVE",
  appear: () => "wait until AWS lists its event source",
  set: ({ values, wanted }) => `set ${Object.keys(values).join(" and ")} of stack ${wanted.stack}`
}

/** The topics that change, one on a line. */
const topicLines = ({ added, removed }: Plan): ReadonlyArray<string> => [
  ...added.map((topic) => `+ ${topic}`),
  ...removed.map((topic) => `- ${printable(topic)}`)
]

/** Topics that cannot go to EventBridge, one on a line. */
const leftOutLines = ({ leftOut }: Plan): ReadonlyArray<string> =>
  leftOut.length === 0
    ? []
    : [
        "",
        "left out, because this organisation does not send them to EventBridge:",
        ...leftOut.map((one) => `   ${one}`)
      ]

/** What would be done. */
export const stepLines = (plan: Plan): ReadonlyArray<string> => [
  ...(plan.steps.length === 0
    ? ["nothing to do: it is connected"]
    : plan.steps.flatMap((step, i) => [
        `${i + 1}. ${stepTexts[step](plan)}`,
        ...(step === "configure" ? topicLines(plan).map((line) => `   ${line}`) : [])
      ])),
  ...leftOutLines(plan)
]

/** A note about topics that cannot go to EventBridge; none where all can. */
export const leftOutNotes = ({ leftOut }: Plan): ReadonlyArray<string> =>
  leftOut.length === 0
    ? []
    : [`${leftOut.length} topics are left out: docs/connecting-genesys.md says what is missing without them`]

/** A bus has the name of its source: another source means another bus. None where the configuration names none, or this one. */
export const otherSourceNotes = ({ wanted: { settings, stack }, found }: Plan): ReadonlyArray<string> => {
  const { genesysEventSource: before = "" } = settings
  return before === "" || before === found.sourceName
    ? []
    : [
        `stack ${stack} has ${before} now: pulumi up replaces its bus, and a protected one must be given free before (docs/connecting-genesys.md)`
      ]
}

/** What comes after: events that are sent while no bus belongs to the source are lost. */
export const nextText = (stack: string, source: PartnerSource | undefined): string =>
  source?.state === "ACTIVE"
    ? `next: npx pulumi up --stack ${stack}, so that the rule lets the same topics through`
    : `next, and at once: npx pulumi up --stack ${stack}, which makes the bus. Until then AWS drops all events${
        source?.expiresAt === undefined ? "" : `, and it deletes the event source on ${iso(source.expiresAt)}`
      }`

/** A plan as a document. */
export const documentOf = (plan: Plan) => {
  const { wanted, found, topics, added, removed, leftOut, steps, values } = plan
  const { known, organisation, account, sourceName, source } = found
  return {
    stack: wanted.stack,
    organisation,
    account,
    region: wanted.region,
    integration:
      known === undefined
        ? null
        : {
            id: known.integration.id,
            name: known.configuration.name || known.integration.name,
            enabled: known.integration.enabled,
            state: known.integration.state
          },
    eventSource: { name: sourceName, state: source?.state ?? null },
    topics: { sent: topics, added, removed, leftOut },
    steps,
    settings: values
  }
}
