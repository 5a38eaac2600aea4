import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Random } from "effect"
import { TestClock } from "effect/testing"
import { blamesContent, blamesRow, faultNamed, isThrottle, storeError, toFault } from "../../src/store/aws/faults.ts"
import { meter } from "../../src/store/aws/metered.ts"
import { inRounds, retry } from "../../src/store/aws/retry.ts"
import { CapacityUsed, countCapacity, countRetries, RetryStatistics } from "../../src/store/counters.ts"
import { Deadline } from "../../src/store/deadline.ts"

const thrown = (name: string, more: object = {}) =>
  Object.assign(new Error("a value that nobody may see"), { name, ...more })
const answered = (httpStatusCode: number | undefined, more: object = {}) =>
  thrown("Odd", { $metadata: { httpStatusCode }, ...more })

const THROTTLES = [
  "BandwidthLimitExceeded",
  "ProvisionedThroughputExceeded",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "Throttling",
  "ThrottlingError",
  "ThrottlingException",
  "TooManyRequestsException"
]

describe("a fault", () => {
  it.each([
    ...THROTTLES,
    "RequestExpired",
    "RequestTimeTooSkewed",
    "TransactionConflict",
    "TransactionConflictException"
  ])("%s passes, and nothing was done", (reason) => {
    assert.deepStrictEqual(toFault(thrown(reason)), { reason, retryable: true, unsure: false })
    assert.strictEqual(isThrottle(faultNamed(reason)), THROTTLES.includes(reason))
  })

  it.each([
    "EAI_AGAIN",
    "ECONNABORTED",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
    "EPIPE",
    "ETIMEDOUT",
    "InternalError",
    "InternalServerError",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "TimeoutError"
  ])("%s passes, and what was asked may have been done", (reason) => {
    assert.deepStrictEqual(toFault(thrown(reason)), { reason, retryable: true, unsure: true })
    assert.deepStrictEqual(toFault(thrown("Error", { code: reason })), { reason, retryable: true, unsure: true })
    assert.isFalse(isThrottle(faultNamed(reason)))
  })

  it("of another name stays, unless the service says that it broke or that to try again helps", () => {
    const cases: ReadonlyArray<readonly [unknown, { reason: string; retryable: boolean; unsure: boolean }]> = [
      ["no error", { reason: "Unknown", retryable: false, unsure: false }],
      [thrown("Odd", { code: "EODD" }), { reason: "Odd", retryable: false, unsure: true }],
      [answered(undefined), { reason: "Odd", retryable: false, unsure: true }],
      [answered(200), { reason: "Odd", retryable: false, unsure: true }],
      [answered(399), { reason: "Odd", retryable: false, unsure: true }],
      [answered(400), { reason: "Odd", retryable: false, unsure: false }],
      [answered(499), { reason: "Odd", retryable: false, unsure: false }],
      [answered(500), { reason: "Odd", retryable: true, unsure: true }],
      [answered(503), { reason: "Odd", retryable: true, unsure: true }],
      [answered(400, { $retryable: {} }), { reason: "Odd", retryable: true, unsure: true }],
      [answered(400, { $retryable: { throttling: false } }), { reason: "Odd", retryable: true, unsure: true }],
      [answered(400, { $retryable: { throttling: true } }), { reason: "Odd", retryable: true, unsure: false }]
    ]
    for (const [cause, fault] of cases) assert.deepStrictEqual(toFault(cause), fault)
    assert.deepStrictEqual(faultNamed("Odd"), { reason: "Odd", retryable: false, unsure: false })
  })

  it("tells what a queue, a stream or a table will never take", () => {
    const content = ["InvalidArgumentException", "InvalidMessageContents", "InvalidParameterValue"]
    const row = ["ItemCollectionSizeLimitExceeded", "ItemCollectionSizeLimitExceededException", "ValidationError"]
    const both = ["SerializationException", "ValidationException"]
    for (const reason of [...content, ...both]) assert.isTrue(blamesContent(reason), reason)
    for (const reason of [...row, ...both]) assert.isTrue(blamesRow(faultNamed(reason)), reason)
    for (const reason of [...row, "AccessDenied", ""]) assert.isFalse(blamesContent(reason), reason)
    for (const reason of [...content, "AccessDenied", ""]) assert.isFalse(blamesRow(faultNamed(reason)), reason)
  })

  it("is said without a value, by what was asked", () => {
    const error = storeError("event store", "read", toFault(answered(500)))
    assert.strictEqual(error.message, "event store: read: Odd")
    assert.isTrue(error.retryable)
    assert.notInclude(JSON.stringify(error), "nobody")
    assert.strictEqual(
      storeError("event store", "read", faultNamed("Odd"), "says us").message,
      "event store: read: says us"
    )
  })
})

