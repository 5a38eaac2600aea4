import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** A bucket by what is in it: rejected events and the audit, batches that were given up, or exports of the event table. */
export type ObjectBucket = "quarantine" | "failures" | "exports"

/** An object that is kept: its bytes, and what was noted beside them. */
export interface KeptObject {
  readonly body: Uint8Array
  readonly contentType?: string
  readonly metadata: Readonly<Record<string, string>>
}

/** The keys of a page, in their order, and how large the objects are in bytes. */
export interface KeyPage {
  readonly keys: ReadonlyArray<{ readonly key: string; readonly size: number }>
  readonly more: boolean
}

/**
 * Objects under a prefix, for people who search all of them. `read` returns undefined for one that is not there any more. `rewrite`
 * replaces the bytes and keeps what is noted beside them. `remove` deletes an object with all its versions.
 */
export class KeptObjects extends Context.Service<
  KeptObjects,
  {
    readonly keys: (bucket: ObjectBucket, prefix: string, after?: string) => Effect.Effect<KeyPage, StoreError>
    readonly read: (bucket: ObjectBucket, key: string) => Effect.Effect<KeptObject | undefined, StoreError>
    readonly rewrite: (bucket: ObjectBucket, key: string, object: KeptObject) => Effect.Effect<void, StoreError>
    readonly remove: (bucket: ObjectBucket, key: string) => Effect.Effect<void, StoreError>
  }
>()("projections/KeptObjects") {}
