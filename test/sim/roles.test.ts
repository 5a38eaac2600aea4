import { assert, describe, it } from "@effect/vitest"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, grantsOf } from "../support/stack.ts"
import { attempt, ROLES } from "./on-the-way.ts"

const captured = await devStack()

/** Grants that no run on this machine can use, and why they are there all the same. */
const EXPECTED: Readonly<Record<string, string>> = {}

describe("the roles", () => {
  it("[P10] are enough, and hold nothing that is never used", UNHURRIED, async () => {
    const { denied, unused, error } = await attempt(captured)
    assert.deepStrictEqual([denied, error], [[], ""])
    const found = unused
      .filter(({ roleArn }) => ROLES.some((role) => roleArn.endsWith(`-${role}-role`)))
      .map(({ roleArn, action, resource }) => `${roleArn} ${action} ${resource}`)
    assert.deepStrictEqual(found, Object.keys(EXPECTED))
  })

  it("[P1] let nobody overwrite or delete an event: append may insert and read, replay may read, and nobody else may do anything", () => {
    const table = String(captured.outputs.eventTableArn)
    const all = grantsOf(captured)
    const on = all.filter(({ resource }) => resource.startsWith(table) || resource.includes("*:table"))
    assert.sameDeepMembers(
      on.map(({ policy, action }) => [policy, action]),
      [
        ["append-policy", "dynamodb:PartiQLInsert"],
        ["append-policy", "dynamodb:BatchGetItem"],
        ["replay-policy", "dynamodb:Scan"]
      ]
    )
    assert.isFalse(all.some(({ action }) => action.includes("*")))
    // AWS lets nobody name the deliveries of a log, which the state machine asks for.
    const unnamed = all
      .filter(({ resource }) => resource === "*")
      .map(({ policy, action }) => [policy, action.slice(0, 5)])
    assert.deepStrictEqual(new Set(unnamed.map(String)), new Set(["replay-machine-policy,logs:"]))
  })
})
