import { createHash } from "node:crypto"
import { assert, describe, it } from "vitest"
import { makeKinesis, makeStream, type StreamSettings } from "../src/kinesis/kinesis.ts"
import { arn, errorOf, guard, makeTime, ROLE, START } from "./parts.ts"

const settings: StreamSettings = { name: "events", arn: arn("kinesis", "stream/events"), shardCount: 3 }
const data = (text: string) => Buffer.from(text)

const setUp = (more: Partial<StreamSettings> = {}, limited = true) => {
  const time = makeTime()
  const stream = makeStream({ ...settings, ...more }, time.clock, limited)
  const access = guard()
  return { ...time, stream, access, kinesis: makeKinesis([stream], access.authorize) }
}

describe("stream", () => {
  it("routes by the MD5 of the key over the hash range, or by an explicit hash", () => {
    const { stream } = setUp()
    const range = 1n << 128n
    for (const key of ["a", "b", "c", "v2.users.1.activity", "ü"]) {
      const hash = BigInt(`0x${createHash("md5").update(key).digest("hex")}`)
      const expected = `shardId-00000000000${(hash * 3n) / range}`
      assert.deepInclude(stream.put({ partitionKey: key, data: data("x") }), { shardId: expected })
    }
    const explicit = [0n, range / 3n, range / 3n + 1n, range - 1n].map(
      (hash) => stream.put({ partitionKey: "a", data: data("x"), explicitHashKey: String(hash) }) as { shardId: string }
    )
    assert.deepStrictEqual(
      explicit.map(({ shardId }) => shardId.at(-1)),
      ["0", "0", "1", "2"]
    )
  })

  it("numbers the records of a shard in growing order and stamps their arrival", () => {
    const { stream, clock } = setUp({ shardCount: 1 })
    for (let i = 0; i < 20; i++) stream.put({ partitionKey: "k", data: data(String(i)) })
    clock.advanceTo(START + 5_000)
    stream.put({ partitionKey: "k", data: data("late") })
    const { records } = stream.shards[0]!.read(0, 100)
    const numbers = records.map(({ sequenceNumber }) => sequenceNumber)
    assert.deepStrictEqual([...numbers].sort(), numbers)
    assert.strictEqual(new Set(numbers).size, 21)
    assert.strictEqual(records[0]!.arrival, START)
    assert.strictEqual(records[20]!.arrival, START + 5_000)
  })

  it("refuses a shard's 1,001st record and 1 MiB of a second, and recovers", () => {
    const small = setUp({ shardCount: 1 })
    const put = () => small.stream.put({ partitionKey: "k", data: data("x") })
    for (let i = 0; i < 1_000; i++) assert.property(put(), "sequenceNumber")
    assert.deepInclude(put(), { errorCode: "ProvisionedThroughputExceededException" })
    small.clock.advanceTo(START + 1_000)
    for (let i = 0; i < 1_000; i++) assert.property(put(), "sequenceNumber")

    const large = setUp({ shardCount: 1 })
    const half = { partitionKey: "k", data: Buffer.alloc(512 * 1024 - 1) }
    assert.property(large.stream.put(half), "sequenceNumber")
    assert.property(large.stream.put(half), "sequenceNumber")
    assert.property(large.stream.put(half), "errorCode")

    const bulk = setUp({ shardCount: 1 }, false)
    for (let i = 0; i < 5_000; i++)
      assert.property(bulk.stream.put({ partitionKey: "k", data: data("x") }), "sequenceNumber")
  })

  it("limits the size of a record, by setting up to 10 MiB", () => {
    const record = { partitionKey: "k", data: Buffer.alloc(2 * 1024 * 1024) }
    assert.throws(() => setUp().stream.put(record), /exceeds/)
    const { stream, clock } = setUp({ shardCount: 1, maxRecordSizeInKib: 10_240 })
    assert.property(stream.put(record), "sequenceNumber")
    assert.property(stream.put(record), "errorCode")
    clock.advanceTo(START + 3_000)
    assert.property(stream.put(record), "sequenceNumber")
  })

  it("forgets after the retention", () => {
    const { stream, clock } = setUp({ shardCount: 1 })
    stream.put({ partitionKey: "k", data: data("old") })
    clock.advanceTo(START + 24 * 3_600_000 + 1)
    stream.put({ partitionKey: "k", data: data("new") })
    const { records, next } = stream.shards[0]!.read(0, 10)
    assert.deepStrictEqual(
      records.map((record) => Buffer.from(record.data).toString()),
      ["new"]
    )
    assert.strictEqual(next, 2)
  })

  it("keeps memory flat while its readers pass, and refuses what could tell", () => {
    const { stream } = setUp({ shardCount: 1 }, false)
    const shard = stream.shards[0]!
    const reader = shard.reader("TRIM_HORIZON")
    let most = 0
    for (let i = 0; i < 50_000; i++) {
      stream.put({ partitionKey: "k", data: data("x") })
      if (i % 500 === 0) reader.passed(shard.end())
      most = Math.max(most, shard.held())
    }
    assert.isBelow(most, 3_000)
    assert.throws(() => shard.reader("TRIM_HORIZON"), /not implemented/)
    assert.strictEqual(shard.reader("LATEST").from, shard.end())
  })

  it.each([
    ["an unknown setting", { surprise: 1 }],
    ["another mode", { streamModeDetails: { streamMode: "MAGIC" } }]
  ])("throws on %s", (_name, more) => {
    assert.throws(() => setUp(more as Partial<StreamSettings>), /not implemented by aws-in-process/)
  })

  it("starts on demand with four shards", () => {
    const { shardCount: _, ...rest } = settings
    const stream = makeStream({ ...rest, streamModeDetails: { streamMode: "ON_DEMAND" } }, makeTime().clock)
    assert.strictEqual(stream.shards.length, 4)
  })
})

