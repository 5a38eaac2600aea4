import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { batchGet, type Located } from "../../src/store/aws/batch-get.ts"
import { control } from "../../src/store/aws/control.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { executions } from "../../src/store/aws/executions.ts"
import { failedBatches } from "../../src/store/aws/failed-batches.ts"
import { readText, unlessGone } from "../../src/store/aws/object-text.ts"
import { parked } from "../../src/store/aws/parked.ts"
import { quarantine } from "../../src/store/aws/quarantine.ts"
import { headerSafe, S3 } from "../../src/store/aws/s3.ts"
import { execute } from "../../src/store/aws/statements.ts"
import { tableSizes } from "../../src/store/aws/table-sizes.ts"
import { watermark } from "../../src/store/aws/watermark.ts"
import { wholeSource, wholeSourceFromConfig } from "../../src/store/aws/whole-source.ts"
import { writeBatch } from "../../src/store/batch-document.ts"
import { Control } from "../../src/store/control.ts"
import { RetryStatistics } from "../../src/store/counters.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { EventSource } from "../../src/store/event-source.ts"
import { Executions } from "../../src/store/executions.ts"
import { FailedBatches, parseFailedKey } from "../../src/store/failed-batches.ts"
import { Parked } from "../../src/store/parked.ts"
import { Quarantine } from "../../src/store/quarantine.ts"
import { TableSizes } from "../../src/store/table-sizes.ts"
import { WatermarkStore } from "../../src/store/watermark.ts"
import { type Answer, answering, asking, bodyOf } from "./answering.ts"
import { ARRIVAL } from "./events.ts"

const once = Effect.provideService(Deadline, 0)

/** Counts what stores have to put up with. */
const counting = () => {
  const counts: Record<string, number> = {}
  const add = (name: string, by: number) => {
    counts[name] = (counts[name] ?? 0) + by
  }
  return { counts, provide: Effect.provideService(RetryStatistics, { add } as never) }
}

/** Work on a client of the tables. */
const onTable = <A, E>(
  answers: Parameters<typeof answering>[0],
  work: (client: DynamoDb["Service"]) => Effect.Effect<A, E>
) => {
  const { asked, on } = answering(answers)
  const none = Layer.effect(DynamoDb, DynamoDb)
  return Effect.map(on(none)(DynamoDb.use(work)), (value) => ({ asked, value }))
}

describe("statements on a table", () => {
  const statement = (n: number) => ({ Statement: `s-${n}` })
  const all = (count: number) => Array.from({ length: count }, (_, n) => statement(n))
  const sizes = (asked: ReadonlyArray<readonly [string, object]>) =>
    asked.map(([, input]) => (input as { Statements: ReadonlyArray<unknown> }).Statements.length)
  const reasons = (results: ReadonlyArray<{ readonly fault?: { readonly reason: string } | undefined }>) =>
    results.map(({ fault }) => fault?.reason)

  it.effect("are executed 25 a call", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* onTable(
        () => ({ Responses: Array(25).fill({}) }),
        (of) => execute(of, all(51))
      )
      assert.deepStrictEqual(sizes(asked), [25, 25, 1])
      assert.isTrue(value.every(({ fault, unsure }) => fault === undefined && !unsure))
    })
  )

  it.effect("end with the fault that DynamoDB names, or with one of ours where it names none", () =>
    Effect.gen(function* () {
      const Responses = [{ Error: { Code: "DuplicateItem" } }, { Error: {} }]
      const { value } = yield* once(onTable([{ Responses }], (of) => execute(of, all(3))))
      assert.deepStrictEqual(reasons(value), ["DuplicateItem", "Unknown", "InternalServerError"])
      assert.deepStrictEqual(
        value.map(({ unsure }) => unsure),
        [false, false, true]
      )
      assert.deepStrictEqual(reasons((yield* once(onTable([{}], (of) => execute(of, all(1))))).value), [
        "InternalServerError"
      ])
    })
  )

  it.effect("are halved until the one to blame for the refusal of a call stands alone", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* onTable(
        (_, { Statements }) =>
          JSON.stringify(Statements).includes("s-3")
            ? "ValidationException"
            : { Responses: (Statements as []).map(() => ({})) },
        (of) => execute(of, all(5))
      )
      assert.deepStrictEqual(reasons(value), [undefined, undefined, undefined, "ValidationException", undefined])
      assert.deepStrictEqual(sizes(asked), [5, 3, 2, 1, 1])
    })
  )

  it.live("are executed again while they may be, and count what was throttled", () =>
    Effect.gen(function* () {
      const { counts, provide } = counting()
      const Responses = [{}, { Error: { Code: "ThrottlingError" } }, { Error: { Code: "InternalServerError" } }]
      const { asked, value } = yield* provide(
        onTable([{ Responses }, { Responses: [{}, {}] }], (of) => execute(of, all(3)))
      )
      assert.deepStrictEqual(
        [sizes(asked), reasons(value)],
        [
          [3, 2],
          [undefined, undefined, undefined]
        ]
      )
      assert.deepStrictEqual(counts, { throttles: 1, retries: 2 })
      assert.deepStrictEqual(
        value.map(({ unsure }) => unsure),
        [false, false, true]
      )
    })
  )
})

