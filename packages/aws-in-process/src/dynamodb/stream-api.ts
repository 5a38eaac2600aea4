import { type Authorize, type EngineClock, type Service, ServiceError } from "../core/types.ts"
import type { StreamRecord } from "./streams.ts"

/** A shard lives about so long, ms: then it is closed, and a child takes what is written from then on. */
const LIFETIME_MS = 4 * 3_600_000

/** Records are kept so long, and an iterator can be used so long, ms. */
const KEPT_MS = 24 * 3_600_000
const ITERATOR_MS = 15 * 60_000

const MOST_RECORDS = 1_000
const MOST_SHARDS = 100

interface Shard {
  readonly id: string
  readonly parent: string | undefined
  readonly opened: number
  closed: number | undefined
  /** Records that were dropped as too old, before those that are kept. */
  trimmed: number
  readonly records: Array<{ readonly at: number; readonly record: StreamRecord }>
}

interface Iterator {
  readonly arn: string
  readonly shard: string
  /** The place of the next record among all that the shard ever had. */
  readonly next: number
  readonly made: number
}

type Input = Readonly<Record<string, unknown>>

/** The records of streams, by the ARN of each, in shards of which one follows another. */
const makeShards = (clock: EngineClock, lifetimeMs: number) => {
  const streams = new Map<string, Array<Shard>>()
  let made = 0
  const open = (parent: string | undefined): Shard => ({
    id: `shardId-${String(++made).padStart(20, "0")}-00000001`,
    parent,
    opened: clock.now(),
    closed: undefined,
    trimmed: 0,
    records: []
  })
  const of = (arn: string): ReadonlyArray<Shard> => {
    const shards = streams.get(arn)
    if (shards === undefined)
      throw new ServiceError("ResourceNotFoundException", `Requested resource not found: Stream: ${arn} not found`)
    const [last] = shards.slice(-1)
    if (last !== undefined && clock.now() - last.opened >= lifetimeMs) {
      last.closed = clock.now()
      shards.push(open(last.id))
    }
    for (const shard of shards) {
      const kept = shard.records.findIndex(({ at }) => clock.now() - at < KEPT_MS)
      const dropped = kept < 0 ? shard.records.length : kept
      if (dropped > 0) shard.records.splice(0, dropped)
      shard.trimmed += dropped
    }
    while (shards[0]?.closed !== undefined && clock.now() - shards[0].closed >= KEPT_MS) shards.shift()
    return shards
  }
  return {
    begin: (arn: string) => {
      if (!streams.has(arn)) streams.set(arn, [open(undefined)])
    },
    add: (record: StreamRecord) => {
      const [last] = of(record.eventSourceARN).slice(-1)
      last?.records.push({ at: clock.now(), record })
    },
    of
  }
}

/** A record as `GetRecords` returns it, which is not quite how Lambda hands it over. */
const recordOf = ({ eventSourceARN: _, userIdentity, ...record }: StreamRecord) => ({
  ...record,
  ...(userIdentity === undefined ? {} : { userIdentity: { Type: "Service", PrincipalId: userIdentity.principalId } })
})

const sequences = ({ records }: Shard) => ({
  StartingSequenceNumber: records[0]?.record.dynamodb.SequenceNumber ?? "000000000000000000001"
})

/**
 * The API of DynamoDB Streams: `DescribeStream`, `GetShardIterator` and `GetRecords`, for all that is written from `begin` on. Operations and
 * options beyond those that we use throw.
 */
