import { assert, describe, it } from "@effect/vitest"
import { type CentreOptions, openCentre, SWEEP, sweepSettings } from "../../src/local/centre.ts"
import { tell } from "../../src/simulator/truth.ts"
import { stateDocument, type Table } from "../../src/wallboard/document.ts"
import { START } from "../support/history.ts"
import { devStack, runStack } from "../support/stack.ts"
import { differencesOf } from "../support/truth.ts"

const MINUTE = 60_000

/** The deployed functions with their roles, a contact centre that loses events, and the organisation that it belongs to. */
const openStack = async (options: Partial<CentreOptions>, chaos: number) => {
  const wanted = { seed: 1, agents: 24, queues: 5, rate: 10, chaos: 0, lose: 0.05, start: START, ...options }
  // The schedule is left out: a sweep is asked for, so that nothing else has healed anything.
  const captured = await devStack({ ...sweepSettings, reconcileSchedule: "" })
  let now = () => START
  const opened = openCentre(wanted, () => now())
  const run = await runStack({ captured, chaos, genesys: () => opened.genesys })
  now = run.clock.now
  return { ...opened, run }
}

type Opened = Awaited<ReturnType<typeof openStack>>

/** Lets the contact centre and the stack live for so long. */
const live = async ({ run, simulator }: Opened, ms: number) => {
  const end = run.clock.now() + ms
  while (run.clock.now() < end) {
    await run.reach(Math.min(end, run.clock.now() + 1_000))
    for (const { line } of simulator.until(run.clock.now())) run.send(line)
  }
}

const wrongIn = async ({ run, simulator }: Opened) => {
  const rows = await run.rows()
  const tableOf = (name: string): Table =>
    Map.groupBy(
      rows.filter(({ projection }) => projection.startsWith(`${name}-`)),
      ({ entity }) => entity
    )
  const document = stateDocument(tableOf("agents"), tableOf("queues"))
  return differencesOf(document, tell(simulator.population, run.clock.now(), true))
}

describe("the stack beside an organisation", () => {
  it.each([
    { seed: 1, chaos: 0, lose: 0.3, faults: 0 },
    { seed: 2, chaos: 0.3, lose: 0.3, faults: 0.3 }
  ])(
    "[P4] heals by a sweep what was lost, with seed $seed and faults $faults",
    async ({ seed, chaos, lose, faults }) => {
      const opened = await openStack({ seed, lose, faults }, chaos)
      const { run, simulator, organisation } = opened
      await live(opened, 5 * MINUTE)
      run.stack.calm()
      for (const { line } of simulator.drain()) run.send(line)
      organisation.stand()
      await run.reach(run.clock.now() + 2 * MINUTE)
      const before = await wrongIn(opened)
      // A sweep that was not told of everything leaves the rest to the next one.
      for (let sweeps = faults === 0 ? 1 : 4; sweeps > 0; sweeps--) {
        run.stack.call("reconcile", SWEEP)
        await run.reach(run.clock.now() + 2 * MINUTE)
      }
      assert.isAbove(before.length, 10)
      assert.deepStrictEqual(await wrongIn(opened), [])
      assert.isAbove(organisation.counts().routes["GET /api/v2/users"] ?? 0, 0)
      assert.deepStrictEqual(run.stack.denied(), [])
      await run.stack.stop()
    },
    300_000
  )

  it("shows who logged on before the first event, a few seconds after the first sweep has begun", async () => {
    const opened = await openStack({ lose: 0, rate: 0.5 }, 0)
    const { run } = opened
    run.stack.call("reconcile", SWEEP)
    await live(opened, 8_000)
    const wrong = (await wrongIn(opened)).filter(({ facet }) => facet === "presence" || facet === "routingStatus")
    assert.deepStrictEqual(wrong, [])
    await run.stack.stop()
  }, 120_000)
})
