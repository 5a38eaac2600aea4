import { Context, type Effect, Schema } from "effect"
import { iso } from "../domain/stamp.ts"
import type { StoreError } from "./store-error.ts"

const Value = Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])

/** Who ran a command: the user of the machine, and on AWS the access key, which CloudTrail knows the principal of. */
export const Caller = Schema.Struct({
  user: Schema.String,
  host: Schema.String,
  accessKeyId: Schema.optionalKey(Schema.String),
  account: Schema.optionalKey(Schema.String)
})
export type Caller = typeof Caller.Type

/**
 * One use of a command on rejected events: who, what range, why, and what came of it. It is written twice, before the command touches
 * anything (`begun`) and when it is over (`ended`): a use without the second was cut off. `counts` are numbers of events.
 */
export const UseRecord = Schema.Struct({
  /** The same for both records of a use. */
  id: Schema.String,
  phase: Schema.Literals(["begun", "ended"]),
  /** ISO-8601 UTC with milliseconds. */
  at: Schema.String,
  who: Caller,
  stack: Schema.String,
  command: Schema.String,
  /** The range: the filters and keys as they were given. */
  filters: Schema.Record(Schema.String, Value),
  why: Schema.optionalKey(Schema.String),
  outcome: Schema.optionalKey(Schema.String),
  counts: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite))
})
export type UseRecord = typeof UseRecord.Type

/** A span of time, in epoch ms, from `since` up to and without `until`; the newest `limit` records in it. */
export interface UseRange {
  readonly since: number
  readonly until: number
  readonly limit: number
}

/** Who did what with rejected events. `append` never overwrites, and returns the record's key. `list` returns the oldest first. */
export class UseLog extends Context.Service<
  UseLog,
  {
    readonly append: (record: UseRecord) => Effect.Effect<string, StoreError>
    readonly list: (range: UseRange) => Effect.Effect<ReadonlyArray<UseRecord>, StoreError>
  }
>()("projections/UseLog") {}

/** The folder of one day's records. Its name is older than the use log's, and records stay where they are. */
export const usesFolder = (ms: number): string => `audit/${iso(ms).slice(0, 10)}/`

/** Where a record is kept: by day, then by time. */
export const useKey = ({ at, id, phase }: Pick<UseRecord, "at" | "id" | "phase">): string =>
  `${usesFolder(Date.parse(at))}${at}-${id}-${phase}.json`
