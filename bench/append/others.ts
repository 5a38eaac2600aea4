import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch"
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency"
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb"
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb"
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb"
import type { Context, KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda"

/** A handler of records of a stream, which answers what must be delivered again. */
export type Handler = (
  event: KinesisStreamEvent,
  context: Context
) => Promise<{ readonly batchItemFailures: ReadonlyArray<unknown> }>

const CALLS_IN_FLIGHT = 16

/** The event of a record, and the columns that anybody would store beside its text. */
const read = ({ kinesis }: KinesisStreamRecord) => {
  const body = Buffer.from(kinesis.data, "base64").toString("utf8")
  const event = JSON.parse(body) as { readonly id: string; readonly time: string; readonly "detail-type": string }
  return { id: event.id, time: event.time, topic: event["detail-type"], body }
}

/** Other ways to store every event once, each as its own guide writes it. They hold no update back and fold nothing. */
export const others = (client: DynamoDBClient, TableName: string, idempotency: string) => {
  const put = async (record: KinesisStreamRecord) => {
    const { id, time, topic, body } = read(record)
    await client.send(
      new PutItemCommand({
        TableName,
        Item: { id: { S: id }, time: { S: time }, topic: { S: topic }, body: { S: body } },
        ConditionExpression: "attribute_not_exists(id)"
      })
    )
  }

  const sequential: Handler = async ({ Records }) => {
    for (const record of Records) await put(record)
    return { batchItemFailures: [] }
  }

  const concurrent: Handler = async ({ Records }) => {
    const records = Records.values()
    await Promise.all(
      Array.from({ length: CALLS_IN_FLIGHT }, async () => {
        for (const record of records) await put(record)
      })
    )
    return { batchItemFailures: [] }
  }

  const documents = DynamoDBDocumentClient.from(client)
  const config = new IdempotencyConfig({ eventKeyJmesPath: "id" })
  const once = makeIdempotent(
    async (item: ReturnType<typeof read>) => {
      await documents.send(new PutCommand({ TableName, Item: item }))
      return item.id
    },
    { persistenceStore: new DynamoDBPersistenceLayer({ tableName: idempotency, awsSdkV3Client: client }), config }
  )
  const processor = new BatchProcessor(EventType.KinesisDataStreams)
  const powertools: Handler = (event, context) => {
    config.registerLambdaContext(context)
    return processPartialResponse(event, (record: KinesisStreamRecord) => once(read(record)), processor, { context })
  }

  const readOnly: Handler = async ({ Records }) => {
    const ids = new Set(Records.map((record) => read(record).id))
    if (ids.size !== Records.length) throw new Error("ids are not unique")
    return { batchItemFailures: [] }
  }

  return { sequential, concurrent, powertools, readOnly }
}
