import { assert, describe, it } from "@effect/vitest"
import { effectClock, virtualClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { heartbeatTime } from "../../src/domain/heartbeat.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { beat } from "../../src/pipeline/heartbeat.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { StreamSink } from "../../src/store/hand-over.ts"
import { memoryStreamSink } from "../../src/store/memory/hand-over.ts"
import { START } from "../support/history.ts"

const host = (lines: Array<string> = []) =>
  Layer.mergeAll(
    effectClock(virtualClock(START)),
    linesTo((line) => void lines.push(line))
  )

describe("the heartbeat", () => {
  it("is one record that says when it was sent", async () => {
    const stream = memoryStreamSink()
    const outcome = await Effect.runPromise(beat.pipe(Effect.provide([stream.layer, host()])))
    assert.strictEqual(outcome, "sent")
    assert.deepStrictEqual(
      stream.records().map(({ data }) => heartbeatTime(data)),
      [START]
    )
  })

  it("that the stream does not take fails nothing, says so, and waits a second at most", async () => {
    const lines: Array<string> = []
    let deadline = 0
    const stream = Layer.succeed(StreamSink, {
      put: (records) =>
        Effect.map(Deadline, (until) => {
          deadline = until
          return records.map(() => ({ _tag: "unavailable", reason: "ThrottlingException" }) as const)
        })
    })
    const outcome = await Effect.runPromise(beat.pipe(Effect.provide([stream, host(lines)])))
    assert.deepStrictEqual([outcome, deadline], ["missed", START + 1_000])
    assert.include(lines.join(), "takes no heartbeat: ThrottlingException")
    const silent = Layer.succeed(StreamSink, { put: () => Effect.succeed([]) })
    assert.strictEqual(await Effect.runPromise(beat.pipe(Effect.provide([silent, host(lines)]))), "missed")
    assert.include(lines.join(), "takes no heartbeat: NoAnswer")
  })
})
