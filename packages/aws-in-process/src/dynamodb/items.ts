import { ServiceError } from "../core/types.ts"
import type { Consumption } from "./consumption.ts"
import { act, checked, type Item, type Store, type TableDescription } from "./dynalite.ts"
import type { Staleness } from "./staleness.ts"
import type { Tables } from "./tables.ts"
import { itemBytes, MAX_ITEM_BYTES, readUnits } from "./units.ts"

/** One call: where it acts, what it is allowed, and what it consumes. */
export interface Call {
  readonly tables: Tables
  readonly consumption: Consumption
  /**
   * Throws an `AccessDeniedException` unless the caller may do `action` on the table, or on its index. `keys`: the items that it names, where
   * it names them by key.
   */
  readonly allow: (
    action: string,
    table: string,
    on?: { readonly index?: string; readonly keys?: ReadonlyArray<Item> }
  ) => void
  readonly staleness: Staleness
}

export type Input = Readonly<Record<string, unknown>>
export type Output = Record<string, unknown>

const tooLarge = () => new ServiceError("ValidationException", "Item size has exceeded the maximum allowed size")

/** dynalite's store, with every read and write of an item seen. It measures texts in UTF-16, so sizes are checked here as well. */
const observed = (call: Call, lastRead: (item: Item | undefined) => void = () => {}): Store => ({
  ...call.tables.store,
  getItemDb: (name) => {
    const storage = call.tables.store.getItemDb(name)
    const table = call.tables.get(name)
    const before = new Map<string, Item | undefined>()
    return {
      ...storage,
      get: (key, done) =>
        storage.get(key, (error, item) => {
          before.set(key, item)
          lastRead(item)
          done(error, item)
        }),
      put: (key, item, done) => {
        if (itemBytes(item) > MAX_ITEM_BYTES) return done(tooLarge(), undefined)
        call.consumption.wrote(table.description, before.get(key), item)
        storage.put(key, item, done)
      },
      del: (key, done) => {
        call.consumption.wrote(table.description, before.get(key), undefined)
        storage.del(key, done)
      }
    }
  }
})

/** The store as a read sees it that need not be consistent. */
const lagging = (call: Call, store: Store): Store => ({
  ...store,
  getItemDb: (name) => {
    const storage = store.getItemDb(name)
    return {
      ...storage,
      get: (key, done) => storage.get(key, (error, item) => done(error, call.staleness.seen(name, key, item)))
    }
  }
})

/** The store for reads by key; `lastRead` is called with each item as it stands, which is what is billed. */
const reading = (call: Call, consistent: boolean, lastRead: (item: Item | undefined) => void): Store =>
  consistent ? observed(call, lastRead) : lagging(call, observed(call, lastRead))

/** PutItem, UpdateItem or DeleteItem. */
export const writeItem = async (call: Call, operation: string, input: Input): Promise<Output> => {
  const { ReturnValuesOnConditionCheckFailure: returnOld, ...rest } = input
  const table = call.tables.get(String(input.TableName))
  let before: Item | undefined
  const store = observed(call, (item) => {
    before = item
  })
  const data = checked(call.tables.store, operation, rest)
  try {
    return await act(store, operation, data)
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "ConditionalCheckFailedException") throw error
    call.consumption.refused(table.description, before, rest.Item as Item | undefined)
    const fields = returnOld === "ALL_OLD" && before !== undefined ? { Item: before } : {}
    throw new ServiceError(error.code, error.message, error.status, fields)
  }
}

export const batchWriteItem = (call: Call, input: Input): Promise<Output> =>
  act(observed(call), "BatchWriteItem", checked(call.tables.store, "BatchWriteItem", input))

export const getItem = async (call: Call, input: Input): Promise<Output> => {
  const { description } = call.tables.get(String(input.TableName))
  const consistent = input.ConsistentRead === true
  const store = reading(call, consistent, (item) => call.consumption.read(description, readUnits(item, consistent)))
  return act(store, "GetItem", checked(call.tables.store, "GetItem", input))
}

const MAX_BATCH_BYTES = 16 * 1024 * 1024

