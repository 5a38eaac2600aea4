import { Effect } from "effect"
import type { WritableConfiguration } from "../../genesys-api/integration-fields.ts"
import { Integrations } from "../../genesys-api/integrations.ts"
import { quoted, usageError } from "../screen.ts"
import { canGo, type Found, type Known } from "./find.ts"
import type { Wanted } from "./wanted.ts"

/** A step on the way from what there is to what the stack asks for. */
export type Step = "create" | "configure" | "restart" | "enable" | "activate" | "appear" | "set"

/** What connecting would do. */
export interface Plan {
  readonly wanted: Wanted
  readonly found: Found
  /** Topics that the integration will send. */
  readonly topics: ReadonlyArray<string>
  readonly added: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
  /** Topics of the stack that cannot go to EventBridge. */
  readonly leftOut: ReadonlyArray<string>
  /** Values of the stack's configuration that differ. */
  readonly values: Readonly<Record<string, string>>
  readonly steps: ReadonlyArray<Step>
}

/** The reason goes into the notes of an integration whose notes nobody else has written. */
const NOTES = "npx projections connect"

/** The configuration that an integration should have. */
export const configurationOf = ({ wanted, found, topics }: Plan, known: Known, why: string): WritableConfiguration => {
  const { configuration } = known
  return {
    ...configuration,
    name: wanted.nameIsGiven || configuration.name === "" ? wanted.name : configuration.name,
    notes:
      configuration.notes === "" || configuration.notes.startsWith(NOTES)
        ? `${NOTES}, stack ${wanted.stack}: ${why}`
        : configuration.notes,
    properties: {
      awsAccountId: found.account,
      awsAccountRegion: wanted.region,
      eventSourceSuffix: wanted.suffix,
      eventFilter: topics
    }
  }
}

/** Values of the stack's configuration that differ from what they should be. */
const valuesOf = ({ settings, region }: Wanted, sourceName: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ genesysEventSource: sourceName, genesysRegion: region }).filter(
      ([key, value]) => settings[key] !== value
    )
  )

const isMissing = (one: string, among: ReadonlyArray<string>): boolean => !among.includes(one)

/** The steps from what is found; none where all is as it should be. A source that AWS lists is no news, whatever its state. */
export const planOf = (wanted: Wanted, found: Found): Plan => {
  const { known, available, source, sourceName } = found
  const topics = wanted.topics.filter((topic) => canGo(available, topic))
  const sent = known?.configuration.properties?.eventFilter ?? []
  const added = topics.filter((topic) => isMissing(topic, sent))
  const removed = sent.filter((topic) => isMissing(topic, topics))
  const values = valuesOf(wanted, sourceName)
  const renamed = wanted.nameIsGiven && known !== undefined && known.configuration.name !== wanted.name
  const configure = added.length > 0 || removed.length > 0 || renamed || known?.configuration.properties === undefined
  const enabled = known?.integration.enabled ?? false
  // A change activates the integration anew. One that stays in ERROR has nothing else that would.
  const restart = enabled && !configure && known?.integration.state === "ERROR"
  const active = enabled && !configure && known?.integration.state === "ACTIVE"
  const asked: ReadonlyArray<readonly [Step, boolean]> = [
    ["create", known === undefined],
    ["configure", configure],
    ["restart", restart],
    ["enable", !enabled],
    ["activate", !active],
    ["appear", source === undefined],
    ["set", Object.keys(values).length > 0]
  ]
  return {
    wanted,
    found,
    topics,
    added,
    removed,
    leftOut: wanted.topics.filter((topic) => isMissing(topic, topics)),
    values,
    steps: asked.flatMap(([step, needed]) => (needed ? [step] : []))
  }
}

const PROPERTIES = ["awsAccountId", "awsAccountRegion", "eventSourceSuffix", "eventFilter"]

/** Refuses a plan that cannot be carried out: no topic, no more integrations, or properties that the organisation does not know. */
export const admit = Effect.fnUntraced(function* ({ topics, steps, found, wanted }: Plan) {
  if (topics.length === 0)
    return yield* usageError(
      `none of the topics of stack ${wanted.stack} can go to EventBridge: see topics in docs/connecting-genesys.md`
    )
  if (!steps.includes("configure")) return
  const { type } = yield* Integrations
  const { most, properties } = yield* type
  if (steps.includes("create") && most !== undefined && found.all.length >= most)
    return yield* usageError(
      `the organisation allows ${most} integrations of the type Amazon EventBridge Source, and has ${found.all.map(({ integration }) => quoted(integration.name)).join(", ")}: delete one in Genesys Cloud, or use one with --suffix`
    )
  const unknown = properties.length === 0 ? [] : PROPERTIES.filter((name) => isMissing(name, properties))
  if (unknown.length > 0)
    return yield* usageError(
      `the organisation's integration does not know ${unknown.join(", ")}: make it by hand, as docs/connecting-genesys.md shows`
    )
})
