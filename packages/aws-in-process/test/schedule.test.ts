import { assert, describe, it } from "vitest"
import { ServiceError } from "../src/core/types.ts"
import type { TargetSettings } from "../src/eventbridge/delivery.ts"
import { rateOf, startSchedule } from "../src/eventbridge/schedule.ts"
import { makeKinesis } from "../src/kinesis/kinesis.ts"
import { makeAsyncFunction, type PermissionSettings } from "../src/lambda/async-invoke.ts"
import { makeHost } from "../src/lambda/host.ts"
import { makeSqs } from "../src/sqs/sqs.ts"
import { arn, guard, makeTime, random, START } from "./parts.ts"

const MINUTE = 60_000
const RULE = arn("events", "rule/tick")
const FUNCTION = arn("lambda", "function:redrive")
const DLQ = { name: "dlq", arn: arn("sqs", "dlq"), url: "https://sqs.eu-west-1.amazonaws.com/000000000000/dlq" }

const permission: PermissionSettings = {
  action: "lambda:InvokeFunction",
  function: "redrive",
  principal: "events.amazonaws.com",
  sourceArn: RULE,
  sourceAccount: "000000000000"
}
const target: TargetSettings = {
  rule: "tick",
  eventBusName: "default",
  arn: FUNCTION,
  retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: 60 },
  deadLetterConfig: { arn: DLQ.arn }
}
const policy = JSON.stringify({
  Statement: {
    Effect: "Allow",
    Action: "sqs:SendMessage",
    Resource: DLQ.arn,
    Principal: { Service: "events.amazonaws.com" },
    Condition: { ArnEquals: { "aws:SourceArn": RULE } }
  }
})

/** A function that works for so many ms, and fails at will. */
const makeFunction = (
  time: ReturnType<typeof makeTime>,
  permissions: ReadonlyArray<PermissionSettings>,
  { works = 0, fails = false, retries = 2, age = 21_600 } = {}
) => {
  const events: Array<{ readonly at: number; readonly event: unknown }> = []
  const host = makeHost({
    name: "redrive",
    arn: FUNCTION,
    timeoutSeconds: 900,
    reservedConcurrency: 1,
    clock: time.clock,
    handler: async (event) => {
      events.push({ at: time.elapsed(), event })
      await time.activity.track(time.activity.sleep(time.clock, works))
      if (fails) throw new Error("no")
    }
  })
  const settings = { functionName: "redrive", maximumRetryAttempts: retries, maximumEventAgeInSeconds: age }
  return { fn: makeAsyncFunction(host, permissions, settings, time.clock), events, host }
}

const setup = (permissions: ReadonlyArray<PermissionSettings>, options?: Parameters<typeof makeFunction>[2]) => {
  const time = makeTime()
  const { authorize } = guard()
  const { fn, events, host } = makeFunction(time, permissions, options)
  const sqs = makeSqs([{ ...DLQ, policy }], { clock: time.clock, authorize, activity: time.activity })
  const schedule = startSchedule({ name: "tick", arn: RULE, scheduleExpression: "rate(1 minute)" }, [target], {
    clock: time.clock,
    authorize,
    kinesis: makeKinesis([], authorize),
    sqs,
    random: random(0.5),
    toBus: () => assert.fail("no bus"),
    invoke: (functionArn, ruleArn, event) => {
      assert.strictEqual(functionArn, FUNCTION)
      fn.invoke(ruleArn, event)
    }
  })
  return { ...time, fn, events, host, sqs, schedule }
}

