import { assert, describe, it } from "vitest"
import { makeDynamodb, type TableDefinition } from "../src/dynamodb/dynamodb.ts"
import { arn, errorOf, makeTime, ROLE } from "./parts.ts"

const STREAM = arn("dynamodb", "table/rows/stream/1970-01-01T00:00:00.000")
const ROWS: TableDefinition = {
  name: "rows",
  arn: arn("dynamodb", "table/rows"),
  hashKey: { name: "id", type: "S" },
  streamArn: STREAM
}
const HOUR = 3_600_000

const setup = async () => {
  const { clock, activity } = makeTime()
  const asked: Array<string> = []
  const authorize = (_: unknown, action: string, resource: string) => void asked.push(`${action} ${resource}`)
  const dynamodb = makeDynamodb({ clock, activity, authorize })
  await dynamodb.createTable(ROWS)
  const put = (id: string) => dynamodb.service("PutItem", { TableName: "rows", Item: { id: { S: id } } }, ROLE)
  const stream = (operation: string, input: object) => dynamodb.streams(operation, input, ROLE)
  const shards = async () => (await stream("DescribeStream", { StreamArn: STREAM })).StreamDescription.Shards
  const iterator = async (ShardId: string, ShardIteratorType: string, more = {}) =>
    (await stream("GetShardIterator", { StreamArn: STREAM, ShardId, ShardIteratorType, ...more })).ShardIterator
  const read = async (ShardIterator: string) => {
    const { Records, NextShardIterator } = await stream("GetRecords", { ShardIterator })
    return {
      ids: Records.map((record: { dynamodb: { Keys: { id: { S: string } } } }) => record.dynamodb.Keys.id.S),
      next: NextShardIterator,
      records: Records
    }
  }
  return { clock, put, stream, shards, iterator, read, asked }
}

describe("the API of a table's stream", () => {
  it("returns what is written, from the beginning, from now on, or from a record on", async () => {
    const { put, shards, iterator, read, asked } = await setup()
    await put("a")
    const [{ ShardId }] = await shards()
    const latest = await iterator(ShardId, "LATEST")
    await put("b")
    await put("c")
    const all = await read(await iterator(ShardId, "TRIM_HORIZON"))
    assert.deepStrictEqual(all.ids, ["a", "b", "c"])
    assert.deepStrictEqual((await read(latest)).ids, ["b", "c"])
    const { SequenceNumber } = all.records[1].dynamodb
    assert.deepStrictEqual((await read(await iterator(ShardId, "AT_SEQUENCE_NUMBER", { SequenceNumber }))).ids, [
      "b",
      "c"
    ])
    assert.deepStrictEqual((await read(await iterator(ShardId, "AFTER_SEQUENCE_NUMBER", { SequenceNumber }))).ids, [
      "c"
    ])
    await put("d")
    const then = await read(all.next)
    assert.deepStrictEqual(then.ids, ["d"])
    assert.deepStrictEqual((await read(then.next)).ids, [])
    const actions = ["DescribeStream", "GetShardIterator", "GetRecords"].map((name) => `dynamodb:${name} ${STREAM}`)
    assert.deepStrictEqual([...new Set(asked.filter((one) => one.includes("/stream/")))], actions)
  })

  it("ends a shard after four hours, and goes on in its child", async () => {
    const { clock, put, shards, iterator, read } = await setup()
    const [first] = await shards()
    const at = await iterator(first.ShardId, "LATEST")
    await put("a")
    clock.advanceTo(clock.now() + 4 * HOUR)
    await put("b")
    const [parent, child] = await shards()
    assert.strictEqual(child.ParentShardId, first.ShardId)
    assert.isString(parent.SequenceNumberRange.EndingSequenceNumber)
    assert.isUndefined(child.SequenceNumberRange.EndingSequenceNumber)
    assert.strictEqual(await errorOf(read(at)), "ExpiredIteratorException")
    const last = await read(await iterator(parent.ShardId, "TRIM_HORIZON"))
    assert.deepStrictEqual([last.ids, last.next], [["a"], undefined])
    assert.deepStrictEqual((await read(await iterator(child.ShardId, "TRIM_HORIZON"))).ids, ["b"])
  })

  it("keeps records for a day, and refuses what it does not know", async () => {
    const { clock, put, stream, shards, iterator } = await setup()
    await put("a")
    const [{ ShardId }] = await shards()
    clock.advanceTo(clock.now() + 25 * HOUR)
    await put("b")
    assert.strictEqual(
      await errorOf(iterator(ShardId, "AT_SEQUENCE_NUMBER", { SequenceNumber: "1" })),
      "TrimmedDataAccessException"
    )
    assert.strictEqual(
      await errorOf(stream("DescribeStream", { StreamArn: `${STREAM}x` })),
      "ResourceNotFoundException"
    )
    assert.strictEqual(await errorOf(stream("GetRecords", { ShardIterator: "%" })), "ValidationException")
    assert.strictEqual(await errorOf(stream("ListStreams", {})), "Error")
  })
})
