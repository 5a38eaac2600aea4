import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch"
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency"
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb"
import {
  BatchExecuteStatementCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand
} from "@aws-sdk/client-dynamodb"
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb"
import type { Context, KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda"
import { handSigned } from "./hand-signed.ts"

/** A handler of records of a stream, which answers what must be delivered again. */
export type Handler = (
  event: KinesisStreamEvent,
  context: Context
) => Promise<{ readonly batchItemFailures: ReadonlyArray<unknown> }>

const CALLS_IN_FLIGHT = 16
const A_BATCH = 25
const nothing = { batchItemFailures: [] }

/** The event of a record, and the columns that anybody would store beside its text. */
const read = ({ kinesis }: KinesisStreamRecord) => {
  const body = Buffer.from(kinesis.data, "base64").toString("utf8")
  const event = JSON.parse(body) as { readonly id: string; readonly time: string; readonly "detail-type": string }
  return { id: event.id, time: event.time, topic: event["detail-type"], body }
}

const itemOf = (record: KinesisStreamRecord) => {
  const { id, time, topic, body } = read(record)
  return { id: { S: id }, time: { S: time }, topic: { S: topic }, body: { S: body } }
}

const batches = (records: ReadonlyArray<KinesisStreamRecord>) =>
  Array.from({ length: Math.ceil(records.length / A_BATCH) }, (_, i) =>
    records.slice(i * A_BATCH, (i + 1) * A_BATCH).map(itemOf)
  )

/**
 * Other ways to store events, each as its own guide writes it: every event once, but for `batchWrite`, which writes over what is there.
 * They hold no update back and fold nothing. `floor` says what the calls alone take, without an SDK.
 */
export const others = (TableName: string, idempotency: string): Readonly<Record<string, Handler>> => {
  const client = new DynamoDBClient({})

  const put = (record: KinesisStreamRecord) =>
    client.send(
      new PutItemCommand({ TableName, Item: itemOf(record), ConditionExpression: "attribute_not_exists(id)" })
    )

  const sequential: Handler = async ({ Records }) => {
    for (const record of Records) await put(record)
    return nothing
  }

  const concurrent: Handler = async ({ Records }) => {
    const records = Records.values()
    await Promise.all(
      Array.from({ length: CALLS_IN_FLIGHT }, async () => {
        for (const record of records) await put(record)
      })
    )
    return nothing
  }

  // The processor handles all records of a batch at once: with the 50 sockets of the default they would queue, and the SDK would warn.
  const manySockets = new DynamoDBClient({ requestHandler: { httpAgent: { keepAlive: true, maxSockets: 500 } } })
  const documents = DynamoDBDocumentClient.from(manySockets)
  const config = new IdempotencyConfig({ eventKeyJmesPath: "id" })
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName: idempotency, awsSdkV3Client: manySockets })
  const once = makeIdempotent(
    async (item: ReturnType<typeof read>) => {
      await documents.send(new PutCommand({ TableName, Item: item }))
      return item.id
    },
    { persistenceStore, config }
  )
  const processor = new BatchProcessor(EventType.KinesisDataStreams)
  const powertools: Handler = (event, context) => {
    config.registerLambdaContext(context)
    return processPartialResponse(event, (record: KinesisStreamRecord) => once(read(record)), processor, { context })
  }

  const Statement = `INSERT INTO "${TableName}" VALUE {'id': ?, 'time': ?, 'topic': ?, 'body': ?}`
  const statementsOf = (items: ReadonlyArray<ReturnType<typeof itemOf>>) => ({
    Statements: items.map((item) => ({ Statement, Parameters: [item.id, item.time, item.topic, item.body] }))
  })
  const refuse = ({
    Responses = []
  }: {
    readonly Responses?: ReadonlyArray<{ readonly Error?: unknown }> | undefined
  }) => {
    if (Responses.some(({ Error }) => Error !== undefined)) throw new Error("a statement was refused")
  }

  const statements: Handler = async ({ Records }) => {
    await Promise.all(
      batches(Records).map(async (items) =>
        refuse(await client.send(new BatchExecuteStatementCommand(statementsOf(items))))
      )
    )
    return nothing
  }

  const batchWrite: Handler = async ({ Records }) => {
    await Promise.all(
      batches(Records).map((items) =>
        client.send(
          new BatchWriteItemCommand({
            RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) }
          })
        )
      )
    )
    return nothing
  }

  const call = handSigned(process.env.AWS_ENDPOINT_URL ?? "", process.env)
  const floor: Handler = async ({ Records }) => {
    await Promise.all(
      batches(Records).map(async (items) =>
        refuse((await call("BatchExecuteStatement", statementsOf(items))) as object)
      )
    )
    return nothing
  }

  const readOnly: Handler = async ({ Records }) => {
    const ids = new Set(Records.map((record) => read(record).id))
    if (ids.size !== Records.length) throw new Error("ids are not unique")
    return nothing
  }

  return { sequential, concurrent, powertools, statements, batchWrite, floor, readOnly }
}
