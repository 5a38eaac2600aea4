import { type DecodeError, NumberOutOfRange, pathText, refuse, TooDeep, TooManyKeys } from "./decode-error.ts"

/** What the decoder accepts: size in bytes of UTF-8, nesting (the event itself is level 1), and keys and elements in all. */
export interface Limits {
  readonly bytes: number
  readonly depth: number
  readonly keys: number
}

/**
 * The bytes are EventBridge's bound for an entry, and room for the envelope around it. The depth is far above what Genesys publishes.
 *
 * The keys are about as many as fit into the bytes, for nothing behind the decoder bears fewer. DynamoDB never sees them: a body is one
 * text, deflated, and lies in S3 where its item would exceed 400 KB. The clock of append bears them: an invocation carries 6 MB at most,
 * which is three million elements, and an element took 0.2 microseconds of one vCPU to decode, compare and store (measured, at most
 * 0.4 with a facet and an update for every three). That is a second and a half on one vCPU, and within the 60 seconds of
 * `appendTimeoutSeconds` down to the least memory.
 *
 * Keys may have any name, `constructor` and `__proto__` too: bodies are parsed, spread and written by entries, never assigned by key.
 */
export const defaultLimits: Limits = { bytes: 1_048_576 + 4_096, depth: 64, keys: 500_000 }

type Violation = {
  readonly rule: (limits: Limits, path: string) => DecodeError
  readonly path: Array<string | number>
}

const tooDeep = (limits: Limits, path: string) =>
  refuse(TooDeep, path, `nested deeper than ${limits.depth} levels; flatten it or raise limits.depth`)
const tooManyKeys = (limits: Limits, path: string) =>
  refuse(TooManyKeys, path, `more than ${limits.keys} keys and elements in all; split it or raise limits.keys`)
const numberOutOfRange = (_: Limits, path: string) =>
  refuse(NumberOutOfRange, path, "a number beyond 2^53 - 1 is not exact; send it as text")

const isExact = (value: number): boolean => value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER

/** What remains to be spent, shared by all levels of one walk. */
type Budget = { depth: number; keys: number }

const at = (place: string | number, violation: Violation): Violation => {
  violation.path.push(place)
  return violation
}

const check = (value: unknown, budget: Budget): Violation | undefined =>
  typeof value === "number"
    ? isExact(value)
      ? undefined
      : { rule: numberOutOfRange, path: [] }
    : typeof value === "object" && value !== null
      ? visit(value, budget)
      : undefined

const visitFields = (value: { readonly [key: string]: unknown }, budget: Budget): Violation | undefined => {
  // JSON.parse makes own keys only, and nothing inherited is enumerable.
  for (const key in value) {
    if (--budget.keys < 0) return { rule: tooManyKeys, path: [] }
    const violation = check(value[key], budget)
    if (violation !== undefined) return at(key, violation)
  }
  return undefined
}

const visitElements = (value: ReadonlyArray<unknown>, budget: Budget): Violation | undefined => {
  budget.keys -= value.length
  if (budget.keys < 0) return { rule: tooManyKeys, path: [] }
  for (let i = 0; i < value.length; i++) {
    const violation = check(value[i], budget)
    if (violation !== undefined) return at(i, violation)
  }
  return undefined
}

// Recursion is at most `limits.depth` deep, whatever comes in, and a path is put together only on the way out of a violation.
const visit = (value: object, budget: Budget): Violation | undefined => {
  if (budget.depth === 0) return { rule: tooDeep, path: [] }
  budget.depth--
  const violation = Array.isArray(value)
    ? visitElements(value, budget)
    : visitFields(value as { readonly [key: string]: unknown }, budget)
  budget.depth++
  return violation
}

/** The first violation of the limits in document order, in one pass. */
export const violation = (value: object, limits: Limits): DecodeError | undefined => {
  const found = visit(value, { depth: limits.depth, keys: limits.keys })
  return found?.rule(limits, pathText(found.path.reverse()))
}
