import { assert, describe, it } from "@effect/vitest"
import { SIMULATED_SOURCE } from "../../../src/local/partner.ts"
import { makeSimulator } from "../../../src/simulator/simulator.ts"
import { START } from "../../support/history.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { fillDirectory } from "../directory/fill.ts"
import { operate } from "../harness.ts"

/** How far the units that DynamoDB counts may be from those that were stated: a centre does not do the same in every minute. */
const BOUND = 0.15
const MINUTES = 5

/** So long the centre has been open: there is a whole quarter of an hour to judge by. */
const OPEN_MINUTES = 31

/** Where it is midnight when the centre opens. */
const MORNING = `Etc/GMT+${new Date(START).getUTCHours()}`

const unitsIn = (text: string, form: RegExp): number => Number(form.exec(text)?.[1]?.replaceAll(",", ""))

describe("the price of the wallboard", UNHURRIED, () => {
  it("is what DynamoDB counts within 15 %, however often it is read", async () => {
    const { captured, stack, feed, reach, rows, interrupted } = await operate()
    const world = { seed: 2, agents: 14, queues: 3, rate: 1.5, chaos: 0, start: START, source: SIMULATED_SOURCE }
    const centre = makeSimulator(world)
    const history = []
    for (let next = centre.next(); next.at < START + (OPEN_MINUTES + 3 * MINUTES) * 60_000; next = centre.next())
      history.push(next)
    feed(history)
    await reach(START + OPEN_MINUTES * 60_000)
    const held = await rows()
    const entries = (["agents", "queues"] as const).flatMap((kind) =>
      [...new Set(held.filter(({ projection }) => projection === `${kind}-v2`).map(({ entity }) => entity))].map(
        (id) => ({ kind, id, name: id.slice(0, 4), at: START })
      )
    )
    await fillDirectory({ captured, stack }, entries, ["agents", "queues"])
    for (const every of ["5", "20"]) {
      const options = ["--port", "0", "--time-zone", MORNING, "--every", every]
      const { out, err } = await interrupted(MINUTES * 60_000, "wallboard", ...options)
      const stated =
        unitsIn(out, /about ([\d,]+) read units a minute/) * MINUTES +
        unitsIn(out, /; up to ([\d,]+) once for the day/) +
        unitsIn(out, /; ([\d,]+) were spent/)
      const counted = unitsIn(err, /ended: ([\d,]+) read units/)
      assert.closeTo(counted / stated, 1, BOUND, `${out}${err}`)
    }
    await stack.stop()
  })
})
