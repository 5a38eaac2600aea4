import { type Capacity, capacityOf, ENTRIES_PER_EVENT, type Load } from "../../src/infra/capacity.ts"
import { prices } from "../../src/infra/dashboard/prices.ts"

/** An hour of a month as AWS counts it, and its seconds. */
const HOURS = 730
const SECONDS = HOURS * 3_600

/** US dollars in us-east-1 without a free tier, beside those of the dashboard. */
const morePrices = {
  /** Beyond a day of retention, up to seven. */
  shardHourKept: 0.02,
  tableGb: 0.25,
  /** Point-in-time recovery. */
  recoveryGb: 0.2,
  /** Per metric that an alarm looks at, per composite alarm, per custom metric, per dashboard, per key: each a month. */
  alarmMetric: 0.1,
  incident: 0.5,
  metric: 0.3,
  dashboard: 3,
  key: 1,
  /** arm64, for an environment that is kept ready. */
  readyGbSecond: 0.0000033334,
  /** Of one interface endpoint in one zone. */
  endpointHour: 0.01
} as const

/** What a run of the stack counted, per event unless it says otherwise. Bytes of an item are its own, without what DynamoDB adds. */
export interface Counted {
  readonly storeWrites: number
  readonly tableWrites: number
  readonly tableReads: number
  readonly deltas: number
  readonly itemBytes: number
  /** Per batch of append. */
  readonly messages: number
  readonly appendLineBytes: number
  /** Per invocation of project. */
  readonly projectLineBytes: number
  readonly controlWrites: number
  readonly controlReads: number
}

/** What a stack has, whatever comes in. */
export interface Standing {
  /** Metrics that alarms look at, composite alarms, and metrics of its own. */
  readonly alarmMetrics: number
  readonly incidents: number
  readonly metrics: number
  /** Those of the metrics that are sent when nothing comes but heartbeats. */
  readonly idleMetrics: number
  readonly customerKey: boolean
  readonly recovery: boolean
  readonly retentionHours: number
}

/** A line of the bill: dollars in a month. `standing`: what of it is billed when nothing comes. */
export interface Line {
  readonly name: string
  readonly dollars: number
  readonly standing: number
}

/** An idle mapping of a queue asks it from five places, each for twenty seconds. */
const EMPTY_RECEIVES = 5 / 20
/**
 * Once a minute redrive runs and a heartbeat takes the way of an event, through append and project. Seconds and bytes of the three when
 * there is nothing else to do, and what they ask of the control table.
 */
const TICK = { perSecond: 1 / 60, seconds: 0.3, invocations: 3, lineBytes: 2_800, reads: 2, writes: 1 }
/** Services that functions in a VPC reach by interfaces: streams, queues, notices. */
const ENDPOINTS = 3
/** Sent, received, deleted. */
const CALLS_PER_MESSAGE = 3
/** What DynamoDB adds to the bytes of an item that it stores. */
const ITEM_OVERHEAD = 100
const GB = 1_000 ** 3
const GIB = 1_024 ** 3

/** The flow at a rate through a stack that was sized for its peak. */
const flowOf = (load: Load, rate: number) => {
  const sized = capacityOf(load)
  const { shards: streamShards, parallelization: parallelizationFactor } = sized
  const flow: Capacity = capacityOf({ ...load, peakEventsPerSecond: rate, streamShards, parallelizationFactor })
  return { shards: sized.shards, flow }
}

