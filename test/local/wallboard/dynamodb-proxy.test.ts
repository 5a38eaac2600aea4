import {
  BatchGetItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand
} from "@aws-sdk/client-dynamodb"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { ask, startBoard } from "./parts.ts"

let board: Awaited<ReturnType<typeof startBoard>>
let client: DynamoDBClient
beforeAll(async () => {
  board = await startBoard()
  client = new DynamoDBClient({
    endpoint: board.wallboard.address,
    region: "eu-west-1",
    credentials: { accessKeyId: "anybody", secretAccessKey: "anything" }
  })
})
afterAll(() => {
  client.destroy()
  return board.close()
})

const table = () =>
  (board.run.captured.outputs.projectionTables as Record<string, { readonly name: string }>)["agents-v2"]?.name ?? ""
const nameOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "answered",
    (error: Error) => error.name
  )

describe("any DynamoDB client", () => {
  it("[P10] reads the local tables by key over the socket, with whatever credentials", async () => {
    const Key = { agentId: { S: board.agent }, row: { S: "state" } }
    const { Item } = await client.send(new GetItemCommand({ TableName: table(), Key }))
    assert.deepStrictEqual(Item?.routingStatus, { S: "IDLE" })
    const { Items } = await client.send(
      new QueryCommand({
        TableName: table(),
        KeyConditionExpression: "agentId = :id",
        ExpressionAttributeValues: { ":id": { S: board.agent } }
      })
    )
    assert.deepStrictEqual(Items, [Item])
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [table()]: { Keys: [Key] } } }))
    assert.deepStrictEqual(Responses?.[table()], [Item])
  })

  it("[P10] can do nothing else: the policy for readers is all that it has", async () => {
    const TableName = table()
    const Key = { agentId: { S: board.agent }, row: { S: "state" } }
    const refused = await Promise.all([
      nameOf(client.send(new PutItemCommand({ TableName, Item: Key }))),
      nameOf(client.send(new UpdateItemCommand({ TableName, Key }))),
      nameOf(client.send(new ScanCommand({ TableName }))),
      nameOf(
        client.send(new ExecuteStatementCommand({ Statement: `SELECT * FROM "${TableName}" WHERE agentId = 'x'` }))
      ),
      nameOf(client.send(new DeleteTableCommand({ TableName }))),
      nameOf(client.send(new ListTablesCommand({}))),
      nameOf(
        client.send(
          new GetItemCommand({
            TableName: String(board.run.captured.outputs.eventTableName),
            Key: { id: { S: "first" } }
          })
        )
      )
    ])
    assert.deepStrictEqual([...new Set(refused)], ["AccessDeniedException"])
    assert.strictEqual(
      await nameOf(client.send(new GetItemCommand({ TableName: "nothing", Key }))),
      "ResourceNotFoundException"
    )
  })

  it("hears what is wrong with a call as from AWS, at once", async () => {
    const send = (body: string, more = {}) =>
      ask(board.wallboard.address, "/", {
        method: "POST",
        headers: { "x-amz-target": "DynamoDB_20120810.GetItem", "accept-encoding": "identity", ...more },
        body
      })
    const broken = await send("{")
    assert.strictEqual(broken.status, 400)
    assert.match(JSON.parse(broken.text).__type, /#SerializationException$/)
    const odd = await send("{}", { "x-amz-odd": "1" })
    assert.match(JSON.parse(odd.text).message, /not implemented by aws-in-process: header x-amz-odd/)
    const long = await send(JSON.stringify({ TableName: "x".repeat(1_100_000) }))
    assert.strictEqual(long.status, 413)
    assert.match(long.text, /more than any read/)
  })
})
