import { makeDynamodb, makeRequestHandler, makeS3, makeSqs, type RequestHandler } from "aws-in-process"
import { Layer } from "effect"
import { queues } from "../../projections/queues.ts"
import { DIRECTORY_INDEXES, LISTED } from "../../src/domain/directory.ts"
import { generation, OPEN_INDEX } from "../../src/domain/projection.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { Sqs } from "../../src/store/aws/sqs.ts"
import { arn, connectedTo, PRINCIPAL, permissive, queueUrl } from "./permissive.ts"
import { GENERATIONS } from "./projection-store.contract.ts"

export const EVENT_TABLE = "events"
export const ENTITY_TABLE = "entities"
export const DIRECTORY_TABLE = "directory"
export const BUCKET = "bucket"
export const QUEUE_URL = queueUrl("settle")

/** Tables and keys of the generations under test. */
export const ROW_TABLES = Object.fromEntries(
  Object.entries(GENERATIONS).map(([generation, key]) => [generation, { table: `rows-${generation}`, key }])
)

/** The index on the table of the one generation that has summaries. */
const OPEN = {
  name: OPEN_INDEX.name,
  rangeKey: { name: OPEN_INDEX.key, type: "S" },
  projection: queues.summary?.columns ?? []
} as const

/**
 * The local engine with the tables, the bucket and the queue that the stores use. `connect` makes layers of clients that speak to
 * it, through `wrap` where given. Time is the machine's; the queue's alone stands at 0 until it is moved. All calls are
 * allowed, and their actions remembered.
 */
export const makeEngine = async () => {
  const { clock, queueClock, activity, actions, authorize } = permissive()
  const dynamodb = makeDynamodb({ clock, activity, authorize })
  await dynamodb.createTable({
    name: EVENT_TABLE,
    arn: arn("dynamodb", `table/${EVENT_TABLE}`),
    hashKey: { name: "id", type: "S" }
  })
  await dynamodb.createTable({
    name: ENTITY_TABLE,
    arn: arn("dynamodb", `table/${ENTITY_TABLE}`),
    hashKey: { name: "entity", type: "S" },
    rangeKey: { name: "at", type: "S" }
  })
  await dynamodb.createTable({
    name: DIRECTORY_TABLE,
    arn: arn("dynamodb", `table/${DIRECTORY_TABLE}`),
    hashKey: { name: "kind", type: "S" },
    rangeKey: { name: "id", type: "S" },
    indexes: Object.entries(DIRECTORY_INDEXES).map(([name, { key, holds }]) => ({
      name,
      hashKey: { name: key, type: "S" },
      rangeKey: { name: LISTED, type: "S" },
      projection: holds
    }))
  })
  for (const [name, { table, key }] of Object.entries(ROW_TABLES))
    await dynamodb.createTable({
      name: table,
      arn: arn("dynamodb", `table/${table}`),
      hashKey: { name: key, type: "S" },
      rangeKey: { name: "row", type: "S" },
      ...(name === generation(queues) ? { localIndexes: [OPEN] } : {})
    })
  const s3 = makeS3({ clock, authorize })
  s3.createBucket(BUCKET)
  const sqs = makeSqs([{ name: "settle", arn: arn("sqs", "settle"), url: QUEUE_URL }], {
    clock: queueClock,
    authorize,
    activity
  })

  const handler = makeRequestHandler({
    services: { dynamodb: dynamodb.service, s3: s3.service, sqs: sqs.service },
    principal: PRINCIPAL,
    activity
  })
  const connect = (wrap: (inner: RequestHandler) => RequestHandler = (inner) => inner) =>
    Layer.mergeAll(DynamoDb.layer, S3.layer, Sqs.layer).pipe(Layer.provide(connectedTo(wrap(handler))), Layer.fresh)

  const take = (now: number): ReadonlyArray<string> => {
    queueClock.advanceTo(now)
    const bodies: Array<string> = []
    for (;;) {
      const received = sqs.queue(QUEUE_URL).receive(10)
      if (received.length === 0) return bodies
      for (const { message, receiptHandle } of received) {
        bodies.push(message.body)
        sqs.queue(QUEUE_URL).remove(receiptHandle)
      }
    }
  }

  return { connect, dynamodb, s3, take, actions }
}
