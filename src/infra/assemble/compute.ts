import { derivedSources } from "../../domain/stages.ts"
import { Append } from "../append.ts"
import { Archiver } from "../archive.ts"
import { Audit } from "../audit.ts"
import { capacityOf } from "../capacity.ts"
import { breakerOf, reconcileOf, scheduleOf, settleVisibilitySeconds } from "../config.ts"
import { Network } from "../network.ts"
import { Project } from "../project.ts"
import { Reconcile } from "../reconcile.ts"
import { Redrive } from "../redrive.ts"
import { Replay } from "../replay.ts"
import { replayPace } from "../replay-pace.ts"
import { SettleQueue } from "../settle-queue.ts"
import type { Blueprint } from "./blueprint.ts"
import type { ingest } from "./ingest.ts"
import type { store } from "./store.ts"

/** The functions, with the queue between them. */
export const compute = (
  { config, load, projections, region, code, prefix, named, tags, opts }: Blueprint,
  { stream, feed, notices, encrypted }: ReturnType<typeof ingest>,
  stored: ReturnType<typeof store>
) => {
  const derived = capacityOf(load)
  const { entities, events, control, overflow, quarantine, failures, tables, needs } = stored
  const settle = new SettleQueue(
    named("settle"),
    {
      visibilitySeconds: settleVisibilitySeconds(config),
      retentionDays: config.settleRetentionDays,
      maxReceives: config.settleMaxReceives,
      dlqRetentionDays: config.dlqRetentionDays,
      ...encrypted,
      tags
    },
    opts
  )
  const place = {
    vpcId: config.vpcId,
    subnetIds: config.subnetIds,
    routeTableIds: config.routeTableIds,
    endpoints: config.vpcEndpoints,
    region,
    collector: config.otlpEndpoint,
    tags
  }
  /** Where and how every function runs. */
  const running = {
    prefix,
    ...encrypted,
    ...(config.vpcId === "" ? {} : { network: new Network(named("network"), place, opts) }),
    memoryMb: config.functionMemoryMb,
    logRetentionDays: config.logRetentionDays,
    otlpEndpoint: config.otlpEndpoint,
    tags
  }
  const { settleWindowSeconds, skewBoundSeconds } = config
  const append = new Append(
    named("append"),
    {
      code: code("append"),
      stream,
      events,
      ...(entities && { entities }),
      overflow,
      quarantine,
      failures,
      settle,
      control,
      retentionDays: config.eventRetentionDays,
      settleWindowSeconds,
      skewBoundSeconds,
      batchSize: config.batchSize,
      batchWindowSeconds: config.batchWindowSeconds,
      parallelizationFactor: derived.parallelization,
      retryAttempts: config.streamRetryAttempts,
      maxRecordAgeSeconds: config.streamRecordAgeSeconds,
      timeoutSeconds: config.appendTimeoutSeconds,
      ...running,
      ...(derived.reserved && { reservedConcurrency: derived.reserved.append }),
      ...scheduleOf(config, derived.appendReady)
    },
    opts
  )
  const project = new Project(
    named("project"),
    {
      code: code("project"),
      settle,
      tables,
      needs,
      control,
      quarantine,
      settleWindowSeconds,
      batchSize: config.settleBatchSize,
      batchWindowSeconds: config.settleBatchWindowSeconds,
      maxConcurrency: derived.projectConcurrency,
      timeoutSeconds: config.projectTimeoutSeconds,
      ...running,
      ...(derived.reserved && { reservedConcurrency: derived.reserved.project }),
      ...scheduleOf(config, derived.projectConcurrency)
    },
    opts
  )
  const redrive = new Redrive(
    named("redrive"),
    {
      code: code("redrive"),
      feed,
      stream,
      settle,
      control,
      quarantine,
      notices,
      perSecond: config.redrivePerSecond,
      perRun: config.redrivePerRun,
      maxAttempts: config.redriveMaxAttempts,
      breaker: breakerOf(config),
      dlqRetentionDays: config.dlqRetentionDays,
      ...running,
      ...(derived.reserved && { reservedConcurrency: 1 })
    },
    opts
  )
  const replayLimits = {
    segments: config.replaySegments,
    concurrency: config.replayConcurrency,
    ...replayPace(derived, config.averageEventBytes, config.replaySharePercent)
  }
  const replay = new Replay(
    named("replay"),
    {
      machineName: `${prefix}-replay`,
      code: code("replay"),
      events,
      overflow,
      quarantine,
      control,
      tables,
      needs,
      concurrency: replayLimits.concurrency,
      eventsPerSecond: replayLimits.eventsPerSecond,
      rowsPerSecond: replayLimits.rowsPerSecond,
      exports: stored.exports,
      ...(stored.archive && { archive: stored.archive }),
      skewBoundSeconds,
      settleWindowSeconds,
      ...running
    },
    opts
  )
  const archiver =
    stored.archive === undefined
      ? undefined
      : new Archiver(
          named("archive"),
          {
            code: code("archive"),
            events,
            overflow,
            archive: stored.archive,
            control,
            retentionDays: config.eventRetentionDays,
            storageClass: config.archiveStorageClass,
            segments: config.replaySegments,
            dlqRetentionDays: config.dlqRetentionDays,
            ...running
          },
          opts
        )
  const { memoryMb: ___, ...audited } = running
  const { network: _, memoryMb: __, ...outside } = { network: undefined, ...running }
  const reconcile =
    config.genesysCredentialsSecret === ""
      ? undefined
      : new Reconcile(
          named("reconcile"),
          {
            code: code("reconcile"),
            stream,
            control,
            directory: stored.directory,
            tables,
            secret: config.genesysCredentialsSecret,
            ...reconcileOf(config),
            dlqRetentionDays: config.dlqRetentionDays,
            ...outside
          },
          opts
        )
  const audit =
    config.auditReadUnitsPerSecond === 0
      ? undefined
      : new Audit(
          named("audit"),
          {
            code: code("audit"),
            events,
            overflow,
            control,
            tables,
            sources: derivedSources(projections),
            summarised: needs.summarised,
            ...(entities && { entities }),
            readUnitsPerSecond: config.auditReadUnitsPerSecond,
            retentionDays: config.eventRetentionDays,
            settleWindowSeconds,
            skewBoundSeconds,
            dlqRetentionDays: config.dlqRetentionDays,
            ...audited
          },
          opts
        )
  return { settle, append, project, redrive, replay, reconcile, archiver, audit, replayLimits }
}
