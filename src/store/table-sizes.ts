import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** How much a table holds. `counted`: just now, by reading it; else as DynamoDB last knew it, within some six hours. */
export interface TableSize {
  readonly items: number
  readonly bytes: number
  readonly counted: boolean
}

/** What a scan of a table will read, to tell its cost before it is spent; and since when (epoch ms) there is the table. */
export class TableSizes extends Context.Service<
  TableSizes,
  {
    readonly of: (table: string) => Effect.Effect<TableSize, StoreError>
    readonly since: (table: string) => Effect.Effect<number, StoreError>
  }
>()("projections/TableSizes") {}
