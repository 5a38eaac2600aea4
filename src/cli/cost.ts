import { Effect, Option } from "effect"
import { ARCHIVE_BYTE_READ, SCANNED_BYTES_A_UNIT, unitPrices } from "../domain/prices.ts"
import { Archive, type ArchiveObject } from "../store/archive.ts"
import { type TableSize, TableSizes } from "../store/table-sizes.ts"
import { dollars, number } from "./screen.ts"
import type { StackTarget } from "./stack/stack.ts"

/** An estimate of what some work takes, in DynamoDB's capacity units and in dollars. */
export interface Cost {
  readonly items: number
  readonly readUnits: number
  readonly writeUnits: number
  readonly dollars: number
}

export const costOf = (items: number, readUnits: number, writeUnits: number): Cost => ({
  items,
  readUnits: Math.ceil(readUnits),
  writeUnits: Math.ceil(writeUnits),
  dollars: Math.ceil(readUnits) * unitPrices.readUnit + Math.ceil(writeUnits) * unitPrices.writeUnit
})

const average = ({ items, bytes }: TableSize): number => (items === 0 ? 0 : bytes / items)

/** Read units of a scan of a whole table. */
export const scanUnits = ({ bytes }: TableSize): number => bytes / SCANNED_BYTES_A_UNIT

/** Read units of consistent reads of so many items by key: a unit for each 4 KB begun. */
export const keyUnits = (size: TableSize, items = size.items): number => items * Math.ceil(average(size) / 4_096)

/** Write units of so many items of this average size: a unit for each KB begun. */
export const writeUnits = (size: TableSize, items = size.items): number => items * Math.ceil(average(size) / 1_024)

/** The size of the table of a generation. */
export const sizeOfGeneration = Effect.fnUntraced(function* ({ outputs }: StackTarget, generation: string) {
  return yield* (yield* TableSizes).of(outputs.projectionTables[generation]?.name ?? "")
})

/** The size of the event store's table. */
export const sizeOfEvents = Effect.fnUntraced(function* ({ outputs }: StackTarget) {
  return yield* (yield* TableSizes).of(outputs.eventTableName)
})

/** What a plan reads from the archive. */
export interface Archived {
  readonly items: number
  readonly bytes: number
}

export const nothingArchived: Archived = { items: 0, bytes: 0 }

/** What is archived of windows before `sealed`; nothing where that is undefined, or the stack has no archive. */
export const archivedBefore = Effect.fnUntraced(function* (sealed: number | undefined) {
  const archive = yield* Effect.serviceOption(Archive)
  if (Option.isNone(archive) || sealed === undefined) return nothingArchived
  const windows = (yield* archive.value.windows).filter(({ window }) => window < sealed)
  return windows.reduce(
    (sum, { items, bytes }): Archived => ({ items: sum.items + items, bytes: sum.bytes + bytes }),
    nothingArchived
  )
})

/** A cost with so many bytes of the archive read on top. */
export const withArchive = (cost: Cost, bytes: number): Cost => ({
  ...cost,
  dollars: cost.dollars + bytes * ARCHIVE_BYTE_READ
})

/** What reading these objects of the archive costs. */
export const costOfObjects = (objects: ReadonlyArray<ArchiveObject>): Cost =>
  withArchive(
    costOf(
      objects.reduce((sum, { tally }) => sum + tally.items, 0),
      0,
      0
    ),
    objects.reduce((sum, { bytes }) => sum + bytes, 0)
  )

/** A cost in one line: `about 1,200 items, 300 read units, 0 write units, $0.00004`. */
export const costText = ({ items, readUnits, writeUnits, dollars: price }: Cost): string =>
  `about ${number(items)} items, ${number(readUnits)} read units, ${number(writeUnits)} write units, ${dollars(price)}`
