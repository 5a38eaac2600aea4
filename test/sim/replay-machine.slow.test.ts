import { assert, describe, it } from "@effect/vitest"
import { ExecutionFailed } from "aws-in-process"
import { effectClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { generation } from "../../src/domain/projection.ts"
import type { Captured } from "../../src/local/capture.ts"
import type { ReplayPlan } from "../../src/pipeline/replay/plan.ts"
import { beginRun, checkpointKey, readCheckpoint, stopRun } from "../../src/pipeline/replay/record.ts"
import { control } from "../../src/store/aws/control.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { Connection } from "../../src/store/connection.ts"
import type { Control } from "../../src/store/control.ts"
import { delivered as projections } from "../support/delivered.ts"
import { bigLine, historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, runStack } from "../support/stack.ts"

type Run = Awaited<ReturnType<typeof runStack>>

const SEGMENTS = 6
const MINUTE = 60_000

const planOf = (name: string, changes: Partial<ReplayPlan> = {}): ReplayPlan => ({
  id: `test-${name}`,
  generation: name,
  scope: {},
  segments: SEGMENTS,
  write: true,
  park: false,
  eventsPerSecond: 10_000,
  budget: {},
  ...changes
})

/** Lets engine time pass until a promise is settled. */
const awaited = async <A>(run: Run, promise: Promise<A>): Promise<A> => {
  let over = false
  const result = promise.finally(() => {
    over = true
  })
  result.catch(() => undefined)
  for (let minutes = 0; !over && minutes < 600; minutes++) await run.reach(run.clock.now() + MINUTE)
  return result
}

const asOperator = <A, E>(run: Run, effect: Effect.Effect<A, E, Control>) => {
  const table = control(String(run.captured.outputs.controlTableName)).pipe(
    Layer.provide(DynamoDb.layer),
    Layer.provide(Layer.succeed(Connection, run.stack.operator))
  )
  return awaited(run, Effect.runPromise(effect.pipe(Effect.provide([table, effectClock(run.clock)]))))
}

/** Starts the deployed state machine on a plan, as `aws stepfunctions start-execution` does. */
const execute = (run: Run, { id, segments }: ReplayPlan) => {
  const machine = run.stack.machines[0] ?? assert.fail("there is no state machine")
  const input = { replayId: id, segments: Array.from({ length: segments }, (_, i) => i) }
  return awaited(run, machine.run(input)) as Promise<unknown> as Promise<{ readonly done: ReadonlyArray<boolean> }>
}

/** The stack without the mapping that feeds project: what is in the tables is of replay alone. */
const deaf = ({ resources, ...captured }: Captured): Captured => ({
  ...captured,
  resources: resources.filter(({ name }) => name !== "project-mapping")
})

const history = historyOf(240)

/** A stack that has stored the history, and one event that does not fit into an item. */
const stored = async (captured: Captured, chaos = 0): Promise<Run> => {
  const run = await runStack({ captured, chaos })
  run.feed(history)
  await run.reach(Math.max(...history.map(({ at }) => at)) + MINUTE)
  run.send(bigLine("big"))
  await run.reach(run.clock.now() + 2 * MINUTE)
  return run
}

const names = projections.map(generation)

/** What live folding alone makes of the history. */
const live = async (): Promise<ReadonlyArray<string>> => {
  const run = await stored(await devStack())
  await run.settle()
  const dump = await run.dump()
  await run.stack.stop()
  return dump
}

const rebuild = async (run: Run) => {
  for (const name of names) {
    const plan = planOf(name)
    await asOperator(run, beginRun(plan))
    const { done } = await execute(run, plan)
    assert.deepStrictEqual(done, Array(SEGMENTS).fill(true))
  }
}

describe("the state machine of a replay on the whole stack", () => {
  it("[P8] rebuilds every generation as live folding makes it, byte for byte", UNHURRIED, async () => {
    const run = await stored(deaf(await devStack()))
    assert.deepStrictEqual(await run.dump(), [])
    await rebuild(run)
    const expected = await live()
    assert.isAbove(expected.length, 50)
    assert.deepStrictEqual(await run.dump(), expected)
    await run.stack.stop()
  })

  it("[P8] does so while services refuse, answers are lost and functions die", UNHURRIED, async () => {
    const run = await stored(deaf(await devStack()), 1)
    const sum = () => Object.values(run.stack.faults()).reduce((total, count) => total + count, 0)
    const before = sum()
    await rebuild(run)
    assert.isAbove(sum() - before, 100)
    assert.isAbove(run.stack.hosts.find(({ name }) => name === "replay")?.counts().crashes ?? 0, 0)
    run.stack.calm()
    assert.deepStrictEqual(await run.dump(), await live())
    await run.stack.stop()
  })

  it("[P8] leaves a caught-up generation as it is", UNHURRIED, async () => {
    const run = await stored(await devStack())
    await run.settle()
    const before = await run.dump()
    await rebuild(run)
    assert.deepStrictEqual(await run.dump(), before)
    await run.stack.stop()
  })

  it("[P8] [P9] counts what it spends, and stops when its budget is spent", UNHURRIED, async () => {
    // One segment after another: DynamoDB does not say what a refused condition has used.
    const run = await stored(deaf(await devStack({ replayConcurrency: 1 })))
    const plan = planOf(names[0] as string, { budget: { writeUnits: SEGMENTS }, eventsPerSecond: 30 })
    const spent = async () => {
      const held = Array.from({ length: SEGMENTS }, (_, i) => readCheckpoint(checkpointKey(plan.id, i)))
      const checkpoints = await asOperator(run, Effect.all(held))
      return checkpoints.reduce((sum, { value }) => sum + (value?.counts.writeUnits ?? 0), 0)
    }
    const used = () => run.units().projections
    const before = used()
    await asOperator(run, beginRun({ ...plan, budget: { writeUnits: 0 } }))
    assert.deepStrictEqual((await execute(run, plan)).done, Array(SEGMENTS).fill(false))
    assert.strictEqual(await spent(), 0)
    await asOperator(run, beginRun({ ...plan, budget: {} }))
    assert.deepStrictEqual((await execute(run, plan)).done, Array(SEGMENTS).fill(true))
    assert.isAbove(used(), before)
    assert.strictEqual(await spent(), used() - before)
    await run.stack.stop()
  })

  it("[P8] ends where the operator stops it, and goes on when the plan is begun again", UNHURRIED, async () => {
    const run = await stored(deaf(await devStack()))
    const plan = planOf(names[0] ?? "")
    await asOperator(run, beginRun(plan))
    await asOperator(run, stopRun(plan.id))
    assert.deepStrictEqual((await execute(run, plan)).done, Array(SEGMENTS).fill(false))
    assert.deepStrictEqual(await run.dump(), [])
    await asOperator(run, beginRun(plan))
    assert.deepStrictEqual((await execute(run, plan)).done, Array(SEGMENTS).fill(true))
    assert.isNotEmpty(await run.dump())
    await run.stack.stop()
  })

  it("fails on a replay that nobody has begun, without another segment", UNHURRIED, async () => {
    const run = await stored(await devStack())
    const failure = await execute(run, planOf("nothing")).catch((error: unknown) => error)
    assert.instanceOf(failure, ExecutionFailed)
    assert.include(String((failure as Error).cause), "test-nothing has not begun")
    await run.stack.stop()
  })
})
