import type { AttributeValue, IndexDescription, Item, TableDescription } from "./dynalite.ts"

/** Billable units of a table: write units (1 KB), and read units (4 KB, halved when eventually consistent). */
export interface Units {
  readonly write: number
  readonly read: number
}

const blobBytes = (base64: string) => Buffer.byteLength(base64, "base64")

/** About one byte for two digits, and one more; leading and trailing zeros are free. */
const numberBytes = (text: string) => {
  const digits = text
    .replace(/e.*$/i, "")
    .replace(/[-+.]/g, "")
    .replace(/^0+|0+$/g, "").length
  return digits === 0 ? 1 : 1 + Math.ceil(digits / 2) + (text.startsWith("-") ? 1 : 0)
}

const total = <A>(values: ReadonlyArray<A>, size: (value: A) => number) => values.reduce((sum, v) => sum + size(v), 0)

const sizes: Readonly<Record<string, (value: never) => number>> = {
  S: (text: string) => Buffer.byteLength(text),
  B: blobBytes,
  N: numberBytes,
  BOOL: () => 1,
  NULL: () => 1,
  SS: (list: ReadonlyArray<string>) => total(list, (text) => Buffer.byteLength(text)),
  BS: (list: ReadonlyArray<string>) => total(list, blobBytes),
  NS: (list: ReadonlyArray<string>) => total(list, numberBytes),
  L: (list: ReadonlyArray<AttributeValue>) => 3 + total(list, (value) => 1 + valueBytes(value)),
  M: (map: Item) => 3 + total(Object.values(map), () => 1) + itemBytes(map)
}

const valueBytes = (value: AttributeValue): number => {
  const type = Object.keys(value)[0]!
  return sizes[type]!(value[type] as never)
}

/** Size of an item as DynamoDB bills it: names and values in UTF-8 bytes. */
export const itemBytes = (item: Item): number =>
  total(Object.entries(item), ([name, value]) => Buffer.byteLength(name) + valueBytes(value))

export const MAX_ITEM_BYTES = 400 * 1024

const kilobytes = (item: Item | undefined, unit: number) =>
  item === undefined ? 1 : Math.max(1, Math.ceil(itemBytes(item) / (unit * 1024)))

/** A write is billed by the greater of what was there and what is to be there, whether or not it is allowed. */
export const writeUnits = (before: Item | undefined, after: Item | undefined): number =>
  Math.max(kilobytes(before, 1), kilobytes(after, 1))

export const readUnits = (item: Item | undefined, consistent: boolean): number =>
  kilobytes(item, 4) / (consistent ? 1 : 2)

/** What an index holds of an item; undefined when the item lacks one of its keys. */
const projected = (index: IndexDescription, table: TableDescription, item: Item | undefined): Item | undefined => {
  const keys = index.KeySchema.map((key) => key.AttributeName)
  if (item === undefined || keys.some((key) => item[key] === undefined)) return undefined
  if (index.Projection.ProjectionType === "ALL") return item
  const names = new Set([
    ...keys,
    ...table.KeySchema.map((key) => key.AttributeName),
    ...(index.Projection.NonKeyAttributes ?? [])
  ])
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)))
}

/** Units that a write costs one index: none when nothing it holds has changed, two writes when its key moved. */
export const indexWriteUnits = (
  index: IndexDescription,
  table: TableDescription,
  before?: Item,
  after?: Item
): number => {
  const [old, now] = [projected(index, table, before), projected(index, table, after)]
  if (old === undefined && now === undefined) return 0
  if (old === undefined || now === undefined) return writeUnits(old, now)
  if (JSON.stringify(old) === JSON.stringify(now)) return 0
  const moved = index.KeySchema.some(
    (key) => JSON.stringify(old[key.AttributeName]) !== JSON.stringify(now[key.AttributeName])
  )
  return moved ? writeUnits(old, undefined) + writeUnits(undefined, now) : writeUnits(old, now)
}
