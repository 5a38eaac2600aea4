import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import { type MessagesReport, projectMessages } from "../../src/pipeline/project-messages.ts"
import { encodeSettlement } from "../../src/store/settle-queue.ts"
import { makeCore, type Wraps } from "../support/core.ts"
import { arrival, arrivalsOf, historyOf, START } from "../support/history.ts"
import { startLine } from "../support/hostile.ts"

const END = Date.UTC(2030, 0)

const delta = (projection: string, clock: number, more: Partial<Delta> = {}): Delta =>
  ({
    ...{ projection, entity: "agent-1", row: "state", register: "routingStatus", value: "IDLE", late: false },
    stamp: { clock: START + clock, published: START + clock, eventId: `e-${clock}` },
    ...more
  }) as never

/** A generation that nobody has heard of yet fails its message, which comes again after a deployment. */
const early = encodeSettlement([delta("teams-v1", 1)])

/** Bodies of settle messages of a history, of an update that is late, of one that is retired and of some that cannot be written. */
const bodies = async () => {
  const core = makeCore()
  await core.deliver(arrivalsOf(historyOf(60, { agents: 3, queues: 2 })))
  await core.deliver([arrival(startLine("bad", { user: "a".repeat(2_100) }), START)])
  const late = (value: string, clock: number) => delta("agents-v2", clock, { value, late: true })
  return [
    ...core.queue.take(END),
    encodeSettlement([delta("agents-v1", 1), delta("agents-v2", 2)]),
    encodeSettlement([late("INTERACTING", 3), delta("agents-v2", 1), delta("agents-v1", 5)]),
    encodeSettlement([late("OFF_QUEUE", 4), delta("agents-v2", 4, { row: "", register: "x" })])
  ]
}

const counted = ({ messages: _, failed: __, through: ___, settleLag: ____, ...counts }: MessagesReport) => counts

describe("a batch of settle messages", () => {
  it("of which one fails comes to what its messages come to one by one", async () => {
    const all = await bodies()
    const alone = makeCore()
    const sums: Record<string, number> = {}
    let lags = 0
    for (const body of all) {
      // As what may have been left half done, which each is once all have failed.
      const report = await alone.run(projectMessages([body], true))
      for (const [name, count] of Object.entries(counted(report))) sums[name] = (sums[name] ?? 0) + count
      lags += report.settleLag.Counts.reduce((sum, count) => sum + count, 0)
    }
    const together = makeCore()
    const report = await together.settle([...all.slice(0, 2), early, ...all.slice(2)])
    assert.deepStrictEqual<unknown>(counted(report), sums)
    assert.strictEqual(
      report.settleLag.Counts.reduce((sum, count) => sum + count, 0),
      lags
    )
    assert.deepStrictEqual([report.messages, report.failed], [all.length + 1, [2]])
    assert.notProperty(report, "through")
    for (const name of ["deltas", "rows", "unchanged", "revisions", "retired", "summaries", "parked"])
      assert.isAbove(sums[name] ?? 0, 1, name)
    assert.deepStrictEqual(together.dump(), alone.dump())
    assert.isTrue(together.lines.some((line) => line.includes("no such generation: teams-v1")))
  })

  it("says of what is none its place, and merges the others", async () => {
    const core = makeCore()
    const report = await core.settle(["no message", encodeSettlement([delta("agents-v2", 1)]), "{}"])
    assert.deepStrictEqual([report.messages, report.failed, report.rows], [3, [0, 2], 1])
    assert.isTrue(core.lines.some((line) => line.includes("a settle message is not one")))
    assert.notProperty(report, "through")
  })

  it("that is one message is not tried twice", async () => {
    let loads = 0
    const wraps: Wraps = {
      rows: (inner) => ({
        ...inner,
        load: () => {
          loads++
          throw new RangeError("quotes a value")
        }
      })
    }
    const core = makeCore(wraps)
    const report = await core.settle([encodeSettlement([delta("agents-v2", 1)])])
    assert.deepStrictEqual([report.failed, report.rows, loads], [[0], 0, 1])
    const said = core.lines.join("\n")
    assert.include(said, "RangeError")
    assert.notInclude(said, "quotes a value")
  })

  it("that code trips over fails by the name of what it threw, and by no more where that is none", async () => {
    const core = makeCore({ rows: (inner) => ({ ...inner, load: () => Effect.die("a value") }) })
    const report = await core.settle([encodeSettlement([delta("agents-v2", 1)])])
    assert.deepStrictEqual(report.failed, [0])
    assert.include(core.lines.join("\n"), "defect")
    assert.notInclude(core.lines.join("\n"), "a value")
  })
})
