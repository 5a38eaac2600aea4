import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { ConfigProvider, Data, Effect, Layer } from "effect"
import { linesTo, stdoutLines } from "../../src/lambda/lines.ts"
import { logReport, StackName } from "../../src/lambda/report.ts"
import { type LambdaFunction, serve } from "../../src/lambda/runtime.ts"
import { RetryStatistics } from "../../src/store/counters.ts"
import { emfFaults } from "../support/emf.ts"
import { context } from "./support.ts"

const env = (variables: Readonly<Record<string, string>>) =>
  ConfigProvider.layer(ConfigProvider.fromEnvRecord({ STACK_NAME: "dev", ...variables }))

const fn = <Out>(handle: (event: unknown) => Effect.Effect<Out, unknown, StackName>) =>
  ({ name: "append", layer: StackName.layer, handle }) satisfies LambdaFunction<StackName, unknown, Out>

/** A served function whose lines are kept. */
const served = <Out>(
  handle: (event: unknown) => Effect.Effect<Out, unknown, StackName>,
  variables: Readonly<Record<string, string>> = {}
) => {
  const lines: Array<string> = []
  const handler = serve(
    fn(handle),
    Layer.merge(
      env(variables),
      linesTo((line) => lines.push(line))
    )
  )
  return { handler, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

class Refused extends Data.TaggedError("Refused") {
  override get message() {
    return "refused, says this project"
  }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe("a served function", () => {
  it("writes its lines to standard output as they are, where Lambda does not wrap them as it does the console's", async () => {
    const written: Array<string> = []
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      written.push(String(text))
      return true
    })
    const printed = vi.spyOn(console, "log")
    const handler = serve(
      fn(() => logReport("append", { received: 2, progress: 2, failed: 0 })),
      Layer.merge(env({}), stdoutLines)
    )
    await handler({}, context("request-7"))
    vi.restoreAllMocks()
    assert.strictEqual(printed.mock.calls.length, 0)
    assert.strictEqual(written.length, 1)
    const [line = ""] = written
    assert.isTrue(line.endsWith("}\n"))
    assert.deepStrictEqual(emfFaults(line.trimEnd(), Date.parse(JSON.parse(line).timestamp)), [])
    const { _aws, timestamp, fiberId, ...fields } = JSON.parse(line)
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    assert.approximately(_aws.Timestamp, Date.parse(timestamp), 1_000)
    assert.deepStrictEqual(fields, {
      message: "append",
      level: "INFO",
      function: "append",
      requestId: "request-7",
      stack: "dev",
      received: 2,
      progress: 2,
      failed: 0,
      throttles: 0,
      retries: 0
    })
  })

  it("says what it counted in this invocation, throttles and retries included", async () => {
    const { handler, parsed } = served((event) =>
      Effect.gen(function* () {
        const statistics = yield* RetryStatistics
        statistics.add("throttles", Number(event))
        statistics.add("retries", 1)
        yield* Effect.yieldNow
        yield* logReport("project", { received: 1 })
      })
    )
    await Promise.all([handler(3, context("a")), handler(5, context("b"))])
    assert.deepStrictEqual(
      parsed().map(({ requestId, throttles, retries }) => [requestId, throttles, retries]),
      [
        ["a", 3, 1],
        ["b", 5, 1]
      ]
    )
  })

  it.each([
    ["DEBUG", ["DEBUG", "INFO", "WARN", "ERROR"]],
    ["INFO", ["INFO", "WARN", "ERROR"]],
    ["WARN", ["WARN", "ERROR"]],
    ["ERROR", ["ERROR"]],
    ["", ["INFO", "WARN", "ERROR"]]
  ])("logs no less than level %j, which Lambda sets", async (level, expected) => {
    const { handler, parsed } = served(
      () => Effect.all([Effect.logDebug("d"), Effect.logInfo("i"), Effect.logWarning("w"), Effect.logError("e")]),
      level === "" ? {} : { AWS_LAMBDA_LOG_LEVEL: level }
    )
    await handler({}, context())
    assert.deepStrictEqual(
      parsed().map((line) => line.level),
      expected
    )
  })

  it("[P11] fails with our own words and with the names of what others threw, never with theirs", async () => {
    const outcome = async (effect: Effect.Effect<never, unknown>) => {
      const { handler, lines } = served(() => effect)
      const error = await handler({}, context()).then(
        () => assert.fail("it succeeded"),
        (reason: unknown) => reason as Error
      )
      return [error.message, ...lines].join("\n")
    }
    const secret = "anna@example.com"
    const foreign = [
      // @effect-diagnostics-next-line globalErrorInEffectFailure:off
      Effect.fail(new TypeError(secret)),
      Effect.fail(secret),
      Effect.fail({ secret }),
      Effect.die(new RangeError(secret)),
      Effect.die(secret)
    ]
    for (const effect of foreign) assert.notInclude(await outcome(effect), secret)
    assert.include(await outcome(Effect.fail(new Refused())), "append failed: refused, says this project")
    assert.include(await outcome(Effect.die(new RangeError(secret))), "append failed: defect RangeError")
  })

  it("does not start without the name of its stack", async () => {
    const handler = serve(
      fn(() => Effect.void),
      Layer.merge(
        ConfigProvider.layer(ConfigProvider.fromEnvRecord({})),
        linesTo(() => {})
      )
    )
    const error = await handler({}, context()).then(
      () => undefined,
      (reason: unknown) => reason
    )
    assert.match(String(error), /^Error: append did not start: .*STACK_NAME/s)
  })
})