/** When a call was made that is throttled each time, in ms from its beginning, and what came of it. */
const timesOf = (deadline: number) =>
  Effect.gen(function* () {
    const times: Array<number> = []
    const statistics = countRetries()
    const clock = yield* Clock.Clock
    const work = yield* Effect.forkChild(
      Effect.flip(
        retry("PutObject", async () => {
          times.push(clock.currentTimeMillisUnsafe())
          throw thrown("SlowDown")
        })
      ).pipe(Effect.provideService(Deadline, deadline), Effect.provideService(RetryStatistics, statistics))
    )
    // A call settles between two ticks of the clock.
    while (work.pollUnsafe() === undefined) {
      yield* TestClock.adjust("5 millis")
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    return { times, fault: yield* Fiber.join(work), counted: statistics.counts() }
  })

describe("a call that is throttled", () => {
  it.effect("is tried again after pauses that double up to a second, for half a minute", () =>
    Effect.gen(function* () {
      const { times, fault, counted } = yield* timesOf(Number.POSITIVE_INFINITY)
      assert.deepStrictEqual(fault, { reason: "SlowDown", retryable: true, unsure: false })
      const pauses = times.slice(1).map((at, i) => at - (times[i] as number))
      for (const [i, pause] of pauses.entries()) {
        const ceiling = Math.min(25 * 2 ** i, 1_000)
        assert.isAtLeast(pause, ceiling / 2, `${i}`)
        // Time moves by five milliseconds here.
        assert.isAtMost(pause, ceiling + 10, `${i}`)
      }
      const last = times.at(-1) ?? 0
      assert.isAtMost(last, 30_000)
      assert.isAtLeast(last, 28_500)
      assert.deepStrictEqual(counted, { throttles: times.length, retries: times.length - 1 })
    }).pipe(Random.withSeed("pauses"))
  )

  it.effect("leaves a fifth of the time until its deadline to what comes after", () =>
    Effect.gen(function* () {
      const { times } = yield* timesOf(10_000)
      const last = times.at(-1) ?? 0
      assert.isAtMost(last, 8_000)
      assert.isAtLeast(last, 6_500)
    }).pipe(Random.withSeed("pauses"))
  )

  it.effect("is not tried again where no time is left, nor for what stays", () =>
    Effect.gen(function* () {
      const { times } = yield* timesOf(0)
      assert.strictEqual(times.length, 1)
      let calls = 0
      const fault = yield* Effect.flip(
        retry("PutObject", async () => {
          calls++
          throw thrown("AccessDenied", { $metadata: { httpStatusCode: 403 } })
        })
      )
      assert.deepStrictEqual([calls, fault.reason], [1, "AccessDenied"])
    })
  )

  it.effect("goes on with what is left of its items, and asks for none where there are none", () =>
    Effect.gen(function* () {
      const rounds: Array<ReadonlyArray<number>> = []
      const round = (items: ReadonlyArray<number>) =>
        Effect.sync(() => {
          rounds.push(items)
          return items.slice(1)
        })
      const work = yield* Effect.forkChild(inRounds([1, 2, 3], round))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(work), [])
      assert.deepStrictEqual(rounds, [[1, 2, 3], [2, 3], [3]])
      assert.deepStrictEqual(yield* inRounds([], () => Effect.die("a round")), [])
    })
  )
})

describe("what an answer says of capacity", () => {
  it.effect("is counted as read or written, for one table or for each", () =>
    Effect.gen(function* () {
      const used = countCapacity()
      const spent = (operation: string, ConsumedCapacity?: object) =>
        Effect.provideService(meter(operation, { ConsumedCapacity }), CapacityUsed, used)
      for (const operation of ["GetItem", "BatchGetItem", "Query", "Scan"])
        yield* spent(operation, [{ CapacityUnits: 0.5 }, { CapacityUnits: 1 }, {}])
      assert.deepStrictEqual(used.counts(), { readUnits: 6, writeUnits: 0 })
      for (const operation of ["PutItem", "UpdateItem", "BatchExecuteStatement"])
        yield* spent(operation, { CapacityUnits: 2 })
      yield* spent("PutItem")
      yield* Effect.provideService(meter("PutItem", undefined), CapacityUsed, used)
      assert.deepStrictEqual(used.counts(), { readUnits: 6, writeUnits: 6 })
    })
  )

  it("is counted for nobody unless asked for", () => {
    const counters = countRetries()
    counters.add("throttles", 2)
    counters.add("throttles", 1)
    assert.deepStrictEqual(counters.counts(), { throttles: 3, retries: 0 })
    assert.deepStrictEqual(countRetries().counts(), { throttles: 0, retries: 0 })
    assert.deepStrictEqual(countCapacity().counts(), { readUnits: 0, writeUnits: 0 })
  })
})