describe("kinesis service", () => {
  it("puts records, each with an answer of its own", async () => {
    const { kinesis, stream, access } = setUp({ shardCount: 1 })
    for (let i = 0; i < 999; i++) stream.put({ partitionKey: "k", data: data("x") })
    const Records = ["a", "b"].map((key) => ({ PartitionKey: key, Data: data(key).toString("base64") }))
    const answer = await kinesis.service("PutRecords", { StreamName: "events", Records }, ROLE)
    assert.strictEqual(answer.FailedRecordCount, 1)
    assert.deepInclude(answer.Records[0], { ShardId: "shardId-000000000000" })
    assert.deepInclude(answer.Records[1], { ErrorCode: "ProvisionedThroughputExceededException" })
    assert.strictEqual(Buffer.from(stream.shards[0]!.read(999, 1).records[0]!.data).toString(), "a")
    const one = kinesis.service("PutRecord", { StreamARN: settings.arn, PartitionKey: "k", Data: "eA==" }, ROLE)
    assert.strictEqual(await errorOf(one), "ProvisionedThroughputExceededException")
    assert.deepStrictEqual(access.used, [`kinesis:PutRecords ${settings.arn}`, `kinesis:PutRecord ${settings.arn}`])
  })

  it("refuses a whole call without storing any of it", async () => {
    const { kinesis, stream } = setUp({ shardCount: 1 })
    const good = { PartitionKey: "k", Data: "eA==" }
    const put = (Records: unknown) => errorOf(kinesis.service("PutRecords", { StreamName: "events", Records }, ROLE))
    assert.strictEqual(await put([good, { ...good, PartitionKey: "k".repeat(257) }]), "InvalidArgumentException")
    assert.strictEqual(await put(Array(501).fill(good)), "InvalidArgumentException")
    assert.strictEqual(await put([]), "InvalidArgumentException")
    const large = { PartitionKey: "k", Data: Buffer.alloc(1_000_000).toString("base64") }
    assert.strictEqual(await put(Array(11).fill(large)), "InvalidArgumentException")
    assert.strictEqual(stream.shards[0]!.end(), 0)
  })

  it("asks for the right, the stream and an operation that it knows", async () => {
    const { stream, kinesis } = setUp()
    const barred = makeKinesis([stream], guard("kinesis:PutRecord").authorize)
    const input = { StreamName: "events", PartitionKey: "k", Data: "eA==" }
    assert.strictEqual(await errorOf(barred.service("PutRecord", input, ROLE)), "AccessDeniedException")
    const elsewhere = kinesis.service("PutRecord", { ...input, StreamName: "other" }, ROLE)
    assert.strictEqual(await errorOf(elsewhere), "ResourceNotFoundException")
    assert.strictEqual(await errorOf(kinesis.service("SplitShard", {}, ROLE)), "Error")
    const odd = kinesis.service("PutRecord", { ...input, SequenceNumberForOrdering: "1" }, ROLE)
    assert.strictEqual(await errorOf(odd), "Error")
  })
})