describe("a schedule", () => {
  it("ticks at its rate until it is stopped, and tells who ticks", async () => {
    const { pass, events, schedule, fn } = setup([permission])
    await pass(3 * MINUTE)
    assert.deepStrictEqual(
      events.map(({ at }) => at),
      [MINUTE, 2 * MINUTE, 3 * MINUTE]
    )
    assert.deepInclude(events[0]?.event as object, {
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: "000000000000",
      region: "eu-west-1",
      time: `${new Date(START + MINUTE).toISOString().slice(0, 19)}Z`,
      resources: [RULE],
      detail: {}
    })
    assert.strictEqual(new Set(events.map(({ event }) => (event as { id: string }).id)).size, 3)
    schedule.stop()
    await pass(5 * MINUTE)
    assert.lengthOf(events, 3)
    assert.strictEqual(fn.waiting(), 0)
  })

  it.each([
    ["rate(1 minute)", MINUTE],
    ["rate(5 minutes)", 5 * MINUTE],
    ["rate(1 hour)", 60 * MINUTE],
    ["rate(2 days)", 2 * 1_440 * MINUTE]
  ])("knows %s", (expression, ms) => {
    assert.strictEqual(rateOf(expression), ms)
  })

  it.each(["rate(1 minutes)", "rate(2 minute)", "rate(0 minutes)", "cron(0 8 * * ? *)", "rate(1 week)", ""])(
    "throws on %j",
    (expression) => {
      assert.throws(() => rateOf(expression), "not implemented by aws-in-process")
    }
  )

  it.each([
    ["no permission", []],
    ["another rule", [{ ...permission, sourceArn: `${RULE}-other` }]],
    ["another account", [{ ...permission, sourceAccount: "111111111111" }]],
    ["another service", [{ ...permission, principal: "s3.amazonaws.com" }]],
    ["another action", [{ ...permission, action: "lambda:GetFunction" }]],
    ["another function", [{ ...permission, function: "append" }]]
  ])("does not reach a function with %s, and says so in its dead letters at once", async (_, permissions) => {
    const { pass, events, sqs } = setup(permissions)
    await pass(MINUTE)
    assert.deepStrictEqual(events, [])
    const [letter] = sqs.queue(DLQ.arn).receive(10)
    assert.strictEqual(letter?.message.attributes.ERROR_CODE?.StringValue, "NO_PERMISSIONS")
    assert.strictEqual(JSON.parse(letter?.message.body ?? "{}").source, "aws.events")
  })

  it("is refused on a bus of one's own, and with settings that are not implemented", () => {
    const { authorize } = guard()
    const { clock, activity } = makeTime()
    const parts = {
      clock,
      authorize,
      kinesis: makeKinesis([], authorize),
      random: random(0.5),
      sqs: makeSqs([], { clock, authorize, activity }),
      toBus: () => {},
      invoke: () => {}
    }
    const rule = { name: "tick", arn: RULE, scheduleExpression: "rate(1 minute)" }
    assert.throws(() => startSchedule({ ...rule, eventBusName: "mine" }, [], parts), "default event bus")
    assert.throws(() => startSchedule({ ...rule, state: "DISABLED" }, [], parts), "DISABLED")
    assert.throws(() => startSchedule({ ...rule, roleArn: "r" } as typeof rule, [], parts), "roleArn")
    const withRole = { ...target, roleArn: "arn:aws:iam::0:role/r" }
    assert.throws(() => startSchedule(rule, [withRole], parts), "RoleArn not supported")
    const { invoke: _, ...unable } = parts
    assert.throws(() => startSchedule(rule, [target], unable), "not implemented by aws-in-process: target")
  })
})

describe("a function that nobody waits for", () => {
  it("tries what failed again after one and two minutes, and then no more", async () => {
    const time = makeTime()
    const { fn, events } = makeFunction(time, [permission], { fails: true })
    fn.invoke(RULE, { n: 1 })
    await time.pass(60 * MINUTE)
    assert.deepStrictEqual(
      events.map(({ at }) => at / MINUTE),
      [0, 1, 3]
    )
    assert.strictEqual(fn.waiting(), 0)
  })

  it("retries nothing when maximumRetryAttempts is 0", async () => {
    const time = makeTime()
    const { fn, events } = makeFunction(time, [permission], { fails: true, retries: 0 })
    fn.invoke(RULE, {})
    await time.pass(60 * MINUTE)
    assert.lengthOf(events, 1)
  })

  it("keeps what it has no room for, until that is too old", async () => {
    const time = makeTime()
    const { fn, events, host } = makeFunction(time, [permission], { works: 45_000, age: 60, retries: 0 })
    for (let n = 0; n < 3; n++) fn.invoke(RULE, { n })
    assert.strictEqual(fn.waiting(), 3)
    await time.pass(10 * MINUTE)
    assert.strictEqual(fn.waiting(), 0)
    assert.isAbove(host.counts().throttles, 2)
    assert.isAtLeast(events.length, 1)
    assert.isBelow(events.length, 3, "what is older than a minute is dropped")
  })

  it("throws on settings that are not implemented", () => {
    const time = makeTime()
    const host = makeHost({
      name: "f",
      arn: FUNCTION,
      timeoutSeconds: 1,
      clock: time.clock,
      handler: async () => undefined
    })
    const make = (permissions: ReadonlyArray<object>, settings: object) => () =>
      makeAsyncFunction(
        host,
        permissions as ReadonlyArray<PermissionSettings>,
        { functionName: "f", ...settings },
        time.clock
      )
    assert.throws(make([{ ...permission, eventSourceToken: "t" }], {}), "eventSourceToken")
    assert.throws(make([], { destinationConfig: {} }), "destinationConfig")
    assert.throws(make([], { maximumRetryAttempts: 3 }), "0 to 2")
    assert.throws(make([], { maximumEventAgeInSeconds: 59 }), "60 to 21600")
  })

  it("lets nobody in without a permission", () => {
    const { fn } = makeFunction(makeTime(), [])
    assert.throws(() => fn.invoke(RULE, {}), ServiceError)
  })
})
