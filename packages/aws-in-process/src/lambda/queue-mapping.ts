import { arnRegion, refuseUnknown, whole } from "../core/settings.ts"
import type { Authorize, EngineClock, Principal } from "../core/types.ts"
import type { MessageAttribute, Queue, Received } from "../sqs/queue.ts"
import { md5OfAttributes, systemAttributes } from "../sqs/shapes.ts"
import { type Host, MAX_PAYLOAD_BYTES } from "./host.ts"
import { batching, readFailures, reportsFailures } from "./partial-response.ts"

/** A mapping as `aws.lambda.EventSourceMapping` describes it for a queue. */
export interface QueueMappingSettings {
  readonly uuid?: string
  readonly eventSourceArn: string
  readonly functionName: string
  readonly enabled?: boolean
  readonly batchSize?: number
  readonly maximumBatchingWindowInSeconds?: number
  readonly scalingConfig?: { readonly maximumConcurrency?: number }
  readonly functionResponseTypes?: ReadonlyArray<string>
}

export interface QueueMappingParts {
  readonly clock: EngineClock
  readonly authorize: Authorize
  /** The function's role, which receives and deletes. */
  readonly principal: Principal
  readonly queue: Queue
  readonly host: Host
}

export interface QueueMapping {
  /** True when it holds no message. The queue may hold delayed or returning ones: see its counts. */
  readonly idle: () => boolean
  /** Ends polling, waits for what runs. */
  readonly stop: () => Promise<void>
  readonly stats: () => Readonly<Record<"batches" | "records" | "failed", number>>
}

/** Without a limit of its own a mapping starts with five batches at once, and grows by 300 a minute. */
const FIRST_CONCURRENCY = 5
const GROWTH_PER_MINUTE = 300
const MOST_CONCURRENCY = 1_250

/** What JSON adds to a message's body, roughly and not too little. */
const RECORD_OVERHEAD = 1_024

const payloadBytes = ({ message }: Received): number =>
  Buffer.byteLength(JSON.stringify(message.body)) +
  Buffer.byteLength(JSON.stringify(message.attributes)) +
  RECORD_OVERHEAD

const attributeOf = ({ DataType, StringValue, BinaryValue }: MessageAttribute) => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType
})

const recordOf = ({ message, receiptHandle }: Received, queueArn: string) => ({
  messageId: message.id,
  receiptHandle,
  body: message.body,
  attributes: systemAttributes(message),
  messageAttributes: Object.fromEntries(Object.entries(message.attributes).map(([name, a]) => [name, attributeOf(a)])),
  md5OfBody: message.md5,
  ...(Object.keys(message.attributes).length > 0 && { md5OfMessageAttributes: md5OfAttributes(message.attributes) }),
  eventSource: "aws:sqs",
  eventSourceARN: queueArn,
  awsRegion: arnRegion(queueArn)
})

const check = (settings: QueueMappingSettings, { queue, host }: QueueMappingParts) => {
  const { arn, name } = queue.settings
  refuseUnknown(
    `mapping of ${name}`,
    settings,
    [
      "uuid",
      "eventSourceArn",
      "functionName",
      "enabled",
      "batchSize",
      "maximumBatchingWindowInSeconds",
      "scalingConfig",
      "functionResponseTypes"
    ],
    ["metricsConfig", "tags", "tagsAll", "region"]
  )
  refuseUnknown("scalingConfig", settings.scalingConfig ?? {}, ["maximumConcurrency"])
  if (settings.eventSourceArn !== arn) throw new Error(`mapping of ${settings.eventSourceArn} on ${arn}`)
  if (queue.visibilityTimeout < host.timeoutSeconds)
    throw new Error(
      `InvalidParameterValueException: Queue visibility timeout: ${queue.visibilityTimeout} seconds is less than Function timeout: ${host.timeoutSeconds} seconds`
    )
  const most = settings.scalingConfig?.maximumConcurrency
  return {
    ...batching(settings.batchSize ?? 10, settings.maximumBatchingWindowInSeconds ?? 0),
    most: most === undefined ? undefined : whole("maximumConcurrency", most, 2, 1_000),
    reports: reportsFailures(settings.functionResponseTypes)
  }
}

/** Receives from a queue and invokes a function with batches. What fails stays invisible until its visibility timeout ends. */
export const makeQueueMapping = (settings: QueueMappingSettings, parts: QueueMappingParts): QueueMapping => {
  const { clock, authorize, principal, queue, host } = parts
  const { size, window, most, reports } = check(settings, parts)
  const queueArn = queue.settings.arn
  const allow = (action: string) => authorize(principal, `sqs:${action}`, queueArn)
  for (const action of ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"]) allow(action)

  const stats = { batches: 0, records: 0, failed: 0 }
  const born = clock.now()
  const working = new Set<Promise<void>>()
  const ready: Array<ReadonlyArray<Received>> = []
  let gathering: Array<Received> = []
  let bytes = 0
  let cancelWindow: (() => void) | undefined
  let cancelWake: (() => void) | undefined
  let stopped = settings.enabled === false

  const limit = () =>
    most ??
    Math.min(MOST_CONCURRENCY, FIRST_CONCURRENCY + GROWTH_PER_MINUTE * Math.floor((clock.now() - born) / 60_000))

  const run = async (batch: ReadonlyArray<Received>) => {
    stats.batches++
    const outcome = await host.invoke({ Records: batch.map((one) => recordOf(one, queueArn)) })
    const ids = new Set(batch.map(({ message }) => message.id))
    const answer = outcome.ok && reports ? readFailures(outcome.value, (id) => ids.has(id)) : []
    const failed = !outcome.ok || answer === "all" ? ids : new Set(answer)
    allow("DeleteMessage")
    for (const { message, receiptHandle } of batch)
      if (!failed.has(message.id)) {
        queue.remove(receiptHandle)
        stats.records++
      } else stats.failed++
  }

  const start = () => {
    while (!stopped && ready.length > 0 && working.size < limit()) {
      const running = run(ready.shift()!).then(() => {
        working.delete(running)
        pump()
      })
      working.add(running)
    }
  }

  const flush = () => {
    cancelWindow?.()
    cancelWindow = undefined
    if (gathering.length > 0) ready.push(gathering)
    gathering = []
    bytes = 0
  }

  const gather = (received: Received) => {
    const more = payloadBytes(received)
    if (gathering.length > 0 && bytes + more > MAX_PAYLOAD_BYTES) flush()
    gathering.push(received)
    bytes += more
    if (gathering.length >= size) flush()
    else if (window > 0)
      cancelWindow ??= clock.at(clock.now() + window, () => {
        cancelWindow = undefined
        flush()
        pump()
      })
  }

  const pump = () => {
    start()
    while (!stopped && ready.length === 0 && working.size < limit()) {
      allow("ReceiveMessage")
      const received = queue.receive(size - gathering.length)
      for (const one of received) gather(one)
      if (window === 0) flush()
      start()
      if (received.length === 0) return
    }
  }

  const wake = () => {
    // Messages that become visible at one instant wake it once, when all of them are there.
    cancelWake ??= clock.at(clock.now(), () => {
      cancelWake = undefined
      pump()
    })
  }

  const unsubscribe = stopped ? () => {} : queue.onVisible(wake)
  if (!stopped) wake()

  return {
    idle: () => working.size === 0 && ready.length === 0 && gathering.length === 0 && cancelWake === undefined,
    stop: async () => {
      stopped = true
      unsubscribe()
      cancelWake?.()
      cancelWindow?.()
      await Promise.all(working)
    },
    stats: () => ({ ...stats })
  }
}
