import { createRequire } from "node:module"
import { ServiceError } from "../core/types.ts"

/** An attribute value as DynamoDB's JSON has it: one type letter and its value; blobs are base64. */
export type AttributeValue = Readonly<Record<string, unknown>>
export type Item = Readonly<Record<string, AttributeValue>>

export interface IndexDescription {
  readonly IndexName: string
  readonly KeySchema: ReadonlyArray<{ readonly AttributeName: string; readonly KeyType: "HASH" | "RANGE" }>
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: ReadonlyArray<string> }
}

/** A table as dynalite stores and describes it; only what we read. */
export interface TableDescription {
  readonly TableName: string
  readonly KeySchema: IndexDescription["KeySchema"]
  readonly AttributeDefinitions: ReadonlyArray<{ readonly AttributeName: string; readonly AttributeType: string }>
  readonly GlobalSecondaryIndexes?: ReadonlyArray<IndexDescription>
  readonly LocalSecondaryIndexes?: ReadonlyArray<IndexDescription>
}

/** Its indexes of both kinds; their names differ. */
export const indexesOf = (table: TableDescription): ReadonlyArray<IndexDescription> => [
  ...(table.GlobalSecondaryIndexes ?? []),
  ...(table.LocalSecondaryIndexes ?? [])
]

type Callback<A> = (error: unknown, value: A) => void

export interface TableStorage<A> {
  readonly get: (key: string, done: Callback<A | undefined>) => void
  readonly put: (key: string, value: A, done: Callback<unknown>) => void
  readonly del: (key: string, done: Callback<unknown>) => void
  readonly lock: (key: string, run: (release: <F>(done: F) => F) => void) => void
  readonly createValueStream: (options: object) => AsyncIterable<A>
}

export interface Store {
  readonly tableDb: TableStorage<TableDescription> & { awsRegion: string; awsAccountId: string }
  readonly getItemDb: (table: string) => TableStorage<Item>
  readonly getIndexDb: (kind: string, table: string, index: string) => TableStorage<Item>
  readonly db: Level
}

interface LevelIterator {
  readonly close: () => Promise<void>
  return?: () => Promise<void>
}

interface Level {
  readonly open: () => Promise<void>
  readonly close: () => Promise<void>
  values: (options: object) => LevelIterator
}

interface Db {
  readonly create: (options: { path?: string }) => Store
  readonly createKey: (item: Item, table: TableDescription) => string
  readonly validateItem: (item: Item, table: TableDescription) => Error | null | undefined
  readonly validateKey: (key: Item, table: TableDescription) => Error | null | undefined
  readonly compare: (
    comparator: string,
    value: AttributeValue | undefined,
    others: ReadonlyArray<AttributeValue>
  ) => boolean
  readonly updateIndexes: (
    store: Store,
    table: TableDescription,
    before: Item | undefined,
    after: Item | undefined,
    done: Callback<unknown>
  ) => void
}

interface Validations {
  readonly checkTypes: (data: object, types: object) => object
  readonly checkValidations: (data: object, types: object, custom: unknown, store: Store) => void
  /** Puts numbers into their canonical form in place. Returns what is wrong, or undefined. */
  readonly validateAttributeValue: (value: AttributeValue) => string | undefined
  /** Parses the expressions of `data` in place. Returns what is wrong, or undefined. */
  readonly validateExpressions: (data: object) => string | undefined
}

interface Operation {
  readonly action: (store: Store, data: object, done: Callback<Record<string, unknown>>) => void
  readonly types: Readonly<Record<string, unknown>>
  readonly custom: unknown
}

// dynalite is CommonJS without types; these are its internals, so its version is pinned.
const load = createRequire(import.meta.url)
export const db: Db = load("dynalite/db")
export const validations: Validations = load("dynalite/validations")

const loadOperation = (file: string): Operation => ({
  action: load(`dynalite/actions/${file}`),
  ...load(`dynalite/validations/${file}`)
})

export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "DescribeTable",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem"
  ].map((name) => [name, loadOperation(name[0]!.toLowerCase() + name.slice(1))])
)

/**
 * A store in memory, or in the LevelDB folder `path`. dynalite ends the iterator of each query and scan by `return`, which LevelDB's
 * iterators have not: left open they pin what they have read for as long as the process lives, outside of the heap.
 */
export const openStore = (path: string | undefined): Store & { readonly openIterators: () => number } => {
  const store = db.create(path === undefined ? {} : { path })
  const values = store.db.values.bind(store.db)
  let open = 0
  store.db.values = (options) => {
    open++
    const iterator = values(options)
    iterator.return = async () => {
      iterator.return = async () => {}
      await iterator.close()
      open--
    }
    return iterator
  }
  return { ...store, openIterators: () => open }
}

/** dynalite's errors carry the body that it would have sent. */
const translate = (error: unknown): unknown => {
  const body = (error as { body?: { __type?: string; message?: string; Message?: string } } | null)?.body
  if (body?.__type === undefined) return error
  return new ServiceError(body.__type.split("#").at(-1)!, body.message ?? body.Message ?? "")
}

/** Calls back-style code. */
export const promised = <A>(start: (done: Callback<A>) => void): Promise<A> =>
  new Promise((resolve, reject) => start((error, value) => (error ? reject(translate(error)) : resolve(value))))

/** Runs dynalite's checks on an input. Returns what its action takes. Refuses options that it would silently drop. */
export const checked = (store: Store, name: string, input: object): object => {
  const operation = operations.get(name)!
  const unknown = Object.keys(input).filter((key) => !Object.hasOwn(operation.types, key))
  if (unknown.length > 0) throw new Error(`not implemented by aws-in-process: ${unknown.join(", ")} on ${name}`)
  try {
    const data = validations.checkTypes(input, operation.types)
    validations.checkValidations(data, operation.types, operation.custom, store)
    return data
  } catch (error) {
    throw translate(error)
  }
}

export const act = (store: Store, name: string, data: object): Promise<Record<string, unknown>> =>
  promised((done) => operations.get(name)!.action(store, data, done))
