import { Config } from "effect"

/** Where events are: a table with the partition key `id`, and a bucket of bodies that no item can hold. */
export interface EventTable {
  readonly table: string
  readonly overflowBucket: string
}

/** The same, from `EVENT_TABLE` and `OVERFLOW_BUCKET`. */
export const eventTableConfig: Config.Config<EventTable> = Config.all({
  table: Config.NonEmptyString("EVENT_TABLE"),
  overflowBucket: Config.NonEmptyString("OVERFLOW_BUCKET")
})
