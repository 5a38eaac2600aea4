import { Clock, Config, Effect, Layer, Option } from "effect"
import { appendBatch, EventRetention } from "../pipeline/append.ts"
import { SettleWindow } from "../pipeline/folding.ts"
import { liveProjectionsLayer } from "../pipeline/live-projections.ts"
import { controlFromConfig } from "../store/aws/control.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { entityIndexFromConfig } from "../store/aws/entity-index.ts"
import { eventStoreFromConfig } from "../store/aws/event-store.ts"
import { parkedFromConfig } from "../store/aws/parked.ts"
import { quarantineFromConfig } from "../store/aws/quarantine.ts"
import { S3 } from "../store/aws/s3.ts"
import { settleQueueFromConfig } from "../store/aws/settle-queue.ts"
import { Sqs } from "../store/aws/sqs.ts"
import { receive } from "./records.ts"
import { byKind, logReport, StackName } from "./report.ts"
import type { LambdaFunction } from "./runtime.ts"

const ports = Layer.mergeAll(
  eventStoreFromConfig,
  settleQueueFromConfig,
  quarantineFromConfig,
  parkedFromConfig,
  entityIndexFromConfig
)
const stores = ports.pipe(Layer.provide([DynamoDb.layer, S3.layer, Sqs.layer]))
const fed = liveProjectionsLayer.pipe(Layer.provide(controlFromConfig), Layer.provide(DynamoDb.layer))

const DAY_MS = 86_400_000

/** For how long events stay in the table, from `EVENT_RETENTION_DAYS`; for ever where that is not set. */
const retention = Layer.effect(
  EventRetention,
  Effect.map(
    Config.option(Config.Int("EVENT_RETENTION_DAYS")),
    Option.match({ onNone: () => Number.POSITIVE_INFINITY, onSome: (days) => days * DAY_MS })
  )
)

const layer = Layer.mergeAll(stores, fed, retention, SettleWindow.layer, StackName.layer)

/** Events from the stream (or a queue, or a bus) into the event store, and their deltas into the settle queue. */
export const append = {
  name: "append",
  layer,
  handle: Effect.fnUntraced(function* (event: unknown) {
    const now = yield* Clock.currentTimeMillis
    const { arrivals, respond } = yield* receive(event, now)
    const { failed, reasons, drift, parked, ...report } = yield* appendBatch(arrivals)
    const { fieldsByTopic, valuesByTopic, ...unknown } = drift
    yield* logReport("append", {
      ...report,
      // A metric that is sent costs, also as zero.
      ...(parked > 0 ? { parked } : {}),
      progress: report.received + report.heartbeats - failed.length,
      ...byKind("quarantined", reasons),
      ...unknown,
      ...byKind("unknownFields", fieldsByTopic),
      ...byKind("unknownValues", valuesByTopic),
      failed: failed.length,
      ms: (yield* Clock.currentTimeMillis) - now
    })
    return yield* respond(failed)
  })
} satisfies LambdaFunction<Layer.Success<typeof layer>, Layer.Error<typeof layer>, unknown>
