import { Context, type Effect } from "effect"
import type {
  DirectoryEntry,
  DirectoryFilter,
  DirectoryKind,
  DirectoryScope,
  ListedEntry,
  StoredEntry
} from "../domain/directory.ts"
import type { StoreError } from "./store-error.ts"

/** Where a page begins, by the cursor of the one before, and how many entries it has at most: 1 to 500, 100 unless given. */
export interface DirectoryPageRequest {
  readonly cursor?: string
  readonly limit?: number
}

/** Entries by name, and a cursor where more may follow. The cursor holds a name. */
export interface DirectoryPage {
  readonly entries: ReadonlyArray<ListedEntry>
  readonly cursor?: string
}

/** What `put` did, in entries: `written` and `removed` (of a division that is left out), and `refused`, whose ids no table takes. */
export interface DirectoryPut {
  readonly written: number
  readonly removed: number
  readonly refused: number
}

/** The last complete sweep of a kind: when it began, in epoch ms, and what was kept of it. */
export interface Swept extends DirectoryScope {
  readonly began: number
}

/**
 * What the organisation calls its agents, queues, wrap-up codes, presences, divisions and teams: written from the Genesys Cloud API, and
 * read by id and by name. It is no projection: no event tells it, and no replay makes it.
 *
 * `put` keeps of each entry what the scope of the directory allows. A later request wins. An entry of a division that is left out is
 * removed. One that says what is stored is written at most once a day, and loses until then to a request between the two.
 *
 * `swept` is told of a complete sweep of a kind, after its last `put`: what the sweep has not put is marked as gone, leaves the lists, and
 * is deleted 30 days later. Returns how many. What was put within the day before the sweep began is left to a later one.
 *
 * `left` is told of entries whom the organisation does not have any more, as of a request at that time (epoch ms): they are marked likewise, at once.
 * What was put of a later request stays. Returns how many were marked.
 *
 * `names` returns entries by id, gone ones as well; unknown ones are absent. `list` lists those that are there. What was
 * written a second ago may be missing from both.
 *
 * `remove` deletes an entry at once. If the organisation still knows it, the next sweep brings it back.
 */
export class Directory extends Context.Service<
  Directory,
  {
    readonly put: (entries: ReadonlyArray<DirectoryEntry>) => Effect.Effect<DirectoryPut, StoreError>
    readonly names: (
      kind: DirectoryKind,
      ids: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyMap<string, StoredEntry>, StoreError>
    readonly list: (
      kind: DirectoryKind,
      filter?: DirectoryFilter,
      page?: DirectoryPageRequest
    ) => Effect.Effect<DirectoryPage, StoreError>
    readonly swept: (kind: DirectoryKind, began: number) => Effect.Effect<number, StoreError>
    readonly left: (kind: DirectoryKind, ids: ReadonlyArray<string>, at: number) => Effect.Effect<number, StoreError>
    readonly lastSwept: (kind: DirectoryKind) => Effect.Effect<Swept | undefined, StoreError>
    readonly remove: (kind: DirectoryKind, id: string) => Effect.Effect<void, StoreError>
  }
>()("projections/Directory") {}
