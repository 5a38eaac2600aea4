import { Clock, Config, Effect, Layer } from "effect"
import { ArchivePlan, archiveTick } from "../pipeline/archive/archive.ts"
import { archiveFromConfig } from "../store/aws/archive.ts"
import { controlFromConfig } from "../store/aws/control.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { eventWindowsFromConfig } from "../store/aws/event-windows.ts"
import { S3 } from "../store/aws/s3.ts"
import { logReport, StackName } from "./report.ts"
import type { LambdaFunction } from "./runtime.ts"

const DAY_MS = 86_400_000

const plan = Layer.effect(
  ArchivePlan,
  Effect.gen(function* () {
    const days = yield* Config.Int("EVENT_RETENTION_DAYS")
    const segments = yield* Config.Int("ARCHIVE_SEGMENTS")
    return { retentionMs: days * DAY_MS, segments, held: ArchivePlan.held }
  })
)

const stores = Layer.mergeAll(archiveFromConfig, controlFromConfig, eventWindowsFromConfig).pipe(
  Layer.provide([DynamoDb.layer, S3.layer])
)
const layer = Layer.mergeAll(stores, plan, StackName.layer)

/** Events of weeks that are over into the archive, as much of the table as there is time for; and the weeks that are confirmed out of the table. */
export const archive = {
  name: "archive",
  layer,
  handle: Effect.fnUntraced(function* () {
    const started = yield* Clock.currentTimeMillis
    const report = yield* archiveTick
    yield* logReport("archive", { ...report, ms: (yield* Clock.currentTimeMillis) - started })
    return { state: report.state }
  })
} satisfies LambdaFunction<Layer.Success<typeof layer>, Layer.Error<typeof layer>, unknown>
