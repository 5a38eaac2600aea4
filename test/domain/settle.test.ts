import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { type Delta, reduceDeltas, registerKey } from "../../src/domain/delta.ts"
import { dueAt, isLate, planSettlements } from "../../src/domain/settle.ts"
import { clampFutureClock } from "../../src/domain/stamp.ts"

const window = { settle: 5_000, skew: 300_000 }
const now = 1_000_000

const delta = (clock: number, register = "r"): Delta => ({
  projection: "agents-v2",
  entity: "a",
  row: "state",
  register,
  value: null,
  stamp: { clock, published: clock, eventId: `e${clock}` },
  late: false
})

const clocks = Arbitrary.schema(
  Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: now - 60_000, maximum: now + 300_000 })))
)

describe("settling", () => {
  it.prop(
    "[P5] no delta is in a message that is due before it, none is lost, none is held back more than a second",
    [clocks],
    ([list]) => {
      const deltas = list.map((clock, i) => delta(clock, `r${i}`))
      const plan = planSettlements(deltas, now, window, () => 10, 1_000)
      assert.sameMembers(
        plan.flatMap(({ deltas }) => deltas.map(({ register }) => register)),
        deltas.map(({ register }) => register)
      )
      for (const { due, deltas } of plan)
        for (const { stamp } of deltas) {
          assert.isAtLeast(due, dueAt(stamp.clock, window))
          assert.isAtMost(Math.max(due, now), Math.max(dueAt(stamp.clock, window), now) + 1_000)
        }
    }
  )

  it("[P5] what is due within one second is one message, due with its last delta; so is what is due already", () => {
    const clocks = [now - 9_000, now - 1_900, now - 60_000, now - 1_001, now - 2_000]
    const plan = planSettlements(
      clocks.map((clock, i) => delta(clock, `r${i}`)),
      now,
      window,
      () => 10,
      1_000
    )
    assert.deepStrictEqual(
      plan.map(({ due, deltas }) => [due - now, deltas.length]),
      [
        [-4_000, 2],
        [3_999, 2],
        [3_000, 1]
      ]
    )
  })

  it("[P5] slots are of a second, and what is due now is a group with what was due before", () => {
    const due = (...clocks: ReadonlyArray<number>) =>
      planSettlements(
        clocks.map((clock, i) => delta(clock - window.settle, `r${i}`)),
        now,
        window,
        () => 10,
        1_000
      ).map((message) => [message.due - now, message.deltas.length])
    assert.deepStrictEqual(due(now, now - 50), [[0, 2]])
    assert.deepStrictEqual(due(now, now + 1), [
      [0, 1],
      [1, 1]
    ])
    assert.deepStrictEqual(due(now + 1, now + 1_000), [[1_000, 2]])
    assert.deepStrictEqual(due(now + 1_000, now + 1_001), [
      [1_000, 1],
      [1_001, 1]
    ])
  })

  it("[P7] a clock that runs ahead does not hold back its neighbours", () => {
    const plan = planSettlements([delta(now), delta(now + 200_000)], now, window, () => 10, 1_000)
    assert.deepStrictEqual(
      plan.map(({ due }) => due - now),
      [5_000, 205_000]
    )
  })

  it("a message is cut before it exceeds its size", () => {
    const plan = planSettlements(
      Array.from({ length: 25 }, (_, i) => delta(now, `r${i}`)),
      now,
      window,
      () => 100,
      1_000
    )
    assert.deepStrictEqual(
      plan.map(({ deltas }) => deltas.length),
      [10, 10, 5]
    )
  })

  it("[P6] late begins one millisecond after W", () => {
    assert.isFalse(isLate(now, now + 5_000, window))
    assert.isTrue(isLate(now, now + 5_001, window))
  })

  it("a clock is believed up to the skew bound, and becomes the arrival beyond it", () => {
    assert.strictEqual(clampFutureClock(now + 300_000, now, window.skew), now + 300_000)
    assert.strictEqual(clampFutureClock(now + 300_001, now, window.skew), now)
    assert.strictEqual(clampFutureClock(now - 86_400_000, now, window.skew), now - 86_400_000)
  })

  it("[P4] reducing keeps one winner per register", () => {
    const reduced = reduceDeltas([delta(3), delta(7), delta(5), delta(6, "s")])
    assert.deepStrictEqual(
      reduced.map(({ register, stamp }) => [register, stamp.clock]),
      [
        ["r", 7],
        ["s", 6]
      ]
    )
  })

  it("[P4] reducing few keeps what reducing many keeps of them, in the same order", () => {
    const clocks = [3, 7, 5, 7, 1]
    const some = clocks.flatMap((clock, i): ReadonlyArray<Delta> => {
      const [one, other] = [delta(clock), delta(clock, "s")]
      return [one, i % 2 === 0 ? { ...one, entity: "other" } : { ...other, row: `row-${i % 3}` }]
    })
    // Of registers of their own, so that they win over nothing.
    const many = Array.from({ length: 20 }, (_, i) => delta(1, `more-${i}`))
    for (let from = 0; from < some.length; from++)
      for (let to = from; to <= some.length && to - from <= 8; to++) {
        const few = some.slice(from, to)
        assert.deepStrictEqual(
          reduceDeltas(few),
          reduceDeltas([...few, ...many]).filter(({ register }) => !register.startsWith("more-"))
        )
      }
  })

  it("ids that contain separators cannot meet", () => {
    const key = (entity: string, row: string) => registerKey({ ...delta(1), entity, row })
    assert.notStrictEqual(key("a", "b#c"), key("a#b", "c"))
    assert.notStrictEqual(key("1:a", "b"), key("1", ":ab"))
  })
})
