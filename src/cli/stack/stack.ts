import { Context, Effect, Layer, Option, Schema, type Scope } from "effect"
import { generation } from "../../domain/projection.ts"
import { Projections, SettleWindow } from "../../pipeline/folding.ts"
import { archive } from "../../store/aws/archive.ts"
import { control } from "../../store/aws/control.ts"
import { DynamoDb } from "../../store/aws/dynamodb.ts"
import { entityIndex } from "../../store/aws/entity-index.ts"
import type { EventTable } from "../../store/aws/event-item.ts"
import { eventStore } from "../../store/aws/event-store.ts"
import { executions, StepFunctions } from "../../store/aws/executions.ts"
import { exportFolder, exportSource, objectOf } from "../../store/aws/export-source.ts"
import { failedBatches } from "../../store/aws/failed-batches.ts"
import { parked } from "../../store/aws/parked.ts"
import { projectionStore } from "../../store/aws/projection-store.ts"
import { queueDepths } from "../../store/aws/queue-depths.ts"
import { rejectedEvents } from "../../store/aws/rejected-events.ts"
import { S3 } from "../../store/aws/s3.ts"
import { settleReturn } from "../../store/aws/settle-return.ts"
import { Sqs } from "../../store/aws/sqs.ts"
import { Kinesis, streamSink } from "../../store/aws/stream-sink.ts"
import { tableSizes } from "../../store/aws/table-sizes.ts"
import { useLog } from "../../store/aws/use-log.ts"
import { watermark } from "../../store/aws/watermark.ts"
import { wholeSource } from "../../store/aws/whole-source.ts"
import { Connection, type ConnectionSettings } from "../../store/connection.ts"
import type { Caller } from "../../store/use-log.ts"
import { root } from "../flags.ts"
import { type CliExit, usageError } from "../screen.ts"

/** What the command needs of a stack's outputs. */
export const Outputs = Schema.Struct({
  /** What the names of its tables begin with; empty in a stack that an earlier version deployed. */
  prefix: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** The policies for services that read, and for those that are told of changes; empty likewise, and without streams. */
  readPolicyArn: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  changesPolicyArn: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  quarantineBucketName: Schema.NonEmptyString,
  failuresBucketName: Schema.NonEmptyString,
  overflowBucketName: Schema.NonEmptyString,
  streamName: Schema.NonEmptyString,
  settleQueueUrl: Schema.NonEmptyString,
  ruleDlqUrl: Schema.NonEmptyString,
  settleDlqUrl: Schema.NonEmptyString,
  eventTableName: Schema.NonEmptyString,
  controlTableName: Schema.NonEmptyString,
  /** By generation. */
  projectionTables: Schema.Record(
    Schema.String,
    Schema.Struct({ name: Schema.NonEmptyString, streamArn: Schema.optionalKey(Schema.String) })
  ),
  /** Names of listed projections that the stack does not fold. */
  projectionsLeftOut: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  settleWindowSeconds: Schema.Finite,
  skewBoundSeconds: Schema.Finite,
  replayLimits: Schema.Struct({
    segments: Schema.Finite,
    eventsPerSecond: Schema.Finite,
    /** Absent in stacks that write no faster than they read. */
    rowsPerSecond: Schema.optionalKey(Schema.Finite)
  }),
  /** Empty in stacks whose state machine reads no exports. */
  exportsBucketName: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** The archive of events that left the table; empty where none do. */
  archiveBucketName: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** The bucket of another account that has a copy of the archive; empty where there is none. */
  archiveCopyBucketArn: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** Days that events stay in the table at least; 0: for ever. */
  eventRetentionDays: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  replayStateMachineArn: Schema.NonEmptyString,
  /** The entity index; empty without one. */
  entityIndexName: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** The bus that the stack takes events from, its rule, and their source; empty in a stack that an earlier version deployed. */
  busName: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  busArn: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  ruleName: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  eventSource: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** The directory of names; empty in a stack that an earlier version deployed. */
  directoryTableName: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** The function that sweeps the Genesys Cloud API; empty where nothing does. */
  reconcileFunctionName: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** Empty in a stack that does not audit itself. */
  auditFunctionName: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** Empty where AWS's own keys are used. */
  customerKeyArn: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** The role that may erase; empty where nobody may. */
  eraserRoleArn: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** What the stack must carry; empty in a stack that an earlier version deployed. */
  load: Schema.Record(Schema.String, Schema.Unknown).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  streamArn: Schema.NonEmptyString
})
export type Outputs = typeof Outputs.Type

/** A stack that the command works on: its outputs, how its services are reached, and as whom. */
export interface StackTarget {
  /** As the use log shows it. */
  readonly name: string
  readonly outputs: Outputs
  readonly connection: ConnectionSettings
  readonly who: Caller
  /** A folder that no run has open: nothing executes in it until the command ends. */
  readonly offline?: true
}

