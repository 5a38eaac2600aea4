import type { Columns } from "../../domain/projection.ts"
import { RESERVED_COLUMNS } from "../projection-store.ts"
import { fromAttribute, type Item } from "./attribute.ts"

/** The names of the columns among the attributes of a row in a table with the partition key `key`. */
export const columnNames = (key: string, item: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  Object.keys(item).filter((name) => name !== key && !RESERVED_COLUMNS.has(name))

/** The columns of a row, as readers see them. */
export const columnsOf = (key: string, item: Item): Columns =>
  Object.fromEntries(columnNames(key, item).map((name) => [name, fromAttribute(item[name] ?? { NULL: true })]))