describe("items that are read by their keys", () => {
  const keys = (count: number): ReadonlyArray<Located> =>
    Array.from({ length: count }, (_, n) => ({ table: "t", item: { id: { S: `k-${n}` } } }))
  const sizes = (asked: ReadonlyArray<readonly [string, object]>) =>
    asked.map(
      ([, input]) => (input as { RequestItems: { t: { Keys: ReadonlyArray<unknown> } } }).RequestItems.t.Keys.length
    )

  it.effect("are read 100 a call", () =>
    Effect.gen(function* () {
      const { asked } = yield* onTable(
        () => ({}),
        (of) => batchGet(of, keys(201))
      )
      assert.deepStrictEqual(sizes(asked), [100, 100, 1])
    })
  )

  it.live("are asked for again where DynamoDB had no room for them, which counts as throttled", () =>
    Effect.gen(function* () {
      const { counts, provide } = counting()
      const Keys = [{ id: { S: "k-1" } }, { id: { S: "k-2" } }]
      const { asked, value } = yield* provide(
        onTable(
          [
            { Responses: { t: [{ id: { S: "k-0" } }] }, UnprocessedKeys: { t: { Keys } } },
            { UnprocessedKeys: { t: {} } }
          ],
          (of) => batchGet(of, keys(3))
        )
      )
      assert.deepStrictEqual([value, sizes(asked)], [[{ table: "t", item: { id: { S: "k-0" } } }], [3, 2]])
      assert.deepStrictEqual(counts, { throttles: 2, retries: 2 })
      const UnprocessedKeys = { t: { Keys } }
      const late = yield* Effect.flip(once(onTable([{ UnprocessedKeys }], (of) => batchGet(of, keys(3)))))
      assert.deepInclude(late, { reason: "ProvisionedThroughputExceeded", retryable: true })
      const one = { t: { Keys: Keys.slice(1) } }
      const last = yield* Effect.flip(once(onTable([{ UnprocessedKeys: one }], (of) => batchGet(of, keys(3)))))
      assert.deepStrictEqual(last, late)
    })
  )

  it.effect("are told apart from those whose keys are refused, unless all of several are", () =>
    Effect.gen(function* () {
      const ask = Effect.fnUntraced(function* (count: number, isRefused: (text: string) => boolean) {
        const refused: Array<string> = []
        const { asked, value } = yield* onTable(
          (_, input) => (isRefused(JSON.stringify(input)) ? "ValidationException" : {}),
          (of) =>
            Effect.result(
              batchGet(of, keys(count), true, ({ item }, { reason }) => refused.push(`${item.id?.S} ${reason}`))
            )
        )
        return { sizes: sizes(asked), refused, ok: "success" in value }
      })
      const some = (text: string) => text.includes("k-3")
      assert.deepStrictEqual(yield* ask(5, some), {
        sizes: [5, 3, 2, 1, 1],
        refused: ["k-3 ValidationException"],
        ok: true
      })
      assert.deepStrictEqual(yield* ask(1, () => true), { sizes: [1], refused: ["k-0 ValidationException"], ok: true })
      assert.deepStrictEqual(yield* ask(2, () => true), { sizes: [2, 1, 1], refused: [], ok: false })
      const { value } = yield* onTable(["ValidationException"], (of) => Effect.result(batchGet(of, keys(2))))
      assert.isTrue("failure" in value)
    })
  )
})

