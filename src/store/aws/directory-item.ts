import {
  DIRECTORY_INDEXES,
  type DirectoryEntry,
  type DirectoryFilter,
  type DirectoryHolds,
  type DirectoryIndex,
  type DirectoryKind,
  LISTED,
  type ListedEntry,
  listedAs,
  type StoredEntry
} from "../../domain/directory.ts"
import { iso } from "../../domain/stamp.ts"
import type { Swept } from "../directory.ts"
import type { Item } from "./attribute.ts"

/** The `kind` of the items that say when a kind was swept last; `id` is that kind. */
const SWEEPS = "sweeps"

export const directoryKey = (kind: DirectoryKind, id: string): Item => ({ kind: { S: kind }, id: { S: id } })

/**
 * An entry as its item: `kind` and `id`, what is known of `name`, `email`, `division`, `team`; `seen`, the time of the request, as ISO-8601;
 * and `listed`, the sort key of the indexes.
 */
export const toDirectoryItem = (entry: DirectoryEntry): Item => {
  const { kind, id, at, ...said } = entry
  return {
    ...directoryKey(kind, id),
    ...Object.fromEntries(Object.entries(said).map(([field, text]) => [field, { S: text }])),
    seen: { S: iso(at) },
    [LISTED]: { S: listedAs(entry) }
  }
}

const text = (field: "name" | "email" | "division" | "team", { S } = { S: undefined } as { S?: string | undefined }) =>
  S === undefined ? {} : { [field]: S }

/** What every index holds of an entry. */
export const fromListedItem = ({ kind, id, name, email, division, team }: Item): ListedEntry => ({
  kind: kind?.S as DirectoryKind,
  id: id?.S ?? "",
  ...text("name", name),
  ...text("email", email),
  ...text("division", division),
  ...text("team", team)
})

/** The inverse of `toDirectoryItem`. */
export const fromDirectoryItem = (item: Item): StoredEntry => ({
  ...fromListedItem(item),
  at: Date.parse(item.seen?.S ?? ""),
  ...(item.gone?.S === undefined ? {} : { gone: Date.parse(item.gone.S) })
})

export const sweptKey = (kind: DirectoryKind): Item => ({ kind: { S: SWEEPS }, id: { S: kind } })

export const toSweptItem = (kind: DirectoryKind, { began, holds, divisions }: Swept): Item => ({
  ...sweptKey(kind),
  seen: { S: iso(began) },
  holds: { S: holds },
  divisions: { L: divisions.map((id) => ({ S: id })) }
})

export const fromSweptItem = ({ seen, holds, divisions }: Item): Swept => ({
  began: Date.parse(seen?.S ?? ""),
  holds: holds?.S as DirectoryHolds,
  divisions: divisions?.L?.map(({ S = "" }) => S) ?? []
})

/** The index that reads the least for a filter, and the value of its partition key. */
export const indexOf = (kind: DirectoryKind, { division, team }: DirectoryFilter) => {
  const [index, value]: [DirectoryIndex, string] =
    team !== undefined ? ["byTeam", team] : division !== undefined ? ["byDivision", division] : ["byName", kind]
  return { index, key: DIRECTORY_INDEXES[index].key, value }
}

/** Where a page ended, as one text. */
export const toCursor = ({ id, [LISTED]: listed }: Item): string =>
  Buffer.from(JSON.stringify([id?.S, listed?.S])).toString("base64url")

/** The inverse: the key to begin after; undefined for a text that is no cursor. */
export const fromCursor = (cursor: string, kind: DirectoryKind, filter: DirectoryFilter): Item | undefined => {
  try {
    const [id, listed, ...more]: ReadonlyArray<unknown> = JSON.parse(Buffer.from(cursor, "base64url").toString())
    if (typeof id !== "string" || typeof listed !== "string" || more.length > 0) return undefined
    const { key, value } = indexOf(kind, filter)
    return { ...directoryKey(kind, id), [LISTED]: { S: listed }, [key]: { S: value } }
  } catch {
    return undefined
  }
}
