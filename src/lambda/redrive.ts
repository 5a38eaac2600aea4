import { Clock, Effect, Layer } from "effect"
import { beat } from "../pipeline/heartbeat.ts"
import { redrive as bringBack } from "../pipeline/redrive.ts"
import { RedriveLimits } from "../pipeline/redrive-limits.ts"
import { controlFromConfig } from "../store/aws/control.ts"
import { deadLettersFromConfig } from "../store/aws/dead-letters.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { noticesFromConfig, Sns } from "../store/aws/notices.ts"
import { parkedFromConfig } from "../store/aws/parked.ts"
import { S3 } from "../store/aws/s3.ts"
import { settleReturnFromConfig } from "../store/aws/settle-return.ts"
import { Sqs } from "../store/aws/sqs.ts"
import { Kinesis, streamSinkFromConfig } from "../store/aws/stream-sink.ts"
import { logReport, StackName } from "./report.ts"
import type { LambdaFunction } from "./runtime.ts"

const ports = Layer.mergeAll(
  controlFromConfig,
  deadLettersFromConfig,
  streamSinkFromConfig,
  settleReturnFromConfig,
  parkedFromConfig,
  noticesFromConfig
)
const stores = ports.pipe(Layer.provide([DynamoDb.layer, Kinesis.layer, S3.layer, Sns.layer, Sqs.layer]))
const layer = Layer.mergeAll(stores, RedriveLimits.layer, StackName.layer)

/**
 * Dead letters of the rule and of the settle queue back to where they belong, a share of them at each tick of a schedule; and a
 * heartbeat, because no other function runs when nothing happens.
 */
export const redrive = {
  name: "redrive",
  layer,
  handle: Effect.fnUntraced(function* () {
    const started = yield* Clock.currentTimeMillis
    const heartbeat = yield* beat
    const { left, ...report } = yield* bringBack(yield* StackName)
    yield* logReport("redrive", {
      ...report,
      left,
      progress: report.received - left,
      heartbeat,
      ms: (yield* Clock.currentTimeMillis) - started
    })
  })
} satisfies LambdaFunction<Layer.Success<typeof layer>, Layer.Error<typeof layer>, unknown>
