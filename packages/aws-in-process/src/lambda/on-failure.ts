import { arnResource, countedUuid } from "../core/settings.ts"
import type { Authorize, EngineClock, Principal } from "../core/types.ts"
import type { StreamRecord } from "../kinesis/shard.ts"
import type { Host, Outcome } from "./host.ts"

export interface S3Object {
  readonly bucket: string
  readonly key: string
  readonly body: string
}

export type Discard = {
  readonly shardId: string
  readonly records: ReadonlyArray<StreamRecord>
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded"
  readonly invokes: number
  readonly last: Outcome | undefined
  /** The event as the function would get it. */
  readonly event: unknown
}

export interface OnFailureParts {
  readonly clock: EngineClock
  readonly authorize: Authorize
  readonly principal: Principal
  readonly host: Host
  readonly streamArn: string
  readonly mappingId: string
  readonly putObject: (object: S3Object) => Promise<unknown>
}

const iso = (time: number) => new Date(time).toISOString()

/** The document that Lambda writes about records it gives up on; for S3 with the whole event as text. */
const documentOf = (discard: Discard, now: number, { host, streamArn }: OnFailureParts) => {
  const first = discard.records[0]!
  const last = discard.records.at(-1)!
  return {
    requestContext: {
      requestId: discard.last?.requestId ?? null,
      functionArn: host.arn,
      condition: discard.condition,
      approximateInvokeCount: discard.invokes
    },
    responseContext: {
      statusCode: 200,
      executedVersion: "$LATEST",
      functionError: discard.last === undefined || discard.last.ok ? null : "Unhandled"
    },
    version: "1.0",
    timestamp: iso(now),
    KinesisBatchInfo: {
      shardId: discard.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: iso(first.arrival),
      approximateArrivalOfLastRecord: iso(last.arrival),
      batchSize: discard.records.length,
      streamArn
    },
    payload: JSON.stringify(discard.event)
  }
}

/**
 * The on-failure destination of a stream mapping: writes one object per discarded batch. Checks the role's rights on the bucket at
 * once, as AWS does when the mapping is created. Rejects when the object cannot be written.
 */
export const makeOnFailure = (destinationArn: string, parts: OnFailureParts): ((discard: Discard) => Promise<void>) => {
  if (!destinationArn.startsWith("arn:aws:s3:::"))
    throw new Error(`not implemented by aws-in-process: on-failure destination ${destinationArn}`)
  const { authorize, principal, mappingId, clock, putObject } = parts
  const bucket = arnResource(destinationArn)
  const prefix = `aws/lambda/${mappingId}`
  let written = 0
  authorize(principal, "s3:ListBucket", destinationArn)
  authorize(principal, "s3:PutObject", `${destinationArn}/${prefix}/`)
  return async (discard) => {
    const now = clock.now()
    const [day, time] = iso(now).split("T") as [string, string]
    const name = `${day}T${time.slice(0, 8).replaceAll(":", ".")}-${countedUuid(0x5e, ++written)}`
    const key = `${prefix}/${discard.shardId}/${day.replaceAll("-", "/")}/${name}`
    authorize(principal, "s3:PutObject", `${destinationArn}/${key}`)
    await putObject({ bucket, key, body: JSON.stringify(documentOf(discard, now, parts)) })
  }
}
