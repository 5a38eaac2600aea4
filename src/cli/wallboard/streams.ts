import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
  type ShardIteratorType,
  type _Record as StreamRecord
} from "@aws-sdk/client-dynamodb-streams"
import { Effect, Result } from "effect"
import { projectionOf } from "../../domain/projection.ts"
import { type ChangeRecord, readWrite, type Write } from "../../read/change-record.ts"
import { ReaderError } from "../../read/errors.ts"
import { client } from "../../store/aws/client.ts"
import { retry } from "../../store/aws/retry.ts"
import { Connection } from "../../store/connection.ts"
import type { Outputs, StackTarget } from "../stack/stack.ts"
import { type FailedRead, failedReads } from "./failed-read.ts"

/** Shards that are read at once. */
const IN_FLIGHT = 4

/** Where the reading of a shard stands. */
interface Position {
  readonly arn: string
  readonly shard: string
  readonly iterator: string
}

/** The streams of all generations of these projections, by ARN; empty where one of them has none. */
export const streamsOf = ({ projectionTables }: Outputs, projections: ReadonlyArray<string>): ReadonlyArray<string> => {
  const streams = projections.map((name) =>
    Object.entries(projectionTables).flatMap(([generation, { streamArn = "" }]) =>
      projectionOf(generation) === name && streamArn !== "" ? [streamArn] : []
    )
  )
  return streams.some((own) => own.length === 0) ? [] : streams.flat()
}

/** A record as Lambda would hand it over. */
const toChange = (arn: string, { eventName, userIdentity, dynamodb = {} }: StreamRecord): ChangeRecord => ({
  eventName,
  eventSourceARN: arn,
  userIdentity: { principalId: userIdentity?.PrincipalId },
  dynamodb: {
    Keys: dynamodb.Keys as Record<string, unknown> | undefined,
    NewImage: dynamodb.NewImage as Record<string, unknown> | undefined,
    OldImage: dynamodb.OldImage as Record<string, unknown> | undefined,
    SequenceNumber: dynamodb.SequenceNumber,
    ApproximateCreationDateTime: Math.floor((dynamodb.ApproximateCreationDateTime?.getTime() ?? 0) / 1_000)
  }
})

/**
 * Reads streams from now on, in the order of each row. It needs the rights of the stack's policy for changes. `requests` are the calls
 * of `GetRecords` so far. Lives as long as the scope.
 */
export const makeStreamReader = Effect.fnUntraced(function* (
  { outputs, connection }: StackTarget,
  arns: ReadonlyArray<string>
) {
  const dynamo = yield* Effect.provideService(
    client((settings) => new DynamoDBStreamsClient(settings)),
    Connection,
    connection
  )
  const on = failedReads(outputs.changesPolicyArn === "" ? "of the output changesPolicyArn" : outputs.changesPolicyArn)
  let positions: ReadonlyArray<Position> = []
  /** Shards that are read to their end, and whose children are not known yet. */
  let ended: ReadonlyArray<{ readonly arn: string; readonly shard: string }> = []
  /** Of which something can be heard. */
  let heard: ReadonlySet<string> = new Set()
  let requests = 0

  const call = <A>(op: string, arn: string, send: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, FailedRead> =>
    retry(op, send).pipe(
      Effect.mapError(({ reason, retryable }) => new ReaderError({ op, reason, retryable })),
      on(arn)
    )

  const shardsOf = Effect.fnUntraced(function* (arn: string) {
    const shards: Array<Shard> = []
    let last: string | undefined
    do {
      const command = new DescribeStreamCommand({ StreamArn: arn, ...(last && { ExclusiveStartShardId: last }) })
      const { StreamDescription: found } = yield* call("DescribeStream", arn, (abortSignal) =>
        dynamo.send(command, { abortSignal })
      )
      shards.push(...(found?.Shards ?? []))
      last = found?.LastEvaluatedShardId
    } while (last !== undefined)
    return shards
  })

  const begin = Effect.fnUntraced(function* (arn: string, shard: string, type: ShardIteratorType) {
    const command = new GetShardIteratorCommand({ StreamArn: arn, ShardId: shard, ShardIteratorType: type })
    const { ShardIterator } = yield* call("GetShardIterator", arn, (abortSignal) =>
      dynamo.send(command, { abortSignal })
    )
    return ShardIterator === undefined ? [] : [{ arn, shard, iterator: ShardIterator } satisfies Position]
  })

  const adopt = Effect.fnUntraced(function* (orphan: (typeof ended)[number]) {
    const { arn, shard } = orphan
    const children = (yield* shardsOf(arn)).flatMap(({ ShardId, ParentShardId }) =>
      ShardId !== undefined && ParentShardId === shard ? [ShardId] : []
    )
    const begun = yield* Effect.forEach(children, (child) => begin(arn, child, "TRIM_HORIZON"))
    return { begun: begun.flat(), left: children.length === 0 ? [orphan] : [] }
  })

  const read = Effect.fnUntraced(function* ({ arn, shard, iterator }: Position) {
    const command = new GetRecordsCommand({ ShardIterator: iterator })
    const { Records = [], NextShardIterator: next } = yield* call("GetRecords", arn, (abortSignal) =>
      dynamo.send(command, { abortSignal })
    )
    requests++
    const writes = Records.flatMap((record): ReadonlyArray<Write> => {
      // What is no row of this stack is nothing to show; the next whole reading says what is.
      const write = Result.try(() => readWrite(toChange(arn, record), outputs.prefix))
      return Result.isSuccess(write) ? [write.success] : []
    })
    return { writes, position: next === undefined ? undefined : { arn, shard, iterator: next }, arn, shard }
  })

  return {
    requests: () => requests,
    /** How many shards are read at each pass. */
    shards: () => positions.length,
    /** The generations of which something can be heard, such as `agents-v2`. */
    generations: (): ReadonlyArray<string> =>
      Object.entries(outputs.projectionTables).flatMap(([generation, { streamArn = "" }]) =>
        heard.has(streamArn) ? [generation] : []
      ),
    /** Begins with what is written from now on. The stream of a table that was deleted, with its generation, is left out. */
    open: Effect.gen(function* () {
      const opened = yield* Effect.forEach(arns, (arn) =>
        Effect.gen(function* () {
          const open = (yield* shardsOf(arn)).filter(
            (shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined
          )
          const begun = yield* Effect.forEach(open, ({ ShardId = "" }) => begin(arn, ShardId, "LATEST"))
          return [{ arn, begun: begun.flat() }]
        }).pipe(
          Effect.catchIf(
            ({ reason }) => reason === "ResourceNotFoundException",
            () => Effect.succeed([])
          )
        )
      )
      positions = opened.flat().flatMap(({ begun }) => begun)
      heard = new Set(opened.flat().map(({ arn }) => arn))
      ended = []
    }),
    /** The writes since the pass before. */
    pass: Effect.gen(function* () {
      const adopted = yield* Effect.forEach(ended, adopt)
      ended = adopted.flatMap(({ left }) => left)
      positions = [...positions, ...adopted.flatMap(({ begun }) => begun)]
      const found = yield* Effect.forEach(positions, read, { concurrency: IN_FLIGHT })
      positions = found.flatMap(({ position }) => position ?? [])
      ended = [
        ...ended,
        ...found.flatMap(({ position, arn, shard }) => (position === undefined ? [{ arn, shard }] : []))
      ]
      return found.flatMap(({ writes }) => writes)
    })
  }
})

export type StreamReader = Effect.Success<ReturnType<typeof makeStreamReader>>
