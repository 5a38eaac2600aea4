import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient
} from "@aws-sdk/client-sqs"
import { assert, describe, it } from "vitest"
import type { QueueChaos, QueueSettings } from "../src/sqs/queue.ts"
import { md5OfAttributes } from "../src/sqs/shapes.ts"
import { makeSqs } from "../src/sqs/sqs.ts"
import { makeRequestHandler } from "../src/wire/request-handler.ts"
import { arn, errorOf, guard, makeTime, ROLE, random, START } from "./parts.ts"

const url = (name: string) => `https://sqs.eu-west-1.amazonaws.com/000000000000/${name}`
const WORK = arn("sqs", "work")
const DEAD = arn("sqs", "dead")
const QueueUrl = url("work")

const setUp = (more: Partial<QueueSettings> = {}, refused: ReadonlyArray<string> = [], chaos?: QueueChaos) => {
  const time = makeTime()
  const access = guard(...refused)
  const queues: ReadonlyArray<QueueSettings> = [
    { name: "work", arn: WORK, url: QueueUrl, ...more },
    { name: "dead", arn: DEAD, url: url("dead") }
  ]
  const sqs = makeSqs(queues, { ...time, authorize: access.authorize, ...(chaos !== undefined && { chaos }) })
  const client = new SQSClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
    requestHandler: makeRequestHandler({ services: { sqs: sqs.service }, principal: ROLE, activity: time.activity })
  })
  const queue = sqs.queue(WORK)
  const send = (body: string, delaySeconds?: number) =>
    queue.send({ body, senderId: "test", ...(delaySeconds !== undefined && { delaySeconds }) })
  return { ...time, sqs, client, queue, access, send }
}

const bodies = (received: ReadonlyArray<{ readonly message: { readonly body: string } }>) =>
  received.map(({ message }) => message.body)

describe("standard queue", () => {
  it.each([
    ["the queue's default", 5, undefined, 5],
    ["a delay of its own", 5, 2, 2],
    ["an explicit 0, which beats the default", 5, 0, 0],
    ["the longest delay", 0, 900, 900]
  ])("delays a message by %s", (_name, standard, own, seconds) => {
    const { queue, clock, send } = setUp({ delaySeconds: standard })
    send("a", own)
    if (seconds > 0) {
      clock.advanceTo(START + seconds * 1_000 - 1)
      assert.deepStrictEqual(queue.receive(10), [])
    }
    clock.advanceTo(START + seconds * 1_000)
    assert.deepStrictEqual(bodies(queue.receive(10)), ["a"])
  })

  it("hides what was received until the visibility timeout, and counts receives", () => {
    const { queue, clock, send } = setUp({ visibilityTimeoutSeconds: 10 })
    send("a")
    clock.advanceTo(START + 1_000)
    const [first] = queue.receive(10)
    assert.deepStrictEqual(queue.counts(), { visible: 0, inFlight: 1, delayed: 0 })
    assert.deepStrictEqual(queue.receive(10), [])
    clock.advanceTo(START + 11_000)
    const [second] = queue.receive(10)
    assert.strictEqual(second!.message.receives, 2)
    assert.strictEqual(second!.message.sent, START)
    assert.strictEqual(second!.message.firstReceived, START + 1_000)
    assert.isTrue(queue.remove(first!.receiptHandle), "an old handle is accepted")
    assert.strictEqual(queue.counts().inFlight, 1, "and deletes nothing")
    assert.isTrue(queue.remove(second!.receiptHandle))
    assert.deepStrictEqual(queue.counts(), { visible: 0, inFlight: 0, delayed: 0 })
    assert.isFalse(queue.remove("nonsense"))
  })

  it("moves a message that was received too often to the dead letters, with all that it carries", () => {
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: DEAD, maxReceiveCount: 2 })
    const { queue, sqs, clock } = setUp({ redrivePolicy, visibilityTimeoutSeconds: 1 })
    const attributes = { WHY: { DataType: "String", StringValue: "because" } }
    const { id } = queue.send({ body: "a", senderId: "test", attributes })
    for (let i = 1; i <= 2; i++) {
      assert.lengthOf(queue.receive(10), 1)
      clock.advanceTo(START + i * 1_000)
    }
    assert.deepStrictEqual(queue.receive(10), [])
    assert.deepStrictEqual(queue.counts(), { visible: 0, inFlight: 0, delayed: 0 })
    const [dead] = sqs.queue(DEAD).receive(10)
    assert.deepInclude(dead!.message, { id, body: "a", attributes, deadLetterSource: WORK, sent: START, receives: 3 })
  })

  it("forgets what is older than the retention", () => {
    const { queue, clock, send } = setUp({ messageRetentionSeconds: 60 })
    send("a")
    clock.advanceTo(START + 60_001)
    assert.deepStrictEqual(queue.receive(10), [])
    assert.strictEqual(queue.counts().visible, 0)
  })

  it("holds tens of thousands of delayed messages", () => {
    const { queue, clock, send } = setUp()
    for (let i = 0; i < 30_000; i++) send(String(i), (i * 7919) % 901)
    for (let received = 0, at = START; received < 30_000; at += 1_000) {
      clock.advanceTo(at)
      for (let some = queue.receive(10); some.length > 0; some = queue.receive(10)) {
        received += some.length
        for (const { receiptHandle } of some) queue.remove(receiptHandle)
      }
      assert.isAtMost(at, START + 900_000)
    }
    assert.deepStrictEqual(queue.counts(), { visible: 0, inFlight: 0, delayed: 0 })
    assert.strictEqual(clock.nextTimer(), undefined)
  })

  it("with random delivers twice and out of order, and still everything", () => {
    const chaos = { random: random(0.9, 0.1, 0.9, 0.1, 0.9), duplicate: 0.5, reorder: 0.5 }
    const { queue, send } = setUp({}, [], chaos)
    for (const body of ["a", "b", "c"]) send(body)
    assert.deepStrictEqual(bodies(queue.receive(10)), ["b", "b", "c", "a"])
  })

  it.each([
    ["a delay of 901 s", { delaySeconds: 901 }, /0 to 900/],
    ["a FIFO queue", { fifoQueue: true }, /not implemented/],
    ["dead letters without a queue", { redrivePolicy: '{"deadLetterTargetArn":"arn:x","maxReceiveCount":1}' }, /exist/]
  ])("throws on %s", (_name, more, message) => {
    assert.throws(() => setUp(more as Partial<QueueSettings>), message)
  })
})

