import { assert, describe, it } from "@effect/vitest"
import { makeActivity, makeDynamodb, makeRequestHandler, type Principal } from "aws-in-process"
import { virtualClock } from "aws-in-process/clock"
import { Effect } from "effect"
import type { StackTarget } from "../../../src/cli/stack/stack.ts"
import { makeStreamReader, type StreamReader, streamsOf } from "../../../src/cli/wallboard/streams.ts"
import { START } from "../../support/history.ts"
import { someOutputs } from "../outputs.ts"

const PREFIX = someOutputs.prefix
const ROLE: Principal = { roleArn: "arn:aws:iam::000000000000:role/watcher", label: "watcher" }
const TABLE = "arn:aws:dynamodb:eu-central-1:000000000000:table"
const streamOf = (name: string) => `${TABLE}/${name}/stream/1970-01-01T00:00:00.000`

/** A table of agents with a stream whose shards live for ten minutes, and a reader of it. */
const setup = async () => {
  const clock = virtualClock(START)
  const activity = makeActivity()
  const dynamodb = makeDynamodb({ clock, activity, authorize: () => {}, shardLifetimeMs: 600_000 })
  const name = `${PREFIX}-agents-v2`
  await dynamodb.createTable({
    name,
    arn: `${TABLE}/${name}`,
    hashKey: { name: "agentId", type: "S" },
    rangeKey: { name: "row", type: "S" },
    streamArn: streamOf(name)
  })
  let version = 0
  const put = (agentId: string, more: object = { asOf: { S: new Date(START).toISOString() } }) =>
    dynamodb.service(
      "PutItem",
      {
        TableName: name,
        Item: { agentId: { S: agentId }, row: { S: "state" }, version: { N: String(++version) }, ...more }
      },
      ROLE
    )
  const target = {
    name: "stack test",
    outputs: someOutputs,
    who: { user: "robin", host: "desk" },
    connection: {
      region: "eu-central-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      requestHandler: makeRequestHandler({
        services: { dynamodbstreams: dynamodb.streams },
        principal: ROLE,
        activity
      })
    }
  } as unknown as StackTarget
  return { clock, put, target, arns: [streamOf(name)] }
}

const passOf = (reader: StreamReader) => Effect.map(reader.pass, (writes) => writes.map(({ entity }) => entity))

describe("the reader of change streams", () => {
  it("is told of what is written from then on, in order, also where a shard ends and its child goes on", async () => {
    const { clock, put, target, arns } = await setup()
    await put("before")
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const reader = yield* makeStreamReader(target, arns)
          yield* reader.open
          assert.deepStrictEqual(yield* passOf(reader), [])
          yield* Effect.promise(() => put("a"))
          yield* Effect.promise(() => put("b"))
          clock.advanceTo(clock.now() + 600_000)
          yield* Effect.promise(() => put("c"))
          assert.deepStrictEqual(yield* passOf(reader), ["a", "b"])
          assert.strictEqual(reader.shards(), 0)
          yield* Effect.promise(() => put("d"))
          assert.deepStrictEqual(yield* passOf(reader), ["c", "d"])
          assert.deepStrictEqual([yield* passOf(reader), reader.shards(), reader.requests()], [[], 1, 4])
        })
      )
    )
  })

  it("skips what is no row that readers see, and says that it must begin anew where it was away for too long", async () => {
    const { clock, put, target, arns } = await setup()
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const reader = yield* makeStreamReader(target, arns)
          yield* reader.open
          yield* Effect.promise(() => put("odd", { asOf: { S: "never" } }))
          yield* Effect.promise(() => put("a"))
          assert.deepStrictEqual(yield* passOf(reader), ["a"])
          clock.advanceTo(clock.now() + 1_200_000)
          const failed = yield* Effect.flip(reader.pass)
          assert.strictEqual(failed.reason, "ExpiredIteratorException")
          yield* reader.open
          yield* Effect.promise(() => put("b"))
          assert.deepStrictEqual(yield* passOf(reader), ["b"])
        })
      )
    )
  })

  it("leaves out the stream of a table that was deleted with its generation", async () => {
    const { put, target, arns } = await setup()
    const outputs = {
      ...target.outputs,
      projectionTables: {
        "agents-v1": { name: "gone", streamArn: streamOf("gone") },
        "agents-v2": { name: `${PREFIX}-agents-v2`, streamArn: arns[0] ?? "" }
      }
    }
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const reader = yield* makeStreamReader({ ...target, outputs }, [streamOf("gone"), ...arns])
          yield* reader.open
          yield* Effect.promise(() => put("a"))
          assert.deepStrictEqual(yield* passOf(reader), ["a"])
          assert.deepStrictEqual(reader.generations(), ["agents-v2"])
        })
      )
    )
  })

  it("reads the streams of all generations, and none where a projection has none", () => {
    const outputs = {
      ...someOutputs,
      projectionTables: {
        "agents-v2": { name: "a2", streamArn: "arn:a2" },
        "agents-v3": { name: "a3", streamArn: "arn:a3" },
        "queues-v2": { name: "q2", streamArn: "arn:q2" },
        "queue-intervals-v1": { name: "i1" }
      }
    } as unknown as StackTarget["outputs"]
    assert.deepStrictEqual(streamsOf(outputs, ["agents", "queues"]), ["arn:a2", "arn:a3", "arn:q2"])
    assert.deepStrictEqual(streamsOf(outputs, ["agents", "queue-intervals"]), [])
  })
})
