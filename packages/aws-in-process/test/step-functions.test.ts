import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn"
import { assert, describe, it } from "@effect/vitest"
import { virtualClock } from "../src/clock.ts"
import { makeActivity } from "../src/core/activity.ts"
import { makeAuthorizer } from "../src/iam/iam.ts"
import type { Json } from "../src/states/data.ts"
import { ExecutionFailed } from "../src/states/machine.ts"
import { makeStepFunctions } from "../src/states/step-functions.ts"
import { makeRequestHandler } from "../src/wire/request-handler.ts"

const ARN = "arn:aws:states:eu-west-1:444455556666:stateMachine:replay"
const EXECUTION = "arn:aws:states:eu-west-1:444455556666:execution:replay"
const ROLE = "arn:aws:iam::444455556666:role/operator"

const allow = (Action: string, Resource: string) => ({ Statement: { Effect: "Allow" as const, Action, Resource } })
const RIGHTS = [allow("states:StartExecution", ARN), allow("states:DescribeExecution", `${EXECUTION}:*`)]

/** A machine that returns its input, or what `run` returns, and a client of a role with these rights. */
const make = (run: (input: Json) => Promise<Json> = async (input) => input, rights = RIGHTS) => {
  const clock = virtualClock(1_767_600_000_500)
  const { authorize, unused } = makeAuthorizer({ [ROLE]: rights })
  const { service, abort } = makeStepFunctions([{ arn: ARN, run }], { clock, authorize })
  const requestHandler = makeRequestHandler({
    services: { states: service },
    principal: { roleArn: ROLE, label: "operator" },
    activity: makeActivity()
  })
  const credentials = { accessKeyId: "local", secretAccessKey: "local" }
  const client = new SFNClient({ region: "eu-west-1", maxAttempts: 1, credentials, requestHandler })
  const start = (name = "a", input = "[1]", more = {}) =>
    client.send(new StartExecutionCommand({ stateMachineArn: ARN, name, input, ...more }))
  const see = (name = "a") => client.send(new DescribeExecutionCommand({ executionArn: `${EXECUTION}:${name}` }))
  return { client, clock, start, see, abort, unused }
}

const nameOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: Error) => error.name
  )

describe("executions of state machines", () => {
  it("run from their input to their output, and are described as AWS does", async () => {
    const { start, see } = make()
    const { executionArn, startDate } = await start()
    assert.deepStrictEqual([executionArn, startDate?.getTime()], [`${EXECUTION}:a`, 1_767_600_000_500])
    const { $metadata: _, ...seen } = await see()
    assert.deepStrictEqual(seen, {
      executionArn,
      stateMachineArn: ARN,
      name: "a",
      status: "SUCCEEDED",
      input: "[1]",
      output: "[1]",
      startDate,
      stopDate: startDate
    })
  })

  it("fail with the error and the cause of the state that failed", async () => {
    const { start, see } = make(async () => {
      throw new ExecutionFailed("ReplayRefused", "event e1")
    })
    await start()
    const { status, error, cause, output } = await see()
    assert.deepStrictEqual([status, error, cause, output], ["FAILED", "ReplayRefused", "event e1", undefined])
  })

  it("take a name once, but answer a start that is repeated while they run", async () => {
    const { start, see, clock } = make(() => new Promise(() => {}))
    const { startDate } = await start()
    clock.advanceTo(clock.now() + 1_000)
    assert.deepStrictEqual((await start()).startDate, startDate)
    assert.strictEqual(await nameOf(start("a", "[2]")), "ExecutionAlreadyExists")
    assert.strictEqual((await see()).status, "RUNNING")
    const over = make()
    await over.start()
    assert.strictEqual(await nameOf(over.start()), "ExecutionAlreadyExists")
  })

  it("are aborted with the run that they are part of", async () => {
    const { start, see, abort } = make(() => new Promise(() => {}))
    await start()
    abort()
    const { status, stopDate } = await see()
    assert.deepStrictEqual([status, stopDate !== undefined], ["ABORTED", true])
  })

  it.each([
    ["a name that is too long", "a".repeat(81), "[1]", "InvalidName"],
    ["a name with a colon", "a:b", "[1]", "InvalidName"],
    ["a name with a space", "a b", "[1]", "InvalidName"],
    ["an input that is no JSON", "a", "{", "InvalidExecutionInput"],
    ["an input that is too long", "a", JSON.stringify("x".repeat(262_144)), "InvalidExecutionInput"]
  ])("refuse %s", async (_, name, input, error) => {
    assert.strictEqual(await nameOf(make().start(name, input)), error)
  })

  it("are of machines that are there", async () => {
    const { client, see } = make(undefined, [allow("states:*", "*")])
    const other = new StartExecutionCommand({ stateMachineArn: `${ARN}-2`, name: "a", input: "{}" })
    assert.strictEqual(await nameOf(client.send(other)), "StateMachineDoesNotExist")
    assert.strictEqual(await nameOf(see("never")), "ExecutionDoesNotExist")
  })

  it("[P10] are for roles that may", async () => {
    const { start, see, unused } = make()
    await start()
    await see()
    assert.deepStrictEqual(unused(), [])
    const nobody = make(undefined, [])
    assert.strictEqual(await nameOf(nobody.start()), "AccessDeniedException")
    assert.strictEqual(await nameOf(nobody.see()), "AccessDeniedException")
  })

  it("throw on what is not implemented", async () => {
    const { client, start } = make()
    const why = (promise: Promise<unknown>) => promise.catch(({ message }: Error) => message)
    assert.match(String(await why(start("a", "{}", { traceHeader: "x" }))), /not implemented.*traceHeader/)
    const unnamed = new StartExecutionCommand({ stateMachineArn: ARN })
    assert.match(String(await why(client.send(unnamed))), /not implemented.*without a name/)
    const stop = new StopExecutionCommand({ executionArn: `${EXECUTION}:a` })
    assert.match(String(await why(client.send(stop))), /not implemented.*StopExecution/)
  })
})
