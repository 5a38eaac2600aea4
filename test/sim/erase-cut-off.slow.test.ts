import { assert, describe, it } from "@effect/vitest"
import { isNowhere, type Lived, leaveEverywhere, lived, WHY } from "../support/forgotten.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack } from "../support/stack.ts"

const captured = await devStack({ entityIndex: true, replaySegments: 1, replayConcurrency: 1 })

/** Events of a stack that is made anew for every call. */
const FEW = 4

/** Each call is a stack of its own, so that they are done in parts, which end before a test must. */
const PARTS = Array.from({ length: 6 }, (_, i) => [i + 1, 6] as const)

const made = async (events = 30) => {
  const site = await lived(captured, events)
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

/** All that is left of what names nobody: rows, and the ids of events. */
const remains = async (site: Lived) => {
  const found = { rows: await site.dump(), events: [...(await site.events()).keys()].sort() }
  await site.stack.stop()
  return found
}

/** The run that goes on, and what is then to be found. */
const resumed = async (site: Lived) => {
  const { code, err } = await site.command("erase", "--agent", site.agent, "--request", "r-1", ...WHY)
  assert.strictEqual(code, 0, err)
  await isNowhere(site, site.agent, "Robin Vogt")
  assert.deepStrictEqual(site.keys("erasures/"), [])
}

const goesOn = async (site: Lived) => {
  await resumed(site)
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

  it.each(PARTS)(
    "[P1] goes on after every call, from a stack as it was before (part %i of %i)",
    async (part, parts) => {
      const whole = await made(FEW)
      const { calls, code } = await cutOff(whole, Number.POSITIVE_INFINITY)
      assert.strictEqual(code, 0)
      const expected = await remains(whole)
      assert.isAbove(new Set(calls.filter((call) => CHANGING.test(call))).size, 8)
      for (let after = part; after < calls.length; after += parts) {
        const site = await made(FEW)
        assert.notStrictEqual((await cutOff(site, after)).code, 0, `${after}: ${calls[after - 1]}`)
        await resumed(site)
        assert.deepStrictEqual(await remains(site), expected, `${after}: ${calls[after - 1]}`)
      }
    }
  )

  it("is not taken for a request about somebody else", async () => {
    const site = await made()
    for (let after = 1; site.keys("erasures/").length === 0; after += 10) await cutOff(site, after)
    const other = "0a3c7a11-0000-4000-8000-000000000001"
    const { code, err } = await site.command("erase", "--agent", other, "--request", "r-1", ...WHY)
    assert.deepStrictEqual([code, /the request r-1 is about somebody else/.test(err)], [1, true], err)
    await goesOn(site)
  })
})
