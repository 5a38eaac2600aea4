import type { StackConfig } from "./config.ts"
import { type Place, relationFaults } from "./relations.ts"
import type { Setting } from "./setting.ts"
import { settings } from "./settings.ts"

/** The settings as arguments of a program: each as in `StackConfig`, and each optional. */
export type Settings = { readonly [K in keyof StackConfig]?: StackConfig[K] | undefined }

/** Everything that is wrong with a configuration, one sentence each. */
export class ConfigError extends Error {
  readonly faults: ReadonlyArray<string>
  constructor(faults: ReadonlyArray<string>) {
    super(`the configuration has ${faults.length} fault${faults.length === 1 ? "" : "s"}:\n- ${faults.join("\n- ")}`)
    this.name = "ConfigError"
    this.faults = faults
  }
}

/**
 * The settings that Pulumi hands to a program as texts: key without namespace to text, lists as JSON. What does not read as its type
 * stays a text, for `decodeSettings` to say so.
 */
export const settingsOf = (record: Readonly<Record<string, string>>): Settings =>
  Object.fromEntries(
    Object.entries(record).map(([key, text]) => [key, Object.hasOwn(settings, key) ? valueOf(key, text) : text])
  )

const valueOf = (key: string, text: string): unknown => {
  if (settings[key as keyof StackConfig].type === "string") return text
  try {
    const value: unknown = JSON.parse(text)
    // A whole number is written in one way: "1e3" is none.
    return typeof value === "object" || JSON.stringify(value) === text ? value : text
  } catch {
    return text
  }
}

/**
 * The settings, complete and checked. An absent one has its default. Throws a `ConfigError` with all faults at once: unknown keys, values
 * out of bounds, and values that contradict each other or the place.
 */
export const decodeSettings = (given: Settings, place: Place): StackConfig => {
  const faults = Object.keys(given)
    .filter((key) => !Object.hasOwn(settings, key))
    .map((key) => `${key} is not a key of this project; remove it, or correct its spelling (see Pulumi.yaml).`)
  const config: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings)) {
    const value = given[key as keyof StackConfig]
    const read = value === undefined ? { value: setting.default } : readValue(setting, value)
    if ("value" in read) config[key] = read.value
    else faults.push(...read.faults.map((fault) => `${key} ${fault}`))
  }
  faults.push(...relationFaults(config, place))
  if (faults.length > 0) throw new ConfigError(faults)
  return config as unknown as StackConfig
}

/** One way to read a value, wherever it comes from: by its text. */
const readValue = (setting: Setting<unknown>, value: unknown) => {
  if (typeof value === "string") return setting.read(value)
  if (typeof value === "number" || typeof value === "boolean" || Array.isArray(value))
    return setting.read(JSON.stringify(value))
  return {
    faults: [`is no plain ${setting.type}; set one, and no Output, for the settings decide which resources there are.`]
  }
}

/** `settingsOf` and `decodeSettings` in one, for a stack in `region` with one generation of each projection. */
export const decodeConfig = (record: Readonly<Record<string, string>>, region: string): StackConfig =>
  decodeSettings(settingsOf(record), { region, generations: 1 })
