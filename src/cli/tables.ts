import { Effect, Layer, Option } from "effect"
import { generation } from "../domain/projection.ts"
import { Projections } from "../pipeline/projections.ts"
import { SettleWindow } from "../pipeline/window.ts"
import { control } from "../store/aws/control.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { entityIndex } from "../store/aws/entity-index.ts"
import { eventSource } from "../store/aws/event-source.ts"
import { eventStore } from "../store/aws/event-store.ts"
import type { EventTable } from "../store/aws/event-table.ts"
import { executions } from "../store/aws/executions.ts"
import { exportFolder, exportSource } from "../store/aws/export-source.ts"
import { parked } from "../store/aws/parked.ts"
import { projectionStore } from "../store/aws/projection-store.ts"
import { queueDepths } from "../store/aws/queue-depths.ts"
import { S3 } from "../store/aws/s3.ts"
import { Sqs } from "../store/aws/sqs.ts"
import { StepFunctions } from "../store/aws/step-functions.ts"
import { tableSizes } from "../store/aws/table-sizes.ts"
import { watermark } from "../store/aws/watermark.ts"
import { Connection } from "../store/connection.ts"
import { usageError } from "./exit.ts"
import type { SiteOptions } from "./flags.ts"
import { onSite } from "./open.ts"
import type { StackTarget } from "./stack-target.ts"

/** The table of each generation that is listed here; a mistake where the stack has none for one. */
const rowTables = Effect.fnUntraced(function* ({ name, outputs }: StackTarget) {
  const listed = yield* Projections
  const missing = listed.map(generation).filter((own) => outputs.projectionTables[own] === undefined)
  if (missing.length > 0)
    return yield* usageError(
      `${name} has no table for ${missing.join(", ")}, which projections/index.ts lists: deploy it first, with pulumi up`
    )
  return Object.fromEntries(
    listed.map((p) => [generation(p), { table: outputs.projectionTables[generation(p)]?.name ?? "", key: p.key }])
  )
})

/** The export whose manifest is named, in a bucket or on this machine; the table itself where none is. */
const sourceOf = (manifest: Option.Option<string>, events: EventTable) => {
  if (Option.isNone(manifest)) return eventSource(events)
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(manifest.value) ?? []
  return bucket === undefined || key === undefined
    ? exportFolder(manifest.value)
    : exportSource({ bucket, manifest: key, overflowBucket: events.overflowBucket })
}

/**
 * Runs `work` on the stack that the options name, as `onSite` does, with what is stored and what is known of it. `exported`: the manifest
 * of an export, from which events are read instead.
 */
export const onTables = <A, E, R>(
  options: SiteOptions,
  work: (site: StackTarget) => Effect.Effect<A, E, R>,
  exported: Option.Option<string> = Option.none()
) =>
  onSite(
    options,
    Effect.fnUntraced(function* (site) {
      const { eventTableName, overflowBucketName, controlTableName, quarantineBucketName } = site.outputs
      const { settleWindowSeconds, skewBoundSeconds, replayStateMachineArn, entityIndexName } = site.outputs
      const events = { table: eventTableName, overflowBucket: overflowBucketName }
      const stores = Layer.mergeAll(
        ...[eventStore(events), sourceOf(exported, events), projectionStore(yield* rowTables(site))],
        ...[
          control(controlTableName),
          watermark(controlTableName),
          parked(quarantineBucketName),
          tableSizes,
          queueDepths
        ],
        ...[executions(replayStateMachineArn), entityIndex(entityIndexName)]
      ).pipe(
        Layer.provide([DynamoDb.metered, S3.layer, Sqs.layer, StepFunctions.layer]),
        Layer.provide(Layer.succeed(Connection, site.connection))
      )
      const window = { settle: settleWindowSeconds * 1_000, skew: skewBoundSeconds * 1_000 }
      return yield* work(site).pipe(Effect.provideService(SettleWindow, window), Effect.provide(Layer.fresh(stores)))
    })
  )
