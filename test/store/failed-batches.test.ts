import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { failedBatches } from "../../src/store/aws/failed-batches.ts"
import { readBatch } from "../../src/store/batch-document.ts"
import { FailedBatches, parseFailedKey } from "../../src/store/failed-batches.ts"
import { BUCKET, makeEngine } from "./engine.ts"

const DAY = "2026-05-06"
const AT = Date.parse(`${DAY}T07:58:31Z`)
const keyOf = (shard: string, time: string, n = "1") =>
  `aws/lambda/mapping/shardId-${shard}/2026/05/06/${DAY}T${time}-uuid-${n}`

const record = (partitionKey: string, data: string, approximateArrivalTimestamp: number) => ({
  kinesis: { partitionKey, data: Buffer.from(data).toString("base64"), approximateArrivalTimestamp }
})

const documentOf = (Records: ReadonlyArray<object>) =>
  JSON.stringify({
    requestContext: { requestId: "1", condition: "RetryAttemptsExhausted", approximateInvokeCount: 4 },
    payload: JSON.stringify({ Records })
  })

const setUp = async () => {
  const { connect, s3, actions } = await makeEngine()
  const admin = { roleArn: "arn:aws:iam::444455556666:role/admin", label: "admin" }
  const put = (Key: string, text = "{}") =>
    s3.service("PutObject", { Bucket: BUCKET, Key, Body: Buffer.from(text), Metadata: {} }, admin)
  const run = <A, E>(effect: Effect.Effect<A, E, FailedBatches>) =>
    Effect.runPromise(effect.pipe(Effect.provide(failedBatches(BUCKET).pipe(Layer.provide(connect()), Layer.fresh))))
  const list = (selection: object) => run(FailedBatches.use((batches) => batches.list({ limit: 5_000, ...selection })))
  return { s3, put, run, list, actions, keys: () => s3.listAll(BUCKET).map(({ key }) => key) }
}

describe("batches that the stream has given up", () => {
  it("are told by keys of Lambda's form alone", () => {
    const key = keyOf("000000000001", "07.58.31")
    assert.deepStrictEqual(parseFailedKey(key), { shard: "shardId-000000000001", at: AT })
    for (const other of [
      "",
      `x${key}`,
      key.replace("mapping/", ""),
      key.replace("T07.58.31", "T07:58:31"),
      `${key}/more`,
      `redriven/${key}`
    ])
      assert.isUndefined(parseFailedKey(other), other)
  })

  it("are listed by when that was, whatever their shard, and those of one moment by their keys", async () => {
    const { put, list } = await setUp()
    const [late, early, first, second] = [
      keyOf("000000000000", "07.58.32"),
      keyOf("000000000001", "07.58.30"),
      keyOf("000000000000", "07.58.31"),
      keyOf("000000000001", "07.58.31")
    ] as const
    for (const key of [late, early, second, first]) await put(key, "12345")
    await put("aws/lambda/mapping/no-batch")
    await put("audit/2026-05-06/x.json")
    const keys = async (selection: object) => {
      const { batches, more } = await list(selection)
      return [...batches.map(({ key }) => key), more]
    }
    assert.deepStrictEqual(await keys({}), [early, first, second, late, false])
    assert.deepStrictEqual(await keys({ limit: 4 }), [early, first, second, late, false])
    assert.deepStrictEqual(await keys({ limit: 3 }), [early, first, second, true])
    assert.deepStrictEqual(await keys({ since: AT, until: AT + 1_000 }), [first, second, false])
    assert.deepStrictEqual(await keys({ since: AT + 1 }), [late, false])
    const [batch] = (await list({ limit: 1 })).batches
    assert.deepStrictEqual(batch, { key: early, shard: "shardId-000000000001", at: AT - 1_000, size: 5 })
  })

  it("are listed over pages", async () => {
    const { put, list } = await setUp()
    for (let n = 0; n < 1_050; n++) await put(keyOf("000000000000", "07.58.31", String(n).padStart(4, "0")))
    const { batches } = await list({})
    assert.strictEqual(batches.length, 1_050)
    assert.strictEqual(new Set(batches.map(({ key }) => key)).size, 1_050)
  })

  it("are opened as Lambda wrote them, with the arrival of each record", async () => {
    const { put, run } = await setUp()
    const key = keyOf("000000000000", "07.58.31")
    const text = documentOf([record("a", "one", 1_778_061_600.25), record("b", "two", 1_778_061_601)])
    await put(key, text)
    const [batch, gone] = await run(
      FailedBatches.use(({ open }) => Effect.all([open(key), open(keyOf("000000000009", "07.58.31"))]))
    )
    assert.isUndefined(gone)
    const { raw, records, ...about } = batch ?? assert.fail()
    assert.strictEqual(Buffer.from(raw).toString(), text)
    assert.deepStrictEqual(about, { condition: "RetryAttemptsExhausted", attempts: 4 })
    assert.deepStrictEqual(
      records?.map(({ data, ...one }) => ({ ...one, data: Buffer.from(data).toString() })),
      [
        { partitionKey: "a", data: "one", arrival: 1_778_061_600_250 },
        { partitionKey: "b", data: "two", arrival: 1_778_061_601_000 }
      ]
    )
  })

  it("are kept whole where they are no document of Lambda", () => {
    const whole = { ...record("a", "one", 1) }
    for (const text of [
      "",
      "no document",
      "{}",
      JSON.stringify({ payload: "{}" }),
      documentOf([{ kinesis: { ...whole.kinesis, partitionKey: "" } }]),
      documentOf([{ kinesis: { ...whole.kinesis, data: "%" } }]),
      documentOf([{ kinesis: { ...whole.kinesis, approximateArrivalTimestamp: "soon" } }])
    ]) {
      const raw = Buffer.from(text)
      assert.deepStrictEqual(readBatch(raw), { raw, condition: "", attempts: 0, records: undefined }, text)
    }
  })

  it("[P2] are in their new place before they leave the old one", async () => {
    const { put, run, keys, actions, s3 } = await setUp()
    const key = keyOf("000000000000", "07.58.31")
    await put(key, "body")
    actions.clear()
    const batch = readBatch(Buffer.from("body"))
    await run(FailedBatches.use(({ retire }) => retire(key, batch, AT)))
    assert.deepStrictEqual([...actions], ["s3:PutObject", "s3:DeleteObject"])
    assert.deepStrictEqual(keys(), [`redriven/${key}`])
    const [kept] = s3.listAll(BUCKET)
    assert.deepStrictEqual(kept?.metadata, { redriven: new Date(AT).toISOString() })
    assert.strictEqual(kept?.contentType, "application/json")
  })
})