interface KeysAndAttributes {
  readonly Keys: ReadonlyArray<Item>
  readonly ConsistentRead?: boolean
}

/**
 * Returns items in the reverse of the order asked for, since nobody may rely on an order; keys beyond 16 MB come back unprocessed. dynalite's
 * own shuffles by chance.
 */
export const batchGetItem = async (call: Call, input: Input): Promise<Output> => {
  const original = input.RequestItems as Readonly<Record<string, KeysAndAttributes>>
  const { RequestItems: requests } = checked(call.tables.store, "BatchGetItem", input) as {
    RequestItems: Record<string, KeysAndAttributes>
  }
  const responses: Record<string, ReadonlyArray<unknown>> = {}
  const unprocessed: Record<string, KeysAndAttributes> = {}
  let bytes = 0
  for (const [name, { Keys: keys, ...options }] of Object.entries(requests)) {
    const table = call.tables.get(name)
    const found = await Promise.all(
      keys.map(async (key) => {
        let item: Item | undefined
        const store = reading(call, options.ConsistentRead === true, (read) => {
          item = read
        })
        const answer = await act(store, "GetItem", { TableName: name, Key: key, ...options })
        return { key, item, shown: answer.Item }
      })
    )
    const kept = found.filter(({ item }) => {
      bytes += item === undefined ? 0 : itemBytes(item)
      return bytes <= MAX_BATCH_BYTES
    })
    for (const { item } of kept)
      call.consumption.read(table.description, readUnits(item, options.ConsistentRead === true))
    responses[name] = kept.flatMap(({ shown }) => (shown === undefined ? [] : [shown])).reverse()
    if (kept.length < found.length)
      unprocessed[name] = { ...original[name]!, Keys: found.slice(kept.length).map(({ key }) => key) }
  }
  return { Responses: responses, UnprocessedKeys: unprocessed }
}

export const describeTable = async (call: Call, input: Input): Promise<Output> => {
  const described = await act(call.tables.store, "DescribeTable", checked(call.tables.store, "DescribeTable", input))
  const { streamArn } = call.tables.get(String(input.TableName)).definition
  if (streamArn === undefined) return described
  const StreamSpecification = { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" }
  return { Table: { ...(described.Table as object), StreamSpecification, LatestStreamArn: streamArn } }
}

type Capacity = { readonly CapacityUnits: number }

/** What would make DynamoDB fetch from the table what a local index does not hold, and bill that as well. */
const BEYOND_INDEX = [
  "Select",
  "ProjectionExpression",
  "FilterExpression",
  "AttributesToGet",
  "QueryFilter",
  "ScanFilter"
]

const refuseFetching = (table: TableDescription, { IndexName, ...input }: Input) => {
  const index = table.LocalSecondaryIndexes?.find((local) => local.IndexName === IndexName)
  if (index === undefined || index.Projection.ProjectionType === "ALL") return
  const option = BEYOND_INDEX.find((name) => input[name] !== undefined)
  if (option !== undefined) throw new Error(`not implemented by aws-in-process: ${option} on a local index of a part`)
}

/** Query or Scan. Even an empty page costs a read. */
export const page = async (call: Call, operation: string, input: Input): Promise<Output> => {
  const { description } = call.tables.get(String(input.TableName))
  refuseFetching(description, input)
  const data = checked(call.tables.store, operation, { ...input, ReturnConsumedCapacity: "INDEXES" })
  const { ConsumedCapacity: consumed, ...answer } = await act(call.tables.store, operation, data)
  const {
    Table: own,
    GlobalSecondaryIndexes: global,
    LocalSecondaryIndexes: local
  } = consumed as {
    Table: Capacity
    GlobalSecondaryIndexes?: Record<string, Capacity>
    LocalSecondaryIndexes?: Record<string, Capacity>
  }
  const least = input.ConsistentRead === true ? 1 : 0.5
  const index = input.IndexName as string | undefined
  const units = index === undefined ? own.CapacityUnits : { ...global, ...local }[index]!.CapacityUnits
  call.consumption.read(description, Math.max(units, least), index)
  return answer
}
