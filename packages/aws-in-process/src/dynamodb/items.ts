import { ServiceError } from "../core/types.ts"
import type { Consumption } from "./consumption.ts"
import {
  type AttributeValue,
  act,
  checked as checkedByDynalite,
  type Item,
  indexesOf,
  type Store,
  type TableDescription
} from "./dynalite.ts"
import { comparable, type Parsed } from "./expressions.ts"
import { checkValues, itemProblem, keyProblem } from "./limits.ts"
import type { Staleness } from "./staleness.ts"
import type { Tables } from "./tables.ts"
import { itemBytes, readUnits } from "./units.ts"
import { checkingUpdates } from "./update-store.ts"

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

const validation = (message: string) => new ServiceError("ValidationException", message)

const refuse = (problem: string | undefined) => {
  if (problem !== undefined) throw validation(problem)
}

/** An input that dynalite and DynamoDB's own limits admit, as dynalite's actions take it. */
const checked = (store: Store, operation: string, input: Input): Record<string, unknown> => {
  const data = checkedByDynalite(store, operation, input)
  checkValues(operation, data)
  const conditions = data as { readonly _condition?: Parsed; readonly _filter?: Parsed }
  for (const parsed of [conditions._condition, conditions._filter])
    if (parsed !== undefined) parsed.expression = comparable(parsed.expression)
  return data as Record<string, unknown>
}

/** dynalite's store, with every read and write of an item seen. */
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

/** Without a prototype: dynalite takes what an item inherits, such as `constructor`, for one of its attributes. */
const bare = (key: unknown): Item => Object.assign(Object.create(null), key)

/** PutItem, UpdateItem or DeleteItem. */
export const writeItem = async (call: Call, operation: string, input: Input): Promise<Output> => {
  const { ReturnValuesOnConditionCheckFailure: returnOld, ...rest } = input
  const table = call.tables.get(String(input.TableName))
  let before: Item | undefined
  const seen = observed(call, (item) => {
    before = item
  })
  const data = checked(call.tables.store, operation, rest)
  if (operation === "PutItem") refuse(itemProblem(data.Item as Item, table.description))
  else {
    refuse(keyProblem(data.Key as Item, table.description))
    data.Key = bare(data.Key)
  }
  const store = operation === "UpdateItem" ? checkingUpdates(seen, table.description) : seen
  try {
    const { Attributes: attributes, ...output } = await act(store, operation, data)
    // Nothing is returned as nothing, not as a map without attributes.
    return Object.keys(attributes ?? {}).length === 0 ? output : { Attributes: attributes, ...output }
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "ConditionalCheckFailedException") throw error
    call.consumption.refused(table.description, before, rest.Item as Item | undefined)
    const fields = returnOld === "ALL_OLD" && before !== undefined ? { Item: before } : {}
    throw new ServiceError(error.code, error.message, error.status, fields)
  }
}

interface WriteRequest {
  readonly PutRequest?: { readonly Item: Item }
  readonly DeleteRequest?: { readonly Key: Item }
}

export const batchWriteItem = async (call: Call, input: Input): Promise<Output> => {
  const data = checked(call.tables.store, "BatchWriteItem", input)
  const requests = data.RequestItems as Readonly<Record<string, ReadonlyArray<WriteRequest>>>
  for (const [name, writes] of Object.entries(requests)) {
    const { description } = call.tables.get(name)
    for (const { PutRequest, DeleteRequest } of writes) {
      if (PutRequest !== undefined) refuse(itemProblem(PutRequest.Item, description))
      if (DeleteRequest !== undefined) refuse(keyProblem(DeleteRequest.Key, description))
    }
  }
  return act(observed(call), "BatchWriteItem", data)
}

export const getItem = async (call: Call, input: Input): Promise<Output> => {
  const { description } = call.tables.get(String(input.TableName))
  const consistent = input.ConsistentRead === true
  const store = reading(call, consistent, (item) =>
    call.consumption.read(description, readUnits(item, consistent), undefined, item ?? (input.Key as Item))
  )
  const data = checked(call.tables.store, "GetItem", input)
  refuse(keyProblem(data.Key as Item, description))
  return act(store, "GetItem", data)
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
    readonly RequestItems: Readonly<Record<string, KeysAndAttributes>>
  }
  for (const [name, { Keys: keys }] of Object.entries(requests))
    for (const key of keys) refuse(keyProblem(key, call.tables.get(name).description))
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
    for (const { item, key } of kept)
      call.consumption.read(table.description, readUnits(item, options.ConsistentRead === true), undefined, item ?? key)
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

type KeyConditions = Readonly<Record<string, { readonly AttributeValueList?: ReadonlyArray<AttributeValue> }>>

/** What is wrong with the lengths of the keys that a page is asked for. */
const askedProblem = (table: TableDescription, data: Record<string, unknown>): string | undefined => {
  const index = indexesOf(table).find(({ IndexName }) => IndexName === data.IndexName)
  const conditions = Object.entries((data.KeyConditions ?? {}) as KeyConditions)
  return conditions
    .flatMap(([name, { AttributeValueList: values = [] }]) => values.map((value) => ({ [name]: value })))
    .map((key) => keyProblem(key, index ?? table))
    .find((problem) => problem !== undefined)
}

/** Query or Scan. Even an empty page costs a read. */
export const page = async (call: Call, operation: string, input: Input): Promise<Output> => {
  const { description } = call.tables.get(String(input.TableName))
  refuseFetching(description, input)
  const data = checked(call.tables.store, operation, { ...input, ReturnConsumedCapacity: "INDEXES" })
  refuse(askedProblem(description, data))
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
