import { createHash } from "node:crypto"
import type { EngineClock } from "../core/types.ts"
import type { SeededRandom } from "../random.ts"
import type { AttributeValue, Item } from "./dynalite.ts"
import type { Table } from "./tables.ts"
import { itemBytes } from "./units.ts"

/** What a write did to an item, as Lambda hands it to a function: `ApproximateCreationDateTime` in whole epoch seconds, blobs in base64. */
export interface StreamRecord {
  readonly eventID: string
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE"
  readonly eventVersion: "1.1"
  readonly eventSource: "aws:dynamodb"
  readonly awsRegion: string
  readonly eventSourceARN: string
  /** Only on what expired. */
  readonly userIdentity?: { readonly type: "Service"; readonly principalId: "dynamodb.amazonaws.com" }
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number
    readonly Keys: Item
    readonly NewImage?: Item
    readonly OldImage?: Item
    readonly SequenceNumber: string
    readonly SizeBytes: number
    readonly StreamViewType: "NEW_AND_OLD_IMAGES"
  }
}

/** Called with each record in order. It must not throw: the write is done. */
export type StreamListener = (record: StreamRecord) => void

/** How often (0 to 1) the records that came last come once more, in their order, as a batch does that is tried again. */
export interface StreamChaos {
  readonly random: SeededRandom
  readonly duplicate: number
}

export interface Streams {
  /** Called on every write while the item is locked, so that the records of an item are in the order of its writes. */
  readonly wrote: (table: Table, before: Item | undefined, after: Item | undefined, expired?: boolean) => void
  /** Returns a function that unsubscribes. Throws for a table without a stream. */
  readonly listen: (table: Table, listener: StreamListener) => () => void
}

/** Records that may come again together. */
const MOST_AGAIN = 10

/** One text for equal items: neither the order of attributes nor that of a set's elements is part of an item. */
const textOf = (value: unknown, isSet = false): string => {
  if (Array.isArray(value)) {
    const texts = value.map((element) => textOf(element))
    return `[${isSet ? texts.sort() : texts}]`
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  return `{${Object.entries(value as AttributeValue)
    .map(([name, inner]) => `${JSON.stringify(name)}:${textOf(inner, name.endsWith("S") && Array.isArray(inner))}`)
    .sort()}}`
}

const nameOf = (before: Item | undefined, after: Item | undefined): StreamRecord["eventName"] =>
  after === undefined ? "REMOVE" : before === undefined ? "INSERT" : "MODIFY"

/** The streams of tables that have one: a record for each write that changed its item, and none for one that left it as it was. */
export const makeStreams = (options: {
  readonly clock: EngineClock
  readonly chaos?: StreamChaos
  /** Called with each record once, before those who listen. */
  readonly onRecord: (record: StreamRecord) => void
}): Streams => {
  const { clock, chaos, onRecord } = options
  const listeners = new Map<string, Set<StreamListener>>()
  const lately = new Map<string, Array<StreamRecord>>()
  let count = 0

  const recordOf = (
    { definition, description }: Table,
    streamArn: string,
    before: Item | undefined,
    after: Item | undefined
  ): StreamRecord => {
    // Greater than in any run before on the same tables, since a folder outlives the engine.
    const sequence = `${Math.floor(clock.now())}${String(++count).padStart(12, "0")}`
    const item = after ?? before ?? {}
    const keys = Object.fromEntries(description.KeySchema.map(({ AttributeName: name }) => [name, item[name] ?? {}]))
    const images = [before, after].flatMap((image) => (image === undefined ? [] : [itemBytes(image)]))
    return {
      eventID: createHash("sha256").update(`${definition.arn} ${sequence}`).digest("hex").slice(0, 32),
      eventName: nameOf(before, after),
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: streamArn.split(":")[3] ?? "",
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(clock.now() / 1_000),
        Keys: keys,
        ...(after === undefined ? {} : { NewImage: after }),
        ...(before === undefined ? {} : { OldImage: before }),
        SequenceNumber: sequence,
        SizeBytes: images.reduce((sum, bytes) => sum + bytes, itemBytes(keys)),
        StreamViewType: "NEW_AND_OLD_IMAGES"
      }
    }
  }

  const tell = (table: string, records: ReadonlyArray<StreamRecord>) => {
    // Each listener gets a copy of its own, as it would in a process of its own.
    for (const record of records)
      for (const listener of listeners.get(table) ?? []) listener(JSON.parse(JSON.stringify(record)))
  }

  return {
    wrote: (table, before, after, expired = false) => {
      const { name, streamArn } = table.definition
      if (streamArn === undefined || textOf(before ?? null) === textOf(after ?? null)) return
      const record: StreamRecord = {
        ...recordOf(table, streamArn, before, after),
        ...(expired ? { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } } : {})
      }
      const last = [...(lately.get(name) ?? []), record].slice(-MOST_AGAIN)
      lately.set(name, last)
      onRecord(record)
      tell(name, [record])
      if (chaos?.random.chance(chaos.duplicate)) tell(name, last.slice(-1 - chaos.random.int(MOST_AGAIN)))
    },
    listen: ({ definition: { name, streamArn } }, listener) => {
      if (streamArn === undefined) throw new Error(`table ${name} has no stream: give its definition a streamArn`)
      const own = listeners.get(name) ?? new Set()
      listeners.set(name, own)
      own.add(listener)
      return () => {
        own.delete(listener)
      }
    }
  }
}
