import {
  BatchExecuteStatementCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand
} from "@aws-sdk/client-dynamodb"
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  UpdateCommand
} from "@aws-sdk/lib-dynamodb"
import { assert, describe, it } from "vitest"
import { virtualClock } from "../src/clock.ts"
import { makeActivity } from "../src/core/activity.ts"
import type { Authorize, Principal } from "../src/core/types.ts"
import { makeDynamodb, type TableDefinition } from "../src/dynamodb/dynamodb.ts"
import { makeRequestHandler } from "../src/wire/request-handler.ts"

const START = Date.UTC(2026, 0, 1)
const arn = (name: string) => `arn:aws:dynamodb:eu-west-1:000000000000:table/${name}`

const EVENTS: TableDefinition = { name: "events", arn: arn("events"), hashKey: { name: "id", type: "S" } }
const AGENTS: TableDefinition = {
  name: "agents",
  arn: arn("agents"),
  hashKey: { name: "agentId", type: "S" },
  rangeKey: { name: "row", type: "S" },
  indexes: [{ name: "by-state", hashKey: { name: "state", type: "S" }, projection: "KEYS_ONLY" }],
  ttlAttribute: "expiresAt"
}

const ME: Principal = { roleArn: "arn:aws:iam::000000000000:role/test", label: "test" }

const setup = async (options: { readonly authorize?: Authorize } = {}) => {
  const clock = virtualClock(START)
  const activity = makeActivity()
  const dynamodb = makeDynamodb({ clock, activity, authorize: options.authorize ?? (() => {}), ...options })
  await dynamodb.createTable(EVENTS)
  await dynamodb.createTable(AGENTS)
  const client = new DynamoDBClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: makeRequestHandler({
      services: { dynamodb: dynamodb.service },
      principal: ME,
      activity
    }),
    maxAttempts: 1
  })
  return { clock, activity, dynamodb, client, documents: DynamoDBDocumentClient.from(client) }
}

type Setup = Awaited<ReturnType<typeof setup>>

const insert = (id: string, a = "x") => ({
  Statement: `INSERT INTO "events" VALUE {'id': ?, 'a': ?, 'kind': 'it''s'}`,
  Parameters: [{ S: id }, { S: a }]
})
const update = (row: string, version: number, state = "on") => ({
  Statement: `UPDATE "agents" SET "state"=? SET "version"=? REMOVE "old" WHERE "agentId"=? AND "row"=? AND "version"=?`,
  Parameters: [{ S: state }, { N: `${version + 1}` }, { S: "a1" }, { S: row }, { N: `${version}` }],
  ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const
})
const batch = ({ client }: Setup, Statements: ReadonlyArray<object>, more: object = {}) =>
  client.send(new BatchExecuteStatementCommand({ Statements: [...Statements] as never, ...more }))

const failure = async (work: Promise<unknown>): Promise<Error & Record<string, unknown>> =>
  work.then(
    () => assert.fail("it succeeded"),
    (error) => error
  )

