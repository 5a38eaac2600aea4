import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import { encodeSettlement } from "../../src/store/settle-queue.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { makeCore, type Wraps } from "../support/core.ts"
import { START, saidOf } from "./audit/small.ts"

const delta = (row: string, register: string, clock = 1, projection = "desks-v2"): Delta =>
  ({
    ...{ projection, entity: "d", row, register, value: 1, late: false },
    stamp: { clock: START + clock, published: START + clock, eventId: `e-${clock}` }
  }) as Delta
const message = (...deltas: ReadonlyArray<Delta>) => encodeSettlement(deltas)

/** A row is closed by a rule where it was left. */
const desks = { ...saidOf("desks", { inferredEnd: (_, row) => (row.has("left") ? "a rule" : undefined) }), version: 2 }
const core = (wraps: Wraps = {}) =>
  makeCore({ projections: [{ ...desks, closed: (_, row) => row.has("left") }], ...wraps })

/** The first save of each row is a conflict. */
const contended = (): Wraps => {
  const met = new Set<string>()
  return {
    rows: (inner) => ({
      ...inner,
      save: (writes) =>
        writes.every(({ row }) => met.has(row))
          ? inner.save(writes)
          : Effect.sync(() => {
              for (const { row } of writes) met.add(row)
              return writes.map(() => "conflict" as const)
            })
    })
  }
}

describe("a batch of settle messages", () => {
  it("of which one is no message is counted as the sum of the others", async () => {
    const bad = message(delta("x", "x", 1, "nobody-v1"))
    const { settleLag: _, ...report } = await core(contended()).settle([
      message(delta("a", "left"), delta("a", "x")),
      bad,
      message(delta("b", "left"), delta("c", "x"), delta("c", "y", 2, "desks-v1"))
    ])
    assert.deepStrictEqual(report, {
      ...{ deltas: 5, rows: 3, unchanged: 0, revisions: 0, conflicts: 3, retired: 1, summaries: 0, parked: 0 },
      ...{ inferredEnds: 2, messages: 3, failed: [1] }
    })
  })

  it("is of no generation that is newer than what is folded, and of none that nobody knows, which come again", async () => {
    const failed = async (projection: string) => (await core().settle([message(delta("a", "x", 1, projection))])).failed
    assert.deepStrictEqual(await failed("desks-v1"), [])
    assert.deepStrictEqual(await failed("desks-v2"), [])
    assert.deepStrictEqual(await failed("desks-v3"), [0])
    assert.deepStrictEqual(await failed("other-v1"), [0])
    const { lines, settle } = core()
    await settle([message(delta("a", "x", 1, "other-v1"))])
    assert.include(lines.join("\n"), "projection store: project: no such generation: other-v1")
  })

  it("that code trips over fails by the name of what was thrown, and no value", async () => {
    const thrown = new RangeError("quotes a value")
    const { lines, settle } = core({ rows: (inner) => ({ ...inner, load: () => Effect.die(thrown) }) })
    const { failed } = await settle([message(delta("a", "x")), "{"])
    assert.deepStrictEqual(failed, [0, 1])
    assert.include(lines.join("\n"), "projection store: project: RangeError")
    assert.notInclude(lines.join("\n"), "quotes")
    assert.include(lines.join("\n"), "a settle message is not one")
    const fault = new StoreError({ store: "projection store", operation: "load", reason: "Busy", retryable: true })
    const busy = core({ rows: (inner) => ({ ...inner, load: () => Effect.fail(fault) }) })
    assert.deepStrictEqual((await busy.settle([message(delta("a", "x"))])).failed, [0])
  })
})
