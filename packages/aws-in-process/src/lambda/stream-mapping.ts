import { countedUuid } from "../core/settings.ts"
import { makeSleeper } from "../core/sleeper.ts"
import type { Authorize, EngineClock, Principal } from "../core/types.ts"
import type { Stream } from "../kinesis/kinesis.ts"
import type { Shard } from "../kinesis/shard.ts"
import { type Host, MAX_PAYLOAD_BYTES, type Outcome } from "./host.ts"
import { type Discard, makeOnFailure, type S3Object } from "./on-failure.ts"
import { readFailures } from "./partial-response.ts"
import { eventOf, payloadBytes, type Read } from "./stream-event.ts"
import { readStreamMapping, type StreamMappingSettings } from "./stream-mapping-settings.ts"

export interface StreamMappingParts {
  readonly clock: EngineClock
  readonly authorize: Authorize
  /** The function's role, which reads the stream and writes to the destination. */
  readonly principal: Principal
  readonly stream: Stream
  readonly host: Host
  /** Writes the on-failure object; it has been authorised. */
  readonly putObject: (object: S3Object) => Promise<unknown>
  /**
   * Reads the shard as often as it allows, five times a second, and lets no batch wait for more, whatever its window. AWS reads once a second; this is
   * for whoever watches the engine work.
   */
  readonly prompt?: boolean
}

export interface Mapping {
  /** True when everything that it can see has been handled. */
  readonly idle: () => boolean
  /** Ends polling, waits for what runs. */
  readonly stop: () => Promise<void>
  readonly stats: () => Readonly<
    Record<"batches" | "records" | "retries" | "discarded" | "destinationFailures" | "expired", number>
  >
}

/** Records of a shard that are read and not yet handled. Beyond it the reader waits. */
const READ_AHEAD = 10_000
const POLL_MS = 1_000
/** Five reads a second are all that a shard allows. */
const SHORTEST_POLL_MS = 200
const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 60_000
const DESTINATION_TRIES = 3

interface Lane {
  buffer: Array<Read>
  bytes: number
  /** What the lane works on now, in order. */
  running: ReadonlyArray<Read>
  busy: boolean
  cancelWindow: (() => void) | undefined
}

/** Records that are sent together, and how often they have failed. */
interface Batch {
  readonly reads: ReadonlyArray<Read>
  readonly failures: number
}

const laneOf = (key: string, lanes: number): number => {
  let hash = 0
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0
  return hash % lanes
}

const READ_ACTIONS = ["DescribeStream", "DescribeStreamSummary", "ListShards", "GetShardIterator", "GetRecords"]

