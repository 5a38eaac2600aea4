import { assert, describe, it } from "@effect/vitest"
import { ExecutionFailed, type Json, makeActivity, makeRequestHandler, makeStepFunctions } from "aws-in-process"
import { virtualClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { executions, StepFunctions } from "../../src/store/aws/executions.ts"
import { Connection } from "../../src/store/connection.ts"
import { Executions } from "../../src/store/executions.ts"
import { memoryExecutions } from "../../src/store/memory/executions.ts"
import { executionsContract } from "./executions.contract.ts"
import { faulty } from "./faulty.ts"

const ARN = "arn:aws:states:eu-west-1:444455556666:stateMachine:replay"

executionsContract("memory", () => {
  const { layer, end } = memoryExecutions()
  const failure = { status: "failed", error: "Broken", cause: "out of order" } as const
  return {
    layer,
    end: (name, how) => Effect.sync(() => end(name, how === "well" ? { status: "succeeded" } : failure))
  }
})

/** The engine's answer, with a machine whose executions end when they are told to, one after the other. */
const onEngine = (mishaps: Parameters<typeof faulty>[0] = {}) => {
  const waiting: Array<(how: "well" | "badly") => void> = []
  const run = () =>
    new Promise<Json>((resolve, reject) => {
      waiting.push((how) => (how === "well" ? resolve("done") : reject(new ExecutionFailed("Broken", "out of order"))))
    })
  const { service } = makeStepFunctions([{ arn: ARN, run }], { clock: virtualClock(1_500), authorize: () => {} })
  const principal = { roleArn: "arn:aws:iam::444455556666:role/test", label: "test" }
  const handler = makeRequestHandler({ services: { states: service }, principal, activity: makeActivity() })
  const { wrap, calls } = faulty(mishaps)
  const connection = {
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: wrap(handler)
  }
  const layer = executions(ARN).pipe(
    Layer.provide(StepFunctions.layer),
    Layer.provide(Layer.succeed(Connection, connection))
  )
  const end = (_: string, how: "well" | "badly") =>
    Effect.promise(async () => {
      waiting.shift()?.(how)
      await new Promise((resolve) => setImmediate(resolve))
    })
  return { layer, end, calls, begun: () => waiting.length }
}

executionsContract("AWS", () => onEngine())

describe("executions on AWS, when calls go wrong", () => {
  it.live("begins nothing twice when the answer to a start is lost", () => {
    const { layer, begun } = onEngine({ StartExecution: ["lost", "throttled", "cut"], DescribeExecution: ["broken"] })
    return Executions.use(
      Effect.fnUntraced(function* ({ start, status }) {
        assert.strictEqual(yield* start("a", "{}"), "started")
        assert.strictEqual((yield* status("a"))?.startedAt, 1_500)
        assert.strictEqual(begun(), 1)
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("says so when it may not, and does not try again", () => {
    const { layer } = onEngine({ StartExecution: ["denied"] })
    return Executions.use(({ start }) => Effect.flip(start("a", "{}"))).pipe(
      Effect.tap(({ message, retryable }) =>
        Effect.sync(() =>
          assert.deepStrictEqual([message, retryable], ["executions: start: AccessDeniedException", false])
        )
      ),
      Effect.provide(layer)
    )
  })
})
