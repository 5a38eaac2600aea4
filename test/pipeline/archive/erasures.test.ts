import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { barArchiver, erasures } from "../../../src/pipeline/archive/erasures.ts"
import { archiveState, newSegment, type SegmentState, segmentState } from "../../../src/pipeline/archive/state.ts"
import { Control } from "../../../src/store/control.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"

const pass = { number: 4, began: 0, segments: 3, write: [], confirm: [], suspects: [] }
const state = { next: 1, passes: 3, suspects: [], missing: 0, gone: 0 }

/** A pass of which the first segment is as given, the second writes nothing, and nobody has begun with the third. */
const passing = Effect.fnUntraced(function* (first: Partial<SegmentState>) {
  yield* archiveState.write({ ...state, pass }, 0)
  yield* segmentState(4, 0).write({ ...newSegment, ...first }, 0)
  yield* segmentState(4, 1).write(newSegment, 0)
})

/** Whether an erasure still waits once so many ms are over. */
const waitsAfter = Effect.fnUntraced(function* (
  ms: number,
  meanwhile: Effect.Effect<unknown, unknown, Control> = Effect.void
) {
  const fiber = yield* Effect.forkChild(barArchiver)
  yield* TestClock.adjust(0)
  yield* meanwhile
  yield* TestClock.adjust(ms)
  const exit = fiber.pollUnsafe()
  if (exit !== undefined) yield* exit
  yield* Fiber.interrupt(fiber)
  return exit === undefined
})

describe("an erasure", () => {
  const writing = { writing: 0, leasedUntil: 60_000 }
  const done = segmentState(4, 0).write(newSegment, 1)

  it.effect.each([
    ["does not wait where there is no pass", undefined, Effect.void, 0, false],
    ["does not wait for who writes nothing", {}, Effect.void, 0, false],
    ["does not wait for who has read since it erased", { ...writing, writing: 1 }, Effect.void, 0, false],
    ["does not wait for who may be gone", { ...writing, leasedUntil: 0 }, Effect.void, 0, false],
    ["waits for who writes what was read before", writing, Effect.void, 59_999, true],
    ["waits for that until another may take it over", writing, Effect.void, 60_000, false],
    ["looks again after two seconds", writing, done, 1_999, true],
    ["goes on where it is written then", writing, done, 2_000, false]
  ] as const)("[P1] %s", ([, first, meanwhile, ms, expected]) =>
    Effect.gen(function* () {
      if (first !== undefined) yield* passing(first)
      else yield* archiveState.write(state, 0)
      assert.strictEqual(yield* waitsAfter(ms, meanwhile), expected)
    }).pipe(Effect.provide(memoryControl().layer))
  )

  it.effect("is counted, also where others are counted at the same time", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* erasures, 0)
      yield* barArchiver
      assert.strictEqual(yield* erasures, 1)
      const control = yield* Control
      let others = 2
      yield* barArchiver.pipe(
        Effect.provideService(Control, {
          ...control,
          write: (key, value, version) =>
            others-- > 0
              ? Effect.as(control.write(key, { count: 7 - others }, version), "conflict" as const)
              : control.write(key, value, version)
        })
      )
      assert.strictEqual(yield* erasures, 8)
      assert.deepStrictEqual((yield* control.read("archive/erasures")).value, { count: 8 })
    }).pipe(Effect.provide(memoryControl().layer))
  )
})
