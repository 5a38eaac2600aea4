import { type Captured, capture } from "../../src/local/capture.ts"

type Arguments = Parameters<typeof capture>

const made = new Map<string, Promise<Captured>>()
const numbers = new Map<unknown, number>()

/** Tells values apart that are no text, such as projections: by a number for each. */
const numberOf = (value: unknown): number => {
  const number = numbers.get(value) ?? numbers.size
  numbers.set(value, number)
  return number
}

const frozen = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}

/**
 * What `capture` gives for a stack, its overrides and its projections. A worker captures each of them once, and all of its test files
 * share the result, whose resources and outputs are frozen.
 */
export const captureOnce = (...[stack, overrides = {}, projections]: Arguments): Promise<Captured> => {
  const key = JSON.stringify([stack, Object.entries(overrides).sort(), projections?.map(numberOf)])
  const known = made.get(key)
  if (known !== undefined) return known
  const captured = capture(stack, overrides, projections).then((result) => {
    frozen(result.resources)
    frozen(result.outputs)
    return result
  })
  made.set(key, captured)
  return captured
}
