import { assert, describe, it } from "vitest"
import { virtualClock } from "../src/clock.ts"
import { makeActivity } from "../src/core/activity.ts"
import type { Service } from "../src/core/types.ts"
import { chaosRates, type FaultRates, makeFaults } from "../src/faults/faults.ts"
import { seededRandom } from "../src/random.ts"
import { runVirtual } from "../src/run-virtual.ts"

const PEACE: FaultRates = { throttle: 0, loseAnswer: 0, slow: 0, partial: 0 }
const ME = { roleArn: "r", label: "l" }

const setup = (rates: Partial<FaultRates>, seed = 1) => {
  const clock = virtualClock(0)
  const activity = makeActivity()
  const faults = makeFaults({
    random: seededRandom(seed),
    rates: { ...PEACE, ...rates },
    clock,
    activity,
    slowestMs: 500
  })
  return { clock, activity, faults }
}

/** Returns each statement's own text, and notes the inputs it got. */
const echo = () => {
  const seen: Array<Record<string, unknown>> = []
  const service: Service = async (operation, input) => {
    seen.push(input)
    if (operation === "BatchExecuteStatement")
      return { Responses: input.Statements.map((s: { Statement: string }) => ({ TableName: s.Statement })) }
    if (operation === "BatchGetItem") return { Responses: {}, UnprocessedKeys: {} }
    if (operation === "SendMessageBatch") return { Successful: input.Entries.map(({ Id }: { Id: string }) => ({ Id })) }
    return {}
  }
  return { seen, service }
}

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "answered",
    (error) => error.code ?? error.name
  )

