import { generation } from "./src/domain/projection.ts"
import { firstGenerations } from "./src/domain/readers.ts"
import { Append } from "./src/infra/append.ts"
import { Bucket } from "./src/infra/bucket.ts"
import { functionCode } from "./src/infra/bundle.ts"
import { Bus } from "./src/infra/bus.ts"
import { capacityOf, explain } from "./src/infra/capacity.ts"
import { ChangesPolicy } from "./src/infra/changes-policy.ts"
import { breakerOf, eventSource, loadOf, scheduleOf, settleVisibilitySeconds } from "./src/infra/config.ts"
import { ControlTable } from "./src/infra/control-table.ts"
import { Copy } from "./src/infra/copy.ts"
import { CustomerKey } from "./src/infra/customer-key.ts"
import { EntityTable } from "./src/infra/entity-table.ts"
import { EventTable } from "./src/infra/event-table.ts"
import { Feed } from "./src/infra/feed.ts"
import { foldedProjections } from "./src/infra/folded.ts"
import { Network } from "./src/infra/network.ts"
import { Notices } from "./src/infra/notices.ts"
import { Project } from "./src/infra/project.ts"
import { ProjectionTable } from "./src/infra/projection-table.ts"
import { quotasToRaise, quotaText } from "./src/infra/quotas.ts"
import { ReadPolicy } from "./src/infra/read-policy.ts"
import { Redrive } from "./src/infra/redrive.ts"
import { Replay } from "./src/infra/replay.ts"
import { replayPace } from "./src/infra/replay-pace.ts"
import { SettleQueue } from "./src/infra/settle-queue.ts"
import { identity, loadConfig, regionOfStack } from "./src/infra/stack.ts"
import { Stream } from "./src/infra/stream.ts"
import { Watch } from "./src/infra/watch.ts"

const config = loadConfig()
const { prefix, tags } = identity()
const { protect } = config
const projections = foldedProjections()
const load = loadOf(config)
const derived = capacityOf(load)

const bus = new Bus("bus", { partnerSource: config.genesysEventSource, protect, tags })

const encrypted = config.customerKey
  ? { kmsKey: new CustomerKey("key", { alias: prefix, bus: bus.arn, alarmPrefix: prefix, protect, tags }).arn }
  : {}

const placed =
  config.vpcId === ""
    ? {}
    : {
        network: new Network("network", {
          vpcId: config.vpcId,
          subnetIds: config.subnetIds,
          routeTableIds: config.routeTableIds,
          endpoints: config.vpcEndpoints,
          region: regionOfStack(),
          collector: config.otlpEndpoint,
          tags
        })
      }

const stream = new Stream("stream", {
  shards: derived.shards,
  retentionHours: config.streamRetentionHours,
  ...encrypted,
  protect,
  tags
})

const matched = {
  bus: bus.name,
  source: eventSource(config),
  topics: config.topics,
  retryAttempts: config.busRetryAttempts,
  maxEventAgeSeconds: config.busMaxEventAgeSeconds,
  dlqRetentionDays: config.dlqRetentionDays,
  ...encrypted,
  protect,
  tags
}
const feed = new Feed("feed", { ...matched, stream: stream.arn })
const copy = config.secondRegion === "" ? undefined : new Copy("copy", { ...matched, region: config.secondRegion })

const notices = new Notices("notices", { alarmPrefix: prefix, email: config.noticeEmail, ...encrypted, protect, tags })

const stored = { ...encrypted, warm: derived.eventTable, protect, tags }
const entities = derived.entityTable
  ? new EntityTable("entities", { tableName: `${prefix}-entities`, ...encrypted, warm: derived.entityTable, tags })
  : undefined
const indexed = entities && { entities }
const events = new EventTable("events", {
  tableName: `${prefix}-events`,
  ...stored,
  ...(entities && { after: entities.table })
})
const control = new ControlTable("control", {
  tableName: `${prefix}-control`,
  readers: firstGenerations(projections),
  protect,
  tags
})
const overflow = new Bucket("overflow", { versioned: true, ...encrypted, protect, tags })
const quarantine = new Bucket("quarantine", { expireDays: config.quarantineRetentionDays, ...encrypted, protect, tags })
const failures = new Bucket("failures", { expireDays: config.quarantineRetentionDays, ...encrypted, protect, tags })

const tables = Object.fromEntries(
  projections.map((projection) => {
    const name = generation(projection)
    const table = {
      tableName: `${prefix}-${name}`,
      key: projection.key,
      retain: protect,
      stream: config.projectionStreams,
      tags
    }
    const summary = projection.summary && { summaryColumns: projection.summary.columns }
    return [name, new ProjectionTable(name, { ...table, ...summary, ...encrypted, warm: derived.projectionTable })]
  })
)

const summarised = projections.filter(({ summary }) => summary !== undefined).map(generation)

const readers = new ReadPolicy("readers", { tables, summarised, control, ...encrypted, tags })

const changes = config.projectionStreams
  ? new ChangesPolicy("changes", { tables: Object.values(tables), control, ...encrypted, tags })
  : undefined

const settle = new SettleQueue("settle", {
  visibilitySeconds: settleVisibilitySeconds(config),
  retentionDays: config.settleRetentionDays,
  maxReceives: config.settleMaxReceives,
  dlqRetentionDays: config.dlqRetentionDays,
  ...encrypted,
  tags
})

