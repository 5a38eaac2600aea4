import { assert, describe, it } from "@effect/vitest"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, grantsOf, isSame, without } from "../support/stack.ts"
import { attempt, ROLES } from "./on-the-way.ts"

const captured = await devStack()
const grants = grantsOf(captured).filter(({ policy }) => ROLES.includes(policy.replace(/-policy$/, "")))

describe("the roles", () => {
  it.each(grants)("[P10] cannot do without $action on $resource ($policy)", UNHURRIED, async (grant) => {
    const { denied, error } = await attempt(without(captured, isSame(grant)))
    const prefix = grant.resource.replace(/\*$/, "")
    const missed = denied.some(({ action, resource }) => action === grant.action && resource.startsWith(prefix))
    assert.isTrue(missed || error.includes(`${grant.action} on resource: ${prefix}`), error)
  })
})
