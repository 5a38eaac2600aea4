import { describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { capture } from "../../src/local/capture.ts"
import { control } from "../../src/store/aws/control.ts"
import { deadLetters } from "../../src/store/aws/dead-letters.ts"
import { directory } from "../../src/store/aws/directory.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { entityIndex } from "../../src/store/aws/entity-index.ts"
import { eventEraser } from "../../src/store/aws/event-eraser.ts"
import { eventSource } from "../../src/store/aws/event-source.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { executions, StepFunctions } from "../../src/store/aws/executions.ts"
import { notices, Sns } from "../../src/store/aws/notices.ts"
import { parked } from "../../src/store/aws/parked.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { quarantine } from "../../src/store/aws/quarantine.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { settleQueue } from "../../src/store/aws/settle-queue.ts"
import { settleReturn } from "../../src/store/aws/settle-return.ts"
import { Sqs } from "../../src/store/aws/sqs.ts"
import { Kinesis, streamSink } from "../../src/store/aws/stream-sink.ts"
import { watermark } from "../../src/store/aws/watermark.ts"
import { ATTEMPTS_ATTRIBUTE, DeadLetters } from "../../src/store/dead-letters.ts"
import { controlContract } from "../store/control.contract.ts"
import { deadLettersContract } from "../store/dead-letters.contract.ts"
import { directoryContract } from "../store/directory.contract.ts"
import { entityIndexContract } from "../store/entity-index.contract.ts"
import { eventSourceContract } from "../store/event-source.contract.ts"
import { eventStoreContract } from "../store/event-store.contract.ts"
import { executionsContract } from "../store/executions.contract.ts"
import { settleReturnContract, streamSinkContract } from "../store/hand-over.contract.ts"
import { noticesContract, parkedContract } from "../store/parked.contract.ts"
import { GENERATIONS, projectionStoreContract } from "../store/projection-store.contract.ts"
import { quarantineContract } from "../store/quarantine.contract.ts"
import { settleQueueContract } from "../store/settle-queue.contract.ts"
import { watermarkContract } from "../store/watermark.contract.ts"
import { call, connectedTo, drained, fresh, objectsIn, sleep } from "./aws.ts"
import { endpointOf, endpoints, REGION, type Service } from "./endpoints.ts"
import type { Json } from "./requests.ts"
import { declaredTable } from "./tables.ts"

const has = (...services: ReadonlyArray<Service>) => services.every((service) => endpointOf(service) !== undefined)
const nameOf = (...services: ReadonlyArray<Service>) =>
  services.map((service) => `${service} at ${endpointOf(service)}`).join(", ")

const { resources } = await capture("dev", { entityIndex: true })

/** A table as the stack declares it, under a name of its own. */
const table = (name: string): string => {
  const declared = resources.find((resource) => resource.type === "aws:dynamodb/table:Table" && resource.name === name)
  if (declared === undefined) throw new Error(`the stack declares no table ${name}`)
  const TableName = fresh(name)
  call("dynamodb", "CreateTable", declaredTable(declared, TableName))
  for (let looks = 0; looks < 100; looks++) {
    if (call("dynamodb", "DescribeTable", { TableName }).Table.TableStatus === "ACTIVE") break
    sleep(50)
  }
  return TableName
}
const bucket = (): string => {
  const Bucket = fresh("bucket")
  call("s3", "CreateBucket", { Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } })
  return Bucket
}
const queue = (): string => call("sqs", "CreateQueue", { QueueName: fresh("queue") }).QueueUrl

/** Made when a suite begins, not when it is named. */
const lazily = <A, E, R>(make: () => Layer.Layer<A, E, R>) => Layer.unwrap(Effect.sync(make))

const dynamodb = DynamoDb.layer.pipe(Layer.provide(connectedTo("dynamodb")))
const s3 = S3.layer.pipe(Layer.provide(connectedTo("s3")))
const sqs = Sqs.layer.pipe(Layer.provide(connectedTo("sqs")))

if (has("dynamodb", "s3")) {
  const name = nameOf("dynamodb", "s3")
  const where = () => ({ table: table("events"), overflowBucket: bucket() })
  eventStoreContract(
    name,
    lazily(() => {
      const here = where()
      return Layer.merge(eventStore(here), eventEraser(here))
    }).pipe(Layer.provide([dynamodb, s3]))
  )
  eventSourceContract(
    name,
    lazily(() => {
      const here = where()
      return Layer.mergeAll(eventStore(here), eventEraser(here), eventSource(here))
    }).pipe(Layer.provide([dynamodb, s3]))
  )
}