describe("executions on Step Functions", () => {
  const machine = asking(executions("arn:aws:states:eu-west-1:444455556666:stateMachine:replay"))
  const status = (answer: Answer) =>
    Effect.map(
      machine(
        [answer],
        Executions.use((of) => of.status("n"))
      ),
      ({ value }) => value
    )

  it.effect.each([
    ["RUNNING", "running"],
    ["SUCCEEDED", "succeeded"],
    ["FAILED", "failed"],
    ["TIMED_OUT", "timedOut"],
    ["ABORTED", "aborted"]
  ] as const)("are %s", ([said, known]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* status({ status: said, startDate: new Date(5) }), { status: known, startedAt: 5 })
    })
  )

  it.effect("are asked for by their ARN, and are unknown where the name was never used", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* machine(
        ["ExecutionDoesNotExist"],
        Executions.use((of) => of.status("n"))
      )
      assert.isUndefined(value)
      const executionArn = "arn:aws:states:eu-west-1:444455556666:execution:replay:n"
      assert.deepStrictEqual(asked, [["DescribeExecution", { executionArn }]])
      for (const [answer, reason] of [
        [{ status: "PENDING", startDate: new Date(5) }, "unknown status PENDING"],
        [{ startDate: new Date(5) }, "unknown status "],
        [{ status: "RUNNING" }, "unknown status RUNNING"]
      ] as const)
        assert.strictEqual((yield* Effect.flip(status(answer))).message, `executions: status: ${reason}`)
    })
  )
})

