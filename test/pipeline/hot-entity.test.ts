import { assert, describe, it } from "@effect/vitest"
import { rowKey } from "../../src/store/projection-store.ts"
import { makeCore, modelOf } from "../support/core.ts"
import { AGENT, arrival, arrivalsOf, historyOf, START, statusLine } from "../support/history.ts"

const END = Date.UTC(2030, 0)
const STATUSES = ["IDLE", "INTERACTING", "NOT_RESPONDING", "COMMUNICATING"] as const

describe("an agent of whom nine events in ten speak", () => {
  it("[P7] [P9] costs a write for a batch and not for an event, and holds up nobody else", async () => {
    const others = arrivalsOf(historyOf(100))
    const hot = Array.from({ length: 900 }, (_, i) =>
      arrival(statusLine(`hot-${i}`, STATUSES[i % 4] ?? "IDLE", START + i * 7), START + i * 7 + 200)
    )
    const events = [...others, ...hot].sort((a, b) => a.received - b.received)
    const writes = new Map<string, number>()
    const core = makeCore({
      rows: (inner) => ({
        ...inner,
        save: (all) => {
          for (const write of all) writes.set(rowKey(write), (writes.get(rowKey(write)) ?? 0) + 1)
          return inner.save(all)
        }
      })
    })
    let batches = 0
    for (let at = 0; at < events.length; at += 100) await core.deliver(events.slice(at, at + 100))
    const bodies = core.queue.take(END)
    for (let at = 0; at < bodies.length; at += 10, batches++) {
      const report = await core.settle(bodies.slice(at, at + 10))
      assert.deepStrictEqual([report.failed, report.conflicts], [[], 0])
    }
    const ofHot = writes.get(rowKey({ projection: "agents-v2", entity: AGENT, row: "state" })) ?? 0
    assert.isAtLeast(ofHot, 1)
    assert.isAtMost(ofHot, batches)
    assert.isBelow(batches, 20)
    assert.deepStrictEqual(core.dump(), modelOf(core.events.stored()))

    const alone = makeCore()
    await alone.deliver(others)
    await alone.settle(alone.queue.take(END))
    const ofOthers = core.dump().filter((line) => !line.includes(` ${AGENT} `))
    assert.deepStrictEqual(ofOthers, alone.dump())
  })
})
