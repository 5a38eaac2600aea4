import * as pulumi from "@pulumi/pulumi"
import type { Parts } from "./assemble/assemble.ts"
import type { Blueprint } from "./assemble/blueprint.ts"
import { explain, type Load } from "./capacity.ts"
import { eventSource, leftOutOf } from "./config.ts"
import { quotasToRaise, quotaText } from "./quotas.ts"

/** A table of a projection, as another stack needs it. */
export interface ProjectionTableOutput {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  /** For a function that is told of changes; only with `projectionStreams`. */
  readonly streamArn?: pulumi.Output<string>
}

/** What a stack tells to others: services that read it, the operator's command, and people. */
export interface GenesysProjectionsOutputs {
  /** What the names of this stack's tables begin with: all that a reader needs to find them. */
  readonly prefix: string
  readonly busName: pulumi.Output<string>
  readonly busArn: pulumi.Output<string>
  /** The `source` of the events that are taken from it. */
  readonly eventSource: string
  readonly ruleName: pulumi.Output<string>
  readonly ruleArn: pulumi.Output<string>
  /** Events that the rule could not deliver. */
  readonly ruleDlqUrl: pulumi.Output<string>
  readonly streamName: pulumi.Output<string>
  readonly streamArn: pulumi.Output<string>
  readonly eventTableName: pulumi.Output<string>
  readonly eventTableArn: pulumi.Output<string>
  /** The index by entity; empty without `entityIndex`. */
  readonly entityIndexName: pulumi.Output<string>
  /** By generation (`agents-v1`): what a service that reads a projection needs for its client and its role. */
  readonly projectionTables: Readonly<Record<string, ProjectionTableOutput>>
  /** Names of projections that are listed, and that the stack does not fold because a setting leaves them out. */
  readonly projectionsLeftOut: ReadonlyArray<string>
  /** A policy that a service of yours attaches to its role: reads of the projection tables by key, of names by id, and of lists of names. */
  readonly readPolicyArn: pulumi.Output<string>
  /** A policy that a function of yours attaches to its role to be told of changes; empty without `projectionStreams`. */
  readonly changesPolicyArn: pulumi.Output<string>
  readonly controlTableName: pulumi.Output<string>
  /** The names of agents, queues, wrap-up codes, presences, divisions and teams. */
  readonly directoryTableName: pulumi.Output<string>
  readonly settleQueueUrl: pulumi.Output<string>
  readonly settleDlqUrl: pulumi.Output<string>
  /** Whoever folds events elsewhere must settle and doubt clocks as append does. */
  readonly settleWindowSeconds: number
  readonly skewBoundSeconds: number
  readonly overflowBucketName: pulumi.Output<string>
  readonly quarantineBucketName: pulumi.Output<string>
  readonly failuresBucketName: pulumi.Output<string>
  /** Where exports of the event store go that the state machine of a replay reads. */
  readonly exportsBucketName: pulumi.Output<string>
  /** The archive of events; empty without `eventRetentionDays`. */
  readonly archiveBucketName: pulumi.Output<string>
  /** The bucket of another account that has a copy of the archive; empty without `archiveCopyBucketArn`. */
  readonly archiveCopyBucketArn: string
  /** The policy that this bucket needs, as JSON; empty without it. */
  readonly archiveCopyBucketPolicy: pulumi.Output<string>
  /** What the policy of `archiveCopyKeyArn` needs besides its own statements, as JSON; empty without it. */
  readonly archiveCopyKeyPolicy: pulumi.Output<string>
  /** Days that events stay in the event table at least; 0: for ever. */
  readonly eventRetentionDays: number
  /** Archives events; empty without `eventRetentionDays`. */
  readonly archiveFunctionName: pulumi.Output<string>
  /** The ticks that archive could not be told of; empty without it. */
  readonly archiveDlqUrl: pulumi.Output<string>
  /** The key that bodies rest under, empty without `customerKey`: who opens them needs it too. */
  readonly customerKeyArn: pulumi.Output<string>
  /** Where alarms and notices go: subscribe whoever is on duty. */
  readonly noticesTopicArn: pulumi.Output<string>
  readonly dashboardUrl: pulumi.Output<string>
  readonly appendFunctionName: pulumi.Output<string>
  readonly projectFunctionName: pulumi.Output<string>
  readonly redriveFunctionName: pulumi.Output<string>
  /** The ticks that redrive could not be told of. */
  readonly redriveDlqUrl: pulumi.Output<string>
  readonly replayFunctionName: pulumi.Output<string>
  /** Sweeps the Genesys Cloud API; empty without `genesysCredentialsSecret`. */
  readonly reconcileFunctionName: pulumi.Output<string>
  /** The ticks that reconcile could not be told of; empty without it. */
  readonly reconcileDlqUrl: pulumi.Output<string>
  /** The role that `npx projections erase` takes; empty without `erasers`. */
  readonly eraserRoleArn: pulumi.Output<string>
  /** Compares rows with events; empty without `auditReadUnitsPerSecond`. */
  readonly auditFunctionName: pulumi.Output<string>
  /** The ticks that audit could not be told of; empty without it. */
  readonly auditDlqUrl: pulumi.Output<string>
  /** Takes `{ replayId, segments: [0, 1, ...] }`; the plan is in the control table. */
  readonly replayStateMachineArn: pulumi.Output<string>
  /** What a plan should ask for on this stack: parts of the store, functions at once, and events read and rows written a second by all of them. */
  readonly replayLimits: {
    readonly segments: number
    readonly concurrency: number
    readonly eventsPerSecond: number
    readonly rowsPerSecond: number
  }
  /** The bus in the second region; empty without `secondRegion`. */
  readonly copyBusArn: pulumi.Output<string>
  /** The copies that did not get there; empty without `secondRegion`. */
  readonly copyDlqUrl: pulumi.Output<string>
  /** What the stack must carry, from which `npx projections scale` derives sizes for another peak. */
  readonly load: Load
  /** How everything follows from the peak, line by line. */
  readonly capacity: ReadonlyArray<string>
  /** The quotas of AWS that are too low for the peak, and what to raise them to. */
  readonly quotas: ReadonlyArray<string>
}

