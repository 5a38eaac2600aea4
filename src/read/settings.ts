import { Duration, Effect, Option } from "effect"
import { type GenesysSettings, genesysSettings } from "../genesys-api/options.ts"
import { BadOption } from "./errors.ts"
import type { ReaderOptions } from "./options.ts"
import { type ServiceLevels, serviceLevelsOf } from "./service-level.ts"

/** The options of a reader, checked, with what they are unless set; times in ms. */
export interface Settings {
  readonly prefix: string
  readonly consistent: boolean
  readonly names: boolean
  readonly maxAgeMs: number
  readonly rememberMs: number
  readonly timeoutMs: number
  readonly genesys: GenesysSettings | undefined
  readonly serviceLevels: ServiceLevels
}

const LONGEST_MEMORY = 5_000
const PATIENCE = 5_000
const LONGEST_TIMEOUT = 60_000

/** A duration in ms; `fallback` where it is absent. */
export const millis = (field: string, given: Duration.Input | undefined, fallback: number) => {
  if (given === undefined) return Effect.succeed(fallback)
  const ms = Option.map(Duration.fromInput(given), Duration.toMillis)
  const wrong = Option.isNone(ms) || Number.isNaN(given) || ms.value < 0
  return wrong
    ? new BadOption({
        field,
        problem: `is ${String(given)}; it must be a number of ms, or a duration such as "30 seconds"`
      })
    : Effect.succeed(ms.value)
}

/** An id as a key of a table, of at most so many bytes; `of` says of what it must be. */
export const checkId = (field: string, id: unknown, of: string, most = 2_048) =>
  typeof id === "string" && id !== "" && new TextEncoder().encode(id).length <= most
    ? Effect.succeed(id)
    : new BadOption({
        field,
        problem: `is ${typeof id === "string" ? "empty or too long" : typeof id}; it must be the id of ${of}`
      })

export const settingsOf = Effect.fnUntraced(function* (options: ReaderOptions) {
  const { prefix, consistent = false, names = false } = options
  if (typeof prefix !== "string" || !/^[\w.-]{1,200}$/.test(prefix))
    return yield* new BadOption({
      field: "prefix",
      problem: `is ${JSON.stringify(prefix)}; it must be the output prefix of the stack, such as genesys-cloud-projections-prod`
    })
  const { endpoint } = options
  if (endpoint !== undefined && !URL.canParse(String(endpoint)))
    return yield* new BadOption({
      field: "endpoint",
      problem: `is ${JSON.stringify(endpoint)}; it must be a URL such as http://127.0.0.1:8787`
    })
  const rememberMs = yield* millis("remember", options.remember, LONGEST_MEMORY)
  if (rememberMs > LONGEST_MEMORY)
    return yield* new BadOption({
      field: "remember",
      problem: `is ${rememberMs} ms; it must be at most ${LONGEST_MEMORY}`
    })
  const timeoutMs = yield* millis("timeout", options.timeout, PATIENCE)
  if (timeoutMs === 0 || timeoutMs > LONGEST_TIMEOUT)
    return yield* new BadOption({
      field: "timeout",
      problem: `is ${timeoutMs} ms; it must be more than 0 and at most ${LONGEST_TIMEOUT}`
    })
  const maxAgeMs = yield* millis("maxAge", options.maxAge, Number.POSITIVE_INFINITY)
  const genesys = options.genesys === undefined ? undefined : yield* genesysSettings(options.genesys)
  const serviceLevels = yield* serviceLevelsOf(options.serviceLevel)
  return { prefix, consistent, names, maxAgeMs, rememberMs, timeoutMs, genesys, serviceLevels } satisfies Settings
})
