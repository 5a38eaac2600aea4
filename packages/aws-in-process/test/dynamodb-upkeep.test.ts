import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { virtualClock } from "../src/clock.ts"
import { makeActivity } from "../src/core/activity.ts"
import { makeDynamodb, type TableDefinition } from "../src/dynamodb/dynamodb.ts"
import { itemBytes } from "../src/dynamodb/units.ts"
import { runVirtual } from "../src/run-virtual.ts"

const START = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const ROWS: TableDefinition = {
  name: "rows",
  arn: "arn:aws:dynamodb:eu-west-1:000000000000:table/rows",
  hashKey: { name: "id", type: "S" },
  ttlAttribute: "expiresAt"
}
const INDEXED: TableDefinition = {
  ...ROWS,
  name: "indexed",
  indexes: [{ name: "by-day", hashKey: { name: "day", type: "S" }, projection: "KEYS_ONLY" }]
}

const setup = (path?: string) => {
  const clock = virtualClock(START)
  const activity = makeActivity()
  const dynamodb = makeDynamodb({ clock, activity, authorize: () => {}, ...(path === undefined ? {} : { path }) })
  const call = (operation: string, input: object) => dynamodb.service(operation, input, { roleArn: "r", label: "l" })
  const until = (time: number) => {
    clock.at(time, () => {})
    return runVirtual(clock, { pending: activity.pending, until: () => clock.now() >= time, limit: 30 * 24 * HOUR })
  }
  return { clock, dynamodb, call, until }
}

const put = (id: string, more: object = {}) => ({ TableName: "rows", Item: { id: { S: id }, ...more } })
const insert = (id: string, body: string) => ({
  Statement: `INSERT INTO "rows" VALUE {'id': ?, 'body': ?}`,
  Parameters: [{ S: id }, { S: body }]
})
const seconds = (ms: number) => ({ N: String(Math.floor(ms / 1000)) })

describe("units", () => {
  it("measures items in UTF-8 bytes of names and values", () => {
    assert.strictEqual(itemBytes({ a: { S: "é" } }), 3)
    assert.strictEqual(itemBytes({ key: { B: Buffer.from([1, 2, 3, 4]).toString("base64") } }), 7)
    assert.strictEqual(itemBytes({ n: { N: "1700000000000" } }), 3)
    assert.strictEqual(itemBytes({ n: { N: "-123" } }), 5)
    assert.strictEqual(itemBytes({ m: { M: { a: { BOOL: true } } } }), 1 + 3 + 1 + 2)
  })

  it("[P9] bills writes by the kilobyte, refused ones as much as others, and reads by four", async () => {
    const { dynamodb, call } = setup()
    await dynamodb.createTable(ROWS)
    const big = "x".repeat(1500)
    const first = await call("BatchExecuteStatement", {
      Statements: [insert("1", "small"), insert("2", big)],
      ReturnConsumedCapacity: "TOTAL"
    })
    assert.deepStrictEqual(first.ConsumedCapacity, [{ TableName: "rows", CapacityUnits: 3 }])
    const again = await call("BatchExecuteStatement", {
      Statements: [insert("1", big), insert("2", "small")],
      ReturnConsumedCapacity: "INDEXES"
    })
    assert.deepStrictEqual(again.ConsumedCapacity, [
      { TableName: "rows", CapacityUnits: 4, Table: { CapacityUnits: 4 } }
    ])
    const missing = {
      Statement: `UPDATE "rows" SET "body"=? WHERE "id"=?`,
      Parameters: [{ S: big }, { S: "3" }]
    }
    await call("BatchExecuteStatement", { Statements: [missing] })
    assert.deepStrictEqual(dynamodb.usage(), { rows: { write: 9, read: 0 } })

    const read = (input: object) => call("GetItem", { TableName: "rows", ReturnConsumedCapacity: "TOTAL", ...input })
    const eventual = await read({ Key: { id: { S: "2" } } })
    assert.deepStrictEqual(eventual.ConsumedCapacity, { TableName: "rows", CapacityUnits: 0.5 })
    const consistent = await read({ Key: { id: { S: "9" } }, ConsistentRead: true })
    assert.deepStrictEqual(consistent.ConsumedCapacity, { TableName: "rows", CapacityUnits: 1 })
    await call("Scan", { TableName: "rows" })
    await call("BatchGetItem", { RequestItems: { rows: { Keys: [{ id: { S: "1" } }, { id: { S: "2" } }] } } })
    assert.deepStrictEqual(dynamodb.usage(), { rows: { write: 9, read: 3 } })
  })

  it("[P9] bills an index for what it holds, and only when that changes", async () => {
    const { dynamodb, call } = setup()
    await dynamodb.createTable(INDEXED)
    const units = async (item: object) => {
      const { ConsumedCapacity } = await call("PutItem", {
        TableName: "indexed",
        Item: { id: { S: "1" }, ...item },
        ReturnConsumedCapacity: "TOTAL"
      })
      return ConsumedCapacity.CapacityUnits
    }
    assert.strictEqual(await units({ note: { S: "no key" } }), 1)
    assert.strictEqual(await units({ day: { S: "monday" } }), 2)
    assert.strictEqual(await units({ day: { S: "monday" }, note: { S: "elsewhere" } }), 1)
    assert.strictEqual(await units({ day: { S: "tuesday" } }), 3)
    assert.deepStrictEqual(dynamodb.usage(), { indexed: { write: 7, read: 0 } })
  })

  it("[P9] bills a refused PutItem like the write", async () => {
    const { dynamodb, call } = setup()
    await dynamodb.createTable(ROWS)
    await call("PutItem", put("1"))
    await call("PutItem", {
      ...put("1", { body: { S: "x".repeat(2000) } }),
      ConditionExpression: "attribute_not_exists(id)"
    }).then(
      () => assert.fail(),
      (error) => assert.strictEqual(error.code, "ConditionalCheckFailedException")
    )
    assert.deepStrictEqual(dynamodb.usage(), { rows: { write: 3, read: 0 } })
  })
})