/** On every engine that has DynamoDB. */
const dynamodbSuites = () => {
  const name = nameOf("dynamodb")
  const rows = () =>
    Object.fromEntries(Object.entries(GENERATIONS).map(([name, key]) => [name, { table: table(name), key }]))
  projectionStoreContract(name, lazily(() => projectionStore(rows())).pipe(Layer.provide(dynamodb)))
  entityIndexContract(name, lazily(() => entityIndex(table("entities"))).pipe(Layer.provide(dynamodb)))
  directoryContract(name, (scope) => lazily(() => directory(table("directory"), scope)).pipe(Layer.provide(dynamodb)))
  controlContract(name, lazily(() => control(table("control"))).pipe(Layer.provide(dynamodb)))
  watermarkContract(name, lazily(() => watermark(table("control"))).pipe(Layer.provide(dynamodb)))
}
if (has("dynamodb")) dynamodbSuites()

if (has("s3")) {
  quarantineContract(nameOf("s3"), () => {
    const Bucket = bucket()
    const kept = () =>
      new Map(
        [...objectsIn(Bucket)].map(([key, { body, metadata }]) => [
          key,
          { raw: body, reason: metadata.reason ?? "", received: Number(metadata.received) }
        ])
      )
    return { layer: quarantine(Bucket).pipe(Layer.provide(s3)), kept }
  })
  parkedContract(nameOf("s3"), () => {
    const Bucket = bucket()
    const kept = () =>
      new Map(
        [...objectsIn(Bucket)].map(([key, { body, metadata }]) => [
          key,
          {
            body: body.toString(),
            reason: metadata.reason ?? "",
            detail: metadata.detail ?? "",
            received: Number(metadata.received),
            attempts: Number(metadata.attempts)
          }
        ])
      )
    return { layer: parked(Bucket).pipe(Layer.provide(s3)), kept }
  })
}

if (has("sqs")) {
  const name = nameOf("sqs")
  settleQueueContract(name, () => {
    const url = queue()
    let zero: number | undefined
    return {
      layer: settleQueue(url).pipe(Layer.provide(sqs)),
      longest: 8_000,
      // The suite's time is virtual and the queue's is not: a look "just before" comes early, any other late.
      take: (now) => {
        if (now > 0 && zero !== undefined) sleep(zero + now + (now % 1_000 === 999 ? -300 : 400) - Date.now())
        const bodies = drained(url).map(({ Body }) => Body)
        zero ??= Date.now() - now
        return bodies
      }
    }
  })
  deadLettersContract(name, () => {
    const urls = { rule: queue(), settle: queue() }
    const text = (StringValue: string) => ({ DataType: "String", StringValue })
    const added = new Map<string, { readonly real: number; readonly said: number }>()
    // A queue says when a message was sent by its own clock: near this machine's, it counts as the time that the suite speaks of.
    const onSuiteTime = Layer.effect(
      DeadLetters,
      Effect.map(DeadLetters, (inner) => ({
        ...inner,
        receive: (...args: Parameters<typeof inner.receive>) =>
          Effect.map(inner.receive(...args), (letters) =>
            letters.map((letter) => {
              const { real = 0, said = letter.sent } = added.get(letter.body) ?? {}
              return Math.abs(letter.sent - real) < 5_000 ? { ...letter, sent: said } : letter
            })
          )
      }))
    )
    let last = 0
    return {
      layer: onSuiteTime.pipe(Layer.provide(deadLetters(urls)), Layer.provide(sqs)),
      hidden: 3,
      add: (source, MessageBody, at, more = {}) => {
        added.set(MessageBody, { real: Date.now(), said: at })
        call("sqs", "SendMessage", {
          QueueUrl: urls[source],
          MessageBody,
          MessageAttributes: {
            ...(more.attempts === undefined ? {} : { [ATTEMPTS_ATTRIBUTE]: text(String(more.attempts)) }),
            ...(more.cause === undefined ? {} : { ERROR_CODE: text(more.cause), ERROR_MESSAGE: text("secret") })
          }
        })
      },
      // What was removed does not come back however long one waits: four seconds show it.
      pass: (now) => {
        sleep(Math.min(now - last, 4_000))
        last = now
      }
    }
  })
  settleReturnContract(name, () => {
    const url = queue()
    const messages = () =>
      drained(url).map(({ Body, MessageAttributes }) => ({
        body: Body,
        attempts: Number(MessageAttributes?.[ATTEMPTS_ATTRIBUTE]?.StringValue)
      }))
    return { layer: settleReturn(url).pipe(Layer.provide(sqs)), messages }
  })
}

