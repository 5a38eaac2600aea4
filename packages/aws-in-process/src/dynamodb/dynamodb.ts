import type { Activity } from "../core/activity.ts"
import type { Authorize, EngineClock, Service } from "../core/types.ts"
import { batchExecuteStatement, executeStatement } from "./batches.ts"
import { type Billed, type CapacityMeter, itemised, makeConsumption } from "./consumption.ts"
import type { Item } from "./dynalite.ts"
import {
  batchGetItem,
  batchWriteItem,
  type Call,
  describeTable,
  getItem,
  type Input,
  type Output,
  page,
  writeItem
} from "./items.ts"
import { readNumbers } from "./limits.ts"
import { type Lagging, makeStaleness } from "./staleness.ts"
import { makeStatements } from "./statements.ts"
import { makeStreamApi } from "./stream-api.ts"
import { makeStreams, type StreamChaos, type StreamListener } from "./streams.ts"
import { makeTables, type Table, type TableDefinition, type Tables } from "./tables.ts"
import { describeTimeToLive, type TimeToLiveSpecification, updateTimeToLive } from "./time-to-live.ts"
import { makeSweeper } from "./ttl.ts"
import type { Units } from "./units.ts"

export type { Billed } from "./consumption.ts"
export type { StreamListener, StreamRecord } from "./streams.ts"
export type { IndexDefinition, KeyAttribute, LocalIndexDefinition, TableDefinition } from "./tables.ts"
export type { Units } from "./units.ts"

export interface Dynamodb {
  readonly service: Service
  /** DynamoDB Streams, of the tables that have one: what is written from now on. */
  readonly streams: Service
  /** A table that is stored already with the same keys and indexes is opened; with others it throws. */
  readonly createTable: (definition: TableDefinition) => Promise<void>
  /** Billable units so far, by table, indexes included. */
  readonly usage: () => Readonly<Record<string, Units>>
  /** Calls `listener` with what each read and write is billed, item by item. Returns a function that unsubscribes. */
  readonly onBilled: (listener: (billed: Billed) => void) => () => void
  /** How many reads by key saw an item as it was before its last write. */
  readonly staleReads: () => number
  /** Calls `listener` with the table's name and the item as it is written, whole, at each write that leaves one. Returns a function that unsubscribes. */
  readonly onWrite: (listener: (table: string, item: Item) => void) => () => void
  /** Calls `listener` with each record of a table's stream as it is made; see `StreamListener`. Throws where the table has none. */
  readonly onStream: (table: string, listener: StreamListener) => () => void
  /** Stops the sweeper and closes the store. */
  readonly close: () => Promise<void>
}

type Operation = (call: Call, input: Input) => Promise<Output>

const HOUR = 60 * 60 * 1000

/** An operation on the table that `TableName` names, or on its index. */
const onTable = (name: string, run: Operation): [string, Operation] => [
  name,
  (call, input) => {
    const { TableName, IndexName, Key, Item } = input as {
      TableName: string
      IndexName?: string
      Key?: Item
      Item?: Item
    }
    const key = Key ?? Item
    call.allow(`dynamodb:${name}`, TableName, {
      ...(IndexName === undefined ? {} : { index: IndexName }),
      ...(key === undefined ? {} : { keys: [key] })
    })
    return run(call, input)
  }
]

/** An operation on all tables that `RequestItems` names. */
const onTables = (name: string, run: Operation): [string, Operation] => [
  name,
  (call, input) => {
    for (const [table, request] of Object.entries(input.RequestItems ?? {}))
      call.allow(`dynamodb:${name}`, table, { keys: (request as { Keys?: ReadonlyArray<Item> }).Keys ?? [] })
    return run(call, input)
  }
]

const operationsOn = (
  tables: Tables,
  opened: (table: Table) => void,
  now: () => number
): ReadonlyMap<string, Operation> => {
  const statements = makeStatements(tables)
  const writes = ["PutItem", "UpdateItem", "DeleteItem"]
  const pages = ["Query", "Scan"]
  return new Map([
    ["BatchExecuteStatement", batchExecuteStatement(statements)],
    ["ExecuteStatement", executeStatement(statements)],
    ...writes.map((name) => onTable(name, (call, input) => writeItem(call, name, input))),
    ...pages.map((name) => onTable(name, (call, input) => page(call, name, input))),
    onTable("GetItem", getItem),
    onTable("DescribeTable", describeTable),
    onTable("DescribeTimeToLive", async (_, { TableName }) => describeTimeToLive(tables.get(TableName as string))),
    onTable("UpdateTimeToLive", async (_, { TableName, TimeToLiveSpecification }) => {
      const table = tables.get(TableName as string)
      const said = updateTimeToLive(table, TimeToLiveSpecification as TimeToLiveSpecification, now())
      opened(table)
      return said
    }),
    onTables("BatchGetItem", batchGetItem),
    onTables("BatchWriteItem", batchWriteItem)
  ])
}

