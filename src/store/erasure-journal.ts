import { Context, type Effect } from "effect"
import type { Json } from "../domain/json.ts"
import type { StoreError } from "./store-error.ts"

/**
 * What an erasure must remember until it is over, by the number of its request and by name: where its search is, which events it has
 * erased, and which bodies are still to be dropped. It holds ids of events and no person. `remove` forgets the whole request, the entry
 * `BEGUN` last.
 */
export class ErasureJournal extends Context.Service<
  ErasureJournal,
  {
    readonly read: (request: string) => Effect.Effect<ReadonlyMap<string, Json>, StoreError>
    readonly write: (request: string, name: string, value: Json) => Effect.Effect<void, StoreError>
    readonly remove: (request: string) => Effect.Effect<void, StoreError>
  }
>()("projections/ErasureJournal") {}

/** The entry that says that a request is under way. */
export const BEGUN = "begun"

/** Where the entries of a request are kept. */
export const journalFolder = (request: string): string => `erasures/${request}/`
