import { DescribeTableCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb"
import { DescribeStreamSummaryCommand, UpdateShardCountCommand } from "@aws-sdk/client-kinesis"
import { Effect, Layer } from "effect"
import { Scaling, type Warm } from "../scaling.ts"
import { DynamoDb } from "./dynamodb.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"
import { Kinesis } from "./stream-sink.ts"

/**
 * Sizes on Kinesis and DynamoDB. Calls: `DescribeStreamSummary`, `UpdateShardCount`, `DescribeTable`, `UpdateTable`. After a lost answer a
 * change is sent again, which changes nothing twice.
 */
export const scaling = (StreamName: string) =>
  Layer.effect(
    Scaling,
    Effect.gen(function* () {
      const kinesis = yield* Kinesis
      const dynamo = yield* DynamoDb

      const shards = Effect.gen(function* () {
        const command = new DescribeStreamSummaryCommand({ StreamName })
        const { StreamDescriptionSummary: found } = yield* retry("DescribeStreamSummary", (abortSignal) =>
          kinesis.send(command, { abortSignal })
        )
        return { size: found?.OpenShardCount ?? 0, changing: found?.StreamStatus !== "ACTIVE" }
      }).pipe(failing("stream and tables", "shards"), Effect.withSpan("Scaling.shards"))

      const resize = Effect.fn("Scaling.resize")(
        function* (TargetShardCount: number) {
          const command = new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" })
          yield* retry("UpdateShardCount", (abortSignal) => kinesis.send(command, { abortSignal }))
        },
        failing("stream and tables", "resize")
      )

      const warm = Effect.fn("Scaling.warm")(
        function* (TableName: string) {
          const { Table } = yield* retry("DescribeTable", (abortSignal) =>
            dynamo.send(new DescribeTableCommand({ TableName }), { abortSignal })
          )
          const { WriteUnitsPerSecond: writes = 0, ReadUnitsPerSecond: reads = 0, Status } = Table?.WarmThroughput ?? {}
          return { size: { writes, reads }, changing: Status === "UPDATING" || Table?.TableStatus === "UPDATING" }
        },
        failing("stream and tables", "warm")
      )

      const raise = Effect.fn("Scaling.raise")(
        function* (TableName: string, { writes, reads }: Warm) {
          const command = new UpdateTableCommand({
            TableName,
            WarmThroughput: { WriteUnitsPerSecond: writes, ReadUnitsPerSecond: reads }
          })
          yield* retry("UpdateTable", (abortSignal) => dynamo.send(command, { abortSignal }))
        },
        failing("stream and tables", "raise")
      )

      return Scaling.of({ shards, resize, warm, raise })
    })
  )
