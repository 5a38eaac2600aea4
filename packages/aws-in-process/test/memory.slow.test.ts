import { makeHost, makeQueueMapping, makeSqs, makeStream, makeStreamMapping } from "aws-in-process"
import { assert, describe, it } from "vitest"
import { arn, makeTime, ROLE } from "./parts.ts"

const MINUTES = 30
const PER_SECOND = 100
const TOPICS = ["users", "queues", "conversations"]

describe("half an hour at a hundred events a second", () => {
  it("holds no more than what is on its way", async () => {
    const { clock, activity, pass } = makeTime()
    const stream = makeStream({ name: "events", arn: arn("kinesis", "stream/events"), shardCount: 2 }, clock)
    const queueArn = arn("sqs", "settle")
    const sqs = makeSqs([{ name: "settle", arn: queueArn, url: "https://sqs/settle", delaySeconds: 5 }], {
      clock,
      authorize: () => {},
      activity
    })
    const queue = sqs.queue(queueArn)
    const hostOf = (name: string, handler: (event: { Records: ReadonlyArray<unknown> }) => void) =>
      makeHost({
        name,
        arn: arn("lambda", `function:${name}`),
        timeoutSeconds: 30,
        clock,
        handler: async (event: { Records: ReadonlyArray<unknown> }) => handler(event)
      })
    let settled = 0
    const append = hostOf("append", ({ Records }) => {
      queue.send({ body: JSON.stringify(Records.length), senderId: "append" })
    })
    const project = hostOf("project", ({ Records }) => {
      for (const { body } of Records as ReadonlyArray<{ body: string }>) settled += JSON.parse(body) as number
    })
    const fromStream = makeStreamMapping(
      {
        eventSourceArn: stream.arn,
        functionName: append.arn,
        startingPosition: "TRIM_HORIZON",
        batchSize: 500,
        maximumBatchingWindowInSeconds: 1
      },
      { clock, authorize: () => {}, principal: ROLE, stream, host: append, putObject: async () => {} }
    )
    const fromQueue = makeQueueMapping(
      { eventSourceArn: queueArn, functionName: project.arn, batchSize: 10 },
      { clock, authorize: () => {}, principal: ROLE, queue, host: project }
    )

    const data = Buffer.from("x".repeat(600))
    let put = 0
    const most = { records: 0, messages: 0 }
    const second = () => {
      for (let i = 0; i < PER_SECOND; i++) stream.put({ partitionKey: TOPICS[put++ % TOPICS.length] ?? "", data })
      const { visible, inFlight, delayed } = queue.counts()
      most.records = Math.max(most.records, ...stream.shards.map((shard) => shard.held()))
      most.messages = Math.max(most.messages, visible + inFlight + delayed)
      if (put < MINUTES * 60 * PER_SECOND) clock.at(clock.now() + 1_000, second)
    }
    second()
    await pass(MINUTES * 60_000 + 30_000)
    await Promise.all([fromStream.stop(), fromQueue.stop()])

    assert.strictEqual(settled, MINUTES * 60 * PER_SECOND)
    // A shard is cleared in steps of 1,024, of what is older than the poll and the window.
    assert.isAtMost(most.records, 2_048)
    assert.isAtMost(most.messages, 60)
    assert.strictEqual(clock.nextTimer(), undefined)
  })
})
