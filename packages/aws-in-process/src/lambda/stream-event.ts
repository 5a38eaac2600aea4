import { arnRegion } from "../core/settings.ts"
import type { StreamRecord } from "../kinesis/shard.ts"

/** A record that a mapping has read: its position in the shard, when it was read, and its share of the payload. */
export interface Read {
  readonly record: StreamRecord
  readonly position: number
  readonly at: number
  readonly bytes: number
}

/** What JSON adds to a record's data, roughly and not too little. */
const RECORD_OVERHEAD = 512

export const payloadBytes = ({ data, partitionKey }: StreamRecord) =>
  Math.ceil(data.byteLength / 3) * 4 + 2 * Buffer.byteLength(partitionKey) + RECORD_OVERHEAD

/** The event that a function gets for records of one shard. */
export const eventOf = (shardId: string, reads: ReadonlyArray<Read>, streamArn: string, roleArn: string) => ({
  Records: reads.map(({ record }) => ({
    kinesis: {
      kinesisSchemaVersion: "1.0",
      partitionKey: record.partitionKey,
      sequenceNumber: record.sequenceNumber,
      data: Buffer.from(record.data.buffer, record.data.byteOffset, record.data.byteLength).toString("base64"),
      approximateArrivalTimestamp: record.arrival / 1_000
    },
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `${shardId}:${record.sequenceNumber}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: roleArn,
    awsRegion: arnRegion(streamArn),
    eventSourceARN: streamArn
  }))
})
