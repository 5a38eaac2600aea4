import { assert, describe, it } from "@effect/vitest"
import { effectClock, virtualClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { projections } from "../../projections/index.ts"
import type { Delta } from "../../src/domain/delta.ts"
import { generation } from "../../src/domain/projection.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { SettleWindow } from "../../src/pipeline/folding.ts"
import { AdvanceWatermark, type Folded, settledBy } from "../../src/pipeline/watermark.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { memoryWatermark } from "../../src/store/memory/watermark.ts"
import { encodeSettlement } from "../../src/store/settle-queue.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { WatermarkStore } from "../../src/store/watermark.ts"
import { makeCore, WINDOW } from "../support/core.ts"
import { START } from "../support/history.ts"

const [AGENTS] = projections.map(generation) as [string]

const delta = (clock: number, late = false): Delta => ({
  projection: AGENTS,
  entity: `agent-${clock}`,
  row: "state",
  register: "routingStatus",
  value: "IDLE",
  late,
  stamp: { clock, published: clock, eventId: `event-${clock}` }
})
const message = (...clocks: ReadonlyArray<number>) => ({ deltas: clocks.map((clock) => delta(clock)) })

describe("what a batch has settled", () => {
  it.each([
    ["nothing by nothing", [], undefined],
    ["up to its newest update, for it is visible when that is due", [message(10, 30, 20)], 30],
    ["no more than the oldest of its messages has", [message(50), message(10, 30), message(40)], 30],
    ["nothing by what came late", [{ deltas: [delta(10, true)] }, message(40)], 40],
    ["nothing by late updates alone", [{ deltas: [delta(10, true), delta(99, true)] }], undefined],
    ["up to a heartbeat", [{ deltas: [], through: 70 }], 70],
    ["no more than its updates, where a heartbeat is farther", [{ deltas: [], through: 70 }, message(60)], 60],
    ["nothing by an empty message", [{ deltas: [] }], undefined]
  ] as const)("%s", (_, messages, expected) => {
    assert.strictEqual(settledBy(messages), expected)
  })

  it("is told by the batch, unless something in it failed", async () => {
    const core = makeCore()
    const bodies = [encodeSettlement([delta(START)]), encodeSettlement([], START + 1)]
    assert.strictEqual((await core.settle(bodies)).through, START)
    const failed = await core.settle([...bodies, "{"])
    assert.deepStrictEqual([failed.failed, "through" in failed], [[2], false])
  })
})

const started = (wrap: (inner: WatermarkStore["Service"]) => WatermarkStore["Service"] = (inner) => inner) => {
  const clock = virtualClock(START)
  const watermark = memoryWatermark()
  const lines: Array<string> = []
  const calls: Array<number> = []
  const deadlines: Array<number> = []
  const counting = Layer.effect(
    WatermarkStore,
    Effect.map(WatermarkStore, (inner) => {
      const { advance, read } = wrap(inner)
      return WatermarkStore.of({
        read,
        advance: (to) =>
          Effect.flatMap(Deadline, (deadline) => {
            calls.push(to.through)
            deadlines.push(deadline - START)
            return advance(to)
          })
      })
    })
  ).pipe(Layer.provide(watermark.layer))
  const host = Layer.mergeAll(
    effectClock(clock),
    linesTo((line) => void lines.push(line))
  )
  const environment = () => {
    const layer = AdvanceWatermark.layer.pipe(
      Layer.provide(counting),
      Layer.provide(Layer.succeed(SettleWindow, WINDOW)),
      Layer.provideMerge(host)
    )
    const built = Effect.runPromise(Effect.scoped(Layer.build(layer)))
    return async (
      ms: number,
      through: number | undefined,
      more: Partial<Folded> = {},
      ends = Number.POSITIVE_INFINITY
    ) => {
      clock.advanceTo(START + ms)
      const settled = through === undefined ? {} : { through: START + through }
      const advance = AdvanceWatermark.use((move) => move({ deltas: 1, failed: [], ...settled, ...more }))
      const timed = Effect.provideService(advance, Deadline, START + ends)
      return Effect.runPromise(Effect.provideContext(timed, await built))
    }
  }
  return { lines, calls, deadlines, environment, held: () => watermark.held() }
}

describe("the watermark", () => {
  it("moves at most once a second in an environment, and not for what it has told already", async () => {
    const { environment, calls, held } = started()
    const move = environment()
    assert.strictEqual(await move(10_000, 1_000), "moved")
    assert.strictEqual(await move(10_999, 2_000), "kept")
    assert.strictEqual(await move(11_000, 3_000), "moved")
    assert.strictEqual(await move(13_000, 3_000), "kept")
    assert.strictEqual(await move(13_000, undefined), "kept")
    assert.strictEqual(await move(13_000, 2_000), "kept")
    assert.strictEqual(await move(13_000, 4_000), "moved")
    assert.deepStrictEqual(calls, [START + 1_000, START + 3_000, START + 4_000])
    assert.deepStrictEqual(held(), { through: START + 4_000, windowMs: WINDOW.settle })
  })

  it("is waited for a second, and no longer than the batch has", async () => {
    const { environment, deadlines } = started()
    const move = environment()
    await move(10_000, 1_000)
    await move(20_000, 2_000, {}, 20_400)
    assert.deepStrictEqual(deadlines, [11_000, 20_400])
  })

  it("goes with whoever is farthest", async () => {
    const { environment, held } = started()
    const [one, other] = [environment(), environment()]
    await one(20_000, 9_000)
    assert.strictEqual(await other(20_000, 8_000), "behind")
    assert.strictEqual(await other(21_000, 10_000), "moved")
    assert.strictEqual(held()?.through, START + 10_000)
  })

  it("[P5] never passes what is due", async () => {
    const { environment, held } = started()
    assert.strictEqual(await environment()(20_000, 60_000), "moved")
    assert.strictEqual(held()?.through, START + 20_000 - WINDOW.settle)
  })

  it("believes no heartbeat where updates have failed, before others succeed or the failed ones are gone", async () => {
    const move = started().environment()
    const heartbeat = { deltas: 0 }
    assert.strictEqual(await move(10_000, 1_000, heartbeat), "moved")
    assert.strictEqual(await move(20_000, undefined, { failed: [0] }), "kept")
    assert.strictEqual(await move(30_000, 20_000, heartbeat), "kept")
    assert.strictEqual(await move(31_000, 21_000), "moved")
    assert.strictEqual(await move(32_000, 22_000, heartbeat), "moved")
    assert.strictEqual(await move(40_000, undefined, { failed: [0], deltas: 9 }), "kept")
    assert.strictEqual(await move(339_999, 300_000, heartbeat), "kept")
    assert.strictEqual(await move(340_000, 300_000, heartbeat), "moved")
  })

  it("stands where it cannot be moved, says so, and is moved by the next batch a second later", async () => {
    let out = true
    const { environment, lines, held } = started((inner) => ({
      ...inner,
      advance: (to) =>
        out
          ? new StoreError({
              store: "watermark",
              operation: "advance",
              reason: "AccessDeniedException",
              retryable: false
            })
          : inner.advance(to)
    }))
    const move = environment()
    assert.strictEqual(await move(10_000, 1_000), "failed")
    assert.include(lines.join(), "watermark: advance: AccessDeniedException")
    out = false
    assert.strictEqual(await move(10_500, 1_500), "kept")
    assert.isUndefined(held())
    assert.strictEqual(await move(11_000, 1_000), "moved")
  })
})