describe("PartiQL", () => {
  it("[P1] inserts once, and tells a duplicate from a new item per statement", async () => {
    const s = await setup()
    const first = await batch(s, [insert("1"), insert("2")])
    assert.deepStrictEqual(first.Responses, [{ TableName: "events" }, { TableName: "events" }])
    const second = await batch(s, [insert("1", "other"), insert("3")])
    assert.strictEqual(second.Responses?.[0]?.Error?.Code, "DuplicateItem")
    assert.isUndefined(second.Responses?.[1]?.Error)
    const { Item } = await s.documents.send(new GetCommand({ TableName: "events", Key: { id: "1" } }))
    assert.deepStrictEqual(Item, { id: "1", a: "x", kind: "it's" })
  })

  it("inserts one of many who try at once", async () => {
    const s = await setup()
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => batch(s, [insert("1", `${i}`)])))
    const errors = answers.map((answer) => answer.Responses?.[0]?.Error?.Code)
    assert.strictEqual(errors.filter((code) => code === undefined).length, 1)
    assert.strictEqual(errors.filter((code) => code === "DuplicateItem").length, 9)
  })

  it("updates only what is there and meets the condition, and gives the old item back otherwise", async () => {
    const s = await setup()
    const missing = await batch(s, [update("state", 1)])
    assert.strictEqual(missing.Responses?.[0]?.Error?.Code, "ConditionalCheckFailed")
    assert.isUndefined(missing.Responses?.[0]?.Error?.Item)
    const key = { agentId: "a1", row: "state" }
    assert.isUndefined((await s.documents.send(new GetCommand({ TableName: "agents", Key: key }))).Item)

    await s.documents.send(new PutCommand({ TableName: "agents", Item: { ...key, version: 1, old: true } }))
    assert.isUndefined((await batch(s, [update("state", 1)])).Responses?.[0]?.Error)
    const { Item } = await s.documents.send(new GetCommand({ TableName: "agents", Key: key, ConsistentRead: true }))
    assert.deepStrictEqual(Item, { ...key, version: 2, state: "on" })

    const stale = await batch(s, [update("state", 1)])
    assert.strictEqual(stale.Responses?.[0]?.Error?.Code, "ConditionalCheckFailed")
    assert.deepStrictEqual(stale.Responses?.[0]?.Error?.Item?.version, { N: "2" })
  })

  it("compares numbers as numbers and knows MISSING", async () => {
    const s = await setup()
    const Key = { agentId: "a1", row: "state" }
    await s.documents.send(new PutCommand({ TableName: "agents", Item: { ...Key, ticket: 9 } }))
    const set = (where: string, ...values: ReadonlyArray<object>) =>
      batch(s, [
        {
          Statement: `UPDATE agents SET ticket=?, note='n' WHERE agentId=? AND "row"=? AND ${where}`,
          Parameters: [{ N: "10" }, { S: "a1" }, { S: "state" }, ...values]
        }
      ]).then((answer) => answer.Responses?.[0]?.Error?.Code)
    assert.strictEqual(await set("note IS NOT MISSING"), "ConditionalCheckFailed")
    assert.strictEqual(await set("nothing<>?", { N: "1" }), "ConditionalCheckFailed")
    assert.isUndefined(await set("ticket<? AND note IS MISSING", { N: "10" }))
    assert.strictEqual(await set("ticket<?", { N: "10.0" }), "ConditionalCheckFailed")
    assert.isUndefined(await set("ticket=?", { N: "10.0" }))
  })

  it("reads by key, and does not mix reads with writes", async () => {
    const s = await setup()
    await batch(s, [insert("1")])
    const select = (id: string) => ({ Statement: `SELECT * FROM "events" WHERE "id"=?`, Parameters: [{ S: id }] })
    const answer = await batch(s, [select("1"), select("2")])
    assert.deepStrictEqual(
      answer.Responses?.map((response) => response.Item?.id?.S),
      ["1", undefined]
    )
    assert.strictEqual((await failure(batch(s, [select("1"), insert("2")]))).name, "ValidationException")
  })

  it("refuses the whole call for two statements on one item, and for more than 25", async () => {
    const s = await setup()
    assert.strictEqual((await failure(batch(s, [insert("1"), insert("2"), insert("1")]))).name, "ValidationException")
    const many = Array.from({ length: 26 }, (_, i) => insert(`${i}`))
    assert.strictEqual((await failure(batch(s, many))).name, "ValidationException")
    assert.strictEqual((await s.documents.send(new ScanCommand({ TableName: "events" }))).Count, 0)
    assert.isUndefined((await batch(s, many.slice(1))).Responses?.find((response) => response.Error))
  })

  it("[P7] fails a statement alone for its own values", async () => {
    const s = await setup()
    const answer = await batch(s, [
      insert("", "empty key"),
      insert("good"),
      insert("big", "x".repeat(400 * 1024)),
      insert("wide", "é".repeat(210 * 1024)),
      { ...insert("short"), Parameters: [{ S: "short" }] },
      {
        Statement: `UPDATE "agents" SET "a"=? WHERE "agentId"=?`,
        Parameters: [{ S: "x" }, { S: "y" }]
      },
      {
        Statement: `UPDATE "agents" SET "row"=? WHERE "agentId"=? AND "row"=?`,
        Parameters: [{ S: "x" }, { S: "y" }, { S: "z" }]
      }
    ])
    assert.deepStrictEqual(
      answer.Responses?.map((response) => response.Error?.Code),
      ["ValidationError", undefined, ...Array.from({ length: 5 }, () => "ValidationError")]
    )
  })

  it("keeps an attribute named __proto__ as data", async () => {
    const s = await setup()
    const Statement = `INSERT INTO "events" VALUE {'id': ?, '__proto__': ?}`
    await batch(s, [{ Statement, Parameters: [{ S: "1" }, { S: "data" }] }])
    const { Item } = await s.dynamodb.service("GetItem", { TableName: "events", Key: { id: { S: "1" } } }, ME)
    assert.deepStrictEqual(new Map(Object.entries(Item)).get("__proto__"), { S: "data" })
  })

  it.each([
    `DELETE FROM "events" WHERE "id"=?`,
    `SELECT "a" FROM "events" WHERE "id"=?`,
    `INSERT INTO "events" VALUE {'id': 1}`,
    `UPDATE "agents" SET "n"="n"+? WHERE "agentId"=?`,
    `UPDATE "agents" SET state=? WHERE "agentId"=?`,
    `UPDATE "agents" SET "a"=? WHERE "agentId"=? OR "row"=?`,
    `INSERT INTO "events" VALUE {'id': ?} RETURNING ALL OLD *`,
    `INSERT INTO "events" VALUE {'id': 'never ends}`
  ])("throws on a statement that it does not implement: %s", async (Statement) => {
    const s = await setup()
    const error = await failure(batch(s, [{ Statement, Parameters: [{ S: "1" }] }]))
    assert.match(error.message, /not implemented by aws-in-process/)
  })

  it("fails ExecuteStatement with exceptions", async () => {
    const s = await setup()
    const run = (statement: object) => s.client.send(new ExecuteStatementCommand(statement as never))
    await run(insert("1"))
    assert.strictEqual((await failure(run(insert("1")))).name, "DuplicateItemException")
    await s.documents.send(new PutCommand({ TableName: "agents", Item: { agentId: "a1", row: "state", version: 7 } }))
    const error = await failure(run(update("state", 1)))
    assert.strictEqual(error.name, "ConditionalCheckFailedException")
    assert.deepStrictEqual((error.Item as Record<string, unknown>).version, { N: "7" })
    const { Items } = await run({ Statement: `SELECT * FROM "events" WHERE "id"='1'` })
    assert.strictEqual(Items?.length, 1)
  })
})