/** The bill of a month at `rate` events a second around the clock. */
export const billOf = (load: Load, rate: number, counted: Counted, standing: Standing): ReadonlyArray<Line> => {
  const { shards, flow } = flowOf(load, rate)
  const batches = rate / flow.batchFill
  const messages = Math.max(batches * counted.messages, flow.messages)
  const invocations = messages / Math.min(load.settleBatchSize, Math.max(1, messages))
  const memoryGb = load.functionMemoryMb / 1_024
  const perSecond = (amount: number, price: number) => amount * SECONDS * price
  const per = (name: string, amount: number, price: number, fixed = 0): Line => ({
    name,
    dollars: perSecond(amount, price) + fixed,
    standing: fixed
  })
  const tick = (amount: number, price: number) => perSecond(TICK.perSecond * amount, price)
  const stored = (rate * SECONDS * (counted.itemBytes + ITEM_OVERHEAD)) / GIB
  const shardHour = prices.shardHour + (standing.retentionHours > 24 ? morePrices.shardHourKept : 0)
  const { alarmMetrics, incidents, metrics, idleMetrics, customerKey, recovery } = standing
  const watched = (sent: number) =>
    alarmMetrics * morePrices.alarmMetric +
    incidents * morePrices.incident +
    sent * morePrices.metric +
    morePrices.dashboard
  return [
    per("EventBridge: events", rate, prices.event),
    per("Kinesis: shards", 0, 0, shards * HOURS * shardHour),
    per("Kinesis: puts", rate, prices.streamPut, tick(1, prices.streamPut)),
    per(
      "Lambda: GB-seconds",
      (flow.appendInFlight + flow.projectInFlight) * memoryGb,
      prices.lambdaGbSecond,
      tick(TICK.seconds * memoryGb, prices.lambdaGbSecond)
    ),
    per("Lambda: requests", batches + invocations, prices.lambdaRequest, tick(TICK.invocations, prices.lambdaRequest)),
    per("DynamoDB: writes of events", rate * counted.storeWrites, prices.writeUnit),
    per("DynamoDB: writes of rows", rate * counted.tableWrites, prices.writeUnit),
    per("DynamoDB: reads of rows", rate * counted.tableReads, prices.readUnit),
    per(
      "DynamoDB: control table",
      invocations * counted.controlWrites,
      prices.writeUnit,
      tick(TICK.reads, prices.readUnit) + tick(TICK.writes, prices.writeUnit)
    ),
    per(
      "SQS: settle messages",
      messages * CALLS_PER_MESSAGE,
      prices.queueRequest,
      perSecond(EMPTY_RECEIVES, prices.queueRequest) + tick(CALLS_PER_MESSAGE, prices.queueRequest)
    ),
    per(
      "CloudWatch: log lines",
      (batches * counted.appendLineBytes + invocations * counted.projectLineBytes) / GB,
      prices.logGb,
      tick(TICK.lineBytes / GB, prices.logGb)
    ),
    { name: "CloudWatch: alarms, metrics, dashboard", dollars: watched(metrics), standing: watched(idleMetrics) },
    per("KMS: a key", 0, 0, customerKey ? morePrices.key : 0),
    per("S3: objects of normal traffic", 0, 0),
    { name: "DynamoDB: a month of events, stored", dollars: stored * morePrices.tableGb, standing: 0 },
    { name: "point-in-time recovery of those", dollars: recovery ? stored * morePrices.recoveryGb : 0, standing: 0 }
  ]
}

/** Lines of which the next month has as much again on top: what has been stored stays. */
export const isStored = ({ name }: Line): boolean => /stored|recovery/.test(name)

export const millionsOf = (rate: number): number => (rate * SECONDS) / 1_000_000

/** Gigabytes that a month adds to the event store. */
export const storedGb = (rate: number, { itemBytes }: Counted): number =>
  (rate * SECONDS * (itemBytes + ITEM_OVERHEAD)) / GIB

/** Dollars a month of environments of both functions, ready on weekdays from eight to five, and one of each at other times. */
const readyDollars = (memoryMb: number, environments: number): number => {
  const working = (9 * 5) / (24 * 7)
  const average = environments * working + (1 - working)
  return 2 * average * (memoryMb / 1_024) * SECONDS * morePrices.readyGbSecond
}

/** What options add, in dollars a month, at a rate and for a stack of `shards`. */
export const optionsOf = (load: Load, rate: number): ReadonlyArray<readonly [option: string, dollars: number]> => {
  const { shards } = flowOf(load, rate)
  const { functionMemoryMb: memory } = load
  return [
    ["`secondRegion`: each event once more, without its transfer", rate * SECONDS * prices.event],
    ["`entityIndex`: its write units, without storage", rate * SECONDS * ENTRIES_PER_EVENT * prices.writeUnit],
    ["`streamRetentionHours` above 24, up to 168", shards * HOURS * morePrices.shardHourKept],
    ["`provisionedConcurrency: 1`", readyDollars(memory, 1)],
    ["`provisionedConcurrency: 10`, from 08:00 to 17:00", readyDollars(memory, 10)],
    ["`vpcEndpoints`, in two zones", ENDPOINTS * 2 * HOURS * morePrices.endpointHour],
    ["`customerKey`, without requests", morePrices.key]
  ]
}
