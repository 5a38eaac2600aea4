import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { virtualClock } from "../src/clock.ts"
import { makeActivity } from "../src/core/activity.ts"
import { makeDynamodb, type TableDefinition } from "../src/dynamodb/dynamodb.ts"

const ROWS: TableDefinition = {
  name: "rows",
  arn: "arn:aws:dynamodb:eu-west-1:000000000000:table/rows",
  hashKey: { name: "queueId", type: "S" },
  rangeKey: { name: "row", type: "S" },
  indexes: [{ name: "by-day", hashKey: { name: "day", type: "S" }, projection: "KEYS_ONLY" }],
  localIndexes: [{ name: "open", rangeKey: { name: "openRow", type: "S" }, projection: ["waiting"] }]
}

const setup = async (path?: string) => {
  const asked: Array<string> = []
  const dynamodb = makeDynamodb({
    clock: virtualClock(0),
    activity: makeActivity(),
    authorize: (_, action, resource) => asked.push(`${action} ${resource.split(":").at(-1)}`),
    ...(path === undefined ? {} : { path })
  })
  await dynamodb.createTable(ROWS)
  const call = (operation: string, input: object) =>
    dynamodb.service(operation, { TableName: "rows", ...input }, { roleArn: "r", label: "l" })
  const put = async (row: string, more: Readonly<Record<string, string>> = {}) => {
    const attributes = Object.entries(more).map(([name, text]) => [name, { S: text }])
    const { ConsumedCapacity } = await call("PutItem", {
      Item: { queueId: { S: "q" }, row: { S: row }, ...Object.fromEntries(attributes) },
      ReturnConsumedCapacity: "INDEXES"
    })
    return ConsumedCapacity
  }
  const query = (more: object = {}) =>
    call("Query", {
      IndexName: "open",
      KeyConditionExpression: "queueId = :q",
      ExpressionAttributeValues: { ":q": { S: "q" } },
      ConsistentRead: true,
      ...more
    })
  return { dynamodb, asked, call, put, query }
}

const failure = (work: Promise<unknown>): Promise<Error & { readonly code?: string }> =>
  work.then(
    () => assert.fail("it succeeded"),
    (error) => error
  )

const rowsOf = ({ Items }: { readonly Items?: ReadonlyArray<{ readonly row: { readonly S: string } }> }) =>
  Items?.map(({ row }) => row.S)