describe("batches that were given up", () => {
  const batches = asking(failedBatches("bucket"))
  const keyOf = (time: string, shard = "s") => `aws/lambda/m/${shard}/2026/05/06/2026-05-06T${time}-uuid`
  const at = (time: string) => Date.parse(`2026-05-06T${time.replaceAll(".", ":")}Z`)
  const page = (...Contents: ReadonlyArray<object>) => ({ Contents })
  const list = (answers: ReadonlyArray<Answer>, selection: object = {}) =>
    batches(
      answers,
      FailedBatches.use((of) => of.list({ limit: 10, ...selection }))
    )

  it.effect("are listed from all pages, the oldest first, and of one second in the order of their keys", () =>
    Effect.gen(function* () {
      const Key = keyOf("10.00.01", "z")
      const { asked, value } = yield* list([
        { ...page({ Key, Size: 3 }), IsTruncated: true },
        page(
          {},
          { Key: keyOf("10.00.00") },
          { Key: keyOf("10.00.01", "c") },
          { Key: keyOf("10.00.01", "d") },
          { Key: "x" }
        )
      ])
      assert.deepStrictEqual(value, {
        batches: [
          { key: keyOf("10.00.00"), shard: "s", at: at("10.00.00"), size: 0 },
          { key: keyOf("10.00.01", "c"), shard: "c", at: at("10.00.01"), size: 0 },
          { key: keyOf("10.00.01", "d"), shard: "d", at: at("10.00.01"), size: 0 },
          { key: Key, shard: "z", at: at("10.00.01"), size: 3 }
        ],
        more: false
      })
      const request = { Bucket: "bucket", Prefix: "aws/lambda/" }
      assert.deepStrictEqual(asked, [
        ["ListObjectsV2", request],
        ["ListObjectsV2", { ...request, StartAfter: Key }]
      ])
      assert.lengthOf((yield* list([{ IsTruncated: true }])).asked, 1)
    })
  )

  it.effect("are those of a span, as many as asked for", () =>
    Effect.gen(function* () {
      const all = page(...["10.00.00", "10.00.01", "10.00.02"].map((time) => ({ Key: keyOf(time) })))
      const span = { since: at("10.00.01"), until: at("10.00.02") }
      assert.deepStrictEqual(
        (yield* list([all], span)).value.batches.map((batch) => batch.at),
        [at("10.00.01")]
      )
      for (const [limit, count, more] of [
        [2, 2, true],
        [3, 3, false]
      ] as const) {
        const { value } = yield* list([all], { limit })
        assert.deepStrictEqual([value.batches.length, value.more], [count, more])
      }
    })
  )

  it.effect("are opened, also where nothing is in them, and are gone once they are retired", () =>
    Effect.gen(function* () {
      const open = (answer: Answer) =>
        Effect.map(
          batches(
            [answer],
            FailedBatches.use((of) => of.open("k"))
          ),
          ({ value }) => value
        )
      const none = { condition: "", attempts: 0, records: undefined }
      assert.deepStrictEqual(yield* open({}), { ...none, raw: new Uint8Array() })
      assert.deepStrictEqual(yield* open({ Body: bodyOf("x") }), { ...none, raw: new Uint8Array([120]) })
      for (const gone of ["NoSuchKey", "NotFound"]) assert.isUndefined(yield* open(gone))
      const raw = new Uint8Array([1])
      const { asked } = yield* batches(
        [{}, {}],
        FailedBatches.use((of) => of.retire("k", { ...none, raw }, 0))
      )
      const Metadata = { redriven: "1970-01-01T00:00:00.000Z" }
      assert.deepStrictEqual(asked, [
        ["PutObject", { Bucket: "bucket", Key: "redriven/k", Body: raw, ContentType: "application/json", Metadata }],
        ["DeleteObject", { Bucket: "bucket", Key: "k" }]
      ])
    })
  )

  it("are written again with other bytes of the records that are kept, and all else as it was", () => {
    const record = (data: string) => ({ kinesis: { data: Buffer.from(data).toString("base64"), partitionKey: "p" } })
    const document = (...records: ReadonlyArray<string>) =>
      Buffer.from(JSON.stringify({ a: 1, payload: JSON.stringify({ b: 2, Records: records.map(record) }) }))
    const kept = new Map([
      [2, Buffer.from("z")],
      [0, Buffer.from("x")]
    ])
    assert.deepStrictEqual(Buffer.from(writeBatch(document("a", "b", "c"), kept)), document("z", "x"))
  })

  it("have keys that say when, and are no others'", () => {
    assert.deepStrictEqual(parseFailedKey(keyOf("10.20.30")), { shard: "s", at: at("10.20.30") })
    for (const key of ["", "aws/lambda/m/s/x", `x${keyOf("10.20.30")}`]) assert.isUndefined(parseFailedKey(key))
  })
})

