import { assert, describe, it } from "@effect/vitest"
import { LOST_END_MS } from "../../projections/session.ts"
import { iso } from "../../src/domain/stamp.ts"
import { modelOf } from "../support/core.ts"
import { poisons } from "../support/garbage.ts"
import { bigLine, historyOf, START, statusLine } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

describe("the stack", () => {
  it(
    "[P7] [P2] keeps poison among 500 away from its neighbours, and its raw bytes in the quarantine",
    UNHURRIED,
    async () => {
      const run = await runStack()
      const good = historyOf(500).slice(0, 493)
      const bad = Object.values(poisons(good[0]?.line ?? ""))
      const published = Math.max(...good.map(({ at }) => at))
      run.clock.at(published, () => {
        good.forEach(({ line }, i) => {
          const poison = i % 70 === 35 ? bad[Math.floor(i / 70)] : undefined
          if (poison !== undefined) run.send(poison)
          run.send(line)
        })
      })
      // Calls that have ended wait for the time after which nobody may be served any more.
      await run.reach(published + LOST_END_MS + 8_000)
      assert.isTrue(run.stack.quiet(), JSON.stringify(run.stack.backlog()))
      const { received, appended, quarantined } = run.counters
      assert.deepStrictEqual([received, appended, quarantined], [500, 493, 7])
      assert.deepStrictEqual(await run.dump(), modelOf(await run.events()))
      assert.deepStrictEqual(
        Object.values(run.stack.parked()).filter((count) => count > 0),
        []
      )

      const kept = run.quarantined()
      assert.deepStrictEqual(kept.map(({ raw }) => Buffer.from(raw).toString()).sort(), [...bad].sort())
      for (const { key, metadata } of kept) {
        assert.strictEqual(Number(metadata.received), published)
        assert.match(metadata.detail ?? "", /^\$/)
        assert.include(key, `quarantine/${metadata.reason}/${iso(published).slice(0, 10)}/`)
      }
      await run.stack.stop()
    }
  )

  it(
    "[P1] leaves the stored item as it was when its id comes again, with the same content or with other",
    UNHURRIED,
    async () => {
      const run = await runStack()
      const line = statusLine("e-1", "IDLE", START)
      const other = statusLine("e-1", "INTERACTING", START)
      const replayed = JSON.stringify({ ...JSON.parse(line), "replay-name": "again" })
      run.send(line)
      await run.settle()
      const first = await run.eventItems()
      for (const again of [line, other, replayed, other]) {
        run.send(again)
        await run.settle()
      }
      assert.deepStrictEqual(await run.eventItems(), first)
      const stored = (await run.events()).get("e-1")
      assert.deepStrictEqual(stored?.envelope, JSON.parse(line))
      const { appended, duplicates, conflicts } = run.counters
      assert.deepStrictEqual([appended, duplicates, conflicts], [1, 2, 2])
      assert.deepStrictEqual(
        [...new Set(run.quarantined().map(({ raw, metadata }) => `${metadata.reason} ${Buffer.from(raw)}`))],
        [`Conflict ${other}`]
      )
      await run.stack.stop()
    }
  )

  it("[P2] gives back an event too big for an item as it came, and knows it again", UNHURRIED, async () => {
    const run = await runStack()
    const line = bigLine("big")
    run.send(line)
    run.send(line)
    await run.settle()
    const { appended, duplicates } = run.counters
    assert.deepStrictEqual([appended, duplicates], [1, 1])
    assert.deepStrictEqual((await run.events()).get("big")?.envelope, JSON.parse(line))
    const [item] = await run.eventItems()
    assert.deepStrictEqual([item?.body, typeof item?.bodyKey?.S], [undefined, "string"])
    assert.deepStrictEqual(await run.dump(), modelOf(await run.events()))
    await run.stack.stop()
  })
})
