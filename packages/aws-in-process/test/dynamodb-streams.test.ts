import { assert, describe, it } from "vitest"
import { makeDynamodb, type StreamRecord, type TableDefinition } from "../src/dynamodb/dynamodb.ts"
import { seededRandom } from "../src/random.ts"
import { arn, errorOf, makeTime, ROLE, START } from "./parts.ts"

const STREAM = arn("dynamodb", "table/rows/stream/1970-01-01T00:00:00.000")
const ROWS: TableDefinition = {
  name: "rows",
  arn: arn("dynamodb", "table/rows"),
  hashKey: { name: "id", type: "S" },
  rangeKey: { name: "row", type: "S" },
  ttlAttribute: "expiresAt",
  streamArn: STREAM
}

const setup = async (duplicate = 0) => {
  const time = makeTime()
  const { clock, activity } = time
  const chaos = duplicate === 0 ? {} : { chaos: { random: seededRandom("streams"), duplicate } }
  const dynamodb = makeDynamodb({ clock, activity, authorize: () => {}, ...chaos })
  await dynamodb.createTable(ROWS)
  const records: Array<StreamRecord> = []
  const end = dynamodb.onStream("rows", (record) => records.push(record))
  const call = (operation: string, input: object) => dynamodb.service(operation, { TableName: "rows", ...input }, ROLE)
  const statement = (Statement: string, ...texts: ReadonlyArray<string>) =>
    dynamodb.service(
      "BatchExecuteStatement",
      { Statements: [{ Statement, Parameters: texts.map((S) => ({ S })) }] },
      ROLE
    )
  return { ...time, dynamodb, records, end, call, statement }
}

const key = (id: string) => ({ id: { S: id }, row: { S: "state" } })
const said = ({ eventName, dynamodb: { OldImage, NewImage } }: StreamRecord) => [
  eventName,
  OldImage?.value?.S,
  NewImage?.value?.S
]

