import { type StackConfig, settings } from "./config.ts"
import { relationFaults } from "./relations.ts"
import type { Setting } from "./setting.ts"

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
 * The configuration as a typed value, from the texts that Pulumi hands to a program: key without namespace to text, lists as
 * JSON. An absent key has its default. `region` is the one that the stack is made in. Throws a `ConfigError` with all faults at
 * once.
 */
export const decodeConfig = (record: Readonly<Record<string, string>>, region: string): StackConfig => {
  const faults = Object.keys(record)
    .filter((key) => !Object.hasOwn(settings, key))
    .map((key) => `${key} is not a key of this project; remove it, or correct its spelling (see Pulumi.yaml).`)
  const config: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings)) {
    const text = Object.hasOwn(record, key) ? record[key] : undefined
    const read = text === undefined ? { value: setting.default } : setting.read(text)
    if ("value" in read) config[key] = read.value
    else faults.push(...read.faults.map((fault) => `${key} ${fault}`))
  }
  faults.push(...relationFaults(config, region))
  if (faults.length > 0) throw new ConfigError(faults)
  return config as unknown as StackConfig
}
