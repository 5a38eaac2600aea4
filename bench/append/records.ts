import type { KinesisStreamEvent, SQSEvent } from "aws-lambda"
import { deliveries, RATE } from "../deliveries.ts"

/** What an invocation brings, as the text that Lambda parses, and the envelopes of its events by id. */
export interface Batch {
  readonly text: string
  readonly envelopes: ReadonlyMap<string, unknown>
}

/** Events of a simulated organisation in the middle of its day, of which the last of so many comes now. */
export const deliveriesUntil = (now: number, count: number, seed: number) =>
  deliveries(count, Math.floor(now) - (count / RATE) * 1_000, seed)

/** The same as records of a stream in one invocation. */
export const batchOf = (some: ReturnType<typeof deliveriesUntil>): Batch => {
  const event: KinesisStreamEvent = {
    Records: some.map(({ line, at }, i) => ({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: String(i),
        sequenceNumber: `4959033827149025660855969253836157109592157598913658${1_000 + i}`,
        data: Buffer.from(line).toString("base64"),
        approximateArrivalTimestamp: at / 1_000
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `shardId-000000000006:${i}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: "arn:aws:iam::444455556666:role/append",
      awsRegion: "eu-west-1",
      eventSourceARN: "arn:aws:kinesis:eu-west-1:444455556666:stream/events"
    }))
  }
  const envelopes = some.map(({ line }) => JSON.parse(line) as { readonly id: string })
  return { text: JSON.stringify(event), envelopes: new Map(envelopes.map((one) => [one.id, one])) }
}

/** Messages as an invocation of project brings them. */
export const messagesOf = (bodies: ReadonlyArray<string>): string => {
  const event: SQSEvent = {
    Records: bodies.map((body, i) => ({
      messageId: String(i),
      receiptHandle: String(i),
      body,
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "0",
        SenderId: "append",
        ApproximateFirstReceiveTimestamp: "0"
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:eu-west-1:444455556666:settle",
      awsRegion: "eu-west-1"
    }))
  }
  return JSON.stringify(event)
}
