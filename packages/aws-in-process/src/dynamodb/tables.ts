import { type EngineClock, ServiceError } from "../core/types.ts"
import {
  db,
  type IndexDescription,
  type Item,
  indexesOf,
  openStore,
  promised,
  type Store,
  type TableDescription,
  type TableStorage
} from "./dynalite.ts"

export interface KeyAttribute {
  readonly name: string
  readonly type: "S" | "N" | "B"
}

/** Everything, the keys only, or the keys and these attributes. */
type Projected = "ALL" | "KEYS_ONLY" | ReadonlyArray<string>

export interface IndexDefinition {
  readonly name: string
  readonly hashKey: KeyAttribute
  readonly rangeKey?: KeyAttribute
  readonly projection: Projected
}

/** An index with the partition key of its table, which may be read consistently. */
export interface LocalIndexDefinition {
  readonly name: string
  readonly rangeKey: KeyAttribute
  readonly projection: Projected
}

/** A table on demand, as the stack declares it. */
export interface TableDefinition {
  readonly name: string
  /** What policies call it. */
  readonly arn: string
  readonly hashKey: KeyAttribute
  readonly rangeKey?: KeyAttribute
  readonly indexes?: ReadonlyArray<IndexDefinition>
  readonly localIndexes?: ReadonlyArray<LocalIndexDefinition>
  /** The number attribute (epoch seconds) after which an item is swept away. */
  readonly ttlAttribute?: string
  /** Of its stream of new and old images; absent: it has none. It may come and go while the table stays. */
  readonly streamArn?: string
  /** What it holds from the beginning. An item whose key is there already stays as it is. */
  readonly items?: ReadonlyArray<Item>
}

/** What a table deletes its items by. `changedAt` (epoch ms): for an hour after it nothing else may be said. */
export interface TimeToLive {
  readonly attribute?: string
  readonly changedAt?: number
}

export interface Table {
  readonly definition: TableDefinition
  /** As its definition says it until somebody changes it. Not kept in a folder. */
  timeToLive: TimeToLive
  readonly description: TableDescription
}

/** What a change does with an item, decided while its key is locked. */
export type Decision<Refusal> = { readonly put: Item } | { readonly remove: true } | { readonly refuse: Refusal }

export interface Tables {
  readonly store: Store
  /** Queries and scans that are read now. */
  readonly openIterators: () => number
  /**
   * Makes a table. One that is stored already with the same keys and indexes is kept with its items; with others it throws.
   */
  readonly create: (definition: TableDefinition) => Promise<Table>
  readonly find: (name: string) => Table | undefined
  /** Throws a `ResourceNotFoundException` `ServiceError` when there is none. */
  readonly get: (name: string) => Table
  readonly all: () => ReadonlyArray<Table>
  readonly keyText: (table: Table, key: Item) => string
  readonly read: (table: Table, key: Item) => Promise<Item | undefined>
  /** Changes one item atomically. Returns what was decided. */
  readonly change: <R>(
    table: Table,
    key: Item,
    decide: (before: Item | undefined) => Decision<R>
  ) => Promise<Decision<R>>
}

const keySchema = (hashKey: KeyAttribute, rangeKey?: KeyAttribute): IndexDescription["KeySchema"] => [
  { AttributeName: hashKey.name, KeyType: "HASH" },
  ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey.name, KeyType: "RANGE" } as const])
]

const projection = (wanted: Projected): IndexDescription["Projection"] =>
  typeof wanted === "string" ? { ProjectionType: wanted } : { ProjectionType: "INCLUDE", NonKeyAttributes: wanted }

const localIndexes = ({ hashKey, localIndexes = [] }: TableDefinition): ReadonlyArray<IndexDefinition> =>
  localIndexes.map((index) => ({ ...index, hashKey }))

const attributes = (definition: TableDefinition) => {
  const keys = [definition, ...(definition.indexes ?? []), ...localIndexes(definition)].flatMap(
    ({ hashKey, rangeKey }) => (rangeKey === undefined ? [hashKey] : [hashKey, rangeKey])
  )
  return [...new Map(keys.map(({ name, type }) => [name, type]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, type]) => ({ AttributeName: name, AttributeType: type }))
}

const described = (indexes: ReadonlyArray<IndexDefinition> = []): ReadonlyArray<IndexDescription> =>
  indexes.map((index) => ({
    IndexName: index.name,
    KeySchema: keySchema(index.hashKey, index.rangeKey),
    Projection: projection(index.projection)
  }))

