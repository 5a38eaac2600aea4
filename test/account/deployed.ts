import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
  QueryCommand,
  ScanCommand
} from "@aws-sdk/client-dynamodb"
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { projections } from "../../projections/index.ts"
import { generation } from "../../src/domain/projection.ts"
import { readersKey } from "../../src/domain/readers.ts"
import { WATERMARK_KEY } from "../../src/domain/watermark.ts"
import { readState } from "../../src/local/tables.ts"
import { connect } from "../../src/read/connect.ts"
import type { Item } from "../../src/store/aws/attribute.ts"
import { fromItem } from "../../src/store/aws/event-item.ts"
import type { ConnectionSettings } from "../../src/store/connection.ts"
import type { Attempt, Deployed } from "./flow.ts"

/** What one `BatchWriteItem` takes. */
const DELETES = 25

/** How the services of a stack are reached, and what needs more than a client. */
export interface Ways {
  readonly outputs: Readonly<Record<string, unknown>>
  /** As whoever runs the check. */
  readonly operator: ConnectionSettings
  /** As a role with the policy for readers. */
  readonly reader: () => Promise<ConnectionSettings>
  readonly send: Deployed["send"]
  /** Replays one generation on the state machine. */
  readonly replay: (generation: string) => Promise<void>
}

const items = async (client: DynamoDBClient, TableName: string, more: object = {}): Promise<ReadonlyArray<Item>> => {
  const all: Array<Item> = []
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ...more })) all.push(...Items)
  return all
}

/** Deletes every item of a table with the key `key` and `row`. */
export const forget = async (client: DynamoDBClient, table: string, key: string): Promise<void> => {
  const names = { "#key": key, "#row": "row" }
  const keys = await items(client, table, { ProjectionExpression: "#key, #row", ExpressionAttributeNames: names })
  for (let at = 0; at < keys.length; at += DELETES) {
    let left = keys.slice(at, at + DELETES).map((Key) => ({ DeleteRequest: { Key } }))
    while (left.length > 0) {
      const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }))
      left = (UnprocessedItems?.[table] ?? []) as typeof left
    }
  }
}

const attempt = async (call: string, isAllowed: boolean, work: () => Promise<unknown>): Promise<Attempt> => {
  try {
    await work()
    return { call, isAllowed }
  } catch (error) {
    return { call, isAllowed, error: (error as Error).name }
  }
}

const attemptsOf = async (ways: Ways, tableOf: (name: string) => string): Promise<ReadonlyArray<Attempt>> => {
  const connection = await ways.reader()
  const client = new DynamoDBClient({ ...connection, maxAttempts: 3 })
  const [control, events] = [String(ways.outputs.controlTableName), String(ways.outputs.eventTableName)]
  const agents = tableOf("agents")
  const Key = { agentId: { S: "nobody" }, row: { S: "state" } }
  const get = (TableName: string, Key: Item) => () => client.send(new GetItemCommand({ TableName, Key }))
  const reader = connect({ ...connection, prefix: String(ways.outputs.prefix), timeout: "20 seconds" })
  try {
    return [
      await attempt("the reader's agent()", true, () => reader.agent("nobody")),
      await attempt("the reader's queue() with join", true, () => reader.queue("nobody", { join: true })),
      await attempt("GetItem of an agent", true, get(agents, Key)),
      await attempt("Query of an agent", true, () =>
        client.send(
          new QueryCommand({
            TableName: agents,
            KeyConditionExpression: "agentId = :id",
            ExpressionAttributeValues: { ":id": { S: "nobody" } }
          })
        )
      ),
      await attempt("GetItem of the watermark", true, get(control, { key: { S: WATERMARK_KEY } })),
      await attempt("GetItem of the active generation", true, get(control, { key: { S: readersKey("agents") } })),
      await attempt("GetItem of a breaker", false, get(control, { key: { S: "breaker/stream" } })),
      await attempt("GetItem of an event", false, get(events, { id: { S: "any" } })),
      await attempt("Scan of agents", false, () => client.send(new ScanCommand({ TableName: agents, Limit: 1 }))),
      await attempt("PutItem of an agent", false, () =>
        client.send(new PutItemCommand({ TableName: agents, Item: Key }))
      )
    ]
  } finally {
    await reader.close()
    client.destroy()
  }
}

/** A stack that stands, by its outputs. */
export const openDeployed = (ways: Ways): Deployed => {
  const { outputs, operator } = ways
  const client = new DynamoDBClient({ ...operator, maxAttempts: 5 })
  const sqs = new SQSClient({ ...operator, maxAttempts: 5 })
  const tables = outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
  // A stack has no table of what a setting leaves out.
  const own = projections.flatMap((projection) => {
    const table = tables[generation(projection)]?.name
    return table === undefined ? [] : [{ ...projection, table }]
  })

  return {
    send: ways.send,
    stored: async () =>
      (await items(client, String(outputs.eventTableName))).map((item) => JSON.stringify(fromItem(item).envelope)),
    waiting: async () => {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: String(outputs.settleQueueUrl),
          AttributeNames: [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed"
          ]
        })
      )
      return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
    },
    state: () => readState({ outputs }, { operator }),
    forget: async () => {
      for (const { table, key } of own) await forget(client, table, key)
    },
    replay: async () => {
      for (const projection of own) await ways.replay(generation(projection))
    },
    attempts: () => attemptsOf(ways, (name) => own.find((one) => one.name === name)?.table ?? "")
  }
}
