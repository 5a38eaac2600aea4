import { assert, describe, it } from "@effect/vitest"
import type { Captured } from "../../src/local/capture.ts"
import { bigLine, historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, grantsOf, isSame, runStack, without } from "../support/stack.ts"

const captured = await devStack()

/** The roles that an event meets on its way. Those that act when something was given up need that something. */
const ROLES = ["feed", "append", "project"]

const grants = grantsOf(captured).filter(({ policy }) => ROLES.includes(policy.replace(/-policy$/, "")))

/** Lines that bring the stack to do everything that it can do: store, overflow, recognise, refuse, insert, update, summarise. */
const lines = historyOf(240).map(({ line }) => line)
const [early, late] = [
  [...lines.slice(0, 200), bigLine("big"), bigLine("big"), "{"],
  [...lines.slice(200), ...lines.slice(0, 20)]
]

/** Feeds everything and answers what was refused on the way, what was never used, and what the stack threw. */
const attempt = async (stack: Captured) => {
  let run: Awaited<ReturnType<typeof runStack>> | undefined
  try {
    run = await runStack({ captured: stack })
    for (const part of [early, late]) {
      for (const line of part) run.send(line)
      await run.reach(run.clock.now() + 15_000)
    }
    return { denied: run.stack.denied(), unused: run.stack.unused(), error: "" }
  } catch (error) {
    return { denied: run?.stack.denied() ?? [], unused: [], error: String(error) }
  } finally {
    await run?.stack.stop()
  }
}

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

  it.each(grants)("[P10] cannot do without $action on $resource ($policy)", UNHURRIED, async (grant) => {
    const { denied, error } = await attempt(without(captured, isSame(grant)))
    const prefix = grant.resource.replace(/\*$/, "")
    const missed = denied.some(({ action, resource }) => action === grant.action && resource.startsWith(prefix))
    assert.isTrue(missed || error.includes(`${grant.action} on resource: ${prefix}`), error)
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