describe("items", () => {
  it("runs conditional updates through the document client", async () => {
    const s = await setup()
    const ticket = () =>
      s.documents.send(
        new UpdateCommand({
          TableName: "agents",
          Key: { agentId: "q", row: "state" },
          UpdateExpression: "ADD ticket :one",
          ExpressionAttributeValues: { ":one": 1 },
          ReturnValues: "UPDATED_NEW"
        })
      )
    const tickets = await Promise.all([ticket(), ticket(), ticket()])
    assert.deepStrictEqual(tickets.map((answer) => answer.Attributes?.ticket).sort(), [1, 2, 3])
    const refused = await failure(
      s.client.send(
        new PutItemCommand({
          TableName: "agents",
          Item: { agentId: { S: "q" }, row: { S: "state" } },
          ConditionExpression: "attribute_not_exists(agentId)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD"
        })
      )
    )
    assert.strictEqual(refused.name, "ConditionalCheckFailedException")
    assert.deepStrictEqual((refused.Item as Record<string, unknown>).ticket, { N: "3" })
  })

  it("pages a query, reads an index and returns a batch in no promised order", async () => {
    const s = await setup()
    for (const row of ["1", "2", "3"])
      await s.documents.send(
        new PutCommand({ TableName: "agents", Item: { agentId: "a", row, state: `s${row}`, more: 1 } })
      )
    const query = (more: object) =>
      s.client.send(
        new QueryCommand({
          TableName: "agents",
          KeyConditionExpression: "agentId = :a",
          ExpressionAttributeValues: { ":a": { S: "a" } },
          Limit: 2,
          ...more
        })
      )
    const first = await query({})
    assert.deepStrictEqual(first.LastEvaluatedKey, { agentId: { S: "a" }, row: { S: "2" } })
    const second = await query({ ExclusiveStartKey: first.LastEvaluatedKey })
    assert.deepStrictEqual([second.Count, second.LastEvaluatedKey], [1, undefined])

    const indexed = await s.client.send(
      new QueryCommand({
        TableName: "agents",
        IndexName: "by-state",
        KeyConditionExpression: "#s = :s",
        ExpressionAttributeNames: { "#s": "state" },
        ExpressionAttributeValues: { ":s": { S: "s2" } }
      })
    )
    assert.deepStrictEqual(indexed.Items, [{ state: { S: "s2" }, agentId: { S: "a" }, row: { S: "2" } }])

    const Keys = ["1", "2", "9"].map((row) => ({ agentId: "a", row }))
    const got = await s.documents.send(
      new BatchGetCommand({ RequestItems: { agents: { Keys, ConsistentRead: true } } })
    )
    assert.deepStrictEqual(
      got.Responses?.agents?.map((item) => item.row),
      ["2", "1"]
    )
  })

  it("throws on operations and options that it does not implement", async () => {
    const s = await setup()
    const unknown = await failure(s.client.send(new TransactWriteItemsCommand({ TransactItems: [] })))
    assert.match(unknown.message, /not implemented by aws-in-process: DynamoDB TransactWriteItems/)
    const option = await failure(
      s.client.send(
        new UpdateItemCommand({ TableName: "events", Key: { id: { S: "1" } }, ReturnItemCollectionMetrics: "SIZE" })
      )
    )
    assert.match(option.message, /not implemented by aws-in-process/)
    const table = await failure(s.client.send(new DescribeTableCommand({ TableName: "nowhere" })))
    assert.strictEqual(table.name, "ResourceNotFoundException")
    const { Table } = await s.client.send(new DescribeTableCommand({ TableName: "agents" }))
    assert.deepStrictEqual([Table?.TableStatus, Table?.TableArn], ["ACTIVE", arn("agents")])
  })
})