describe("a local index", () => {
  it("holds the items that have its key, with the attributes that it projects", async () => {
    const { put, query } = await setup()
    await put("1", { openRow: "1", waiting: "yes", registers: "not this" })
    await put("2", { waiting: "yes" })
    await put("3", { openRow: "3" })
    assert.deepStrictEqual((await query()).Items, [
      { queueId: { S: "q" }, row: { S: "1" }, openRow: { S: "1" }, waiting: { S: "yes" } },
      { queueId: { S: "q" }, row: { S: "3" }, openRow: { S: "3" } }
    ])
    await put("1", { waiting: "no" })
    await put("2", { openRow: "2" })
    assert.deepStrictEqual(rowsOf(await query()), ["2", "3"])
  })

  it("follows PartiQL and expressions as it follows puts", async () => {
    const { call, query } = await setup()
    const statement = (Statement: string, ...texts: ReadonlyArray<string>) =>
      call("ExecuteStatement", { TableName: undefined, Statement, Parameters: texts.map((S) => ({ S })) })
    const where = `WHERE "queueId"=? AND "row"=?`
    await statement(`INSERT INTO "rows" VALUE {'queueId': ?, 'row': ?, 'openRow': ?}`, "q", "1", "1")
    assert.deepStrictEqual(rowsOf(await query()), ["1"])
    await statement(`UPDATE "rows" SET "waiting"=? REMOVE "openRow" ${where}`, "no", "q", "1")
    assert.deepStrictEqual(rowsOf(await query()), [])
    await call("UpdateItem", {
      Key: { queueId: { S: "q" }, row: { S: "1" } },
      UpdateExpression: "SET openRow = :o",
      ExpressionAttributeValues: { ":o": { S: "1" } }
    })
    assert.deepStrictEqual((await query()).Items?.[0]?.waiting, { S: "no" })
    await call("DeleteItem", { Key: { queueId: { S: "q" }, row: { S: "1" } } })
    assert.deepStrictEqual(rowsOf(await query()), [])
  })

  it("goes on from page to page", async () => {
    const { put, query } = await setup()
    for (const row of ["1", "2", "3"]) await put(row, { openRow: row })
    const first = await query({ Limit: 2 })
    assert.deepStrictEqual(rowsOf(first), ["1", "2"])
    assert.deepStrictEqual(first.LastEvaluatedKey, { queueId: { S: "q" }, row: { S: "2" }, openRow: { S: "2" } })
    assert.deepStrictEqual(rowsOf(await query({ Limit: 2, ExclusiveStartKey: first.LastEvaluatedKey })), ["3"])
  })

  it("may be read consistently, which a global one may not", async () => {
    const { query } = await setup()
    await query({ ConsistentRead: true })
    const global = {
      IndexName: "by-day",
      KeyConditionExpression: "#d = :d",
      ExpressionAttributeNames: { "#d": "day" },
      ExpressionAttributeValues: { ":d": { S: "monday" } }
    }
    await query({ ...global, ConsistentRead: false })
    assert.strictEqual((await failure(query(global))).code, "ValidationException")
  })

  it("[P10] is a resource of its own", async () => {
    const { asked, query } = await setup()
    await query()
    assert.deepStrictEqual(asked, ["dynamodb:Query table/rows/index/open"])
  })

  it("[P9] bills an entry that comes, changes or goes, and no other write", async () => {
    const { dynamodb, put } = await setup()
    const own = { Table: { CapacityUnits: 1 } }
    const billed = (index: number) => ({
      TableName: "rows",
      CapacityUnits: 1 + index,
      ...own,
      ...(index === 0 ? {} : { LocalSecondaryIndexes: { open: { CapacityUnits: index } } })
    })
    assert.deepStrictEqual(await put("1"), billed(0))
    assert.deepStrictEqual(await put("1", { openRow: "1" }), billed(1))
    assert.deepStrictEqual(await put("1", { openRow: "1", registers: "elsewhere" }), billed(0))
    assert.deepStrictEqual(await put("1", { openRow: "1", waiting: "yes" }), billed(1))
    assert.deepStrictEqual(await put("1", { openRow: "2", waiting: "yes" }), billed(2))
    assert.deepStrictEqual(await put("1", { waiting: "yes" }), billed(1))
    assert.deepStrictEqual(dynamodb.usage(), { rows: { write: 11, read: 0 } })
  })

  it("[P9] bills reads by the entries, not by the items", async () => {
    const { dynamodb, put, query } = await setup()
    const big = "x".repeat(3_000)
    for (const row of ["1", "2", "3", "4"]) await put(row, { openRow: row, registers: big })
    const read = async (more: object = {}) => {
      const { ConsumedCapacity } = await query({ ReturnConsumedCapacity: "INDEXES", ...more })
      return [ConsumedCapacity.Table.CapacityUnits, ConsumedCapacity.LocalSecondaryIndexes.open.CapacityUnits]
    }
    assert.deepStrictEqual(await read(), [0, 1])
    assert.deepStrictEqual(await read({ ConsistentRead: false }), [0, 0.5])
    for (const row of ["1", "2", "3", "4"]) await put(row, { openRow: row, waiting: big })
    assert.deepStrictEqual(await read(), [0, 3])
    assert.strictEqual(dynamodb.usage().rows?.read, 4.5)
  })

  it.each([
    { Select: "ALL_ATTRIBUTES" },
    { ProjectionExpression: "registers" },
    { FilterExpression: "attribute_exists(registers)" }
  ])("throws where it would have to look into the table: %o", async (option) => {
    const { query } = await setup()
    assert.match((await failure(query(option))).message, /not implemented by aws-in-process/)
  })

  it("is part of what a stored table is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dynamodb-"))
    const first = await setup(folder)
    await first.put("1", { openRow: "1" })
    const { Table } = await first.call("DescribeTable", {})
    assert.deepStrictEqual(Table.LocalSecondaryIndexes, [
      {
        IndexName: "open",
        KeySchema: [
          { AttributeName: "queueId", KeyType: "HASH" },
          { AttributeName: "openRow", KeyType: "RANGE" }
        ],
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["waiting"] }
      }
    ])
    await first.dynamodb.close()
    const second = await setup(folder)
    assert.deepStrictEqual(rowsOf(await second.query()), ["1"])
    const { localIndexes: _, ...without } = ROWS
    assert.match((await failure(second.dynamodb.createTable(without))).message, /stored with other keys or indexes/)
    await second.dynamodb.close()
    rmSync(folder, { recursive: true })
  })
})