describe("faults", () => {
  it("refuse a call before it does anything, in the words of its service", async () => {
    const { faults } = setup({ throttle: 1 })
    const { seen, service } = echo()
    const refusal = (name: "dynamodb" | "sqs" | "kinesis" | "s3") =>
      outcome(faults.wrap(name, service)("Anything", {}, ME))
    assert.deepStrictEqual(
      await Promise.all([refusal("dynamodb"), refusal("sqs"), refusal("kinesis"), refusal("s3")]),
      ["ThrottlingException", "RequestThrottled", "ProvisionedThroughputExceededException", "SlowDown"]
    )
    assert.strictEqual(seen.length, 0)
    assert.strictEqual(faults.counts().throttle, 4)
  })

  it("lose the answer after the call took effect", async () => {
    const { faults } = setup({ loseAnswer: 1 })
    const { seen, service } = echo()
    const wrapped = faults.wrap("dynamodb", service)
    const outcomes = new Set(await Promise.all(Array.from({ length: 20 }, () => outcome(wrapped("PutItem", {}, ME)))))
    assert.deepStrictEqual([...outcomes].sort(), ["ECONNRESET", "TimeoutError"])
    assert.strictEqual(seen.length, 20)
  })

  it("answer late, on the engine clock, while the clock may go on", async () => {
    const { clock, activity, faults } = setup({ slow: 1 })
    let answered: number | undefined
    void activity.track(
      faults
        .wrap("sqs", echo().service)("SendMessage", {}, ME)
        .then(() => {
          answered = clock.now()
        })
    )
    await runVirtual(clock, { pending: activity.pending, until: () => answered !== undefined, limit: 1000 })
    assert.isTrue(answered! >= 1 && answered! <= 500)
    assert.strictEqual(activity.pending(), 0)
  })

  it("refuse single statements, and keep the responses of the others in place", async () => {
    const { faults } = setup({ throttle: 0.3 })
    const { seen, service } = echo()
    const wrapped = faults.wrap("dynamodb", service)
    const Statements = Array.from({ length: 25 }, (_, i) => ({ Statement: `${i}` }))
    let refused = 0
    for (let i = 0; i < 20; i++) {
      const answer = await wrapped("BatchExecuteStatement", { Statements }, ME).catch(() => undefined)
      if (answer === undefined) continue
      assert.strictEqual(answer.Responses.length, 25)
      for (const [i, response] of answer.Responses.entries())
        if (response.Error === undefined) assert.strictEqual(response.TableName, `${i}`)
        else {
          assert.strictEqual(response.Error.Code, "ThrottlingError")
          refused++
        }
    }
    const ran = seen.reduce((sum, input) => sum + (input.Statements as Array<unknown>).length, 0)
    assert.strictEqual(ran + refused, 25 * (20 - faults.counts().throttle))
    assert.isAbove(refused, 0)
    assert.isAtLeast(faults.counts().throttleEntry, refused)
  })

  it("leave keys of a batch read unprocessed, never all, never twice", async () => {
    const { faults } = setup({ partial: 1 })
    const { seen, service } = echo()
    const Keys = Array.from({ length: 10 }, (_, i) => ({ id: { S: `${i}` } }))
    const RequestItems = { a: { Keys, ConsistentRead: true }, b: { Keys } }
    const answer = await faults.wrap("dynamodb", service)("BatchGetItem", { RequestItems }, ME)
    assert.deepStrictEqual(seen[0]?.RequestItems, { a: { Keys: [Keys[0]], ConsistentRead: true } })
    assert.deepStrictEqual(answer.UnprocessedKeys, { a: { Keys: Keys.slice(1), ConsistentRead: true }, b: { Keys } })
  })

  it("cut pages short, and fail single messages", async () => {
    const pages = setup({ partial: 1 })
    const { seen, service } = echo()
    await pages.faults.wrap("dynamodb", service)("Query", { Limit: 100 }, ME)
    await pages.faults.wrap("dynamodb", service)("Scan", {}, ME)
    await pages.faults.wrap("dynamodb", service)("Query", { Limit: 1 }, ME)
    assert.isTrue(seen.every((input) => Number(input.Limit) >= 1 && Number(input.Limit) <= 3))
    assert.strictEqual(seen[2]?.Limit, 1)

    const { faults } = setup({ throttle: 0.3 })
    const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}` }))
    let failed = 0
    const wrapped = faults.wrap("sqs", service)
    for (let i = 0; i < 20; i++) {
      const answer = await wrapped("SendMessageBatch", { Entries }, ME).catch(() => undefined)
      if (answer === undefined) continue
      failed += answer.Failed?.length ?? 0
      const ids = [...answer.Successful, ...(answer.Failed ?? [])].map(({ Id }) => Id).sort()
      assert.deepStrictEqual(
        ids,
        Entries.map(({ Id }) => Id)
      )
    }
    assert.isAbove(failed, 0)
  })

  it("are named by the seed, and do not shift each other", async () => {
    const run = async (seed: number, alsoSqs: boolean) => {
      const { faults } = setup(chaosRates(1), seed)
      const dynamodb = faults.wrap("dynamodb", echo().service)
      const sqs = faults.wrap("sqs", echo().service)
      const outcomes: Array<string> = []
      for (let i = 0; i < 200; i++) {
        if (alsoSqs) void outcome(sqs("SendMessage", {}, ME))
        const call = outcome(dynamodb("PutItem", {}, ME))
        outcomes.push(await Promise.race([call, new Promise<string>((resolve) => setImmediate(() => resolve("late")))]))
      }
      return outcomes
    }
    assert.deepStrictEqual(await run(5, false), await run(5, true))
    assert.notDeepEqual(await run(5, false), await run(6, false))
    assert.strictEqual(new Set(await run(5, false)).size, 5)
  })

  it("stop when they are switched off", async () => {
    const { faults } = setup({ throttle: 1 })
    const wrapped = faults.wrap("dynamodb", echo().service)
    faults.enable(false)
    assert.strictEqual(await outcome(wrapped("PutItem", {}, ME)), "answered")
    faults.enable(true)
    assert.strictEqual(await outcome(wrapped("PutItem", {}, ME)), "ThrottlingException")
  })
})
