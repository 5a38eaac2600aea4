import { createHash } from "node:crypto"
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb"
import { GetQueueAttributesCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { assert, describe, it } from "vitest"
import { makeActivity } from "../src/core/activity.ts"
import { type Principal, ServiceError } from "../src/core/types.ts"
import { makeRequestHandler, type Services } from "../src/wire/request-handler.ts"

const PRINCIPAL: Principal = { roleArn: "arn:aws:iam::1:role/append", label: "append" }
const QueueUrl = "https://sqs.eu-west-1.amazonaws.com/1/settle"

const setup = (services: Services) => {
  const activity = makeActivity()
  const config = {
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local", sessionToken: "token" },
    requestHandler: makeRequestHandler({ services, principal: PRINCIPAL, activity }),
    maxAttempts: 1
  }
  return { activity, config, dynamodb: new DynamoDBClient(config), sqs: new SQSClient(config) }
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => assert.fail("it succeeded"),
    (error) => error
  )

describe("the request handler", () => {
  it("passes operation, input and caller, and returns the output", async () => {
    const calls: Array<unknown> = []
    const { dynamodb, sqs } = setup({
      dynamodb: async (...call) => {
        calls.push(call)
        return { Item: { id: { S: "é" }, body: { B: "AQI=" } } }
      },
      sqs: async (...call) => {
        calls.push(call)
        return { MessageId: "m", MD5OfMessageBody: createHash("md5").update("hello").digest("hex") }
      }
    })
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: "t", Key: { id: { S: "é" }, k: { B: new Uint8Array([1]) } } })
    )
    assert.deepStrictEqual(Item, { id: { S: "é" }, body: { B: new Uint8Array([1, 2]) } })
    const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello", DelaySeconds: 0 }))
    assert.strictEqual(sent.MessageId, "m")
    assert.deepStrictEqual(calls, [
      ["GetItem", { TableName: "t", Key: { id: { S: "é" }, k: { B: "AQ==" } } }, PRINCIPAL],
      ["SendMessage", { QueueUrl, MessageBody: "hello", DelaySeconds: 0 }, PRINCIPAL]
    ])
  })

  it("makes a service error the SDK's own, with its fields", async () => {
    const { dynamodb, sqs } = setup({
      dynamodb: async () => {
        throw new ServiceError("ConditionalCheckFailedException", "no", 400, { Item: { id: { S: "1" } } })
      },
      sqs: async () => {
        throw new ServiceError("QueueDoesNotExist", "The specified queue does not exist.")
      }
    })
    const refused = await failure(dynamodb.send(new PutItemCommand({ TableName: "t", Item: {} })))
    assert.deepStrictEqual(
      [refused.name, refused.message, refused.$metadata.httpStatusCode, refused.Item],
      ["ConditionalCheckFailedException", "no", 400, { id: { S: "1" } }]
    )
    const gone = await failure(sqs.send(new GetQueueAttributesCommand({ QueueUrl })))
    assert.deepStrictEqual([gone.name, gone.message], ["QueueDoesNotExist", "The specified queue does not exist."])
  })

  it("throws other errors as they are, and lets the SDK retry a lost connection", async () => {
    let calls = 0
    const { config } = setup({
      dynamodb: async () => {
        if (calls++ === 0) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })
        throw new RangeError("a bug")
      }
    })
    const client = new DynamoDBClient({ ...config, maxAttempts: 2 })
    const error = await failure(client.send(new GetItemCommand({ TableName: "t", Key: {} })))
    assert.deepStrictEqual([error.name, error.message, calls], ["RangeError", "a bug", 2])
  })

  it("throws on services and headers that it does not know", async () => {
    const { sqs, dynamodb } = setup({ dynamodb: async () => ({}) })
    const service = await failure(sqs.send(new ListQueuesCommand({})))
    assert.match(service.message, /not implemented by aws-in-process: AmazonSQS\.ListQueues/)
    dynamodb.middlewareStack.add(
      (next) => (args) => {
        ;(args.request as { headers: Record<string, string> }).headers["x-amz-new-option"] = "1"
        return next(args)
      },
      { step: "build" }
    )
    const header = await failure(dynamodb.send(new GetItemCommand({ TableName: "t", Key: {} })))
    assert.match(header.message, /header x-amz-new-option on DynamoDB_20120810\.GetItem/)
  })

  it("counts calls in progress until the service has answered, aborted ones too", async () => {
    let finish = () => {}
    const { activity, dynamodb } = setup({
      dynamodb: () =>
        new Promise((resolve) => {
          finish = () => resolve({})
        })
    })
    const controller = new AbortController()
    const call = failure(
      dynamodb.send(new GetItemCommand({ TableName: "t", Key: {} }), { abortSignal: controller.signal })
    )
    while (activity.pending() === 0) await new Promise(setImmediate)
    controller.abort()
    assert.strictEqual((await call).name, "AbortError")
    assert.strictEqual(activity.pending(), 1)
    finish()
    await new Promise(setImmediate)
    assert.strictEqual(activity.pending(), 0)

    const late = await failure(
      dynamodb.send(new GetItemCommand({ TableName: "t", Key: {} }), { abortSignal: AbortSignal.abort() })
    )
    assert.strictEqual(late.name, "AbortError")
    assert.strictEqual(activity.pending(), 0)
  })
})