/** Where and how a function of both kinds runs. */
const running = {
  ...encrypted,
  ...placed,
  memoryMb: config.functionMemoryMb,
  logRetentionDays: config.logRetentionDays,
  otlpEndpoint: config.otlpEndpoint,
  tags
}

const append = new Append("append", {
  code: functionCode("append"),
  stream,
  events,
  ...indexed,
  overflow,
  quarantine,
  failures,
  settle,
  control,
  settleWindowSeconds: config.settleWindowSeconds,
  skewBoundSeconds: config.skewBoundSeconds,
  batchSize: config.batchSize,
  batchWindowSeconds: config.batchWindowSeconds,
  parallelizationFactor: derived.parallelization,
  retryAttempts: config.streamRetryAttempts,
  maxRecordAgeSeconds: config.streamRecordAgeSeconds,
  timeoutSeconds: config.appendTimeoutSeconds,
  ...running,
  ...(derived.reserved && { reservedConcurrency: derived.reserved.append }),
  ...scheduleOf(config, derived.appendConcurrency)
})

const project = new Project("project", {
  code: functionCode("project"),
  settle,
  tables,
  summarised,
  control,
  settleWindowSeconds: config.settleWindowSeconds,
  batchSize: config.settleBatchSize,
  batchWindowSeconds: config.settleBatchWindowSeconds,
  maxConcurrency: derived.projectConcurrency,
  timeoutSeconds: config.projectTimeoutSeconds,
  ...running,
  ...(derived.reserved && { reservedConcurrency: derived.reserved.project }),
  ...scheduleOf(config, derived.projectConcurrency)
})

const redrive = new Redrive("redrive", {
  code: functionCode("redrive"),
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
})

/** What a plan should ask for on this stack: parts of the store, functions at once, and events per second of all of them. */
export const replayLimits = {
  segments: config.replaySegments,
  concurrency: config.replayConcurrency,
  eventsPerSecond: replayPace(derived, config.averageEventBytes, config.replaySharePercent)
}

const replay = new Replay("replay", {
  machineName: `${prefix}-replay`,
  code: functionCode("replay"),
  events,
  overflow,
  quarantine,
  control,
  tables,
  summarised,
  concurrency: replayLimits.concurrency,
  eventsPerSecond: replayLimits.eventsPerSecond,
  skewBoundSeconds: config.skewBoundSeconds,
  settleWindowSeconds: config.settleWindowSeconds,
  ...running
})

const watch = new Watch("watch", {
  prefix,
  config,
  capacity: { shards: derived.shards, memoryMb: config.functionMemoryMb },
  bus,
  feed,
  stream,
  settle,
  ...(copy && { copy }),
  functions: { append, project, redrive, replay },
  tables: { events, ...indexed, control, ...tables },
  notices,
  tags
})

/** What the names of this stack's tables begin with: all that a reader needs to find them. */
export { prefix }
export const busName = bus.name
export const busArn = bus.arn
export const ruleName = feed.ruleName
export const ruleArn = feed.ruleArn
export const ruleDlqUrl = feed.dlqUrl
export const streamName = stream.name
export const streamArn = stream.arn
export const eventTableName = events.name
export const eventTableArn = events.arn
/** The index by entity; empty without entityIndex. */
export const entityIndexName = entities?.name ?? ""
/**
 * By generation (`agents-v1`): what a service that reads a projection needs for its client and its role, and with projectionStreams the
 * `streamArn` for a function that is told of changes.
 */
export const projectionTables = Object.fromEntries(
  Object.entries(tables).map(([name, table]) => [
    name,
    { name: table.name, arn: table.arn, ...(config.projectionStreams ? { streamArn: table.streamArn } : {}) }
  ])
)
/** A policy that a service of yours attaches to its role: reads of the projection tables by key, and nothing else. */
export const readPolicyArn = readers.arn
/** A policy that a function of yours attaches to its role to be told of changes; empty without projectionStreams. */
export const changesPolicyArn = changes?.arn ?? ""
export const controlTableName = control.name
export const settleQueueUrl = settle.url
export const settleDlqUrl = settle.dlqUrl
/** Whoever folds events elsewhere must settle and doubt clocks as append does. */
export const settleWindowSeconds = config.settleWindowSeconds
export const skewBoundSeconds = config.skewBoundSeconds
export const overflowBucketName = overflow.name
export const quarantineBucketName = quarantine.name
export const failuresBucketName = failures.name
/** The key that bodies rest under, empty without customerKey: who opens them needs it too. */
export const customerKeyArn = "kmsKey" in encrypted ? encrypted.kmsKey : ""
export const noticesTopicArn = notices.arn
export const dashboardUrl = watch.dashboardUrl
export const appendFunctionName = append.name
export const projectFunctionName = project.name
export const redriveFunctionName = redrive.name
export const redriveDlqUrl = redrive.dlqUrl
export const replayFunctionName = replay.name
/** Takes `{ replayId, segments: [0, 1, ...] }`; the plan is in the control table. */
export const replayStateMachineArn = replay.machineArn
/** The bus in the second region, and the copies that did not get there; empty without one. */
export const copyBusArn = copy?.busArn ?? ""
export const copyDlqUrl = copy?.dlqUrl ?? ""
/** How everything follows from the peak, line by line, and the quotas of AWS that are too low for it. */
export const capacity = explain(load)
export const quotas = quotasToRaise(load, regionOfStack()).map(quotaText)
