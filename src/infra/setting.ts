import { isUuid } from "../genesys/template.ts"

/** A value that was read, or what is wrong with it and what to write instead, one sentence each. */
export type Read<T> = { readonly value: T } | { readonly faults: ReadonlyArray<string> }

/** One configuration key: its type and default as `Pulumi.yaml` states them, and how its text becomes a value. */
export interface Setting<T> {
  readonly type: "string" | "integer" | "boolean" | "array"
  readonly default: T
  readonly read: (text: string) => Read<T>
}

/** A whole number from `min` to `max`, both included. */
export const integer = (fallback: number, min: number, max: number): Setting<number> => ({
  type: "integer",
  default: fallback,
  read: (text) => {
    const value = Number(text)
    return /^-?\d+$/.test(text) && value >= min && value <= max
      ? { value }
      : wrong(text, `a whole number from ${min} to ${max}`)
  }
})

const orZero = (min: number, max: number, meaning: string): Setting<number> => {
  const given = integer(0, min, max)
  return {
    ...given,
    read: (text) =>
      text === "0"
        ? { value: 0 }
        : "value" in given.read(text)
          ? given.read(text)
          : wrong(text, `a whole number from ${min} to ${max}, or 0 ${meaning}`)
  }
}

/** A whole number from `min` to `max`, or 0, which leaves it to be derived from others. */
export const derived = (min: number, max: number): Setting<number> => orZero(min, max, "to derive it")

/** A whole number from `min` to `max` that only the account knows, or 0 while nobody has said it. */
export const known = (min: number, max: number): Setting<number> => orZero(min, max, "while it is not known")

/** One of a list of whole numbers. */
export const oneOf = (fallback: number, allowed: ReadonlyArray<number>): Setting<number> => ({
  type: "integer",
  default: fallback,
  read: (text) =>
    allowed.includes(Number(text)) ? { value: Number(text) } : wrong(text, `one of ${allowed.join(", ")}`)
})

export const boolean = (fallback: boolean): Setting<boolean> => ({
  type: "boolean",
  default: fallback,
  read: (text) => (text === "true" || text === "false" ? { value: text === "true" } : wrong(text, "true or false"))
})

/** A text of one form; `form` describes it in the fault. */
export const text = (fallback: string, pattern: Pick<RegExp, "test">, form: string): Setting<string> => ({
  type: "string",
  default: fallback,
  read: (value) => (pattern.test(value) ? { value } : wrong(value, form))
})

/** A list of texts, given as JSON. `expand` returns the values meant, and a sentence for each element that means nothing. */
export const list = (
  fallback: ReadonlyArray<string>,
  expand: (names: ReadonlyArray<string>) => {
    readonly values: ReadonlyArray<string>
    readonly problems: ReadonlyArray<string>
  }
): Setting<ReadonlyArray<string>> => ({
  type: "array",
  default: fallback,
  read: (json) => {
    const names = parseList(json)
    if (names === undefined) return wrong(json, "a list of texts")
    if (names.length === 0) return wrong(json, "at least one, or remove the key for the default")
    const { values, problems } = expand(names)
    return problems.length === 0 ? { value: values } : { faults: problems.map((problem) => `has ${problem}`) }
  }
})

/** A list of ids of one form, such as those of subnets, given as JSON; none by default. */
export const ids = (pattern: RegExp, form: string): Setting<ReadonlyArray<string>> => ({
  type: "array",
  default: [],
  read: (json) => {
    const values = parseList(json)
    if (values === undefined) return wrong(json, "a list of texts")
    const bad = values.filter((value) => !pattern.test(value))
    return bad.length === 0
      ? // Genesys writes a UUID in small letters, and what is compared with it must be the same text.
        { value: values.map((value) => (isUuid(value) ? value.toLowerCase() : value)) }
      : { faults: bad.map((value) => `has ${JSON.stringify(value)}; set ${form}.`) }
  }
})

const wrong = (given: string, instead: string) => ({ faults: [`is ${JSON.stringify(given)}; set ${instead}.`] })

const parseList = (json: string): ReadonlyArray<string> | undefined => {
  try {
    const names: unknown = JSON.parse(json)
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined
  } catch {
    return undefined
  }
}