describe("small stores", () => {
  it.effect("say what an item or an answer leaves out as nothing", () =>
    Effect.gen(function* () {
      const read = asking(control("table"))(
        [{ Item: {} }],
        Control.use((of) => of.read("k"))
      )
      assert.deepStrictEqual((yield* read).value, { value: null, version: Number.NaN })
      const mark = asking(watermark("table"))(
        [{ Item: {} }],
        WatermarkStore.use((of) => of.read)
      )
      assert.deepStrictEqual((yield* mark).value, { through: Number.NaN, windowMs: Number.NaN })
      const sizeOf = (...answers: ReadonlyArray<Answer>) =>
        Effect.map(
          asking(tableSizes)(
            [{}, ...answers],
            TableSizes.use((of) => of.of("t"))
          ),
          ({ value }) => value
        )
      assert.deepStrictEqual(yield* sizeOf({}), { items: 0, bytes: 0, counted: true })
      assert.deepStrictEqual(yield* sizeOf({ Count: 2 }), { items: 2, bytes: 0, counted: true })
      assert.deepStrictEqual(yield* sizeOf({ ConsumedCapacity: { CapacityUnits: 5 } }), {
        items: 0,
        bytes: 0,
        counted: true
      })
      const described = { Table: { ItemCount: 1, TableSizeBytes: 9 } }
      const known = yield* asking(tableSizes)(
        [described],
        TableSizes.use((of) => of.of("t"))
      )
      assert.deepStrictEqual(known.value, { items: 1, bytes: 9, counted: false })
    })
  )

  it.effect("put bytes with what is noted beside them", () =>
    Effect.gen(function* () {
      const entry = { reason: "R\u00e9", detail: "D", received: ARRIVAL }
      const Metadata = { reason: "R?", received: String(ARRIVAL), detail: "D" }
      const raw = new Uint8Array([1])
      const held = yield* asking(quarantine("bucket"))(
        [{}],
        Quarantine.use((of) => of.put([{ ...entry, raw }]))
      )
      const ContentType = "application/octet-stream"
      assert.deepInclude(held.asked[0]?.[1], { Bucket: "bucket", Body: raw, ContentType, Metadata })
      const letter = { ...entry, from: "rule", body: "b", attempts: 2 } as const
      const put = yield* asking(parked("bucket"))(
        [{}],
        Parked.use((of) => of.put(letter))
      )
      const noted = { ...Metadata, attempts: "2" }
      assert.deepInclude(put.asked[0]?.[1], { Bucket: "bucket", Body: Buffer.from("b"), ContentType, Metadata: noted })
      assert.strictEqual(headerSafe("x".repeat(2_000)).length, 1_024)
      assert.strictEqual(headerSafe(" ~\n"), " ~?")
    })
  )

  it.effect("read an object as text, and one that is gone as null", () =>
    Effect.gen(function* () {
      const { on } = answering([{ Body: bodyOf("x") }, {}, "NoSuchKey", "AccessDenied"])
      const texts = yield* on(Layer.effect(S3, S3))(
        S3.use((s3) => {
          const read = readText(s3, "bucket")
          return Effect.all([read("k"), read("k"), unlessGone(read)("k"), Effect.flip(unlessGone(read)("k"))])
        })
      )
      assert.deepStrictEqual(texts.slice(0, 3), ["x", "", null])
      assert.deepInclude(texts[3], { reason: "AccessDenied" })
    })
  )
})

describe("all stored events", () => {
  const table = { table: "events", overflowBucket: "bodies" }
  const page = EventSource.use((of) => of.page({ segment: 0, segments: 1 }))
  const calls = (asked: ReadonlyArray<readonly [string, object]>) => asked.map(([call]) => call)
  const env = { EVENT_TABLE: "events", OVERFLOW_BUCKET: "bodies" }
  const configured = (more: Readonly<Record<string, string>>) =>
    Layer.provide(wholeSourceFromConfig, ConfigProvider.layer(ConfigProvider.fromEnvRecord({ ...env, ...more })))

  it.effect("are those of the table, and of the archive where a stack has one", () =>
    Effect.gen(function* () {
      for (const none of [undefined, ""])
        assert.deepStrictEqual(calls((yield* asking(wholeSource(table, none))([{}], page)).asked), ["Scan"])
      const both = yield* asking(wholeSource(table, "archive"))([{}, {}], page)
      assert.deepStrictEqual(calls(both.asked), ["ListObjectsV2", "Scan"])
      assert.deepInclude(both.asked[0]?.[1], { Bucket: "archive" })
      assert.deepStrictEqual(calls((yield* asking(configured({}))([{}], page)).asked), ["Scan"])
      const set = yield* asking(configured({ ARCHIVE_BUCKET: "archive" }))([{}, {}], page)
      assert.deepInclude(set.asked[0]?.[1], { Bucket: "archive" })
    })
  )
})
