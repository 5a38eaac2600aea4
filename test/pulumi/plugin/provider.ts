import { isDeepStrictEqual } from "node:util"
import { nameRules } from "../../../src/infra/names.ts"
import { kinds } from "../../../src/infra/nodes.ts"
import { make } from "../../../src/local/fake-provider.ts"
import type { Account, Props } from "./account.ts"
import { replaces } from "./replaces.ts"

/** What stands in a preview for a value that only AWS knows. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

/** The engine's marks of an archive, an asset and their hash. */
const SIGNATURE = "4dabf18193072939515e22adb298388d"

/** By type: the input that holds the name, for types that are named. */
const named: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(kinds).flatMap(([kind, made]) => {
    const rule = nameRules[kind as keyof typeof kinds]
    return rule === undefined
      ? []
      : [[(made as unknown as { __pulumiType: string }).__pulumiType, rule.argument ?? "name"]]
  })
)

/** The input that Pulumi's bridge keeps: which other inputs are no choice of the program. */
const DEFAULTS = "__defaults"

const defaultsOf = (inputs: Props): ReadonlyArray<string> => (inputs[DEFAULTS] as ReadonlyArray<string>) ?? []

/** An archive is known by its hash, wherever its files are. */
const comparable = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== "object" || value === null) return value
  if (SIGNATURE in value && "hash" in value) return value.hash
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]))
}

export interface Difference {
  readonly changed: ReadonlyArray<string>
  readonly replaced: ReadonlyArray<string>
  /** A fixed name can be there once only. */
  readonly deleteBeforeReplace: boolean
}

/** AWS's provider for Pulumi, as far as the engine can see: names, differences, and what stands in the account afterwards. */
export const makeProvider = (account: Account, region: string) => {
  /** The inputs with a name. What has one keeps it; `proposed` is the engine's for what has none. */
  const check = (type: string, before: Props, inputs: Props, proposed: string): Props => {
    const argument = named[type]
    if (argument === undefined || inputs[argument] !== undefined) return { ...inputs, [DEFAULTS]: [] }
    const kept = defaultsOf(before).includes(argument) ? before[argument] : undefined
    return { ...inputs, [argument]: kept ?? proposed, [DEFAULTS]: [argument] }
  }

  const diff = (type: string, before: Props, after: Props): Difference => {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => key !== DEFAULTS)
    const changed = keys.filter((key) => !isDeepStrictEqual(comparable(before[key]), comparable(after[key])))
    const replaced = changed.filter((key) => key === "region" || (replaces[type] ?? []).includes(key))
    const argument = named[type]
    return { changed, replaced, deleteBeforeReplace: argument !== undefined && !defaultsOf(after).includes(argument) }
  }

  const made = (type: string, logical: string, inputs: Props) => {
    const argument = named[type]
    return make(type, argument === undefined ? logical : String(inputs[argument]), region, inputs)
  }

  return {
    check,
    diff,
    /** What a preview says: computed values are not known yet. */
    planCreate: (type: string, logical: string, inputs: Props): Props => {
      const { id: _, ...outputs } = made(type, logical, inputs)
      return Object.fromEntries(Object.keys(outputs).map((key) => [key, key in inputs ? inputs[key] : UNKNOWN]))
    },
    create: (type: string, logical: string, inputs: Props) => account.create(type, inputs, made(type, logical, inputs)),
    planUpdate: (before: Props, inputs: Props): Props => ({ ...before, ...inputs }),
    update: (type: string, id: string, inputs: Props) => account.update(type, id, inputs, inputs),
    read: account.find,
    delete: account.delete
  }
}

export type FakeProvider = ReturnType<typeof makeProvider>
