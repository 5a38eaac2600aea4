import { createHash } from "node:crypto"
import { refuseUnknown, whole } from "../core/settings.ts"
import { type Authorize, type EngineClock, type Principal, type Service, ServiceError } from "../core/types.ts"
import { makeShard, type Shard } from "./shard.ts"

/** A stream as the Pulumi resource `aws.kinesis.Stream` describes it. Anything else in it throws. */
export interface StreamSettings {
  readonly name: string
  readonly arn: string
  /** Provisioned shards. */
  readonly shardCount?: number
  /** `ON_DEMAND` gives the four shards that AWS starts with; the engine does not add more. */
  readonly streamModeDetails?: { readonly streamMode: string }
  /** Hours; 24 when absent. */
  readonly retentionPeriod?: number
  /** 1,024 when absent. */
  readonly maxRecordSizeInKib?: number
  readonly encryptionType?: string
  readonly kmsKeyId?: string
}

type Input = Readonly<Record<string, unknown>>

export interface PutEntry {
  readonly partitionKey: string
  readonly data: Uint8Array
  /** Decimal; beats the hash of the key. */
  readonly explicitHashKey?: string
}

export type PutResult =
  | { readonly shardId: string; readonly sequenceNumber: string }
  | { readonly errorCode: "ProvisionedThroughputExceededException"; readonly errorMessage: string }

export interface Stream {
  readonly name: string
  readonly arn: string
  /** Ms after which a record is gone. */
  readonly retention: number
  readonly shards: ReadonlyArray<Shard>
  /** Throws a `ServiceError` on what AWS would not accept at all. */
  readonly check: (entry: PutEntry) => void
  /** Checks and stores one record. */
  readonly put: (entry: PutEntry) => PutResult
  /** Calls `listener` with the shard's index after each record. Returns a function that unsubscribes. */
  readonly onRecord: (listener: (shard: number) => void) => () => void
}

export interface Kinesis {
  /** By name or ARN. Throws `ResourceNotFoundException`. */
  readonly stream: (nameOrArn: string) => Stream
  /** `PutRecord` and `PutRecords` in the shapes of the JSON protocol; other operations throw. */
  readonly service: Service
}

const ON_DEMAND_SHARDS = 4
const MAX_ENTRIES = 500
const MAX_CALL_BYTES = 10 * 1024 * 1024
const MAX_KEY_CHARACTERS = 256
const HASH_SPACE = 1n << 128n

const shardCount = (s: StreamSettings): number => {
  const mode = s.streamModeDetails?.streamMode ?? "PROVISIONED"
  if (mode === "ON_DEMAND") return ON_DEMAND_SHARDS
  if (mode !== "PROVISIONED") throw new Error(`not implemented by aws-in-process: stream mode ${mode}`)
  return whole("shardCount", s.shardCount ?? 0, 1, 10_000)
}

const check = (s: StreamSettings) => {
  refuseUnknown(
    `stream ${s.name}`,
    s,
    ["name", "arn", "shardCount", "streamModeDetails", "retentionPeriod", "maxRecordSizeInKib"],
    ["encryptionType", "kmsKeyId", "tags", "tagsAll", "region", "shardLevelMetrics", "enforceConsumerDeletion"]
  )
}

const invalid = (message: string) => new ServiceError("InvalidArgumentException", message)

