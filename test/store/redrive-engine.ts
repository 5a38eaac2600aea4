import {
  makeDynamodb,
  makeKinesis,
  makeRequestHandler,
  makeS3,
  makeSns,
  makeSqs,
  makeStream,
  type RequestHandler
} from "aws-in-process"
import { Layer } from "effect"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { Sns } from "../../src/store/aws/notices.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { Sqs } from "../../src/store/aws/sqs.ts"
import { Kinesis } from "../../src/store/aws/stream-sink.ts"
import { arn, connectedTo, PRINCIPAL, permissive, queueUrl } from "./permissive.ts"

export const CONTROL_TABLE = "control"
export const BUCKET = "bucket"
export const STREAM = "stream"
export const TOPIC_ARN = arn("sns", "notices")
export const SETTLE_URL = queueUrl("settle")
export const DLQ_URLS = { rule: queueUrl("rule-dlq"), settle: queueUrl("settle-dlq") }

/** The local engine with what redrive uses, and the actions that were asked for. The queues' time stands but for their long polls. */
export const makeRedriveEngine = async () => {
  const { clock, queueClock, activity, actions, authorize } = permissive()
  const dynamodb = makeDynamodb({ clock, activity, authorize })
  const hashKey = { name: "key", type: "S" } as const
  await dynamodb.createTable({ name: CONTROL_TABLE, arn: arn("dynamodb", `table/${CONTROL_TABLE}`), hashKey })
  const s3 = makeS3({ clock, authorize })
  s3.createBucket(BUCKET)
  const queues = [SETTLE_URL, ...Object.values(DLQ_URLS)].map((one) => {
    const name = one.split("/").at(-1) ?? ""
    return { name, url: one, arn: arn("sqs", name) }
  })
  const sqs = makeSqs(queues, { clock: queueClock, authorize, activity })
  const stream = makeStream({ name: STREAM, arn: arn("kinesis", `stream/${STREAM}`), shardCount: 1 }, clock)
  const kinesis = makeKinesis([stream], authorize)
  const sns = makeSns([{ name: "notices", arn: TOPIC_ARN }], { clock, authorize })
  const inner = makeRequestHandler({
    services: {
      dynamodb: dynamodb.service,
      s3: s3.service,
      sqs: sqs.service,
      kinesis: kinesis.service,
      sns: sns.service
    },
    principal: PRINCIPAL,
    activity
  })
  /** Lets a long poll come to its end. */
  const handler: RequestHandler = {
    ...inner,
    handle: async (request, options) => {
      const answer = inner.handle(request, options)
      let open = true
      const settled = answer.then(
        () => {
          open = false
        },
        () => {
          open = false
        }
      )
      const end = queueClock.now() + 1_000
      while (open && request.headers["x-amz-target"] === "AmazonSQS.ReceiveMessage") {
        await new Promise((resolve) => setImmediate(resolve))
        const next = queueClock.nextTimer()
        if (open && next !== undefined && next <= end) queueClock.advanceTo(next)
      }
      await settled
      return answer
    }
  }
  const connect = (wrap: (handler: RequestHandler) => RequestHandler = (same) => same) =>
    Layer.mergeAll(DynamoDb.layer, Kinesis.layer, S3.layer, Sns.layer, Sqs.layer).pipe(
      Layer.provide(connectedTo(wrap(handler))),
      Layer.fresh
    )
  return { connect, s3, sqs, sns, stream, queueClock, actions }
}

export type RedriveEngine = Awaited<ReturnType<typeof makeRedriveEngine>>