export const makeStreamApi = (options: {
  readonly clock: EngineClock
  readonly authorize: Authorize
  /** How long a shard lives, ms; four hours unless given. */
  readonly shardLifetimeMs?: number
}) => {
  const { clock, authorize, shardLifetimeMs = LIFETIME_MS } = options
  const shards = makeShards(clock, shardLifetimeMs)

  const iteratorOf = (of: Omit<Iterator, "made">): string =>
    Buffer.from(JSON.stringify({ ...of, made: clock.now() } satisfies Iterator)).toString("base64")

  const readIterator = (text: unknown): Iterator => {
    try {
      return JSON.parse(Buffer.from(String(text), "base64").toString()) as Iterator
    } catch {
      throw new ServiceError("ValidationException", "Invalid ShardIterator")
    }
  }

  const shardOf = (arn: string, id: unknown): Shard => {
    const found = shards.of(arn).find((shard) => shard.id === id)
    if (found === undefined) throw new ServiceError("ResourceNotFoundException", `Requested resource not found: ${id}`)
    return found
  }

  const describe = ({ StreamArn, ExclusiveStartShardId, Limit = MOST_SHARDS }: Input) => {
    const arn = String(StreamArn)
    const all = shards.of(arn)
    const first = ExclusiveStartShardId === undefined ? 0 : all.findIndex(({ id }) => id === ExclusiveStartShardId) + 1
    const page = all.slice(first, first + Number(Limit))
    const [last] = page.slice(-1)
    const isMore = first + page.length < all.length
    return {
      StreamDescription: {
        StreamArn: arn,
        StreamStatus: "ENABLED",
        StreamViewType: "NEW_AND_OLD_IMAGES",
        Shards: page.map((shard) => ({
          ShardId: shard.id,
          ...(shard.parent === undefined ? {} : { ParentShardId: shard.parent }),
          SequenceNumberRange: {
            ...sequences(shard),
            ...(shard.closed === undefined
              ? {}
              : { EndingSequenceNumber: shard.records.at(-1)?.record.dynamodb.SequenceNumber ?? "1" })
          }
        })),
        ...(isMore && last !== undefined ? { LastEvaluatedShardId: last.id } : {})
      }
    }
  }

  const iterator = ({ StreamArn, ShardId, ShardIteratorType, SequenceNumber }: Input) => {
    const arn = String(StreamArn)
    const { id, trimmed, records } = shardOf(arn, ShardId)
    const place = records.findIndex(({ record }) => record.dynamodb.SequenceNumber === SequenceNumber)
    const places: Readonly<Record<string, number>> = {
      TRIM_HORIZON: trimmed,
      LATEST: trimmed + records.length,
      ...(place < 0 ? {} : { AT_SEQUENCE_NUMBER: trimmed + place, AFTER_SEQUENCE_NUMBER: trimmed + place + 1 })
    }
    const next = places[String(ShardIteratorType)]
    if (next === undefined)
      throw new ServiceError("TrimmedDataAccessException", `no record ${SequenceNumber} for ${ShardIteratorType}`)
    return { ShardIterator: iteratorOf({ arn, shard: id, next }) }
  }

  const records = ({ arn, shard: id, next, made }: Iterator, limit: unknown) => {
    if (clock.now() - made >= ITERATOR_MS)
      throw new ServiceError("ExpiredIteratorException", "The shard iterator has expired")
    const shard = shardOf(arn, id)
    if (next < shard.trimmed) throw new ServiceError("TrimmedDataAccessException", "The records have been trimmed")
    const from = next - shard.trimmed
    const page = shard.records.slice(from, from + Math.min(Number(limit ?? MOST_RECORDS), MOST_RECORDS))
    const after = next + page.length
    const isOver = shard.closed !== undefined && after >= shard.trimmed + shard.records.length
    return {
      Records: JSON.parse(JSON.stringify(page.map(({ record }) => recordOf(record)))),
      ...(isOver ? {} : { NextShardIterator: iteratorOf({ arn, shard: id, next: after }) })
    }
  }

  const service: Service = async (name, input, principal) => {
    const fields = input as Input
    if (name === "GetRecords") {
      const given = readIterator(fields.ShardIterator)
      authorize(principal, "dynamodb:GetRecords", given.arn)
      return records(given, fields.Limit)
    }
    authorize(principal, `dynamodb:${name}`, String(fields.StreamArn ?? "*"))
    if (name === "DescribeStream") return describe(fields)
    if (name === "GetShardIterator") return iterator(fields)
    throw new Error(`not implemented by aws-in-process: DynamoDB Streams ${name}`)
  }

  return { service, begin: shards.begin, add: shards.add }
}
