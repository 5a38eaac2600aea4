import { type Item, indexesOf, type TableDescription } from "./dynalite.ts"
import { indexWriteUnits, type Units, writeUnits } from "./units.ts"

/** Records what reads and writes consume. */
export interface CapacityMeter {
  readonly wrote: (table: TableDescription, before: Item | undefined, after: Item | undefined) => void
  /** A write that was refused: it costs the table what it would have cost, and no index anything. */
  readonly refused: (table: TableDescription, before: Item | undefined, after: Item | undefined) => void
  /** `item`: the one that was read by key; undefined where none was there, and of a page. */
  readonly read: (table: TableDescription, units: number, index?: string, item?: Item) => void
}

/** What one read or write of an item, or one page, is billed: units of the table, and of its indexes by name. */
export interface Billed {
  readonly table: string
  readonly kind: "write" | "refused" | "read" | "page"
  /** The item before a write, or as it was read by key. */
  readonly before?: Item | undefined
  /** The item after a write, or as a refused one would have left it, where that is known. */
  readonly after?: Item | undefined
  readonly own: number
  readonly indexes: Readonly<Record<string, number>>
}

/** What one call, or one account, has consumed: units by table and by index. */
export interface Consumption extends CapacityMeter {
  /** `ConsumedCapacity` by table, as `ReturnConsumedCapacity` asks for it; undefined when it does not, or when nothing was consumed. */
  readonly report: (mode: unknown) => ReadonlyArray<Readonly<Record<string, unknown>>> | undefined
  /** Units by table, its indexes included. */
  readonly units: () => Readonly<Record<string, Units>>
}

interface Tally {
  readonly own: { write: number; read: number }
  readonly indexes: Map<string, { readonly local: boolean; write: number; read: number }>
}

const capacity = ({ write, read }: Units) => ({ CapacityUnits: write + read })

const everything = ({ own, indexes }: Tally): Units =>
  [...indexes.values()].reduce<Units>((a, b) => ({ write: a.write + b.write, read: a.read + b.read }), own)

const reported = (mode: "TOTAL" | "INDEXES", table: string, tally: Tally) => {
  const whole = { TableName: table, ...capacity(everything(tally)) }
  if (mode === "TOTAL") return whole
  const ofKind = (wanted: boolean) =>
    Object.fromEntries(
      [...tally.indexes].flatMap(([name, { local, ...units }]) => (local === wanted ? [[name, capacity(units)]] : []))
    )
  const some = (key: string, indexes: object) => (Object.keys(indexes).length === 0 ? {} : { [key]: indexes })
  return {
    ...whole,
    Table: capacity(tally.own),
    ...some("GlobalSecondaryIndexes", ofKind(false)),
    ...some("LocalSecondaryIndexes", ofKind(true))
  }
}

const indexUnits = (table: TableDescription, before: Item | undefined, after: Item | undefined) =>
  indexesOf(table).flatMap((index) => {
    const units = indexWriteUnits(index, table, before, after)
    return units > 0 ? [[index.IndexName, units] as const] : []
  })

/** A meter that tells `listener` of each read and write by itself. */
export const itemised = (listener: (billed: Billed) => void): CapacityMeter => ({
  refused: ({ TableName: table }, before, after) =>
    listener({ table, kind: "refused", before, after, own: writeUnits(before, after), indexes: {} }),
  wrote: (description, before, after) =>
    listener({
      table: description.TableName,
      kind: "write",
      before,
      after,
      own: writeUnits(before, after),
      indexes: Object.fromEntries(indexUnits(description, before, after))
    }),
  read: ({ TableName: table }, units, index, item) =>
    listener(
      index === undefined
        ? { table, kind: item === undefined ? "page" : "read", before: item, own: units, indexes: {} }
        : { table, kind: "page", own: 0, indexes: { [index]: units } }
    )
})

/** Counts into itself, and into `into` as well. */
export const makeConsumption = (into?: CapacityMeter): Consumption => {
  const tallies = new Map<string, Tally>()
  const tallyOf = ({ TableName: name }: TableDescription): Tally => {
    const found = tallies.get(name) ?? { own: { write: 0, read: 0 }, indexes: new Map() }
    tallies.set(name, found)
    return found
  }
  const indexOf = (table: TableDescription, name: string) => {
    const { indexes } = tallyOf(table)
    const local = table.LocalSecondaryIndexes?.some(({ IndexName }) => IndexName === name) ?? false
    const found = indexes.get(name) ?? { local, write: 0, read: 0 }
    indexes.set(name, found)
    return found
  }
  return {
    refused: (table, before, after) => {
      tallyOf(table).own.write += writeUnits(before, after)
      into?.refused(table, before, after)
    },
    wrote: (table, before, after) => {
      tallyOf(table).own.write += writeUnits(before, after)
      for (const [index, units] of indexUnits(table, before, after)) indexOf(table, index).write += units
      into?.wrote(table, before, after)
    },
    read: (table, units, index, item) => {
      const entry = index === undefined ? tallyOf(table).own : indexOf(table, index)
      entry.read += units
      into?.read(table, units, index, item)
    },
    report: (mode) =>
      (mode === "TOTAL" || mode === "INDEXES") && tallies.size > 0
        ? [...tallies].map(([name, tally]) => reported(mode, name, tally))
        : undefined,
    units: () => Object.fromEntries([...tallies].map(([name, tally]) => [name, everything(tally)]))
  }
}
