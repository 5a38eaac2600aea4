import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { load } from "js-yaml"

/** The Pulumi stack whose resources run on this machine. */
export const STACK = "dev"

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

/** As the engine judges them: `pulumi config set` writes numbers and booleans as texts, and it takes them as such. */
const types = {
  string: (value: ConfigValue) => typeof value === "string",
  integer: (value: ConfigValue) => Number.isInteger(value) || (typeof value === "string" && /^[+-]?\d+$/.test(value)),
  boolean: (value: ConfigValue) => typeof value === "boolean" || value === "true" || value === "false",
  array: (value: ConfigValue) => Array.isArray(value),
  object: (value: ConfigValue) => typeof value === "object" && !Array.isArray(value)
}

const root = fileURLToPath(new URL("../..", import.meta.url))

const read = (file: string): unknown => load(readFileSync(file, "utf8"))

/** `Pulumi.yaml`. */
export const projectFile = (): ProjectFile => read(join(root, "Pulumi.yaml")) as ProjectFile

/** `Pulumi.<stack>.yaml` in `folder`: full keys to values; empty for a stack without a file. */
export const stackFile = (stack: string, folder = root): Readonly<Record<string, ConfigValue>> => {
  const file = join(folder, `Pulumi.${stack}.yaml`)
  if (!existsSync(file)) return {}
  return (read(file) as { config?: Readonly<Record<string, ConfigValue>> | null } | undefined)?.config ?? {}
}

/** What `pulumi config set --secret` writes, also within lists and objects. Only the secrets provider of the stack can open it. */
const isSealed = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (("secure" in value && Object.keys(value).length === 1) || Object.values(value).some(isSealed))

/** The keys of `Pulumi.<stack>.yaml` whose values are encrypted, with their namespaces. */
export const sealedKeys = (stack: string, folder = root): ReadonlyArray<string> =>
  Object.entries(stackFile(stack, folder)).flatMap(([key, value]) => (isSealed(value) ? [key] : []))

/**
 * The configuration of a stack as the CLI would hand it to the program, which the SDK does not do under mocks: the project's
 * defaults, then the stack's file in `folder`, then `overrides` (keys of the project without namespace, or full keys). Full keys to
 * texts; what is not a text is JSON. An encrypted value cannot be read here: the project's default stands in its place. Throws, as the
 * CLI does, on a value of another type than declared and on a declared key without any value.
 */
export const stackConfig = (
  stack: string,
  overrides: Readonly<Record<string, ConfigValue>> = {},
  folder = root
): Readonly<Record<string, string>> => {
  const { name, config: declared = {} } = projectFile()
  const full = (key: string): string => (key.includes(":") ? key : `${name}:${key}`)
  const values = new Map<string, ConfigValue>()
  for (const [key, { value, default: fallback }] of Object.entries(declared)) {
    const given = value ?? fallback
    if (given !== undefined) values.set(full(key), given)
  }
  for (const layer of [stackFile(stack, folder), overrides])
    for (const [key, value] of Object.entries(layer)) if (!isSealed(value)) values.set(full(key), value)
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
