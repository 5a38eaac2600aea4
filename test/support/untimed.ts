import { assert } from "vitest"
import type { Captured } from "../../src/local/capture.ts"
import type { runStack } from "./stack.ts"

type Run = Pick<Awaited<ReturnType<typeof runStack>>, "stack" | "clock" | "reach">

const DAY = 86_400_000

/** A stack without schedules, of which a month has tens of thousands of ticks, and without the resources `left`: a test calls the archiver. */
export const untimed = ({ resources, ...captured }: Captured, ...left: ReadonlyArray<string>): Captured => {
  const schedules = new Set(
    resources.flatMap(({ inputs, outputs }) => (inputs.scheduleExpression === undefined ? [] : [outputs.name]))
  )
  return {
    ...captured,
    resources: resources.filter(
      ({ name, inputs, outputs }) => !schedules.has(inputs.rule) && !schedules.has(outputs.name) && !left.includes(name)
    )
  }
}

/** As `reach`, for times that are weeks away. */
export const reachFar = async (run: Run, time: number) => {
  while (run.clock.now() < time) await run.reach(Math.min(time, run.clock.now() + DAY / 2))
}

/** Runs the archiver once. */
export const tick = async (run: Run) => {
  const archiver = run.stack.hosts.find(({ name }) => name === "archive") ?? assert.fail("there is no archiver")
  let isOver = false
  const work = archiver.invoke({}).finally(() => {
    isOver = true
  })
  while (!isOver) await run.reach(run.clock.now() + 1_000)
  const outcome = await work
  assert.isTrue(outcome.ok, JSON.stringify(outcome))
}

/** Lets days pass up to a time, and runs the archiver once in each. */
export const archiveUntil = async (run: Run, time: number) => {
  while (run.clock.now() < time) {
    await reachFar(run, Math.min(time, run.clock.now() + DAY))
    await tick(run)
  }
}
