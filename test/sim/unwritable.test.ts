import { assert, describe, it } from "@effect/vitest"
import { LOST_END_MS } from "../../projections/session.ts"
import { decodeSettlement } from "../../src/store/settle-queue.ts"
import { modelOf } from "../support/core.ts"
import { historyOf, START, statusLine } from "../support/history.ts"
import { startLine, unlistableLine } from "../support/hostile.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

const LONG = "s".repeat(1_100)

type Run = Awaited<ReturnType<typeof runStack>>

/** What was put aside because it cannot be written, by the function that found it. */
const asideOf = (run: Run) => run.quarantined().filter(({ key }) => /^parked\/(append|project)\//.test(key))

const textOf = (raw: Uint8Array | undefined): string => Buffer.from(raw ?? []).toString()

/** Everything that waits for people elsewhere. */
const strayed = (run: Run) =>
  Object.entries(run.stack.parked()).filter(([place, count]) => count > 0 && !place.endsWith("parked/unwritable"))

describe("what no table can hold", () => {
  it("[P7] of one of 600 events leaves all other agents and queues as they are without it", UNHURRIED, async () => {
    const run = await runStack()
    const good = historyOf(600)
    const published = Math.max(...good.map(({ at }) => at))
    const bad = startLine("bad", { session: LONG, user: "agent-of-bad", queue: "queue-of-bad" }, published)
    run.clock.at(published, () => {
      good.forEach(({ line }, i) => {
        if (i === 300) run.send(bad)
        run.send(line)
      })
    })
    await run.reach(published + LOST_END_MS + 8_000)
    assert.isTrue(run.stack.quiet(), JSON.stringify(run.stack.backlog()))
    const { received, appended, parked } = run.counters
    assert.deepStrictEqual([received, appended, parked], [good.length + 1, good.length + 1, 1])
    assert.deepStrictEqual(await run.dump(), modelOf(await run.events()))
    assert.deepStrictEqual(strayed(run), [])

    const [kept, ...others] = asideOf(run)
    assert.deepStrictEqual(others, [])
    assert.strictEqual(textOf(kept?.raw), bad)
    assert.strictEqual(kept?.metadata.reason, "KeyTooLong")
    assert.match(kept?.metadata.detail ?? "", /agents-v2: the name of the row has 1108 bytes of UTF-8/)
    await run.stack.stop()
  })

  it("[P7] of three events leaves forty beside them to arrive", UNHURRIED, async () => {
    const run = await runStack()
    for (let i = 0; i < 43; i++)
      run.send(
        i % 14 === 7 ? startLine(`bad-${i}`, { session: LONG + i }) : startLine(`good-${i}`, { session: `good-${i}` })
      )
    await run.settle()
    const sessions = (await run.rows()).filter(
      ({ projection, row }) => projection.startsWith("agents") && row.startsWith("session#good")
    )
    assert.deepStrictEqual([sessions.length, asideOf(run).length, strayed(run)], [40, 3, []])
    await run.stack.stop()
  })

  it(
    "[P7] of rows that follow from others is found when they are derived, and its source is kept",
    UNHURRIED,
    async () => {
      const run = await runStack()
      const agent = "agent-of-bad"
      run.send(unlistableLine("activity", agent))
      run.send(statusLine("good", "IDLE", START))
      await run.settle()
      const rows = await run.rows()
      assert.isTrue(rows.some(({ entity, row }) => entity === agent && row === "state"))
      assert.deepStrictEqual(strayed(run), [])
      const aside = asideOf(run)
      assert.deepStrictEqual(
        aside.map(({ key, metadata }) => [key.split("/")[1], metadata.reason]),
        [["project", "KeyTooLong"]]
      )
      const [delta] = decodeSettlement(textOf(aside[0]?.raw)).deltas
      assert.deepStrictEqual([delta?.entity, delta?.stamp.eventId], [agent, "activity"])
      await run.stack.stop()
    }
  )
})