describe("sqs service, through the SDK", () => {
  it("sends, receives and deletes; the SDK agrees on every digest", async () => {
    const { client, access } = setUp()
    const MessageAttributes = {
      NAME: { DataType: "String", StringValue: "ü" },
      BYTES: { DataType: "Binary", BinaryValue: Buffer.of(1, 2) }
    }
    const sent = await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "höi", MessageAttributes }))
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
        MaxNumberOfMessages: 10
      })
    )
    const [message] = Messages
    assert.deepInclude(message, { MessageId: sent.MessageId, Body: "höi" })
    assert.strictEqual(message!.MD5OfMessageAttributes, sent.MD5OfMessageAttributes)
    assert.strictEqual(message!.MessageAttributes?.NAME?.StringValue, "ü")
    assert.deepStrictEqual([...message!.MessageAttributes!.BYTES!.BinaryValue!], [1, 2])
    assert.deepStrictEqual(message!.Attributes, {
      ApproximateFirstReceiveTimestamp: String(START),
      ApproximateReceiveCount: "1",
      SenderId: "tester",
      SentTimestamp: String(START)
    })
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message!.ReceiptHandle }))
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }))
    assert.deepInclude(Attributes, {
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
      VisibilityTimeout: "30",
      QueueArn: WORK
    })
    assert.deepStrictEqual(
      access.used.map((use) => use.split(" ")[0]),
      ["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((name) => `sqs:${name}`)
    )
  })

  it("has the digest of attributes that AWS documents: lengths, type, transport, value, sorted by name", () => {
    // MD5 of 00000001 "a" 00000006 "String" 01 00000001 "b".
    assert.strictEqual(
      md5OfAttributes({ a: { DataType: "String", StringValue: "b" } }),
      "bef8bf215374a0a228d67533b1a488be"
    )
  })

  it("judges the entries of a batch one by one", async () => {
    const { client, queue } = setUp()
    const Entries = [
      { Id: "now", MessageBody: "a", DelaySeconds: 0 },
      { Id: "later", MessageBody: "b", DelaySeconds: 900 },
      { Id: "never", MessageBody: "c", DelaySeconds: 901 }
    ]
    const { Successful, Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    assert.deepStrictEqual(
      Successful?.map(({ Id }) => Id),
      ["now", "later"]
    )
    assert.deepInclude(Failed?.[0], { Id: "never", Code: "InvalidParameterValue", SenderFault: true })
    assert.deepStrictEqual(queue.counts(), { visible: 1, inFlight: 0, delayed: 1 })
    const [received] = queue.receive(1)
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "1", ReceiptHandle: received!.receiptHandle },
          { Id: "2", ReceiptHandle: "x" }
        ]
      })
    )
    assert.strictEqual(deleted.Successful?.[0]?.Id, "1")
    assert.deepInclude(deleted.Failed?.[0], { Id: "2", Code: "ReceiptHandleIsInvalid" })
  })

  const entry = (Id: string, MessageBody = "x") => ({ Id, MessageBody })
  const ids = Array.from({ length: 11 }, (_, i) => entry(String(i)))
  it.each([
    ["TooManyEntriesInBatchRequest", ids],
    ["EmptyBatchRequest", []],
    ["BatchEntryIdsNotDistinct", [entry("a"), entry("a")]],
    ["InvalidBatchEntryId", [entry("a b")]],
    ["BatchRequestTooLong", [entry("a", "x".repeat(600_000)), entry("b", "x".repeat(600_000))]]
  ])("refuses a batch with %s", async (code, Entries) => {
    const { client, queue } = setUp()
    assert.strictEqual(await errorOf(client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))), code)
    assert.deepStrictEqual(queue.counts(), { visible: 0, inFlight: 0, delayed: 0 })
  })

  it("takes ten entries of a mebibyte together", async () => {
    const { client } = setUp()
    const Entries = ids.slice(0, 8).map(({ Id }) => entry(Id, "x".repeat(131_072)))
    const { Successful } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    assert.lengthOf(Successful ?? [], 8)
  })

  it.each([
    ["InvalidParameterValue", { MessageBody: "x", DelaySeconds: 901 }],
    ["InvalidParameterValue", { MessageBody: "x".repeat(1_048_577) }],
    ["InvalidMessageContents", { MessageBody: "\u0000" }],
    ["MissingParameter", { MessageBody: "" }]
  ])("refuses a message: %s", async (code, input) => {
    const { client } = setUp()
    assert.strictEqual(await errorOf(client.send(new SendMessageCommand({ QueueUrl, ...input }))), code)
  })

  it("changes the visibility of what is in flight only", async () => {
    const { client, clock, queue, send } = setUp()
    send("a")
    const [received] = queue.receive(1)
    const change = (VisibilityTimeout: number, ReceiptHandle = received!.receiptHandle) =>
      errorOf(client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout })))
    assert.strictEqual(await change(60), "no error")
    clock.advanceTo(START + 59_999)
    assert.strictEqual(queue.counts().inFlight, 1)
    assert.strictEqual(await change(0), "no error")
    assert.strictEqual(queue.counts().visible, 1)
    assert.strictEqual(await change(5), "MessageNotInflight")
    assert.strictEqual(await change(43_201), "InvalidParameterValue")
    assert.strictEqual(await change(5, "x"), "ReceiptHandleIsInvalid")
  })

  it("polls long while time passes", async () => {
    const { client, elapsed, run, send } = setUp()
    send("a", 7)
    let at: number | undefined
    const poll = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 })).then(({ Messages }) => {
      at = elapsed()
      return Messages
    })
    await run(() => at !== undefined)
    assert.strictEqual((await poll)?.[0]?.Body, "a")
    assert.strictEqual(at, 7_000)
  })

  it("asks for the right, the queue, and an operation and fields that it knows", async () => {
    const { client, sqs } = setUp({}, ["sqs:SendMessage"])
    const send = new SendMessageCommand({ QueueUrl, MessageBody: "x" })
    assert.strictEqual(await errorOf(client.send(send)), "AccessDeniedException")
    const elsewhere = new ReceiveMessageCommand({ QueueUrl: url("nowhere") })
    assert.strictEqual(await errorOf(client.send(elsewhere)), "QueueDoesNotExist")
    const call = (operation: string, input: object) => errorOf(sqs.service(operation, { QueueUrl, ...input }, ROLE))
    assert.strictEqual(await call("PurgeQueue", {}), "Error")
    assert.strictEqual(await call("SendMessage", { MessageBody: "x", MessageGroupId: "g" }), "Error")
    assert.strictEqual(await call("ReceiveMessage", { ReceiveRequestAttemptId: "g" }), "Error")
    assert.strictEqual(await call("GetQueueAttributes", { AttributeNames: ["Nonsense"] }), "InvalidAttributeName")
  })
})

