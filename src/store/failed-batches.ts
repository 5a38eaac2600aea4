import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** A batch that the stream's mapping has given up, unopened. `at`: when, epoch ms in whole seconds. */
export interface FailedBatch {
  readonly key: string
  readonly shard: string
  readonly at: number
  readonly size: number
}

/** A record as it was on the stream. `arrival`: epoch ms. */
export interface FailedRecord {
  readonly partitionKey: string
  readonly data: Uint8Array
  readonly arrival: number
}

/**
 * An opened batch. `condition` is Lambda's word for why it was given up, `attempts` how often it was tried. `records` is undefined
 * where the object is no document of an on-failure destination.
 */
export interface OpenedBatch {
  readonly raw: Uint8Array
  readonly condition: string
  readonly attempts: number
  readonly records: ReadonlyArray<FailedRecord> | undefined
}

/** Which batches: given up from `since` up to and without `until` (epoch ms); the oldest `limit` of them. */
export interface BatchSelection {
  readonly since?: number
  readonly until?: number
  readonly limit: number
}

/**
 * What the stream's mapping gave up, whole, as Lambda wrote it. `list` returns the oldest first, and whether there are more. `open`
 * returns undefined for a key that is not there (any more). `retire` takes a batch out of its place; its bytes stay in the same bucket
 * under `retiredKey`, and a crash in the middle leaves it in both places, never in none.
 */
export class FailedBatches extends Context.Service<
  FailedBatches,
  {
    readonly list: (
      selection: BatchSelection
    ) => Effect.Effect<{ readonly batches: ReadonlyArray<FailedBatch>; readonly more: boolean }, StoreError>
    readonly open: (key: string) => Effect.Effect<OpenedBatch | undefined, StoreError>
    readonly retire: (key: string, batch: OpenedBatch, at: number) => Effect.Effect<void, StoreError>
  }
>()("projections/FailedBatches") {}

/** The folder that Lambda writes into. */
export const FAILED_FOLDER = "aws/lambda/"

const KEY = /^aws\/lambda\/[^/]+\/([^/]+)\/\d{4}\/\d\d\/\d\d\/(\d{4}-\d\d-\d\d)T(\d\d)\.(\d\d)\.(\d\d)-[^/]+$/

/** What a key says: `aws/lambda/<mapping>/<shard>/<yyyy>/<mm>/<dd>/<time>-<uuid>`; undefined for what is none. */
export const parseFailedKey = (key: string): Pick<FailedBatch, "shard" | "at"> | undefined => {
  const [, shard, day, h, m, s] = KEY.exec(key) ?? []
  return shard === undefined ? undefined : { shard, at: Date.parse(`${day}T${h}:${m}:${s}Z`) }
}
