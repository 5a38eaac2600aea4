import { assert, describe, it } from "@effect/vitest"
import { LOST_END_MS } from "../../projections/session.ts"
import { registerKey } from "../../src/domain/delta.ts"
import { compareStamps, iso, type Stamp } from "../../src/domain/stamp.ts"
import { deltasOf, modelOf } from "../support/core.ts"
import { AGENT, historyOf, START, statusLine } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, runStack } from "../support/stack.ts"

const SAMPLE_MS = 500

/** A batch holds what arrives in this time, and of two updates of a register in it only the greater goes on. */
const BATCH_MS = 2_000

/** An update is visible at the latest this long after it was due, or had arrived where that was later. */
const GRACE_MS = 2_000

/** Registers of agents that are kept only while others do not say the same. */
const MERGED_AWAY = /^((listed|idle)\.|back)/

type Snapshot = { readonly now: number; readonly registers: ReadonlyMap<string, Stamp> }

describe("settling", () => {
  it.each([5, 0, 20])(
    "[P5] shows no update before W has passed, and all of them by timer alone (W = %i s)",
    UNHURRIED,
    async (seconds) => {
      const run = await runStack({ captured: await devStack({ settleWindowSeconds: seconds }) })
      const history = historyOf(150)
      const last = history.at(-1)?.at ?? 0
      run.feed(history)
      const snapshots: Array<Snapshot> = []
      for (let now = START; now <= last + seconds * 1_000 + GRACE_MS + SAMPLE_MS; now += SAMPLE_MS) {
        await run.reach(now)
        const registers = new Map<string, Stamp>()
        for (const { projection, entity, row, registers: held } of await run.rows())
          for (const [register, { value, stamp }] of held)
            registers.set(registerKey({ projection, entity, row, register, value, stamp, late: false }), stamp)
        snapshots.push({ now, registers })
      }
      const events = await run.events()
      const arrived = (stamp: Stamp) => events.get(stamp.eventId)?.received ?? 0
      const all = deltasOf(events)
        .filter(({ register }) => !MERGED_AWAY.test(register))
        .map((delta) => ({ key: registerKey(delta), stamp: delta.stamp }))
      const deltas = all
        .filter(
          ({ key, stamp }) =>
            !all.some(
              (other) =>
                other.key === key &&
                compareStamps(other.stamp, stamp) > 0 &&
                arrived(other.stamp) <= arrived(stamp) + BATCH_MS
            )
        )
        .map(({ key, stamp }) => ({
          key,
          stamp,
          latest: Math.max(stamp.clock + seconds * 1_000, arrived(stamp)) + GRACE_MS
        }))
      assert.strictEqual(events.size, history.length)
      let [hidden, due] = [0, 0]
      for (const { now, registers } of snapshots) {
        for (const [key, { clock }] of registers) assert.isAtLeast(now, clock + seconds * 1_000, key)
        for (const { key, stamp, latest } of deltas) {
          const held = registers.get(key)
          const shown = held !== undefined && compareStamps(held, stamp) >= 0
          if (!shown) hidden++
          if (now < latest) continue
          due++
          assert.isTrue(shown, `${key} of ${iso(stamp.clock)} at ${iso(now)}`)
        }
      }
      assert.isAbove(hidden, 300)
      assert.isAbove(due, 300)
      // Calls that have ended wait for the time after which nobody may be served any more.
      await run.reach(last + LOST_END_MS + seconds * 1_000 + GRACE_MS + SAMPLE_MS)
      assert.deepStrictEqual(await run.dump(), modelOf(events))
      assert.isTrue(run.stack.quiet())
      await run.stack.stop()
    }
  )

  it("[P6] [P4] lets a late event win or lose by its own time, and counts it", UNHURRIED, async () => {
    const run = await runStack()
    const shown = async () => {
      const row = (await run.rows()).find(({ entity, row }) => entity === AGENT && row === "state")
      return [row?.columns.routingStatus, row?.columns.routingStatusSince]
    }
    const [first, between, second, after] = [START, START + 5_000, START + 10_000, START + 20_000]
    run.feed([
      { at: first + 200, line: statusLine("a", "IDLE", first), kind: "event" },
      { at: second + 200, line: statusLine("b", "INTERACTING", second), kind: "event" }
    ])
    await run.reach(second + 60_000)
    assert.deepStrictEqual(await shown(), ["INTERACTING", iso(second)])
    assert.deepStrictEqual([run.counters.late, run.counters.revisions], [0, 0])

    run.send(statusLine("c", "OFF_QUEUE", between))
    await run.settle()
    assert.deepStrictEqual(await shown(), ["INTERACTING", iso(second)])
    assert.deepStrictEqual([run.counters.late, run.counters.revisions], [1, 0])

    const sent = run.clock.now()
    run.send(statusLine("d", "NOT_RESPONDING", after))
    await run.settle()
    assert.deepStrictEqual(await shown(), ["NOT_RESPONDING", iso(after)])
    assert.deepStrictEqual([run.counters.late, run.counters.revisions], [2, 1])
    assert.isAtMost(run.clock.now() - sent, GRACE_MS + SAMPLE_MS)
    await run.stack.stop()
  })
})
