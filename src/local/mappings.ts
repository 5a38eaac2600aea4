import type { Authorize, EngineClock, Kinesis, S3, Sqs, StreamMappingSettings } from "aws-in-process"
import { makeQueueMapping, makeStreamMapping, type QueueMappingSettings } from "aws-in-process"
import type { HostedFunction } from "./hosting.ts"

export interface MappingParts {
  readonly clock: EngineClock
  readonly authorize: Authorize
  readonly kinesis: Kinesis
  readonly sqs: Sqs
  readonly s3: S3
  readonly functions: ReadonlyArray<HostedFunction>
  /** Reads streams five times a second, and lets no batch wait. */
  readonly prompt: boolean
}

/** A mapping that runs. */
export interface RunningMapping {
  readonly kind: "stream" | "settleQueue"
  /** Records or messages that it has not dealt with yet. */
  readonly held: () => number
  /** True when everything that it can see has been handled. */
  readonly idle: () => boolean
  readonly stop: () => Promise<void>
}

const isQueueMapping = (settings: StreamMappingSettings | QueueMappingSettings): settings is QueueMappingSettings =>
  settings.eventSourceArn.startsWith("arn:aws:sqs:")

/** Connects a source to its function as the stack declares it. Throws when the function is not of this stack. */
export const startMapping = (
  settings: StreamMappingSettings | QueueMappingSettings,
  parts: MappingParts
): RunningMapping => {
  const { clock, authorize, kinesis, sqs, s3, functions, prompt } = parts
  const fn = functions.find(({ arn }) => arn === settings.functionName)
  if (fn === undefined) throw new Error(`a mapping names no function of this stack: ${settings.functionName}`)
  const { host, principal } = fn
  const common = { clock, authorize, principal, host }

  if (isQueueMapping(settings)) {
    const queue = sqs.queue(settings.eventSourceArn)
    const { idle, stop } = makeQueueMapping(settings, { ...common, queue })
    const held = () => Object.values(queue.counts()).reduce((sum, count) => sum + count, 0)
    return { kind: "settleQueue", held, idle, stop }
  }

  const stream = kinesis.stream(settings.eventSourceArn)
  const mapping = makeStreamMapping(settings, {
    ...common,
    stream,
    prompt,
    putObject: ({ bucket, key, body }) =>
      s3.service("PutObject", { Bucket: bucket, Key: key, Body: Buffer.from(body), Metadata: {} }, principal)
  })
  let put = 0
  const unsubscribe = stream.onRecord(() => {
    put++
  })
  return {
    kind: "stream",
    held: () => {
      const { records, discarded, expired } = mapping.stats()
      return put - records - discarded - expired
    },
    idle: mapping.idle,
    stop: async () => {
      unsubscribe()
      await mapping.stop()
    }
  }
}