describe("messages from services", () => {
  const rule = arn("events", "rule/bus/all")
  const statement = {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: WORK,
    Condition: { ArnEquals: { "aws:SourceArn": rule } }
  }
  const insecure = {
    Effect: "Deny",
    Principal: "*",
    Action: "sqs:*",
    Resource: WORK,
    Condition: { Bool: { "aws:SecureTransport": "false" } }
  }
  it.each([
    ["the policy names service and source", [statement, insecure], "sent"],
    ["there is no policy", undefined, "AccessDeniedException"],
    [
      "it names another source",
      [{ ...statement, Condition: { ArnLike: { "aws:SourceArn": `${rule}2` } } }],
      "AccessDeniedException"
    ],
    [
      "it names another service",
      [{ ...statement, Principal: { Service: "sns.amazonaws.com" } }],
      "AccessDeniedException"
    ],
    ["it names another queue", [{ ...statement, Resource: DEAD }], "AccessDeniedException"],
    ["another statement denies", [statement, { ...statement, Effect: "Deny" }], "AccessDeniedException"]
  ])("when %s", (_name, statements, expected) => {
    const policy = statements && { policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) }
    const { sqs, queue } = setUp(policy)
    const send = () => {
      try {
        sqs.sendAsService(WORK, { service: "events.amazonaws.com", sourceArn: rule }, { body: "x", attributes: {} })
        return "sent"
      } catch (error) {
        return (error as Error).name
      }
    }
    assert.strictEqual(send(), expected)
    assert.strictEqual(queue.counts().visible, expected === "sent" ? 1 : 0)
  })

  it("throws at once on a condition that it cannot judge", () => {
    const policy = JSON.stringify({ Statement: [{ ...statement, Condition: { IpAddress: { "aws:SourceIp": "1" } } }] })
    assert.throws(() => setUp({ policy }), /not implemented/)
  })
})