describe("permissions", () => {
  it("[P10] asks for the action of each statement on the table, and on the index that is read", async () => {
    const asked: Array<string> = []
    const s = await setup({ authorize: (_, action, resource) => asked.push(`${action} ${resource.split(":").at(-1)}`) })
    await batch(s, [insert("1")])
    await batch(s, [update("state", 1)])
    await batch(s, [{ Statement: `SELECT * FROM "events" WHERE "id"='1'` }])
    await s.client.send(new GetItemCommand({ TableName: "events", Key: { id: { S: "1" } } }))
    await s.client.send(
      new QueryCommand({
        TableName: "agents",
        IndexName: "by-state",
        KeyConditionExpression: "#s = :s",
        ExpressionAttributeNames: { "#s": "state" },
        ExpressionAttributeValues: { ":s": { S: "s" } }
      })
    )
    await s.documents.send(new BatchGetCommand({ RequestItems: { events: { Keys: [{ id: "1" }] } } }))
    assert.deepStrictEqual(asked, [
      "dynamodb:PartiQLInsert table/events",
      "dynamodb:PartiQLUpdate table/agents",
      "dynamodb:PartiQLSelect table/events",
      "dynamodb:GetItem table/events",
      "dynamodb:Query table/agents/index/by-state",
      "dynamodb:BatchGetItem table/events"
    ])
  })

  it("[P10] says which items a call names by key, for conditions on leading keys", async () => {
    const asked: Array<unknown> = []
    const s = await setup({ authorize: (_, action, __, context) => asked.push([action, context]) })
    await s.documents.send(new PutCommand({ TableName: "agents", Item: { agentId: "a", row: "state" } }))
    await s.documents.send(new GetCommand({ TableName: "events", Key: { id: "1" } }))
    await s.documents.send(new BatchGetCommand({ RequestItems: { events: { Keys: [{ id: "1" }, { id: "2" }] } } }))
    const leading = (...keys: ReadonlyArray<string>) => ({ "dynamodb:LeadingKeys": keys })
    assert.deepStrictEqual(asked, [
      ["dynamodb:PutItem", leading("a")],
      ["dynamodb:GetItem", leading("1")],
      ["dynamodb:BatchGetItem", leading("1", "2")]
    ])
  })
})

describe("declared items", () => {
  it("are there from the beginning, and stay as they were changed since", async () => {
    const s = await setup()
    const declared = { ...EVENTS, items: [{ id: { S: "readers/agents" }, value: { S: "first" } }] }
    const value = async () =>
      (await s.documents.send(new GetCommand({ TableName: "events", Key: { id: "readers/agents" } }))).Item?.value
    await s.dynamodb.createTable(declared)
    assert.strictEqual(await value(), "first")
    await s.documents.send(new PutCommand({ TableName: "events", Item: { id: "readers/agents", value: "second" } }))
    await s.dynamodb.createTable(declared)
    assert.strictEqual(await value(), "second")
  })
})
