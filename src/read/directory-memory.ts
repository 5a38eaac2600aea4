import { Effect } from "effect"
import { DIRECTORY_KINDS, type DirectoryEntry, type DirectoryKind, listOf } from "../domain/directory.ts"
import type { ListEntry } from "./answers.ts"
import type { DirectorySource } from "./source.ts"

/** Names of a test: by kind and id. A kind that you leave out was never swept. */
export type DirectoryFixture = {
  readonly [K in DirectoryKind]?: Readonly<Record<string, Omit<ListEntry, "id">>>
}

/** Names from a fixture. */
export const directoryMemory = (fixture: DirectoryFixture): DirectorySource => {
  const entries: ReadonlyArray<DirectoryEntry> = DIRECTORY_KINDS.flatMap((kind) =>
    Object.entries(fixture[kind] ?? {}).map(([id, said]) => ({ kind, id, at: 0, ...said }))
  )
  return {
    table: "memory-directory",
    names: (ids) =>
      Effect.succeed(entries.filter((entry) => ids.some(({ kind, id }) => entry.kind === kind && entry.id === id))),
    list: (kind, filter, { limit, cursor = "0" }) =>
      Effect.sync(() => {
        const [found, from] = [listOf(entries, kind, filter), Number(cursor)]
        const next = from + limit
        return {
          entries: found.slice(from, next).map(({ at: _, ...entry }) => entry),
          ...(next < found.length ? { cursor: String(next) } : {})
        }
      }),
    lastSwept: (kind) => Effect.succeed(fixture[kind] === undefined ? undefined : { holds: "emails", divisions: [] })
  }
}