/** Reads a stream and invokes a function with batches, each lane of each shard strictly one after another. */
export const makeStreamMapping = (settings: StreamMappingSettings, parts: StreamMappingParts): Mapping => {
  const { clock, authorize, principal, stream, host, prompt = false } = parts
  const { start, size, lanes, reports, maxRetries, maxAge, ...read } = readStreamMapping(settings, stream)
  const [window, pollMs] = prompt ? [0, SHORTEST_POLL_MS] : [read.window, POLL_MS]
  const bisects = settings.bisectBatchOnFunctionError ?? false
  for (const action of READ_ACTIONS) authorize(principal, `kinesis:${action}`, stream.arn)
  const mappingId = settings.uuid ?? countedUuid(0xe5, 1)
  const destination = settings.destinationConfig?.onFailure?.destinationArn
  const onFailure =
    destination === undefined ? undefined : makeOnFailure(destination, { ...parts, streamArn: stream.arn, mappingId })
  const stats = { batches: 0, records: 0, retries: 0, discarded: 0, destinationFailures: 0, expired: 0 }
  const sleeper = makeSleeper(clock)
  const born = clock.now()
  const working = new Set<Promise<void>>()
  let stopped = settings.enabled === false

  const backoff = (failures: number) => sleeper.sleep(Math.min(FIRST_BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS))

  const giveUp = async (discard: Omit<Discard, "event">, reads: ReadonlyArray<Read>) => {
    stats.discarded += reads.length
    if (onFailure === undefined) return
    const event = eventOf(discard.shardId, reads, stream.arn, principal.roleArn)
    for (let tries = 1; ; tries++)
      try {
        return await onFailure({ ...discard, event })
      } catch {
        if (tries >= DESTINATION_TRIES) break
        await backoff(tries)
      }
    stats.destinationFailures++
  }

  /** What is left to do of a batch after an answer, in order. */
  const next = (batch: Batch, outcome: Outcome): ReadonlyArray<Batch> => {
    const { reads, failures } = batch
    if (outcome.ok) {
      const failed = reports
        ? readFailures(outcome.value, (id) => reads.some(({ record }) => record.sequenceNumber === id))
        : []
      if (failed === "all") return [{ reads, failures: failures + 1 }]
      const lowest = reads.findIndex(({ record }) => failed.includes(record.sequenceNumber))
      return lowest < 0 ? [] : [{ reads: reads.slice(lowest), failures: failures + 1 }]
    }
    if (outcome.throttled) return [batch]
    if (!bisects || reads.length === 1) return [{ reads, failures: failures + 1 }]
    const half = Math.ceil(reads.length / 2)
    return [
      { reads: reads.slice(0, half), failures },
      { reads: reads.slice(half), failures }
    ]
  }

  const work = async (shardId: string, lane: Lane, reads: ReadonlyArray<Read>, passed: () => void) => {
    const forget = ({ reads: gone }: Batch) => {
      lane.running = lane.running.slice(gone.length)
      passed()
    }
    let todo: ReadonlyArray<Batch> = [{ reads, failures: 0 }]
    let last: Outcome | undefined
    while (todo.length > 0 && !stopped) {
      const [batch, ...rest] = todo as [Batch, ...Array<Batch>]
      const now = clock.now()
      const discard = { shardId, records: batch.reads.map(({ record }) => record), invokes: batch.failures, last }
      const older = (age: number) => batch.reads.findLastIndex(({ record }) => record.arrival < now - age) + 1
      const expired = older(stream.retention)
      const aged = maxAge < 0 ? 0 : older(maxAge)
      if (expired > 0 || aged > 0) {
        const gone = { ...batch, reads: batch.reads.slice(0, Math.max(expired, aged)) }
        const kept = { ...batch, reads: batch.reads.slice(gone.reads.length) }
        if (expired > 0) stats.expired += expired
        const records = gone.reads.map(({ record }) => record)
        if (aged > 0) await giveUp({ ...discard, records, condition: "RecordAgeExceeded" }, gone.reads)
        forget(gone)
        todo = kept.reads.length > 0 ? [kept, ...rest] : rest
        continue
      }
      if (maxRetries >= 0 && batch.failures > maxRetries) {
        await giveUp({ ...discard, condition: "RetryAttemptsExhausted" }, batch.reads)
        forget(batch)
        todo = rest
        continue
      }
      stats.batches++
      last = await host.invoke(eventOf(shardId, batch.reads, stream.arn, principal.roleArn))
      const remaining = next(batch, last)
      const done = batch.reads.length - remaining.reduce((sum, one) => sum + one.reads.length, 0)
      stats.records += done
      if (done > 0) forget({ ...batch, reads: batch.reads.slice(0, done) })
      todo = [...remaining, ...rest]
      if (remaining.length > 0) {
        stats.retries++
        await backoff(batch.failures)
      }
    }
  }

  const readShard = (shard: Shard) => {
    const reader = shard.reader(start)
    const all: ReadonlyArray<Lane> = Array.from({ length: lanes }, () => ({
      buffer: [],
      bytes: 0,
      running: [],
      busy: false,
      cancelWindow: undefined
    }))
    let position = reader.from
    let lastPoll = Number.NEGATIVE_INFINITY
    let polling: { readonly time: number; readonly cancel: () => void } | undefined

    const held = () => all.reduce((sum, lane) => sum + lane.buffer.length + lane.running.length, 0)
    const passed = () =>
      reader.passed(
        all.reduce((low, { running, buffer }) => Math.min(low, (running[0] ?? buffer[0])?.position ?? low), position)
      )

    const take = (lane: Lane): ReadonlyArray<Read> => {
      let bytes = 0
      let count = 0
      for (const read of lane.buffer) {
        if (count >= size || (count > 0 && bytes + read.bytes > MAX_PAYLOAD_BYTES)) break
        bytes += read.bytes
        count++
      }
      const taken = lane.buffer.slice(0, count)
      lane.buffer = lane.buffer.slice(count)
      lane.bytes -= bytes
      return taken
    }

    const pump = (lane: Lane) => {
      const oldest = lane.buffer[0]
      if (stopped || lane.busy || oldest === undefined) return
      const due = oldest.at + window
      if (lane.buffer.length < size && lane.bytes < MAX_PAYLOAD_BYTES && clock.now() < due) {
        lane.cancelWindow ??= clock.at(due, () => {
          lane.cancelWindow = undefined
          pump(lane)
        })
        return
      }
      lane.cancelWindow?.()
      lane.cancelWindow = undefined
      lane.busy = true
      lane.running = take(lane)
      const running = work(shard.id, lane, lane.running, passed).then(() => {
        working.delete(running)
        lane.busy = false
        pump(lane)
        wake()
      })
      working.add(running)
    }

    const poll = () => {
      polling = undefined
      lastPoll = clock.now()
      authorize(principal, "kinesis:GetRecords", stream.arn)
      const { records, next: end } = shard.read(position, READ_AHEAD - held())
      const first = end - records.length
      stats.expired += Math.max(0, first - position)
      records.forEach((record, i) => {
        const lane = all[laneOf(record.partitionKey, lanes)]!
        const bytes = payloadBytes(record)
        lane.buffer.push({ record, position: first + i, at: lastPoll, bytes })
        lane.bytes += bytes
      })
      position = end
      for (const lane of all) pump(lane)
      wake()
    }

    const wake = () => {
      const unread = shard.end() - position
      if (stopped || unread === 0 || held() >= READ_AHEAD) return
      const now = clock.now()
      const tick = born + (Math.floor((now - born) / pollMs) + 1) * pollMs
      const time = unread >= size ? Math.max(now, lastPoll + SHORTEST_POLL_MS) : tick
      if (polling !== undefined && polling.time <= time) return
      polling?.cancel()
      polling = { time, cancel: clock.at(time, poll) }
    }

    return {
      wake,
      idle: () => shard.end() === position && held() === 0 && all.every(({ busy }) => !busy),
      stop: () => {
        polling?.cancel()
        for (const lane of all) lane.cancelWindow?.()
      }
    }
  }

  const readers = stream.shards.map(readShard)
  const unsubscribe = stream.onRecord((index) => readers[index]!.wake())
  for (const reader of readers) reader.wake()

  return {
    idle: () => readers.every((reader) => reader.idle()),
    stop: async () => {
      stopped = true
      unsubscribe()
      for (const reader of readers) reader.stop()
      sleeper.stop()
      await Promise.all(working)
    },
    stats: () => ({ ...stats })
  }
}
