import { Effect } from "effect"
import { SCANNED_BYTES_A_UNIT, unitPrices } from "../domain/prices.ts"
import { type TableSize, TableSizes } from "../store/table-sizes.ts"
import type { StackTarget } from "./stack-target.ts"

/** What a work will take, about. A unit is DynamoDB's. */
export interface Cost {
  readonly items: number
  readonly readUnits: number
  readonly writeUnits: number
  readonly dollars: number
}

export const costOf = (items: number, readUnits: number, writeUnits: number): Cost => ({
  ...{ items, readUnits: Math.ceil(readUnits), writeUnits: Math.ceil(writeUnits) },
  dollars: Math.ceil(readUnits) * unitPrices.readUnit + Math.ceil(writeUnits) * unitPrices.writeUnit
})

const average = ({ items, bytes }: TableSize): number => (items === 0 ? 0 : bytes / items)

/** Units that a scan of a whole table takes. */
export const scanUnits = ({ bytes }: TableSize): number => bytes / SCANNED_BYTES_A_UNIT

/** Reading each of so many items by its key, consistently, takes a unit for each 4 KB begun. */
export const keyUnits = (size: TableSize, items = size.items): number => items * Math.ceil(average(size) / 4_096)

/** Writing each of so many items, which are as large as these, takes a unit for each KB begun. */
export const writeUnits = (size: TableSize, items = size.items): number => items * Math.ceil(average(size) / 1_024)

/** How much the table of a generation holds. */
export const sizeOfGeneration = Effect.fnUntraced(function* (site: StackTarget, name: string) {
  const table = site.outputs.projectionTables[name]?.name ?? ""
  return yield* (yield* TableSizes).of(table)
})

export const number = (value: number): string => Math.round(value).toLocaleString("en")

/** Dollars with as many digits as say something. */
export const dollars = (value: number): string =>
  value === 0 ? "$0" : value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`

/** Cost in a line: `about 1,200 items, 300 read units, 0 write units, $0.00004`. */
export const costText = ({ items, readUnits, writeUnits, dollars: price }: Cost): string =>
  `about ${number(items)} items, ${number(readUnits)} read units, ${number(writeUnits)} write units, ${dollars(price)}`
