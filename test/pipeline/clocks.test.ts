import { assert, describe, it } from "@effect/vitest"
import { virtualClock } from "aws-in-process/clock"
import { seededRandom } from "aws-in-process/random"
import { iso } from "../../src/domain/stamp.ts"
import { makeCore, modelOf, WINDOW } from "../support/core.ts"
import { AGENT, arrival, arrivalsOf, historyOf, START, statusLine } from "../support/history.ts"
import { seeds } from "../support/seeds.ts"

const END = Date.UTC(2030, 0)
const MINUTE = 60_000

describe("the clock of a function", () => {
  it.each(seeds(3))(
    "[P3] may jump back and forth at every look, and the rows stay the same (seed %i)",
    async (seed) => {
      const random = seededRandom(seed)
      const steady = virtualClock(START)
      let looks = 0
      const jumping = {
        ...steady,
        now: () => {
          looks++
          return steady.now() + random.int(2 * 60 * MINUTE) - 60 * MINUTE
        }
      }
      const history = arrivalsOf(historyOf(300, { seed, chaos: 0.5 }))
      const core = makeCore({}, jumping)
      for (let at = 0; at < history.length; at += 40) {
        assert.deepStrictEqual((await core.deliver(history.slice(at, at + 40))).failed, [])
        assert.deepStrictEqual((await core.settle(core.queue.take(END))).failed, [])
      }
      const calm = makeCore()
      await calm.deliver(history)
      await calm.settle(calm.queue.take(END))
      assert.isAbove(looks, 10)
      assert.deepStrictEqual(core.dump(), calm.dump())
      assert.deepStrictEqual(core.dump(), modelOf(core.events.stored()))
    }
  )
})

describe("the clock of a source", () => {
  it("[P4] [P6] that is five minutes behind for an hour counts as late, and wins again as soon as it is right", async () => {
    const core = makeCore()
    const behind = 5 * MINUTE
    const stated = async (id: string, status: string, clock: number, at: number) => {
      const { late, future } = await core.deliver([arrival(statusLine(id, status, clock), at)])
      await core.settle(core.queue.take(END))
      const state = core.rows.rows("agents-v2", AGENT).find(({ row }) => row === "state")
      return { late, future, shown: [state?.columns.routingStatus, state?.columns.routingStatusSince] }
    }
    await stated("before", "IDLE", START, START + 200)
    // Within the first minutes it tells times before what the agent did last: that stands, and the event is stored.
    const first = await stated("first", "OFF_QUEUE", START + MINUTE - behind, START + MINUTE)
    assert.deepStrictEqual(first, { late: 1, future: 0, shown: ["IDLE", iso(START)] })
    for (const minute of [10, 30, 60]) {
      const at = START + minute * MINUTE
      const found = await stated(`at-${minute}`, "INTERACTING", at - behind, at)
      assert.deepStrictEqual(found, { late: 1, future: 0, shown: ["INTERACTING", iso(at - behind)] })
    }
    const corrected = START + 61 * MINUTE
    const right = await stated("right", "IDLE", corrected, corrected + WINDOW.settle)
    assert.deepStrictEqual(right, { late: 0, future: 0, shown: ["IDLE", iso(corrected)] })
    assert.deepStrictEqual(core.dump(), modelOf(core.events.stored()))
  })
})
