import { Effect, Layer } from "effect"
import { Projections, SettleWindow } from "../../pipeline/folding.ts"
import { archive } from "../../store/aws/archive.ts"
import { control } from "../../store/aws/control.ts"
import { deadLetters } from "../../store/aws/dead-letters.ts"
import { directory } from "../../store/aws/directory.ts"
import { DynamoDb } from "../../store/aws/dynamodb.ts"
import { entityEraser } from "../../store/aws/entity-eraser.ts"
import { entityIndex } from "../../store/aws/entity-index.ts"
import { erasureJournal } from "../../store/aws/erasure-journal.ts"
import { eventEraser } from "../../store/aws/event-eraser.ts"
import { eventSource } from "../../store/aws/event-source.ts"
import { eventStore } from "../../store/aws/event-store.ts"
import { keptObjects } from "../../store/aws/kept-objects.ts"
import { projectionStore } from "../../store/aws/projection-store.ts"
import { rowEraser } from "../../store/aws/row-eraser.ts"
import { S3 } from "../../store/aws/s3.ts"
import { settleReturn } from "../../store/aws/settle-return.ts"
import { Sqs } from "../../store/aws/sqs.ts"
import { Kinesis, streamSink } from "../../store/aws/stream-sink.ts"
import { tableSizes } from "../../store/aws/table-sizes.ts"
import { Connection } from "../../store/connection.ts"
import { foldedBy, rowTables, type StackTarget } from "../stack/stack.ts"

/** Runs `work` on everything that a stack keeps, with the means to erase. What the target's connection may do decides what succeeds. */
export const onEverything = Effect.fnUntraced(function* <A, E, R>(stack: StackTarget, work: Effect.Effect<A, E, R>) {
  const { outputs, connection } = stack
  const events = { table: outputs.eventTableName, overflowBucket: outputs.overflowBucketName }
  const folded = yield* foldedBy(stack)
  const tables = yield* Effect.provideService(rowTables(stack), Projections, folded)
  const stores = Layer.mergeAll(
    eventStore(events),
    eventSource(events),
    outputs.archiveBucketName === ""
      ? Layer.empty
      : archive({ bucket: outputs.archiveBucketName, storageClass: "STANDARD_IA" }),
    eventEraser(events),
    projectionStore(tables),
    rowEraser(tables),
    entityIndex(outputs.entityIndexName),
    entityEraser(outputs.entityIndexName),
    directory(outputs.directoryTableName, { holds: "emails", divisions: [] }),
    control(outputs.controlTableName),
    erasureJournal(outputs.quarantineBucketName),
    keptObjects({
      quarantine: outputs.quarantineBucketName,
      failures: outputs.failuresBucketName,
      exports: outputs.exportsBucketName
    }),
    deadLetters({ rule: outputs.ruleDlqUrl, settle: outputs.settleDlqUrl }, stack.offline === true ? 0 : undefined),
    streamSink(outputs.streamName),
    settleReturn(outputs.settleQueueUrl),
    tableSizes
  ).pipe(
    Layer.provide([DynamoDb.metered, S3.layer, Sqs.layer, Kinesis.layer]),
    Layer.provide(Layer.succeed(Connection, connection))
  )
  const { settleWindowSeconds, skewBoundSeconds } = outputs
  const window = { settle: settleWindowSeconds * 1_000, skew: skewBoundSeconds * 1_000 }
  return yield* work.pipe(
    Effect.provideService(SettleWindow, window),
    Effect.provideService(Projections, folded),
    Effect.provide(Layer.fresh(stores))
  )
})
