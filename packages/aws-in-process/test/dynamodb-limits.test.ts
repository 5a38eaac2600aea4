import { assert, describe, it } from "vitest"
import { makeDynamodb, type TableDefinition } from "../src/dynamodb/dynamodb.ts"
import { arn, makeTime, ROLE } from "./parts.ts"

const TABLE: TableDefinition = {
  name: "rows",
  arn: arn("dynamodb", "table/rows"),
  hashKey: { name: "id", type: "S" },
  rangeKey: { name: "row", type: "S" },
  indexes: [{ name: "by-state", hashKey: { name: "state", type: "S" }, projection: "KEYS_ONLY" }]
}

// biome-ignore lint/suspicious/noExplicitAny: the shapes of many operations
type Json = any

const setUp = async () => {
  const { clock, activity } = makeTime()
  const dynamodb = makeDynamodb({ clock, activity, authorize: () => {} })
  await dynamodb.createTable(TABLE)
  /** The output; or the name and message of the error. */
  const ask = (operation: string, input: Json): Promise<Json> =>
    dynamodb
      .service(
        operation,
        ["RequestItems", "Statement", "Statements"].some((name) => name in input)
          ? input
          : { TableName: "rows", ...input },
        ROLE
      )
      .catch((error: Error) => ({ error: error.name, message: error.message }))
  const batch = async (...Statements: ReadonlyArray<Json>): Promise<Json> =>
    dynamodb.service("BatchExecuteStatement", { Statements }, ROLE)
  const errors = async (...statements: ReadonlyArray<Json>): Promise<ReadonlyArray<string | undefined>> =>
    (await batch(...statements)).Responses.map((response: Json) => response.Error?.Code)
  const read = async (key: Json): Promise<Json> => (await ask("GetItem", { Key: key, ConsistentRead: true })).Item
  return { ask, batch, errors, read }
}

const key = (id: string, row = "r") => ({ id: { S: id }, row: { S: row } })
const insert = (item: Json) => ({
  Statement: `INSERT INTO "rows" VALUE {${Object.keys(item)
    .map((name) => `'${name}': ?`)
    .join(", ")}}`,
  Parameters: Object.values(item)
})
const batchOf = (RequestItems: Json) => ({ RequestItems })
/** A text inside of so many lists and maps. */
const nested = (levels: number): Json =>
  levels === 0 ? { S: "x" } : levels % 2 === 0 ? { L: [nested(levels - 1)] } : { M: { a: nested(levels - 1) } }

const TWO_BYTES = "é"
const LONGEST_HASH = TWO_BYTES.repeat(1_024)
const LONGEST_RANGE = TWO_BYTES.repeat(512)

