import { Config, Effect, Option, Result } from "effect"
import { defaultTopics, expandTopics } from "../../genesys/aliases.ts"
import { root } from "../flags.ts"
import { usageError } from "../screen.ts"
import { StackSettings } from "../stack/stack-settings.ts"
import type { Flags } from "./flags.ts"

/** What a stack asks for, before anybody is asked whether it is there. */
export interface Wanted {
  readonly stack: string
  /** Values of the stack's configuration, by key. */
  readonly settings: Readonly<Record<string, string>>
  /** The region of the stack, in which the partner's event source must appear. */
  readonly region: string
  /** Topic templates that the stack's rule lets through. */
  readonly topics: ReadonlyArray<string>
  /** How the name of the event source ends. */
  readonly suffix: string
  /** The name of an integration that is made; `isGiven`: one that is there takes it as well. */
  readonly name: string
  readonly nameIsGiven: boolean
}

/** The organisation and the suffix in the name of a source. */
export const partsOfSource = (source: string): readonly [organisation: string, suffix: string] | undefined => {
  const [, organisation, suffix] = /^aws\.partner\/genesys\.com\/cloud\/([^/]+)\/([^/]+)$/.exec(source) ?? []
  return organisation === undefined || suffix === undefined ? undefined : [organisation, suffix]
}

/** What Genesys takes as a suffix. */
const SUFFIX = /^[A-Za-z0-9._-]{1,64}$/

const parseList = (json: string): ReadonlyArray<string> | undefined => {
  const parsed = Result.try(() => JSON.parse(json) as unknown)
  return Result.isSuccess(parsed) &&
    Array.isArray(parsed.success) &&
    parsed.success.every((one) => typeof one === "string")
    ? parsed.success
    : undefined
}

const topicsOf = Effect.fnUntraced(function* (stack: string, text: string | undefined) {
  if (text === undefined) return defaultTopics
  const names = parseList(text)
  if (names === undefined)
    return yield* usageError(`stack ${stack}: topics must be a list of texts; correct Pulumi.${stack}.yaml`)
  const { topics, problems } = expandTopics(names)
  const [problem] = problems
  if (problem !== undefined) return yield* usageError(`stack ${stack}: topics has ${problem}`)
  return topics
})

/** A variable of the environment; an empty one counts as absent. */
export const environment = <A>(variable: Config.Config<A>) =>
  Effect.orDie(Effect.flatMap(Effect.void, () => Config.option(variable)))

/** Where AWS is asked when neither the stack nor its project says. */
const environmentRegion = environment(
  Config.orElse(Config.String("AWS_REGION"), () => Config.String("AWS_DEFAULT_REGION"))
)

const suffixOf = Effect.fnUntraced(function* (flags: Flags, short: string, source: string) {
  const suffix = Option.getOrElse(flags.suffix, () => partsOfSource(source)?.[1] ?? `projections-${short}`)
  return SUFFIX.test(suffix)
    ? suffix
    : yield* usageError(
        `the suffix ${JSON.stringify(suffix)} must be 1 to 64 letters, digits, ".", "_" or "-": give --suffix`
      )
})

/** What the flags and the configuration of the stack ask for. */
export const wantedOf = Effect.fnUntraced(function* (flags: Flags) {
  const { stack, outputs, local } = yield* root
  if (Option.isSome(outputs) || Option.isSome(local))
    return yield* usageError("connecting reads and sets the configuration of a stack: give --stack NAME instead")
  if (Option.isNone(stack)) return yield* usageError("which stack? give --stack NAME (--help explains it)")
  const name = stack.value
  const short = name.split("/").at(-1) ?? name
  const settings = yield* (yield* StackSettings).read(name)
  if ((settings.existingBusArn ?? "") !== "")
    return yield* usageError(
      `stack ${name} takes its events from existingBusArn: connect the stack whose bus copies them, or remove that key`
    )
  const region = settings["aws:region"] ?? Option.getOrUndefined(yield* environmentRegion)
  if (region === undefined || region === "")
    return yield* usageError(
      `stack ${name} says no region: set it with npx pulumi config set aws:region eu-central-1 --stack ${name}`
    )
  const wanted: Wanted = {
    stack: name,
    settings,
    region,
    topics: yield* topicsOf(name, settings.topics),
    suffix: yield* suffixOf(flags, short, settings.genesysEventSource ?? ""),
    name: Option.getOrElse(flags.name, () => `Genesys Cloud projections (${short})`),
    nameIsGiven: Option.isSome(flags.name)
  }
  return wanted
})
