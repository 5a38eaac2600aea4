import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  addSlots,
  archiveState,
  newSegment,
  type SegmentState,
  segmentState,
  slotOf,
  windowOfSlot
} from "../../../src/pipeline/archive/state.ts"
import { Control } from "../../../src/store/control.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"
import { tallyOf } from "../../../src/store/tally.ts"
import { HOUR } from "./weeks.ts"

describe("what the archiver knows", () => {
  it("is counted by window and hour of arrival", () => {
    assert.strictEqual(slotOf(7, 3 * HOUR), "7/3")
    assert.strictEqual(slotOf(7, 4 * HOUR - 1), "7/3")
    assert.strictEqual(windowOfSlot("17/3"), 17)
    const [a, b] = [{ "7/3": tallyOf(["a"]), "7/4": tallyOf(["c"]) }, { "7/3": tallyOf(["b"]) }]
    assert.deepStrictEqual(addSlots(a, b), { "7/3": tallyOf(["a", "b"]), "7/4": tallyOf(["c"]) })
    assert.deepStrictEqual(a["7/3"], tallyOf(["a"]))
  })

  it.effect("is written over what was read, and by nobody else, each segment for itself", () =>
    Effect.gen(function* () {
      const [one, two] = [segmentState(3, 0), segmentState(3, 1)]
      assert.deepStrictEqual(yield* one.read, { value: undefined, version: 0 })
      assert.isTrue(yield* one.write(newSegment, 0))
      assert.isFalse(yield* one.write({ ...newSegment, part: 4 }, 0))
      assert.deepStrictEqual(yield* one.read, { value: newSegment, version: 1 })
      const reading: SegmentState = { ...newSegment, phase: "objects", cursor: "l" }
      assert.isTrue(yield* one.write(reading, 1))
      assert.deepStrictEqual((yield* one.read).value, reading)
      assert.isTrue(yield* one.write({ ...newSegment, phase: "done" }, 2))
      assert.strictEqual((yield* one.read).value?.phase, "done")
      assert.deepStrictEqual(yield* two.read, { value: undefined, version: 0 })
      assert.isDefined((yield* Control.use(({ read }) => read("archive/3/0"))).value)
    }).pipe(Effect.provide(memoryControl().layer))
  )

  it.effect("of another version is refused by name, and left as it is", () =>
    Effect.gen(function* () {
      const { write } = yield* Control
      yield* write("archive", { next: "soon" }, 0)
      const { message, retryable } = yield* Effect.flip(archiveState.read)
      assert.strictEqual(message, "control table: read: archive holds no state of the archive of this version")
      assert.isFalse(retryable)
    }).pipe(Effect.provide(memoryControl().layer))
  )
})