describe("expiry", () => {
  it("sweeps away what has expired, keeps the rest, and rests when nothing will expire", async () => {
    const { clock, dynamodb, call, until } = setup()
    await dynamodb.createTable(ROWS)
    await call("PutItem", put("soon", { expiresAt: seconds(START + HOUR / 2) }))
    await call("PutItem", put("later", { expiresAt: seconds(START + 2.5 * HOUR) }))
    await call("PutItem", put("never"))
    await call("PutItem", put("text", { expiresAt: { S: "1" } }))
    await call("PutItem", put("milliseconds", { expiresAt: { N: "1000" } }))
    const ids = async () => {
      const { Items } = await call("Scan", { TableName: "rows" })
      return Items.map((item: { id: { S: string } }) => item.id.S).sort()
    }
    await until(START + HOUR - 1)
    assert.include(await ids(), "soon")
    await until(START + HOUR + 1)
    assert.deepStrictEqual(await ids(), ["later", "milliseconds", "never", "text"])
    await until(START + 3 * HOUR + 1)
    assert.deepStrictEqual(await ids(), ["milliseconds", "never", "text"])
    const { write } = dynamodb.usage().rows!
    assert.strictEqual(write, 5)
    assert.isUndefined(clock.nextTimer())
  })

  it("stops with the engine", async () => {
    const { clock, dynamodb, call } = setup()
    await dynamodb.createTable(ROWS)
    await call("PutItem", put("later", { expiresAt: seconds(START + HOUR) }))
    assert.isDefined(clock.nextTimer())
    await dynamodb.close()
    assert.isUndefined(clock.nextTimer())
  })
})

describe("persistence", () => {
  const folder = mkdtempSync(join(tmpdir(), "dynamodb-"))

  it("keeps tables and items, and refuses another shape under the same name", async () => {
    const first = setup(folder)
    await first.dynamodb.createTable(ROWS)
    await first.call("PutItem", put("kept", { expiresAt: seconds(START + HOUR / 2) }))
    await first.dynamodb.close()

    const second = setup(folder)
    await second.dynamodb.createTable(ROWS)
    const stored = async () => (await second.call("GetItem", { TableName: "rows", Key: { id: { S: "kept" } } })).Item
    assert.isDefined(await stored())
    await second.until(START + HOUR + 1)
    assert.isUndefined(await stored())
    const error = await second.dynamodb.createTable({ ...ROWS, rangeKey: { name: "row", type: "S" } }).then(
      () => assert.fail(),
      (error) => error
    )
    assert.match(error.message, /stored with other keys/)
    const third = await setup(folder)
      .dynamodb.createTable(ROWS)
      .then(
        () => assert.fail(),
        (error) => error
      )
    assert.match(third.message, /is another run using them/)
    await second.dynamodb.close()
    rmSync(folder, { recursive: true })
  })
})
