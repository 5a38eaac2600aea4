import { projections } from "./projections/index.ts"
import { generation } from "./src/domain/projection.ts"
import { Append } from "./src/infra/append.ts"
import { Bucket } from "./src/infra/bucket.ts"
import { functionCode } from "./src/infra/bundle.ts"
import { Bus } from "./src/infra/bus.ts"
import { eventSource, settleVisibilitySeconds } from "./src/infra/config.ts"
import { ControlTable } from "./src/infra/control-table.ts"
import { EventTable } from "./src/infra/event-table.ts"
import { Feed } from "./src/infra/feed.ts"
import { Notices } from "./src/infra/notices.ts"
import { Project } from "./src/infra/project.ts"
import { ProjectionTable } from "./src/infra/projection-table.ts"
import { SettleQueue } from "./src/infra/settle-queue.ts"
import { identity, loadConfig } from "./src/infra/stack.ts"
import { Stream } from "./src/infra/stream.ts"

const config = loadConfig()
const { prefix, tags } = identity()
const { protect } = config

const bus = new Bus("bus", { partnerSource: config.genesysEventSource, protect, tags })

const stream = new Stream("stream", {
  shards: config.streamShards,
  retentionHours: config.streamRetentionHours,
  protect,
  tags
})

const feed = new Feed("feed", {
  bus: bus.name,
  source: eventSource(config),
  topics: config.topics,
  stream: stream.arn,
  retryAttempts: config.busRetryAttempts,
  maxEventAgeSeconds: config.busMaxEventAgeSeconds,
  dlqRetentionDays: config.dlqRetentionDays,
  protect,
  tags
})

const notices = new Notices("notices", { alarmPrefix: prefix, email: config.noticeEmail, protect, tags })

const events = new EventTable("events", { tableName: `${prefix}-events`, protect, tags })
const control = new ControlTable("control", { tableName: `${prefix}-control`, protect, tags })
const overflow = new Bucket("overflow", { versioned: true, protect, tags })
const quarantine = new Bucket("quarantine", { expireDays: config.quarantineRetentionDays, protect, tags })
const failures = new Bucket("failures", { expireDays: config.quarantineRetentionDays, protect, tags })

const tables = Object.fromEntries(
  projections.map((projection) => {
    const name = generation(projection)
    const table = { tableName: `${prefix}-${name}`, key: projection.key, retain: protect, tags }
    return [name, new ProjectionTable(name, table)]
  })
)

const settle = new SettleQueue("settle", {
  visibilitySeconds: settleVisibilitySeconds(config),
  retentionDays: config.settleRetentionDays,
  maxReceives: config.settleMaxReceives,
  dlqRetentionDays: config.dlqRetentionDays,
  tags
})

const append = new Append("append", {
  code: functionCode("append"),
  stream,
  events,
  overflow,
  quarantine,
  failures,
  settle,
  settleWindowSeconds: config.settleWindowSeconds,
  skewBoundSeconds: config.skewBoundSeconds,
  batchSize: config.batchSize,
  batchWindowSeconds: config.batchWindowSeconds,
  parallelizationFactor: config.parallelizationFactor,
  retryAttempts: config.streamRetryAttempts,
  maxRecordAgeSeconds: config.streamRecordAgeSeconds,
  memoryMb: config.functionMemoryMb,
  timeoutSeconds: config.appendTimeoutSeconds,
  logRetentionDays: config.logRetentionDays,
  tags
})

const project = new Project("project", {
  code: functionCode("project"),
  settle,
  tables,
  summarised: projections.filter(({ summary }) => summary !== undefined).map(generation),
  settleWindowSeconds: config.settleWindowSeconds,
  batchSize: config.settleBatchSize,
  batchWindowSeconds: config.settleBatchWindowSeconds,
  maxConcurrency: config.settleMaxConcurrency,
  memoryMb: config.functionMemoryMb,
  timeoutSeconds: config.projectTimeoutSeconds,
  logRetentionDays: config.logRetentionDays,
  tags
})

export const busName = bus.name
export const busArn = bus.arn
export const ruleName = feed.ruleName
export const ruleArn = feed.ruleArn
export const ruleDlqUrl = feed.dlqUrl
export const streamName = stream.name
export const streamArn = stream.arn
export const eventTableName = events.name
export const eventTableArn = events.arn
/** By generation (`agents-v1`): what a service that reads a projection needs for its client and its role. */
export const projectionTables = Object.fromEntries(
  Object.entries(tables).map(([name, table]) => [name, { name: table.name, arn: table.arn }])
)
export const controlTableName = control.name
export const settleQueueUrl = settle.url
export const settleDlqUrl = settle.dlqUrl
export const overflowBucketName = overflow.name
export const quarantineBucketName = quarantine.name
export const failuresBucketName = failures.name
export const noticesTopicArn = notices.arn
export const appendFunctionName = append.name
export const projectFunctionName = project.name
