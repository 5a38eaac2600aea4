import type { SQSEvent } from "aws-lambda"
import { Clock, Effect, Layer } from "effect"
import { Projections, SettleWindow } from "../pipeline/folding.ts"
import { liveProjectionsLayer } from "../pipeline/live-projections.ts"
import { projectMessages } from "../pipeline/project-messages.ts"
import { AdvanceWatermark } from "../pipeline/watermark.ts"
import { controlFromConfig } from "../store/aws/control.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { parkedFromConfig } from "../store/aws/parked.ts"
import { projectionStoreFromConfig } from "../store/aws/projection-store.ts"
import { S3 } from "../store/aws/s3.ts"
import { watermarkFromConfig } from "../store/aws/watermark.ts"
import { type BatchResponse, isFirstReceipt } from "./records.ts"
import { logReport, StackName } from "./report.ts"
import type { LambdaFunction } from "./runtime.ts"

const store = Layer.unwrap(Effect.map(Projections, projectionStoreFromConfig)).pipe(Layer.provide(DynamoDb.layer))
const watermark = AdvanceWatermark.layer.pipe(Layer.provide(watermarkFromConfig), Layer.provide(DynamoDb.layer))
const fed = liveProjectionsLayer.pipe(Layer.provide(controlFromConfig), Layer.provide(DynamoDb.layer))
const parked = parkedFromConfig.pipe(Layer.provide(S3.layer))
const layer = Layer.mergeAll(store, fed, parked, StackName.layer, Layer.provideMerge(watermark, SettleWindow.layer))

/** Settled deltas from the queue into the projection tables, and how far that is into the control table. */
export const project = {
  name: "project",
  layer,
  handle: Effect.fnUntraced(function* (event: unknown) {
    const started = yield* Clock.currentTimeMillis
    const { Records } = event as SQSEvent
    const projected = yield* projectMessages(
      Records.map(({ body }) => body),
      !Records.every(isFirstReceipt)
    )
    const watermark = yield* (yield* AdvanceWatermark)(projected)
    const { failed, messages, parked, through: _, ...report } = projected
    yield* logReport("project", {
      received: messages,
      progress: messages - failed.length,
      ...report,
      // A metric that is sent costs, also as zero.
      ...(parked > 0 ? { parked } : {}),
      failed: failed.length,
      watermark,
      ms: (yield* Clock.currentTimeMillis) - started
    })
    const batchItemFailures = failed.map((at) => ({ itemIdentifier: Records[at]?.messageId ?? "" }))
    return { batchItemFailures } satisfies BatchResponse
  })
} satisfies LambdaFunction<Layer.Success<typeof layer>, Layer.Error<typeof layer>, unknown>