const none = () => pulumi.output("")

/** The outputs of a stack from its parts. */
export const outputsOf = ({ config, load, region, prefix }: Blueprint, parts: Parts): GenesysProjectionsOutputs => ({
  prefix,
  busName: parts.bus.name,
  busArn: parts.bus.arn,
  eventSource: eventSource(config),
  ruleName: parts.feed.ruleName,
  ruleArn: parts.feed.ruleArn,
  ruleDlqUrl: parts.feed.dlqUrl,
  streamName: parts.stream.name,
  streamArn: parts.stream.arn,
  eventTableName: parts.events.name,
  eventTableArn: parts.events.arn,
  entityIndexName: parts.entities?.name ?? none(),
  projectionTables: Object.fromEntries(
    Object.entries(parts.tables).map(([name, table]) => [
      name,
      { name: table.name, arn: table.arn, ...(config.projectionStreams ? { streamArn: table.streamArn } : {}) }
    ])
  ),
  projectionsLeftOut: leftOutOf(config),
  readPolicyArn: parts.readers.arn,
  changesPolicyArn: parts.changes?.arn ?? none(),
  controlTableName: parts.control.name,
  directoryTableName: parts.directory.name,
  settleQueueUrl: parts.settle.url,
  settleDlqUrl: parts.settle.dlqUrl,
  settleWindowSeconds: config.settleWindowSeconds,
  skewBoundSeconds: config.skewBoundSeconds,
  overflowBucketName: parts.overflow.name,
  quarantineBucketName: parts.quarantine.name,
  failuresBucketName: parts.failures.name,
  exportsBucketName: parts.exports.name,
  archiveBucketName: parts.archive?.name ?? none(),
  archiveCopyBucketArn: config.archiveCopyBucketArn,
  archiveCopyBucketPolicy: parts.archiveCopy?.bucketPolicy ?? none(),
  archiveCopyKeyPolicy: parts.archiveCopy?.keyPolicy ?? none(),
  eventRetentionDays: config.eventRetentionDays,
  archiveFunctionName: parts.archiver?.name ?? none(),
  archiveDlqUrl: parts.archiver?.dlqUrl ?? none(),
  customerKeyArn: parts.encrypted.kmsKey ?? none(),
  noticesTopicArn: parts.notices.arn,
  dashboardUrl: parts.watch.dashboardUrl,
  appendFunctionName: parts.append.name,
  projectFunctionName: parts.project.name,
  redriveFunctionName: parts.redrive.name,
  redriveDlqUrl: parts.redrive.dlqUrl,
  replayFunctionName: parts.replay.name,
  reconcileFunctionName: parts.reconcile?.name ?? none(),
  reconcileDlqUrl: parts.reconcile?.dlqUrl ?? none(),
  eraserRoleArn: parts.eraser?.arn ?? none(),
  auditFunctionName: parts.audit?.name ?? none(),
  auditDlqUrl: parts.audit?.dlqUrl ?? none(),
  replayStateMachineArn: parts.replay.machineArn,
  replayLimits: parts.replayLimits,
  copyBusArn: parts.copy?.busArn ?? none(),
  copyDlqUrl: parts.copy?.dlqUrl ?? none(),
  load,
  capacity: explain(load),
  quotas: quotasToRaise(load, region).map(quotaText)
})
