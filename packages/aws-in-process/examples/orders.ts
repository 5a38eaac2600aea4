import { DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb"
import {
  makeActivity,
  makeAuthorizer,
  makeDynamodb,
  makeHost,
  makeKinesis,
  makeRequestHandler,
  makeStream,
  makeStreamMapping
} from "aws-in-process"
import { virtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import type { KinesisStreamEvent } from "aws-lambda"

// 1. What your program declares: a stream, a table, a role, a mapping.
const stream = { name: "orders", arn: "arn:aws:kinesis:eu-west-1:000000000000:stream/orders", shardCount: 2 }
const table = {
  name: "orders",
  arn: "arn:aws:dynamodb:eu-west-1:000000000000:table/orders",
  hashKey: { name: "id", type: "S" }
} as const
const role = { roleArn: "arn:aws:iam::000000000000:role/save-order", label: "save-order" }
const policy = {
  Statement: [
    { Effect: "Allow", Action: "dynamodb:PutItem", Resource: table.arn },
    { Effect: "Allow", Action: ["kinesis:Get*", "kinesis:Describe*", "kinesis:ListShards"], Resource: stream.arn }
  ]
} as const

// 2. The services. They share one clock, one count of the work in progress and one authorizer.
const clock = virtualClock(Date.UTC(2026, 0, 5))
const activity = makeActivity()
const admin = { roleArn: "arn:aws:iam::000000000000:role/admin", label: "admin" }
const { authorize } = makeAuthorizer({
  [role.roleArn]: [policy],
  [admin.roleArn]: [{ Statement: { Effect: "Allow", Action: "*", Resource: "*" } }]
})
const dynamodb = makeDynamodb({ clock, activity, authorize })
await dynamodb.createTable(table)
const kinesis = makeKinesis([makeStream(stream, clock)], authorize)

// 3. An SDK client for each caller. It needs no endpoint: the request handler is the service.
const clientOf = (principal: typeof role) =>
  new DynamoDBClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "unused", secretAccessKey: "unused" },
    requestHandler: makeRequestHandler({ services: { dynamodb: dynamodb.service }, principal, activity })
  })

// 4. Your handler, unchanged, and the mapping that invokes it.
const client = clientOf(role)
const handler = async (event: KinesisStreamEvent) => {
  for (const { kinesis } of event.Records) {
    const { id, total } = JSON.parse(Buffer.from(kinesis.data, "base64").toString())
    await client.send(new PutItemCommand({ TableName: "orders", Item: { id: { S: id }, total: { N: `${total}` } } }))
  }
}
const host = makeHost({
  name: "save-order",
  arn: "arn:aws:lambda:eu-west-1:000000000000:function:save-order",
  handler,
  timeoutSeconds: 30,
  clock
})
const mapping = makeStreamMapping(
  { eventSourceArn: stream.arn, functionName: "save-order", startingPosition: "TRIM_HORIZON", batchSize: 10 },
  { clock, authorize, principal: role, stream: kinesis.stream("orders"), host, putObject: async () => {} }
)

// 5. Send two orders, then let time pass until the mapping has nothing left to do.
for (const order of [
  { id: "o-1", total: 12 },
  { id: "o-2", total: 30 }
])
  kinesis.stream("orders").put({ partitionKey: order.id, data: Buffer.from(JSON.stringify(order)) })
await runVirtual(clock, { pending: activity.pending, until: mapping.idle, limit: 60_000 })

const { Items = [] } = await clientOf(admin).send(new ScanCommand({ TableName: "orders" }))
export const totals = Items.map((item) => Number(item.total?.N)).sort((a, b) => a - b)
export const elapsedMs = clock.now() - Date.UTC(2026, 0, 5)
await mapping.stop()
await dynamodb.close()
