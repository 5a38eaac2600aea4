import type { Event } from "../genesys/event.ts"
import type { Difference } from "./broken.ts"
import type { WithSources } from "./fold.ts"

/**
 * A law for every projection. `says` is the law in one sentence; `difference` returns what a history breaks, or undefined. The projection
 * comes first, and then those that it derives from.
 */
export interface Law {
  readonly name: string
  readonly says: string
  readonly difference: (projections: WithSources, history: ReadonlyArray<Event>) => Promise<Difference | undefined>
}

/** The rows that differ, side by side. */
export const differenceOf = (
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>
): Difference | undefined => {
  const keys = [...new Set([...expected.keys(), ...actual.keys()])].filter(
    (key) => expected.get(key) !== actual.get(key)
  )
  if (keys.length === 0) return undefined
  const text = (rows: ReadonlyMap<string, string>) => keys.map((key) => rows.get(key) ?? `no row ${key}`).join("\n")
  return { expected: text(expected), actual: text(actual) }
}
