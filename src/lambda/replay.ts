import { Clock, Config, Context, Effect, Layer, Schema } from "effect"
import { Projections, SettleWindow } from "../pipeline/folding.ts"
import { ReplayError } from "../pipeline/replay/plan.ts"
import { openSegment, readRun, runKey } from "../pipeline/replay/record.ts"
import { projectionOf, replaySegment } from "../pipeline/replay/replay.ts"
import { controlFromConfig } from "../store/aws/control.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { exportSource, objectOf } from "../store/aws/export-source.ts"
import { parkedFromConfig } from "../store/aws/parked.ts"
import { projectionStoreFromConfig } from "../store/aws/projection-store.ts"
import { S3 } from "../store/aws/s3.ts"
import { wholeSourceFromConfig } from "../store/aws/whole-source.ts"
import { EventSource } from "../store/event-source.ts"
import { logReport, StackName } from "./report.ts"
import type { LambdaFunction } from "./runtime.ts"

/** What a replay may take of this stack, whatever its plan asks for: functions at once, and events and rows per second of all of them. */
class ReplayShare extends Context.Service<
  ReplayShare,
  { readonly concurrency: number; readonly eventsPerSecond: number; readonly rowsPerSecond: number }
>()("projections/ReplayShare") {
  static readonly layer = Layer.effect(
    ReplayShare,
    Config.all({
      concurrency: Config.Finite("REPLAY_CONCURRENCY"),
      eventsPerSecond: Config.Finite("REPLAY_EVENTS_PER_SECOND"),
      rowsPerSecond: Config.Finite("REPLAY_ROWS_PER_SECOND")
    })
  )
}

/** The bucket with the exports that a plan may name, and where the bodies are that no export holds. */
class Exports extends Context.Service<Exports, { readonly bucket: string; readonly overflowBucket: string }>()(
  "projections/Exports"
) {
  static readonly layer = Layer.effect(
    Exports,
    Config.all({
      bucket: Config.NonEmptyString("EXPORTS_BUCKET"),
      overflowBucket: Config.NonEmptyString("OVERFLOW_BUCKET")
    })
  )
}

/** The source of a plan's events: the export that it names, or the event table. */
const sourceOf = (address: string | undefined) =>
  Layer.unwrap(
    Effect.gen(function* () {
      if (address === undefined) return Layer.succeed(EventSource, yield* EventSource)
      const { bucket, overflowBucket } = yield* Exports
      const object = objectOf(address)
      if (object?.bucket !== bucket)
        return yield* new ReplayError({ reason: `${address} is not in s3://${bucket}/; copy the export there` })
      return exportSource({ bucket, manifest: object.key, overflowBucket })
    })
  )

/** What the state machine hands over. */
const Order = Schema.Struct({ replayId: Schema.NonEmptyString, segment: Schema.Int })

/**
 * What the state machine goes by. `done`: all of the segment is folded. `stopped`: why it is not and should not go on now. `refused`:
 * which event cannot be folded. With neither, the time of the invocation was up: invoke again.
 */
interface Answer {
  readonly done: boolean
  readonly stopped?: "budget" | "stopped"
  readonly refused?: string
  readonly counts?: Readonly<Record<string, number>>
}

const ports = Layer.mergeAll(
  controlFromConfig,
  wholeSourceFromConfig,
  parkedFromConfig,
  Layer.unwrap(Effect.map(Projections, projectionStoreFromConfig))
)
const stores = ports.pipe(Layer.provide([DynamoDb.metered, S3.layer]))
const layer = Layer.mergeAll(stores, S3.layer, Exports.layer, SettleWindow.layer, ReplayShare.layer, StackName.layer)

/** One segment of the replay `replayId`, whose plan is in the control table, from its checkpoint on for as long as an invocation lasts. */
export const replay = {
  name: "replay",
  layer,
  handle: Effect.fnUntraced(function* (event: unknown) {
    const started = yield* Clock.currentTimeMillis
    const { replayId, segment } = yield* Schema.decodeUnknownEffect(Order)(event)
    const { value: run } = yield* readRun(runKey(replayId))
    if (run === undefined)
      return yield* new ReplayError({ reason: `${replayId} has not begun; begin it with the command` })
    // It holds what it compares in memory, for each segment from the whole table.
    if (!run.plan.write) return yield* new ReplayError({ reason: `${replayId} is a verify; run it with the command` })
    const share = yield* ReplayShare
    const plan = {
      ...run.plan,
      concurrency: share.concurrency,
      eventsPerSecond: Math.min(run.plan.eventsPerSecond, share.eventsPerSecond),
      rowsPerSecond: Math.min(run.plan.rowsPerSecond ?? run.plan.eventsPerSecond, share.rowsPerSecond)
    }
    const open = yield* openSegment({ ...run, plan }, yield* projectionOf(plan), segment)
    const before = open.held.counts
    const result = yield* replaySegment(open).pipe(
      Effect.provide(sourceOf(plan.source)),
      Effect.map(({ state, counts }) => ({ state, counts, refused: undefined })),
      Effect.catchTag("ReplayRefused", ({ message }) =>
        Effect.succeed({ state: "refused" as const, counts: before, refused: message })
      )
    )
    const { state, counts, refused } = result
    yield* logReport("replay", {
      replayId,
      segment,
      state,
      ...counts,
      progress: counts.scanned - before.scanned,
      parked: counts.parked - before.parked,
      ms: (yield* Clock.currentTimeMillis) - started
    })
    return {
      done: state === "done",
      counts,
      ...(state === "budget" || state === "stopped" ? { stopped: state } : {}),
      ...(refused === undefined ? {} : { refused })
    } satisfies Answer
  })
} satisfies LambdaFunction<Layer.Success<typeof layer>, Layer.Error<typeof layer>, Answer>