/** Tables without indexes have no list of them, not an empty one. */
const some = <K extends string, A>(key: K, list: ReadonlyArray<A>) =>
  (list.length === 0 ? {} : { [key]: list }) as { readonly [P in K]?: ReadonlyArray<A> }

/** What must be the same for a stored table to be the declared one. */
const shape = (definition: TableDefinition): TableDescription => ({
  TableName: definition.name,
  KeySchema: keySchema(definition.hashKey, definition.rangeKey),
  AttributeDefinitions: attributes(definition),
  ...some("GlobalSecondaryIndexes", described(definition.indexes)),
  ...some("LocalSecondaryIndexes", described(localIndexes(definition)))
})

const describe = (definition: TableDefinition, now: number) => {
  const { GlobalSecondaryIndexes = [], ...table } = shape(definition)
  return {
    ...table,
    ...some(
      "GlobalSecondaryIndexes",
      GlobalSecondaryIndexes.map((index) => ({ ...index, IndexStatus: "ACTIVE" }))
    ),
    TableArn: definition.arn,
    TableStatus: "ACTIVE",
    CreationDateTime: now / 1000,
    BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" }
  }
}

const pickShape = (description: TableDescription): TableDescription => {
  const { TableName, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes } = description
  const pick = (indexes: ReadonlyArray<IndexDescription> = []) =>
    indexes.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }))
  return {
    TableName,
    KeySchema,
    AttributeDefinitions,
    ...some("GlobalSecondaryIndexes", pick(GlobalSecondaryIndexes)),
    ...some("LocalSecondaryIndexes", pick(LocalSecondaryIndexes))
  }
}

const get = <A>(storage: TableStorage<A>, key: string) =>
  promised<A | undefined>((done) =>
    storage.get(key, (error, value) =>
      (error as Error | null)?.name === "NotFoundError" ? done(null, undefined) : done(error, value)
    )
  )

/** Tables in memory, or in the LevelDB folder `path`, where they outlive the engine. */
export const makeTables = (options: { readonly clock: EngineClock; readonly path?: string }): Tables => {
  const store = openStore(options.path)
  const tables = new Map<string, Table>()

  const open = async () => {
    try {
      await store.db.open()
    } catch (error) {
      throw new Error(`the tables at ${options.path} cannot be opened: is another run using them?`, { cause: error })
    }
  }
  const keyText = (table: Table, key: Item) => db.createKey(key, table.description)

  return {
    store,
    openIterators: store.openIterators,
    keyText,
    create: async (definition) => {
      await open()
      const stored = await get(store.tableDb, definition.name)
      if (stored !== undefined && JSON.stringify(pickShape(stored)) !== JSON.stringify(shape(definition)))
        throw new Error(`table ${definition.name} is stored with other keys or indexes than the stack declares`)
      const description = stored ?? describe(definition, options.clock.now())
      if (stored === undefined) await promised((done) => store.tableDb.put(definition.name, description, done))
      const timeToLive = definition.ttlAttribute === undefined ? {} : { attribute: definition.ttlAttribute }
      const table: Table = { definition, description, timeToLive }
      tables.set(definition.name, table)
      return table
    },
    find: (name) => tables.get(name),
    get: (name) => {
      const table = tables.get(name)
      if (table !== undefined) return table
      throw new ServiceError("ResourceNotFoundException", `Requested resource not found: Table: ${name} not found`)
    },
    all: () => [...tables.values()],
    read: (table, key) => get(store.getItemDb(table.definition.name), keyText(table, key)),
    change: (table, key, decide) => {
      const storage = store.getItemDb(table.definition.name)
      const text = keyText(table, key)
      return promised((done) =>
        storage.lock(text, (release) => {
          const finish = release(done)
          const apply = async () => {
            const before = await get(storage, text)
            const decision = decide(before)
            if ("refuse" in decision) return decision
            const after = "put" in decision ? decision.put : undefined
            if (indexesOf(table.description).length > 0)
              await promised((next) => db.updateIndexes(store, table.description, before, after, next))
            await promised((next) => (after === undefined ? storage.del(text, next) : storage.put(text, after, next)))
            return decision
          }
          apply().then(
            (decision) => finish(null, decision),
            (error) => finish(error, undefined as never)
          )
        })
      )
    }
  }
}