/** @param limited false lifts the limits per shard and second, for feeding in bulk. */
export const makeStream = (settings: StreamSettings, clock: EngineClock, limited = true): Stream => {
  check(settings)
  const retention = whole("retentionPeriod", settings.retentionPeriod ?? 24, 24, 8_760) * 3_600_000
  const maxBytes = whole("maxRecordSizeInKib", settings.maxRecordSizeInKib ?? 1_024, 1_024, 10_240) * 1_024
  const shards = Array.from({ length: shardCount(settings) }, (_, i) => makeShard(i, clock, retention, limited))
  const listeners = new Set<(shard: number) => void>()

  const route = (entry: PutEntry): number => {
    if (shards.length === 1) return 0
    const hash = BigInt(
      entry.explicitHashKey ?? `0x${createHash("md5").update(entry.partitionKey, "utf8").digest("hex")}`
    )
    if (hash < 0n || hash >= HASH_SPACE) throw invalid("ExplicitHashKey is outside of the hash range")
    return Number((hash * BigInt(shards.length)) / HASH_SPACE)
  }

  const checkEntry = (entry: PutEntry) => {
    const { length } = entry.partitionKey
    if (length < 1 || length > MAX_KEY_CHARACTERS) throw invalid(`PartitionKey of ${length} characters, not 1 to 256`)
    const size = entry.data.byteLength + Buffer.byteLength(entry.partitionKey)
    if (size > maxBytes) throw invalid(`record of ${size} bytes exceeds the stream's ${maxBytes}`)
  }

  return {
    name: settings.name,
    arn: settings.arn,
    retention,
    shards,
    check: checkEntry,
    put: (entry) => {
      checkEntry(entry)
      const index = route(entry)
      const shard = shards[index]!
      const record = shard.append(entry.partitionKey, entry.data)
      if (record === undefined)
        return {
          errorCode: "ProvisionedThroughputExceededException",
          errorMessage: `Rate exceeded for shard ${shard.id} in stream ${settings.name}`
        }
      for (const listener of listeners) listener(index)
      return { shardId: shard.id, sequenceNumber: record.sequenceNumber }
    },
    onRecord: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    }
  }
}

const readEntry = (input: Input, known: ReadonlyArray<string>): PutEntry => {
  refuseUnknown("record", input, ["Data", "PartitionKey", "ExplicitHashKey", ...known])
  const { Data, PartitionKey, ExplicitHashKey } = input
  if (typeof Data !== "string" || typeof PartitionKey !== "string") throw invalid("Data and PartitionKey are required")
  return {
    data: Buffer.from(Data, "base64"),
    partitionKey: PartitionKey,
    ...(typeof ExplicitHashKey === "string" && { explicitHashKey: ExplicitHashKey })
  }
}

export const makeKinesis = (streams: ReadonlyArray<Stream>, authorize: Authorize): Kinesis => {
  const stream = (nameOrArn: string): Stream => {
    const found = streams.find((s) => s.name === nameOrArn || s.arn === nameOrArn)
    if (found === undefined) throw new ServiceError("ResourceNotFoundException", `Stream ${nameOrArn} not found`)
    return found
  }
  const target = (input: Input, action: string, principal: Principal): Stream => {
    const found = stream(String(input.StreamARN ?? input.StreamName))
    authorize(principal, action, found.arn)
    return found
  }
  const show = (result: PutResult) =>
    "errorCode" in result
      ? { ErrorCode: result.errorCode, ErrorMessage: result.errorMessage }
      : { ShardId: result.shardId, SequenceNumber: result.sequenceNumber }

  return {
    stream,
    service: async (operation: string, input: Input, principal: Principal) => {
      if (operation === "PutRecord") {
        const to = target(input, "kinesis:PutRecord", principal)
        const result = to.put(readEntry(input, ["StreamName", "StreamARN"]))
        if ("errorCode" in result) throw new ServiceError(result.errorCode, result.errorMessage)
        return show(result)
      }
      if (operation === "PutRecords") {
        refuseUnknown("PutRecords", input, ["StreamName", "StreamARN", "Records"])
        const to = target(input, "kinesis:PutRecords", principal)
        const entries = (Array.isArray(input.Records) ? input.Records : []).map((record) => readEntry(record, []))
        if (entries.length < 1 || entries.length > MAX_ENTRIES) throw invalid(`${entries.length} records, not 1 to 500`)
        const size = entries.reduce((sum, e) => sum + e.data.byteLength + Buffer.byteLength(e.partitionKey), 0)
        if (size > MAX_CALL_BYTES) throw invalid(`records of ${size} bytes exceed 10 MiB a call`)
        for (const entry of entries) to.check(entry)
        const results = entries.map(to.put)
        return {
          FailedRecordCount: results.filter((result) => "errorCode" in result).length,
          Records: results.map(show)
        }
      }
      throw new Error(`not implemented by aws-in-process: kinesis ${operation}`)
    }
  }
}
