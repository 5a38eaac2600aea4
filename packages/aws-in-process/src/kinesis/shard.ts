import type { EngineClock } from "../core/types.ts"

export interface StreamRecord {
  readonly sequenceNumber: string
  readonly partitionKey: string
  readonly data: Uint8Array
  /** Epoch ms of arrival at the stream, which is not the time of the event. */
  readonly arrival: number
}

/** A reader whose position decides what may be forgotten. Positions count the records of the shard from 0. */
export interface ShardReader {
  readonly from: number
  /** Tells that everything before `position` is done with. */
  readonly passed: (position: number) => void
}

export interface Shard {
  readonly id: string
  /** Appends a record. Returns undefined when the second's bytes or records are used up. */
  readonly append: (partitionKey: string, data: Uint8Array) => StreamRecord | undefined
  /** Up to `count` records from `position` on; older ones may have expired, so `next` is the position after the last. */
  readonly read: (
    position: number,
    count: number
  ) => { readonly records: ReadonlyArray<StreamRecord>; readonly next: number }
  /** The position that the next record will get. */
  readonly end: () => number
  readonly reader: (from: "TRIM_HORIZON" | "LATEST") => ShardReader
  readonly held: () => number
}

const BYTES_PER_SECOND = 1024 * 1024
const RECORDS_PER_SECOND = 1_000
/** Removing from the head of an array moves the rest, so it waits until there is something to gain. */
const TRIM_STEP = 1_024

/** A second's allowance, refilled steadily. A record larger than the whole allowance passes when it is full, and is paid back. */
const makeAllowance = (perSecond: number, clock: EngineClock) => {
  let left = perSecond
  let at = clock.now()
  return {
    has: (amount: number) => {
      const now = clock.now()
      left = Math.min(perSecond, left + (perSecond * Math.max(0, now - at)) / 1_000)
      at = now
      return left >= Math.min(amount, perSecond)
    },
    take: (amount: number) => {
      left -= amount
    }
  }
}

/** One shard: an ordered log that forgets what is older than `retention` ms, or what every reader has passed. */
export const makeShard = (index: number, clock: EngineClock, retention: number, limited: boolean): Shard => {
  const id = `shardId-${String(index).padStart(12, "0")}`
  const bytes = makeAllowance(BYTES_PER_SECOND, clock)
  const count = makeAllowance(RECORDS_PER_SECOND, clock)
  const readers: Array<number> = []
  let records: Array<StreamRecord> = []
  let first = 0
  let forgotten = false

  const trim = () => {
    const oldest = clock.now() - retention
    const passed = readers.length === 0 ? first : Math.min(...readers)
    let gone = passed - first
    const byReaders = gone > 0
    while (gone < records.length && records[gone]!.arrival < oldest) gone++
    if (gone < TRIM_STEP && gone < records.length) return
    if (gone > 0 && byReaders) forgotten = true
    records = records.slice(gone)
    first += gone
  }

  return {
    id,
    append: (partitionKey, data) => {
      const size = data.byteLength + Buffer.byteLength(partitionKey)
      if (limited) {
        if (!bytes.has(size) || !count.has(1)) return undefined
        bytes.take(size)
        count.take(1)
      }
      const position = first + records.length
      // 56 digits, as on AWS: they compare as text in the order of arrival.
      const sequenceNumber = `4966${String(index).padStart(12, "0")}${String(position + 1).padStart(40, "0")}`
      const record = { sequenceNumber, partitionKey, data, arrival: clock.now() }
      records.push(record)
      if (records.length % TRIM_STEP === 0) trim()
      return record
    },
    read: (position, most) => {
      const oldest = clock.now() - retention
      let from = Math.max(position, first)
      while (from < first + records.length && records[from - first]!.arrival < oldest) from++
      const found = records.slice(from - first, from - first + most)
      return { records: found, next: from + found.length }
    },
    end: () => first + records.length,
    reader: (start) => {
      // What a later reader would have seen on AWS is gone here: better no answer than a wrong one.
      if (start === "TRIM_HORIZON" && forgotten)
        throw new Error(`not implemented by aws-in-process: TRIM_HORIZON on ${id} after another reader passed it`)
      const from = start === "LATEST" ? first + records.length : first
      const mine = readers.push(from) - 1
      return {
        from,
        passed: (position) => {
          readers[mine] = Math.max(readers[mine]!, position)
          trim()
        }
      }
    },
    held: () => records.length
  }
}
