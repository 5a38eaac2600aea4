import { Effect, Layer } from "effect"
import { DynamoDb } from "../../store/aws/dynamodb.ts"
import { scaling } from "../../store/aws/scaling.ts"
import { Kinesis } from "../../store/aws/stream-sink.ts"
import { Connection } from "../../store/connection.ts"
import { onStack, type StackTarget } from "./stack.ts"

/** The same as `onStack`, with the sizes of the stream and the tables. */
export const onScaling = <A, E, R>(work: (stack: StackTarget) => Effect.Effect<A, E, R>) =>
  onStack((stack) =>
    work(stack).pipe(
      Effect.provide(
        Layer.fresh(scaling(stack.outputs.streamName)).pipe(
          Layer.provide([Kinesis.layer, DynamoDb.layer]),
          Layer.provide(Layer.succeed(Connection, stack.connection))
        )
      )
    )
  )
