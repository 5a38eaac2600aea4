import { existsSync, readFileSync } from "node:fs"
import { load } from "js-yaml"

/** A value as a configuration file holds it. */
export type ConfigValue = string | number | boolean | ReadonlyArray<unknown> | { readonly [key: string]: unknown }

interface Declaration {
  readonly type?: keyof typeof types
  readonly default?: ConfigValue
  readonly value?: ConfigValue
  readonly description?: string
}

interface ProjectFile {
  readonly name: string
  readonly main?: string
  readonly runtime: { readonly name: string; readonly options?: Readonly<Record<string, unknown>> }
  readonly config?: Readonly<Record<string, Declaration>>
}

const types = {
  string: (value: ConfigValue) => typeof value === "string",
  integer: (value: ConfigValue) => Number.isInteger(value),
  boolean: (value: ConfigValue) => typeof value === "boolean",
  array: (value: ConfigValue) => Array.isArray(value),
  object: (value: ConfigValue) => typeof value === "object" && !Array.isArray(value)
}

const read = (file: string): unknown => load(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"))

/** `Pulumi.yaml`. */
export const projectFile = (): ProjectFile => read("Pulumi.yaml") as ProjectFile

/** `Pulumi.<stack>.yaml`: full keys to values; empty for a stack without a file. */
export const stackFile = (stack: string): Readonly<Record<string, ConfigValue>> => {
  const file = `Pulumi.${stack}.yaml`
  if (!existsSync(new URL(`../../${file}`, import.meta.url))) return {}
  return (read(file) as { config?: Readonly<Record<string, ConfigValue>> } | undefined)?.config ?? {}
}

/**
 * The configuration of a stack as the CLI would hand it to the program, which the SDK does not do under mocks: the project's
 * defaults, then the stack's file, then `overrides` (keys of the project without namespace, or full keys). Full keys to texts; what is
 * not a text is JSON. Throws, as the CLI does, on a value of another type than declared and on a declared key without any value.
 */
export const stackConfig = (
  stack: string,
  overrides: Readonly<Record<string, ConfigValue>> = {}
): Readonly<Record<string, string>> => {
  const { name, config: declared = {} } = projectFile()
  const full = (key: string): string => (key.includes(":") ? key : `${name}:${key}`)
  const values = new Map<string, ConfigValue>()
  for (const [key, { value, default: fallback }] of Object.entries(declared)) {
    const given = value ?? fallback
    if (given !== undefined) values.set(full(key), given)
  }
  for (const layer of [stackFile(stack), overrides])
    for (const [key, value] of Object.entries(layer)) values.set(full(key), value)
  for (const [key, { type }] of Object.entries(declared)) {
    if (type === undefined) continue
    const value = values.get(full(key))
    if (value === undefined) throw new Error(`stack ${stack} has no value for ${key}`)
    if (!types[type](value)) throw new Error(`stack ${stack} has a ${key} that is not of type ${type}`)
  }
  return Object.fromEntries(
    [...values].map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)])
  )
}