if (has("kinesis"))
  streamSinkContract(nameOf("kinesis"), () => {
    const StreamName = fresh("stream")
    call("kinesis", "CreateStream", { StreamName, ShardCount: 1 })
    for (let looks = 0; looks < 100; looks++) {
      const { StreamDescriptionSummary } = call("kinesis", "DescribeStreamSummary", { StreamName })
      if (StreamDescriptionSummary.StreamStatus === "ACTIVE") break
      sleep(100)
    }
    const recordsOf = (ShardId: string) => {
      const found: Array<{ readonly key: string; readonly data: Uint8Array }> = []
      const from = { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" }
      let { ShardIterator } = call("kinesis", "GetShardIterator", from)
      for (let empty = 0; empty < 2; ) {
        const page = call("kinesis", "GetRecords", { ShardIterator, Limit: 10_000 })
        if (page.Records.length === 0) empty++
        found.push(...page.Records.map(({ PartitionKey, Data }: Json) => ({ key: PartitionKey, data: Data })))
        ShardIterator = page.NextShardIterator
      }
      return found
    }
    const layer = streamSink(StreamName).pipe(Layer.provide(Kinesis.layer.pipe(Layer.provide(connectedTo("kinesis")))))
    const records = () =>
      call("kinesis", "ListShards", { StreamName }).Shards.flatMap(({ ShardId }: Json) => recordsOf(ShardId))
    return { layer, records }
  })

if (has("sns", "sqs"))
  noticesContract(nameOf("sns", "sqs"), () => {
    const { TopicArn } = call("sns", "CreateTopic", { Name: fresh("topic") })
    const url = queue()
    const { Attributes } = call("sqs", "GetQueueAttributes", { QueueUrl: url, AttributeNames: ["QueueArn"] })
    call("sns", "Subscribe", { TopicArn, Protocol: "sqs", Endpoint: Attributes.QueueArn })
    const layer = notices(TopicArn).pipe(Layer.provide(Sns.layer.pipe(Layer.provide(connectedTo("sns")))))
    const sent = () => {
      sleep(500)
      return drained(url).map(({ Body }) => {
        const { Subject, Message } = JSON.parse(Body)
        return { subject: Subject, text: Message }
      })
    }
    return { layer, sent }
  })

if (has("states"))
  executionsContract(
    nameOf("states"),
    () => {
      // A machine whose one task is an activity ends when the suite says so.
      const { activityArn } = call("states", "CreateActivity", { name: fresh("activity") })
      const { stateMachineArn } = call("states", "CreateStateMachine", {
        name: fresh("machine"),
        roleArn: "arn:aws:iam::000000000000:role/machine",
        definition: JSON.stringify({
          StartAt: "Work",
          States: { Work: { Type: "Task", Resource: activityArn, End: true } }
        })
      })
      const layer = executions(stateMachineArn).pipe(
        Layer.provide(StepFunctions.layer.pipe(Layer.provide(connectedTo("states"))))
      )
      return {
        layer,
        end: (_, how) =>
          Effect.sync(() => {
            const { taskToken } = call("states", "GetActivityTask", { activityArn })
            if (how === "well") call("states", "SendTaskSuccess", { taskToken, output: '"done"' })
            else call("states", "SendTaskFailure", { taskToken, error: "Broken", cause: "out of order" })
            sleep(1_500)
          })
      }
    },
    // MiniStack refuses a name that runs with the same input, which API_StartExecution calls a success.
    { idempotent: endpointOf("states") !== endpoints.ministack }
  )

const services = ["dynamodb", "s3", "sqs", "kinesis", "sns", "states"] as const
if (!services.some((service) => has(service)))
  describe.skip("the contract suites", () => {
    it("need an engine: dynoxide, MiniStack, or a URL such as JUDGE_SQS", () => {})
  })
