import { Context, Effect, Schema, type Scope } from "effect"
import type { Caller } from "../../store/audit-log.ts"
import type { ConnectionSettings } from "../../store/connection.ts"
import type { CliExit } from "../exit.ts"

/** What the command needs of a stack's outputs. */
export const Outputs = Schema.Struct({
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
  projectionTables: Schema.Record(Schema.String, Schema.Struct({ name: Schema.NonEmptyString })),
  settleWindowSeconds: Schema.Finite,
  skewBoundSeconds: Schema.Finite,
  replayLimits: Schema.Struct({ segments: Schema.Finite, eventsPerSecond: Schema.Finite }),
  replayStateMachineArn: Schema.NonEmptyString,
  /** The entity index; empty without one. */
  entityIndexName: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  /** Empty where AWS's own keys are used. */
  customerKeyArn: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed(""))),
  streamArn: Schema.NonEmptyString
})
export type Outputs = typeof Outputs.Type

/** A stack that the command works on: its outputs, how its services are reached, and as whom. */
export interface StackTarget {
  /** As the audit shows it. */
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