describe("lengths of keys", () => {
  it("are bytes of UTF-8: the longest are taken everywhere", async () => {
    const { ask, errors, read } = await setUp()
    const longest = key(LONGEST_HASH, LONGEST_RANGE)
    assert.isUndefined((await ask("PutItem", { Item: { ...longest, state: { S: LONGEST_HASH } } })).error)
    assert.isDefined(await read(longest))
    assert.deepStrictEqual(await errors(insert(longest)), ["DuplicateItem"])
  })

  const tooLong = { hash: key(`${LONGEST_HASH}x`), range: key("a", `${LONGEST_RANGE}x`) }
  const operations: ReadonlyArray<readonly [string, (key: Json) => Json]> = [
    ["PutItem", (key) => ({ Item: key })],
    ["GetItem", (Key) => ({ Key })],
    ["DeleteItem", (Key) => ({ Key })],
    ["UpdateItem", (Key) => ({ Key, UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": { S: "x" } } })],
    [
      "Query",
      ({ id, row }) => ({
        KeyConditionExpression: "id = :id AND #row = :row",
        ExpressionAttributeNames: { "#row": "row" },
        ExpressionAttributeValues: { ":id": id, ":row": row }
      })
    ],
    ["BatchGetItem", (Key) => batchOf({ rows: { Keys: [Key] } })],
    ["BatchWriteItem", (Item) => batchOf({ rows: [{ PutRequest: { Item } }] })],
    ["BatchWriteItem", (Key) => batchOf({ rows: [{ DeleteRequest: { Key } }] })]
  ]
  it.each(operations)("one byte more fails %s", async (operation, inputOf) => {
    const { ask } = await setUp()
    const hash = await ask(operation, inputOf(tooLong.hash))
    assert.deepInclude(hash, { error: "ValidationException" })
    assert.include(hash.message, "Size of hashkey has exceeded")
    const range = await ask(operation, inputOf(tooLong.range))
    assert.deepInclude(range, { error: "ValidationException" })
    assert.include(range.message, "Aggregated size of all range keys")
  })

  it("one byte more fails a statement alone", async () => {
    const { errors } = await setUp()
    const update = ({ id, row }: Json) => ({
      Statement: `UPDATE "rows" SET "a" = 'x' WHERE "id" = ? AND "row" = ?`,
      Parameters: [id, row]
    })
    const refused = await errors(insert(tooLong.hash), insert(key("good")), update(tooLong.range))
    assert.deepStrictEqual(refused, ["ValidationError", undefined, "ValidationError"])
  })

  it("hold for the keys of an index as well, which cannot be empty either", async () => {
    const { ask, errors, read } = await setUp()
    const states = [{ S: `${LONGEST_HASH}x` }, { S: "" }]
    for (const state of states) {
      const message = state.S === "" ? "IndexName: by-state, IndexKey: state" : "Size of hashkey has exceeded"
      assert.include((await ask("PutItem", { Item: { ...key("a"), state } })).message, message)
      assert.deepStrictEqual(await errors(insert({ ...key("a"), state })), ["ValidationError"])
      const update = await ask("UpdateItem", {
        Key: key("a"),
        UpdateExpression: "SET #s = :s",
        ExpressionAttributeNames: { "#s": "state" },
        ExpressionAttributeValues: { ":s": state }
      })
      assert.include(update.message, message)
    }
    assert.isUndefined(await read(key("a")))
  })
})

describe("nesting", () => {
  it("ends at 32 levels, of which the scalar is one", async () => {
    const { ask, read } = await setUp()
    assert.isUndefined((await ask("PutItem", { Item: { ...key("a"), v: nested(31) } })).error)
    assert.deepStrictEqual((await read(key("a"))).v, nested(31))
    const item = { ...key("b"), v: nested(32) }
    const writes: ReadonlyArray<readonly [string, Json]> = [
      ["PutItem", { Item: item }],
      ["BatchWriteItem", batchOf({ rows: [{ PutRequest: { Item: item } }] })],
      ["UpdateItem", { Key: key("b"), UpdateExpression: "SET v = :v", ExpressionAttributeValues: { ":v": nested(32) } }]
    ]
    for (const [operation, input] of writes)
      assert.include(await ask(operation, input), {
        error: "ValidationException",
        message:
          "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
      })
    assert.isUndefined(await read(key("b")))
  })

  it("is measured on what an update leaves, before an index learns of it", async () => {
    const { ask, read } = await setUp()
    await ask("PutItem", { Item: { ...key("a"), m: { M: {} } } })
    const answer = await ask("UpdateItem", {
      Key: key("a"),
      UpdateExpression: "SET m.deep = :v, #s = :s",
      ExpressionAttributeNames: { "#s": "state" },
      ExpressionAttributeValues: { ":v": nested(31), ":s": { S: "on" } }
    })
    assert.deepStrictEqual(answer, {
      error: "ValidationException",
      message: "Nesting Levels have exceeded supported limits"
    })
    assert.deepStrictEqual(await read(key("a")), { ...key("a"), m: { M: {} } })
    assert.strictEqual((await ask("Scan", { IndexName: "by-state" })).Count, 0)
  })

  it("fails a statement alone: by its parameter, or by the item that it would leave", async () => {
    const { batch } = await setUp()
    const statements = [31, 32, 33].map((levels) => insert({ ...key(`${levels}`), v: nested(levels) }))
    const { Responses } = await batch(...statements)
    assert.deepStrictEqual(
      Responses.map((response: Json) => response.Error?.Message),
      [
        undefined,
        "Nesting Levels have exceeded supported limits",
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
      ]
    )
  })

  it("is refused as well where it is far beyond all measure", async () => {
    const { ask } = await setUp()
    let deep: Json = { S: "x" }
    for (let level = 0; level < 100_000; level++) deep = { L: [deep] }
    assert.deepInclude(await ask("PutItem", { Item: { ...key("a"), v: deep } }), { error: "ValidationException" })
  })
})

describe("names of attributes", () => {
  it("are not empty, at any depth", async () => {
    const { ask, errors, read } = await setUp()
    const nameless = [{ "": { S: "x" } }, { v: { M: { "": { S: "x" } } } }, { v: { L: [{ M: { "": { S: "x" } } }] } }]
    for (const attributes of nameless) {
      const item = { ...key("a"), ...attributes }
      assert.deepStrictEqual(await ask("PutItem", { Item: item }), {
        error: "ValidationException",
        message: "Empty attribute name"
      })
      assert.deepInclude(await ask("BatchWriteItem", batchOf({ rows: [{ PutRequest: { Item: item } }] })), {
        message: "Empty attribute name"
      })
    }
    for (const value of nameless.slice(1).map(({ v }) => v)) {
      assert.deepStrictEqual(await errors(insert({ ...key("a"), v: value })), ["ValidationError"])
      const set = { UpdateExpression: "SET v = :v", ExpressionAttributeValues: { ":v": value } }
      assert.include((await ask("UpdateItem", { Key: key("a"), ...set })).message, "Empty attribute name for key :v")
    }
    assert.deepStrictEqual(await errors(insert({ ...key("a"), "": { S: "x" } })), ["ValidationError"])
    assert.isUndefined(await read(key("a")))
  })

  it.each(["constructor", "toString", "hasOwnProperty", "valueOf"])("may be %s", async (name) => {
    const { ask, read } = await setUp()
    const update = (UpdateExpression: string, value: Json) =>
      ask("UpdateItem", {
        Key: key("a"),
        UpdateExpression,
        ExpressionAttributeNames: { "#n": name },
        ExpressionAttributeValues: { ":v": value }
      })
    await update("SET #n = if_not_exists(#n, :v)", { N: "1" })
    assert.deepStrictEqual((await read(key("a")))[name], { N: "1" })
    await update("ADD #n :v", { N: "2" })
    assert.deepStrictEqual((await read(key("a")))[name], { N: "3" })
    await ask("DeleteItem", { Key: key("a") })
    await update("ADD #n :v", { N: "4" })
    assert.deepStrictEqual((await read(key("a")))[name], { N: "4" })
  })

  it("may be __proto__ in a statement, and throw elsewhere as not implemented instead of getting lost", async () => {
    const { ask } = await setUp()
    const items = [
      `{ "id": {"S": "a"}, "row": {"S": "r"}, "__proto__": {"S": "x"} }`,
      `{ "id": {"S": "a"}, "row": {"S": "r"}, "v": { "M": { "__proto__": {"S": "x"} } } }`
    ]
    for (const item of items)
      assert.match((await ask("PutItem", { Item: JSON.parse(item) })).message, /not implemented .* called __proto__/)
  })
})

describe("numbers", () => {
  it("may begin with a plus", async () => {
    const { ask, errors, read } = await setUp()
    await ask("PutItem", { Item: { ...key("a"), n: { N: "+3" }, s: { NS: ["+1", "+2.50"] }, text: { S: "+3" } } })
    const { n, s, text } = await read(key("a"))
    assert.deepStrictEqual([n, s, text], [{ N: "3" }, { NS: ["1", "2.5"] }, { S: "+3" }])
    assert.deepStrictEqual(await errors(insert({ ...key("b"), n: { M: { m: { N: "+3e2" } } } })), [undefined])
    assert.deepStrictEqual((await read(key("b"))).n, { M: { m: { N: "300" } } })
    assert.deepInclude(await ask("PutItem", { Item: { ...key("c"), n: { N: "++3" } } }), {
      error: "ValidationException"
    })
  })
})

describe("statements", () => {
  it("fail alone on a table that is absent", async () => {
    const { batch, ask } = await setUp()
    const lost = { Statement: `INSERT INTO "nowhere" VALUE {'id': ?}`, Parameters: [{ S: "a" }] }
    const { Responses } = await batch(insert(key("a")), lost, insert(key("b")))
    assert.deepStrictEqual(
      Responses.map((response: Json) => response.Error?.Code),
      [undefined, "ResourceNotFound", undefined]
    )
    assert.strictEqual((await ask("Scan", {})).Count, 2)
    assert.deepInclude(await ask("ExecuteStatement", { ...lost }), {
      error: "ResourceNotFoundException"
    })
  })

  it("fail the call where a parameter is not written as its type wants it, as on the wire of every other operation", async () => {
    const { ask } = await setUp()
    for (const value of [
      { B: "not base64!" },
      { L: [{ BS: ["YQ"] }] },
      { S: 1 },
      { M: { n: { N: 1 } } },
      { BOOL: "true" }
    ])
      assert.deepInclude(await ask("BatchExecuteStatement", { Statements: [insert({ ...key("a"), v: value })] }), {
        error: "SerializationException"
      })
  })

  it("name their table unless they have a fault of their own, and report no capacity where none was consumed", async () => {
    const { ask } = await setUp()
    const values = [{ SS: [] }, {}, { X: "a" }, { L: [{}] }]
    const Statements = [
      ...values.map((v, i) => insert({ ...key(`${i}`), v })),
      insert(key("a".repeat(2_049))),
      { Statement: `UPDATE "rows" SET "row" = 'x' WHERE "id" = 'a' AND "row" = 'r'` }
    ]
    const refused = await ask("BatchExecuteStatement", { Statements, ReturnConsumedCapacity: "TOTAL" })
    const named = ["TableName", "Error"]
    assert.deepStrictEqual(refused.Responses.map(Object.keys), [...values.map(() => ["Error"]), named, named])
    assert.isUndefined(refused.ConsumedCapacity)
  })

  it("tell of a condition that does not hold before what the update would leave", async () => {
    const { errors } = await setUp()
    const update = (id: string) => ({
      Statement: `UPDATE "rows" SET "state" = ? WHERE "id" = ? AND "row" = ?`,
      Parameters: [{ BOOL: true }, { S: id }, { S: "r" }]
    })
    assert.deepStrictEqual(await errors(insert(key("a"))), [undefined])
    assert.deepStrictEqual(await errors(update("a"), update("b")), ["ValidationError", "ConditionalCheckFailed"])
  })

  it("return no items where they write", async () => {
    const { ask } = await setUp()
    assert.deepStrictEqual(await ask("ExecuteStatement", { ...insert(key("a")) }), { Items: [] })
  })
})

describe("conditions", () => {
  it("find any of the values of IN, false and the empty text too", async () => {
    const { ask } = await setUp()
    await ask("PutItem", { Item: { ...key("a"), f: { BOOL: false }, g: { S: "" }, n: { N: "1" } } })
    const found = async (name: string, ...values: ReadonlyArray<Json>) => {
      const ExpressionAttributeValues = Object.fromEntries(values.map((value, i) => [`:${i}`, value]))
      const FilterExpression = `${name} IN (${Object.keys(ExpressionAttributeValues).join(", ")})`
      return (await ask("Scan", { FilterExpression, ExpressionAttributeValues })).Count
    }
    assert.strictEqual(await found("f", { BOOL: true }, { BOOL: false }), 1)
    assert.strictEqual(await found("g", { S: "x" }, { S: "" }), 1)
    assert.strictEqual(await found("n", { N: "2" }, { S: "1" }), 0)
    assert.strictEqual(await found("n", { N: "1.0" }), 1)
  })

  it("throw on lists and maps, which dynalite would compare by identity", async () => {
    const { ask, errors } = await setUp()
    await ask("PutItem", { Item: { ...key("a"), v: { L: [] } } })
    const scan = await ask("Scan", { FilterExpression: "v = :v", ExpressionAttributeValues: { ":v": { L: [] } } })
    assert.match(scan.message, /not implemented by aws-in-process/)
    const statement = {
      Statement: `UPDATE "rows" SET "n" = 'x' WHERE "id" = 'a' AND "row" = 'r' AND "v" = ?`,
      Parameters: [{ L: [] }]
    }
    const refused = await errors(statement).catch((error: Error) => error.message)
    assert.match(String(refused), /not implemented by aws-in-process/)
  })

  it("return no attributes where an update had none to return", async () => {
    const { ask } = await setUp()
    const update = { UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": { S: "x" } } }
    const answer = await ask("UpdateItem", { Key: key("a"), ...update, ReturnValues: "UPDATED_OLD" })
    assert.deepStrictEqual(JSON.parse(JSON.stringify(answer)), {})
  })
})
