import { type Item, indexesOf, type TableDescription } from "./dynalite.ts"
import { indexWriteUnits, type Units, writeUnits } from "./units.ts"

/** Records what reads and writes consume. */
export interface CapacityMeter {
  readonly wrote: (table: TableDescription, before: Item | undefined, after: Item | undefined) => void
  /** A write that was refused: it costs the table what it would have cost, and no index anything. */
  readonly refused: (table: TableDescription, before: Item | undefined, after: Item | undefined) => void
  readonly read: (table: TableDescription, units: number, index?: string) => void
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
      for (const index of indexesOf(table)) {
        const units = indexWriteUnits(index, table, before, after)
        if (units > 0) indexOf(table, index.IndexName).write += units
      }
      into?.wrote(table, before, after)
    },
    read: (table, units, index) => {
      const entry = index === undefined ? tallyOf(table).own : indexOf(table, index)
      entry.read += units
      into?.read(table, units, index)
    },
    report: (mode) =>
      (mode === "TOTAL" || mode === "INDEXES") && tallies.size > 0
        ? [...tallies].map(([name, tally]) => reported(mode, name, tally))
        : undefined,
    units: () => Object.fromEntries([...tallies].map(([name, tally]) => [name, everything(tally)]))
  }
}