/** Finds stacks. What a target needs is released with the scope. */
export class StackTargets extends Context.Service<
  StackTargets,
  {
    /** A deployed stack by its name. */
    readonly stack: (name: string) => Effect.Effect<StackTarget, CliExit, Scope.Scope>
    /** A deployed stack by a file of its outputs, as `pulumi stack output --json` prints them. */
    readonly file: (path: string) => Effect.Effect<StackTarget, CliExit, Scope.Scope>
    /** A folder that a run on this machine has left. */
    readonly folder: (path: string) => Effect.Effect<StackTarget, CliExit, Scope.Scope>
  }
>()("projections/StackTargets") {}

/** The stack that `--stack`, `--outputs` or `--local` names. */
const find = Effect.gen(function* () {
  const { stack, outputs, local } = yield* root
  const targets = yield* StackTargets
  const named = [Option.map(stack, targets.stack), Option.map(outputs, targets.file), Option.map(local, targets.folder)]
  const [target, other] = named.flatMap(Option.toArray)
  if (target === undefined)
    return yield* usageError("which stack? give --stack NAME, --outputs FILE or --local DIR (--help explains them)")
  if (other !== undefined)
    return yield* usageError("--stack, --outputs and --local each name a stack: give one of them")
  return yield* target
})

/** Runs `work` on the stack that the flags name, with its use log and the events that wait for people, and closes both afterwards. */
export const onStack = Effect.fnUntraced(function* <A, E, R>(work: (stack: StackTarget) => Effect.Effect<A, E, R>) {
  const stack = yield* find
  const { quarantineBucketName, failuresBucketName, streamName, settleQueueUrl } = stack.outputs
  const stores = Layer.mergeAll(
    rejectedEvents(quarantineBucketName),
    useLog(quarantineBucketName),
    failedBatches(failuresBucketName),
    streamSink(streamName),
    settleReturn(settleQueueUrl)
  ).pipe(
    Layer.provide([S3.layer, Kinesis.layer, Sqs.layer]),
    Layer.provide(Layer.succeed(Connection, stack.connection))
  )
  return yield* work(stack).pipe(Effect.provide(Layer.fresh(stores)))
}, Effect.scoped)

/** What the stack folds: what the project lists, without what the stack's settings leave out. */
export const foldedBy = ({ outputs }: StackTarget) =>
  Effect.map(Projections, (listed) => listed.filter((p) => !outputs.projectionsLeftOut.includes(p.name)))

/** The table of each generation that is folded. Fails where the stack has none for one of them. */
export const rowTables = Effect.fnUntraced(function* ({ name, outputs }: StackTarget) {
  const listed = yield* Projections
  const missing = listed.map(generation).filter((own) => outputs.projectionTables[own] === undefined)
  if (missing.length > 0)
    return yield* usageError(
      `${name} has no table for ${missing.join(", ")}, which this project lists: deploy it first, with pulumi up`
    )
  return Object.fromEntries(
    listed.map((p) => [generation(p), { table: outputs.projectionTables[generation(p)]?.name ?? "", key: p.key }])
  )
})

/** The export of which the manifest is given, in a bucket or on this machine; without one, the event table. */
const sourceOf = (manifest: Option.Option<string>, events: EventTable, archiveBucket: string) => {
  if (Option.isNone(manifest)) return wholeSource(events, archiveBucket)
  const object = objectOf(manifest.value)
  return object === undefined
    ? exportFolder(manifest.value)
    : exportSource({ bucket: object.bucket, manifest: object.key, overflowBucket: events.overflowBucket })
}

/** As `onStack`, with all tables and queues. `exported`: the manifest of an export, to read events from instead of the table. */
export const onTables = <A, E, R>(
  work: (stack: StackTarget) => Effect.Effect<A, E, R>,
  exported: Option.Option<string> = Option.none()
) =>
  onStack(
    Effect.fnUntraced(function* (stack) {
      const { eventTableName, overflowBucketName, controlTableName, quarantineBucketName } = stack.outputs
      const { settleWindowSeconds, skewBoundSeconds, replayStateMachineArn, entityIndexName, archiveBucketName } =
        stack.outputs
      const folded = yield* foldedBy(stack)
      const tables = yield* Effect.provideService(rowTables(stack), Projections, folded)
      const events = { table: eventTableName, overflowBucket: overflowBucketName }
      const stores = Layer.mergeAll(
        eventStore(events),
        sourceOf(exported, events, archiveBucketName),
        archiveBucketName === "" ? Layer.empty : archive({ bucket: archiveBucketName, storageClass: "STANDARD" }),
        projectionStore(tables),
        control(controlTableName),
        watermark(controlTableName),
        parked(quarantineBucketName),
        tableSizes,
        queueDepths,
        executions(replayStateMachineArn),
        entityIndex(entityIndexName)
      ).pipe(
        Layer.provide([DynamoDb.metered, S3.layer, Sqs.layer, StepFunctions.layer]),
        Layer.provide(Layer.succeed(Connection, stack.connection))
      )
      const window = { settle: settleWindowSeconds * 1_000, skew: skewBoundSeconds * 1_000 }
      return yield* work(stack).pipe(
        Effect.provideService(Projections, folded),
        Effect.provideService(SettleWindow, window),
        Effect.provide(Layer.fresh(stores))
      )
    })
  )
