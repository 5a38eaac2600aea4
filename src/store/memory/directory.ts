import { Effect, Layer } from "effect"
import {
  type DirectoryEntry,
  type DirectoryFilter,
  type DirectoryKind,
  type DirectoryScope,
  isDirectoryId,
  isMissing,
  kept,
  latestOf,
  listOf,
  PAGE_ENTRIES,
  type StoredEntry,
  supersedes
} from "../../domain/directory.ts"
import { Directory, type Swept } from "../directory.ts"

/** A directory in memory. `held` looks inside. */
export const memoryDirectory = (scope: DirectoryScope = { holds: "emails", divisions: [] }) => {
  const held = new Map<string, StoredEntry>()
  const sweeps = new Map<DirectoryKind, Swept>()
  const keyOf = ({ kind, id }: Pick<DirectoryEntry, "kind" | "id">) => JSON.stringify([kind, id])

  const put = (entries: ReadonlyArray<DirectoryEntry>) => {
    const count = { written: 0, removed: 0, refused: 0 }
    for (const entry of latestOf(entries)) {
      const key = keyOf(entry)
      const stored = held.get(key)
      const now = kept(entry, scope)
      if (!isDirectoryId(entry.id)) count.refused++
      else if (now === undefined) {
        if (stored === undefined || stored.at > entry.at) continue
        held.delete(key)
        count.removed++
      } else if (supersedes(now, stored)) {
        held.set(key, now)
        count.written++
      }
    }
    return count
  }

  const all = (kind: DirectoryKind, filter: DirectoryFilter) =>
    listOf(
      [...held.values()].filter(({ gone }) => gone === undefined),
      kind,
      filter
    )

  const layer = Layer.succeed(Directory, {
    put: (entries) => Effect.sync(() => put(entries)),
    names: (kind, ids) =>
      Effect.sync(
        () =>
          new Map(
            ids.flatMap((id) => {
              const entry = held.get(keyOf({ kind, id }))
              return entry === undefined ? [] : [[id, entry] as const]
            })
          )
      ),
    list: (kind, filter = {}, { cursor = "0", limit = PAGE_ENTRIES } = {}) =>
      Effect.sync(() => {
        const [found, from] = [all(kind, filter), Number(cursor)]
        const next = from + limit
        const entries = found.slice(from, next).map(({ at: _, ...entry }) => entry)
        return { entries, ...(next < found.length ? { cursor: String(next) } : {}) }
      }),
    swept: (kind, began) =>
      Effect.sync(() => {
        const missing = [...held].filter(([, entry]) => entry.kind === kind && isMissing(entry, began))
        for (const [key, entry] of missing) held.set(key, { ...entry, gone: began })
        if ((sweeps.get(kind)?.began ?? 0) < began) sweeps.set(kind, { ...scope, began })
        return missing.length
      }),
    left: (kind, ids, at) =>
      Effect.sync(() => {
        let marked = 0
        for (const id of ids) {
          const key = keyOf({ kind, id })
          const entry = held.get(key)
          if (entry === undefined || entry.gone !== undefined || entry.at >= at) continue
          held.set(key, { ...entry, gone: at })
          marked++
        }
        return marked
      }),
    lastSwept: (kind) => Effect.sync(() => sweeps.get(kind)),
    remove: (kind, id) => Effect.sync(() => void held.delete(keyOf({ kind, id })))
  })
  return { layer, held: (): ReadonlyArray<StoredEntry> => [...held.values()] }
}
