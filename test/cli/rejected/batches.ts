import { START } from "../../support/history.ts"

export const BATCH_KEY =
  "aws/lambda/7a3c0e1b-0000-4000-8000-000000000001/shardId-000000000000/2026/05/06/2026-05-06T07.59.00-5e000000-0000-4000-8000-000000000001"

/** What Lambda writes about records that it gives up, each under the partition key `topic`. */
export const batchText = (records: ReadonlyArray<string>, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    requestContext: { requestId: null, condition: "RetryAttemptsExhausted", approximateInvokeCount: 4 },
    version: "1.0",
    payload: JSON.stringify({
      Records: records.map((text, n) => ({
        kinesis: {
          kinesisSchemaVersion: "1.0",
          partitionKey: "topic",
          sequenceNumber: String(n),
          data: Buffer.from(text).toString("base64"),
          approximateArrivalTimestamp: START / 1_000 - 60.5
        },
        eventSource: "aws:kinesis"
      }))
    }),
    ...more
  })