describe("the stream of a table", () => {
  it("has a record of each write that changed its item, by whatever call, and of no other", async () => {
    const { records, call, statement, dynamodb } = await setup()
    const put = (value: string) => call("PutItem", { Item: { ...key("a"), value: { S: value } } })
    const update = (value: string) =>
      call("UpdateItem", {
        Key: key("a"),
        UpdateExpression: "SET #value = :value",
        ExpressionAttributeNames: { "#value": "value" },
        ExpressionAttributeValues: { ":value": { S: value } }
      })
    await put("1")
    await put("1")
    await update("2")
    await update("2")
    await statement(`UPDATE "rows" SET "value"=? WHERE "id"=? AND "row"=?`, "3", "a", "state")
    await statement(`UPDATE "rows" SET "value"=? WHERE "id"=? AND "row"=?`, "3", "a", "state")
    await call("PutItem", {
      Item: { ...key("a"), value: { S: "no" } },
      ConditionExpression: "attribute_not_exists(id)"
    }).catch(() => {})
    await call("DeleteItem", { Key: key("a") })
    await call("DeleteItem", { Key: key("a") })
    await statement(`INSERT INTO "rows" VALUE {'id': ?, 'row': ?, 'value': ?}`, "a", "state", "4")
    const again = { rows: [{ PutRequest: { Item: { ...key("a"), value: { S: "5" } } } }] }
    await dynamodb.service("BatchWriteItem", { RequestItems: again }, ROLE)
    assert.deepStrictEqual(records.map(said), [
      ["INSERT", undefined, "1"],
      ["MODIFY", "1", "2"],
      ["MODIFY", "2", "3"],
      ["REMOVE", "3", undefined],
      ["INSERT", undefined, "4"],
      ["MODIFY", "4", "5"]
    ])
  })

  it("takes items for equal whatever the order of their attributes and of the elements of a set, not of a list", async () => {
    const { records, call } = await setup()
    const put = (item: object) => call("PutItem", { Item: { ...key("a"), ...item } })
    await put({ m: { M: { x: { S: "1" }, y: { S: "2" } } }, s: { SS: ["a", "b"] }, l: { L: [{ S: "a" }, { S: "b" }] } })
    await put({ l: { L: [{ S: "a" }, { S: "b" }] }, s: { SS: ["b", "a"] }, m: { M: { y: { S: "2" }, x: { S: "1" } } } })
    assert.strictEqual(records.length, 1)
    await put({ l: { L: [{ S: "b" }, { S: "a" }] }, s: { SS: ["b", "a"] }, m: { M: { y: { S: "2" }, x: { S: "1" } } } })
    assert.strictEqual(records.length, 2)
  })

  it("has records of the shape that Lambda hands to a function", async () => {
    const { records, call, clock } = await setup()
    clock.advanceTo(START + 1_999)
    await call("PutItem", { Item: { ...key("a"), value: { B: "AQID" } } })
    const [{ eventID, dynamodb, ...record }] = records as [StreamRecord]
    const { SequenceNumber, ...change } = dynamodb
    assert.match(eventID, /^[0-9a-f]{32}$/)
    assert.match(SequenceNumber, /^\d{21,40}$/)
    assert.deepStrictEqual(record, {
      eventName: "INSERT",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "eu-west-1",
      eventSourceARN: STREAM
    })
    assert.deepStrictEqual(change, {
      ApproximateCreationDateTime: START / 1_000 + 1,
      Keys: key("a"),
      NewImage: { ...key("a"), value: { B: "AQID" } },
      SizeBytes: 11 + 11 + 8,
      StreamViewType: "NEW_AND_OLD_IMAGES"
    })
  })

  it("numbers the writes of an item in their order, also when they race", async () => {
    const { records, call } = await setup()
    const add = () =>
      call("UpdateItem", {
        Key: key("a"),
        UpdateExpression: "ADD n :one",
        ExpressionAttributeValues: { ":one": { N: "1" } }
      })
    await Promise.all(Array.from({ length: 20 }, add))
    assert.deepStrictEqual(
      records.map(({ dynamodb }) => dynamodb.NewImage?.n?.N),
      Array.from({ length: 20 }, (_, i) => String(i + 1))
    )
    const numbers = records.map(({ dynamodb }) => BigInt(dynamodb.SequenceNumber))
    assert.isTrue(numbers.every((number, i) => i === 0 || number > numbers[i - 1]!))
    assert.strictEqual(new Set(records.map(({ eventID }) => eventID)).size, 20)
  })

  it("says who removed what expired", async () => {
    const { records, call, pass } = await setup()
    await call("PutItem", { Item: { ...key("a"), expiresAt: { N: String(START / 1_000 + 60) } } })
    await call("PutItem", { Item: key("b") })
    await pass(2 * 3_600_000)
    await call("DeleteItem", { Key: key("b") })
    const byService = { type: "Service", principalId: "dynamodb.amazonaws.com" }
    assert.deepStrictEqual(
      records
        .filter(({ eventName }) => eventName === "REMOVE")
        .map(({ dynamodb, userIdentity }) => [dynamodb.Keys.id?.S, userIdentity]),
      [
        ["a", byService],
        ["b", undefined]
      ]
    )
  })

  it("gives every listener copies, until it ends", async () => {
    const { records, call, dynamodb, end } = await setup()
    dynamodb.onStream("rows", (record) => {
      delete (record.dynamodb as { NewImage?: unknown }).NewImage
    })
    await call("PutItem", { Item: { ...key("a"), value: { S: "1" } } })
    end()
    await call("PutItem", { Item: { ...key("a"), value: { S: "2" } } })
    const { Item } = await call("GetItem", { Key: key("a") })
    assert.deepStrictEqual(records.map(said), [["INSERT", undefined, "1"]])
    assert.strictEqual(Item.value.S, "2")
  })

  it("is shown by DescribeTable, and is absent where the table declares none", async () => {
    const { call, dynamodb } = await setup()
    const { Table } = await call("DescribeTable", {})
    assert.strictEqual(Table.LatestStreamArn, STREAM)
    assert.deepStrictEqual(Table.StreamSpecification, { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" })
    const { streamArn: _, ...silent } = ROWS
    await dynamodb.createTable({ ...silent, name: "silent" })
    const described = await dynamodb.service("DescribeTable", { TableName: "silent" }, ROLE)
    assert.notProperty(described.Table, "LatestStreamArn")
    assert.throws(
      () => dynamodb.onStream("silent", () => {}),
      "table silent has no stream: give its definition a streamArn"
    )
    assert.strictEqual(
      await errorOf(Promise.resolve().then(() => dynamodb.onStream("other", () => {}))),
      "ResourceNotFoundException"
    )
  })

  it("comes again by the seed: the last records once more, in their order, as a batch that is tried again", async () => {
    const run = async () => {
      const { records, call } = await setup(0.3)
      for (let n = 1; n <= 100; n++) await call("PutItem", { Item: { ...key("a"), n: { N: String(n) } } })
      return records.map(({ dynamodb }) => Number(dynamodb.NewImage?.n?.N))
    }
    const seen = await run()
    assert.deepStrictEqual(await run(), seen)
    assert.isAbove(seen.length, 120)
    assert.strictEqual(new Set(seen).size, 100)
    // One by one forward, or back to something seen already.
    seen.forEach((n, i) => {
      if (i > 0) assert.isTrue(n === seen[i - 1]! + 1 || n <= Math.max(...seen.slice(0, i)), `${seen[i - 1]}, ${n}`)
    })
  })
})
