import type { Context } from "aws-lambda"
import { assert, describe, it } from "vitest"
import type { EngineClock } from "../src/core/types.ts"
import { type HostLog, type HostOptions, makeHost } from "../src/lambda/host.ts"
import { arn, makeTime, random } from "./parts.ts"

const setUp = (handler: (event: never, context: Context) => Promise<unknown>, more: Partial<HostOptions> = {}) => {
  const time = makeTime()
  const log: Array<HostLog> = []
  const host = makeHost({
    name: "append",
    arn: arn("lambda", "function:append"),
    handler,
    timeoutSeconds: 3,
    clock: time.clock,
    onLog: (line) => log.push(line),
    ...more
  })
  return { ...time, host, log }
}

const sleep = (clock: EngineClock, ms: number) =>
  new Promise<void>((resolve) => void clock.at(clock.now() + ms, () => resolve()))

describe("host", () => {
  it("gives a function its own copy of the event, and its caller a copy of the answer", async () => {
    const event = { at: new Date(0), deep: { list: [1] }, nothing: undefined }
    const answer = { kept: [1] }
    const { host } = setUp(async (got: typeof event) => {
      assert.deepStrictEqual<unknown>(got, { at: "1970-01-01T00:00:00.000Z", deep: { list: [1] } })
      got.deep.list.push(2)
      return answer
    })
    const outcome = await host.invoke(event)
    assert.deepStrictEqual(event.deep.list, [1])
    assert.isTrue(outcome.ok && outcome.value !== answer)
    assert.deepInclude(outcome, { ok: true, value: { kept: [1] } })
    assert.deepInclude(await setUp(async () => undefined).host.invoke({}), { ok: true, value: null })
  })

  it("tells the time that is left, on engine time", async () => {
    const left: Array<number> = []
    const seen: Array<string> = []
    const { host, clock, pass } = setUp(async (_event, context) => {
      seen.push(context.functionName, context.invokedFunctionArn, context.awsRequestId)
      left.push(context.getRemainingTimeInMillis())
      await sleep(clock, 1_200)
      left.push(context.getRemainingTimeInMillis())
      assert.throws(() => context.succeed({}), /not implemented/)
    })
    const outcome = host.invoke({})
    await pass(2_000)
    assert.deepInclude(await outcome, { ok: true, requestId: seen[2]! })
    assert.deepStrictEqual(left, [3_000, 1_800])
    assert.deepStrictEqual(seen.slice(0, 2), ["append", arn("lambda", "function:append")])
    assert.strictEqual(clock.nextTimer(), undefined)
  })

  it("ends what takes too long, as Lambda words it", async () => {
    const { host, clock, pass, log } = setUp(() => sleep(clock, 3_001))
    const outcome = host.invoke({})
    await pass(3_000)
    const failure = { errorType: "Sandbox.Timedout", errorMessage: "Task timed out after 3.00 seconds" }
    assert.deepInclude(await outcome, { ok: false, throttled: false, ...failure })
    assert.deepInclude(host.counts(), { invocations: 1, errors: 1, timeouts: 1, inFlight: 0 })
    assert.deepInclude(log[0], { function: "append", ...failure })
  })

  it.each<[string, () => Promise<unknown>, object]>([
    ["an error", async () => Promise.reject(new TypeError("no")), { errorType: "TypeError", errorMessage: "no" }],
    ["a value", async () => Promise.reject("no"), { errorType: "Error", errorMessage: "no" }],
    ["an answer that JSON cannot say", async () => ({ n: 1n }), { errorType: "TypeError" }],
    ["an answer above 6 MB", async () => "x".repeat(6 * 1024 * 1024), { errorType: "ResponseSizeTooLarge" }]
  ])("reports %s as the function's failure", async (_name, handler, expected) => {
    const { host } = setUp(handler)
    assert.deepInclude(await host.invoke({}), { ok: false, throttled: false, ...expected })
    assert.deepInclude(host.counts(), { invocations: 1, errors: 1 })
  })

  it("refuses an event above 6 MB", async () => {
    const { host } = setUp(async () => assert.fail("was called"))
    assert.deepInclude(await host.invoke("x".repeat(6 * 1024 * 1024)), { ok: false, errorType: "RequestSizeTooLarge" })
  })

  it("throttles above the reserved concurrency", async () => {
    const { host, clock, pass } = setUp(() => sleep(clock, 1_000), { reservedConcurrency: 2 })
    const outcomes = [host.invoke(1), host.invoke(2), host.invoke(3)]
    assert.strictEqual(host.counts().inFlight, 2)
    await pass(1_000)
    const [first, , third] = await Promise.all(outcomes)
    assert.deepInclude(first, { ok: true })
    assert.deepInclude(third, { ok: false, throttled: true, errorType: "TooManyRequestsException" })
    assert.deepInclude(host.counts(), { invocations: 2, throttles: 1, errors: 0, inFlight: 0 })
  })

  it.each([
    [true, ["start 1", "start 2", "end 1", "end 2"]],
    [false, ["start 1", "end 1", "start 2", "end 2"]]
  ])("interleaves invocations: %s", async (interleave, expected) => {
    const seen: Array<string> = []
    const { host, clock, pass } = setUp(
      async (event) => {
        seen.push(`start ${event}`)
        await sleep(clock, 1_000)
        seen.push(`end ${event}`)
      },
      { interleave }
    )
    const outcomes = [host.invoke(1), host.invoke(2)]
    await pass(3_000)
    await Promise.all(outcomes)
    assert.deepStrictEqual(seen, expected)
  })

  it.each([
    ["before the work", random(0.1, 0.9), 0],
    ["after the work, its answer lost", random(0.9, 0.1), 1]
  ])("crashes by random %s", async (_name, seeded, calls) => {
    let called = 0
    const chaos = { random: seeded, crashBefore: 0.5, crashAfter: 0.5 }
    const { host } = setUp(async () => called++, { chaos })
    assert.deepInclude(await host.invoke({}), { ok: false, throttled: false, errorType: "Runtime.ExitError" })
    assert.strictEqual(called, calls)
    assert.deepInclude(host.counts(), { crashes: 1, errors: 1 })
  })
})
