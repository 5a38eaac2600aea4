import { type Definition, ExecutionFailed, type Json, makeStateMachine } from "aws-in-process"
import { virtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { assert, describe, it } from "vitest"
import { replayDefinition } from "../../src/infra/replay-definition.ts"

const FN = "arn:aws:lambda:eu-central-1:000000000000:function:replay"
/** As it is deployed: text. */
const text = JSON.stringify(replayDefinition({ fn: FN, timeoutSeconds: 900, concurrency: 2 }))
const definition: Definition = JSON.parse(text)

interface Order {
  readonly replayId: string
  readonly segment: number
}

/** Runs the definition of replay over so many segments, with a function in the place of Lambda. */
const execute = async (segments: number, fn: (order: Order, turn: number) => Promise<Json> | Json) => {
  const clock = virtualClock(0)
  const turns = new Map<number, number>()
  const counts = { invocations: 0, most: 0, running: 0 }
  const actions: Array<string> = []
  const machine = makeStateMachine(definition, {
    clock,
    authorize: (action) => actions.push(action),
    invoke: async (arn, payload) => {
      assert.strictEqual(arn, FN)
      const order = payload as unknown as Order
      const turn = (turns.get(order.segment) ?? 0) + 1
      turns.set(order.segment, turn)
      counts.invocations++
      counts.most = Math.max(counts.most, ++counts.running)
      await new Promise<void>((resolve) => clock.at(clock.now() + 100, resolve))
      counts.running--
      return fn(order, turn)
    }
  })
  let ended = false
  const result = machine
    .run({ replayId: "r1", segments: Array.from({ length: segments }, (_, i) => i) })
    .then(
      (output) => ({ output, failure: undefined }),
      (failure: unknown) => ({ output: undefined, failure })
    )
    .finally(() => {
      ended = true
    })
  await runVirtual(clock, { pending: () => 0, until: () => ended, limit: 3_600_000 })
  return { ...(await result), ...counts, actions, seconds: clock.now() / 1_000 }
}

const causeOf = (failure: unknown): unknown => (failure as Error).cause

const more = { done: false, counts: {} }
const done = { done: true, counts: {} }

describe("the state machine of a replay, as it is deployed", () => {
  it("[P8] invokes the function for each segment until it is done, no more at once than it may", async () => {
    const orders: Array<string> = []
    const run = await execute(5, ({ replayId, segment }, turn) => {
      orders.push(`${replayId}/${segment}`)
      return turn > segment ? done : more
    })
    assert.deepStrictEqual(run.output, {
      replayId: "r1",
      segments: [0, 1, 2, 3, 4],
      done: [true, true, true, true, true]
    })
    assert.strictEqual(run.invocations, 1 + 2 + 3 + 4 + 5)
    assert.strictEqual(orders.filter((order) => order === "r1/4").length, 5)
    assert.strictEqual(run.most, 2)
    assert.strictEqual(run.actions.filter((action) => action === "StartExecution").length, 5)
  })

  it("[P8] ends well where a budget or an operator stops it, and says which segments are open", async () => {
    const run = await execute(2, ({ segment }) => (segment === 0 ? done : { ...more, stopped: "budget" }))
    assert.deepStrictEqual((run.output as { readonly done: Json }).done, [true, false])
  })

  it("[P8] fails on an event that is refused, with the event's id, at once and without another segment", async () => {
    const run = await execute(6, () => ({ ...more, refused: "event e1 of topic t: reason" }))
    assert.instanceOf(run.failure, ExecutionFailed)
    assert.strictEqual((run.failure as ExecutionFailed).error, "States.ExceedToleratedFailureThreshold")
    // AWS says no more of it: which segment, and why, is in its own execution.
    assert.include(String(run.failure), "The specified tolerated failure threshold was exceeded")
    assert.include(String(causeOf(run.failure)), "ReplayRefused: event e1 of topic t")
    assert.strictEqual(run.invocations, 2)
  })

  it.each(["Lambda.TooManyRequestsException", "States.Timeout", "Error"])(
    "[P8] rides out %s, with growing pauses",
    async (error) => {
      const run = await execute(1, (_, turn) => {
        if (turn <= 3) throw new ExecutionFailed(error, "")
        return done
      })
      assert.deepStrictEqual((run.output as { readonly done: Json }).done, [true])
      assert.isAtLeast(run.seconds, 1 + 2 + 4)
    }
  )

  it("fails when the function keeps failing", async () => {
    const run = await execute(1, () => {
      throw new ExecutionFailed("Error", "out of order")
    })
    assert.include(String(causeOf(run.failure)), "out of order")
    assert.strictEqual(run.invocations, 6)
  })

  it("is over at once where there is no segment", async () => {
    const run = await execute(0, () => done)
    assert.deepStrictEqual((run.output as { readonly done: Json }).done, [])
    assert.strictEqual(run.seconds, 0)
  })
})
