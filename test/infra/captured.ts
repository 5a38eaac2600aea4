import { assert } from "vitest"
import type { Captured, CapturedResource } from "../../src/local/capture.ts"

/** A policy statement as it is sent to AWS. */
export interface Statement {
  readonly Effect: string
  readonly Action: ReadonlyArray<string>
  readonly Resource?: ReadonlyArray<string>
  readonly Principal?: unknown
  readonly Condition?: unknown
}

export const resourcesOf = (captured: Captured, type: string): ReadonlyArray<CapturedResource> =>
  captured.resources.filter((resource) => resource.type === type)

/** The resource of that type and name, of which there must be exactly one. */
export const only = (captured: Captured, type: string, name: string): CapturedResource => {
  const found = resourcesOf(captured, type).filter((resource) => resource.name === name)
  assert.lengthOf(found, 1, `${type} ${name}`)
  return found[0] as CapturedResource
}

/** The statements of a policy document; none where there is no document. */
export const policyOf = (text: unknown): ReadonlyArray<Statement> => {
  if (text === undefined) return []
  const { Version, Statement } = JSON.parse(text as string)
  assert.strictEqual(Version, "2012-10-17")
  return Statement
}