/**
 * DynamoDB: dynalite for items and expressions; PartiQL, billing and expiry of our own. In memory, or in the LevelDB folder
 * `path`. Operations and options beyond those that we use throw.
 */
export const makeDynamodb = (options: {
  readonly clock: EngineClock
  readonly activity: Activity
  readonly authorize: Authorize
  readonly path?: string
  /** Engine time between two sweeps for expired items; an hour unless given. */
  readonly ttlSweepMs?: number
  /** Of the streams. */
  readonly chaos?: StreamChaos
  /** How long a shard of a stream lives, ms; four hours unless given. */
  readonly shardLifetimeMs?: number
  /** Of reads by key that need not be consistent; up to date unless given. */
  readonly lagging?: Lagging
}): Dynamodb => {
  const tables = makeTables(options)
  const streamApi = makeStreamApi(options)
  const streams = makeStreams({ ...options, onRecord: streamApi.add })
  const staleness = makeStaleness({ ...options, tables })
  const sweeper = makeSweeper({
    ...options,
    tables,
    everyMs: options.ttlSweepMs ?? HOUR,
    expired: (table, item) => streams.wrote(table, item, undefined, true)
  })
  const operations = operationsOn(tables, sweeper.opened, () => options.clock.now())
  const account = makeConsumption()
  const listeners = new Set<(table: string, item: Item) => void>()
  const accountants = new Set<(billed: Billed) => void>()
  const items = itemised((billed) => {
    for (const listener of accountants) listener(billed)
  })
  const meter: CapacityMeter = {
    refused: (...write) => {
      account.refused(...write)
      items.refused(...write)
    },
    read: (...read) => {
      account.read(...read)
      items.read(...read)
    },
    wrote: (table, before, after) => {
      account.wrote(table, before, after)
      items.wrote(table, before, after)
      const written = tables.get(table.TableName)
      streams.wrote(written, before, after)
      staleness.wrote(written, before, after)
      if (after === undefined) return
      sweeper.noticed(written, after)
      for (const listener of listeners) listener(table.TableName, after)
    }
  }

  const service: Service = async (name, input, principal) => {
    const operation = operations.get(name)
    if (operation === undefined) {
      // Without permission the caller gets AccessDenied, as on AWS. No policy can name a transaction: it takes the rights of what is in it.
      if (!name.startsWith("Transact")) options.authorize(principal, `dynamodb:${name}`, "*")
      throw new Error(`not implemented by aws-in-process: DynamoDB ${name}`)
    }
    const {
      ReturnConsumedCapacity: wanted,
      ReturnItemCollectionMetrics: metrics = "NONE",
      ...rest
    } = readNumbers(input as Input)
    if (metrics !== "NONE") throw new Error("not implemented by aws-in-process: ReturnItemCollectionMetrics")
    const consumption = makeConsumption(meter)
    const allow: Call["allow"] = (action, table, { index, keys } = {}) => {
      const { arn, hashKey } = tables.get(table).definition
      const leading = keys?.map((key) => Object.values(key[hashKey.name] ?? {}).join())
      const context = leading === undefined ? {} : { "dynamodb:LeadingKeys": leading }
      options.authorize(principal, action, index === undefined ? arn : `${arn}/index/${index}`, context)
    }
    const output = await operation({ tables, consumption, allow, staleness }, rest)
    const report = consumption.report(wanted)
    if (report === undefined) return output
    return { ...output, ConsumedCapacity: name.startsWith("Batch") ? report : report[0] }
  }

  return {
    service,
    streams: streamApi.service,
    createTable: async (definition) => {
      const table = await tables.create(definition)
      if (definition.streamArn !== undefined) streamApi.begin(definition.streamArn)
      for (const item of definition.items ?? [])
        await tables.change(table, item, (held) => (held === undefined ? { put: item } : { refuse: "there" }))
      sweeper.opened(table)
    },
    usage: account.units,
    onBilled: (listener) => {
      accountants.add(listener)
      return () => {
        accountants.delete(listener)
      }
    },
    staleReads: staleness.count,
    onWrite: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    onStream: (table, listener) => streams.listen(tables.get(table), listener),
    close: async () => {
      sweeper.close()
      await tables.store.db.close()
    }
  }
}
