import { assert, describe, it } from "@effect/vitest"
import { isNowhere, type Lived, leaveEverywhere, lived, WHY } from "../support/forgotten.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack } from "../support/stack.ts"

const captured = await devStack({ entityIndex: true, replaySegments: 1, replayConcurrency: 1 })

const made = async () => {
  const site = await lived(captured, 30)
  await leaveEverywhere(site)
  return site
}

const CHANGING = /:(Put|Update|Delete|PartiQL|Send)/

/** Runs the command until it has made so many calls, after which it reaches nothing any more. Returns the calls that it made. */
const cutOff = async (site: Lived, after: number) => {
  const calls: Array<string> = []
  site.stack.outage((action, resource, by) => {
    if (by.label !== "operator") return false
    if (calls.length >= after) return true
    calls.push(`${action} ${resource.replace(/\/[^/]*$/, "")}`)
    return false
  })
  const { code } = await site.command("erase", "--agent", site.agent, "--request", "r-1", ...WHY)
  site.stack.outage(() => false)
  return { calls, code }
}

/** The run that goes on, and what is then to be found. */
const goesOn = async (site: Lived) => {
  const { code, err } = await site.command("erase", "--agent", site.agent, "--request", "r-1", ...WHY)
  assert.strictEqual(code, 0, err)
  await isNowhere(site, site.agent, "Robin Vogt")
  assert.deepStrictEqual(site.keys("erasures/"), [])
  await site.stack.stop()
}

describe("an erasure that is cut off", UNHURRIED, () => {
  it("[P1] goes on wherever that was, some calls later each time, until it is done", async () => {
    const site = await made()
    let cuts = 0
    for (let after = 1; (await cutOff(site, after)).code !== 0; after += 5) cuts++
    assert.isAbove(cuts, 10)
    await goesOn(site)
  })

  it("[P1] goes on after each kind of change, from a stack as it was before", async () => {
    const whole = await made()
    const { calls, code } = await cutOff(whole, Number.POSITIVE_INFINITY)
    assert.strictEqual(code, 0)
    await whole.stack.stop()
    const firsts = [...new Set(calls)].filter((call) => CHANGING.test(call)).map((call) => calls.indexOf(call) + 1)
    assert.isAbove(firsts.length, 8)
    for (const after of firsts) {
      const site = await made()
      assert.notStrictEqual((await cutOff(site, after)).code, 0)
      await goesOn(site)
    }
  })

  it("is not taken for a request about somebody else", async () => {
    const site = await made()
    for (let after = 1; site.keys("erasures/").length === 0; after += 10) await cutOff(site, after)
    const other = "0a3c7a11-0000-4000-8000-000000000001"
    const { code, err } = await site.command("erase", "--agent", other, "--request", "r-1", ...WHY)
    assert.deepStrictEqual([code, /the request r-1 is about somebody else/.test(err)], [1, true], err)
    await goesOn(site)
  })
})
