/** What the directory knows by id. */
export const DIRECTORY_KINDS = ["agents", "queues", "wrapupCodes", "presences", "divisions", "teams"] as const
/** What an id of the directory is the id of. */
export type DirectoryKind = (typeof DIRECTORY_KINDS)[number]

/** What the directory may keep: ids without names, names, or names and e-mail addresses. */
export const DIRECTORY_HOLDS = ["ids", "names", "emails"] as const
export type DirectoryHolds = (typeof DIRECTORY_HOLDS)[number]

/**
 * What the organisation calls an agent, a queue, a wrap-up code, a presence (the label in the organisation's language), a division or a
 * team. `at` is the time of the request that said so, in epoch ms.
 */
export interface DirectoryEntry {
  readonly kind: DirectoryKind
  readonly id: string
  readonly at: number
  readonly name?: string
  /** Of an agent. */
  readonly email?: string
  /** The id of the division that it belongs to. */
  readonly division?: string
  /** The id of the team that an agent is in. */
  readonly team?: string
}

/** An entry as lists return it. */
export type ListedEntry = Omit<DirectoryEntry, "at">

/** Which entries of a kind to list: those of a division, of a team, and whose names begin with a text, however it is written. */
export interface DirectoryFilter {
  readonly division?: string
  readonly team?: string
  readonly name?: string
}

/** Entries of a page, unless others are asked for, and at most. */
export const PAGE_ENTRIES = 100
export const MOST_PAGE_ENTRIES = 500

/** What is kept of what the organisation says. No divisions: all. */
export interface DirectoryScope {
  readonly holds: DirectoryHolds
  readonly divisions: ReadonlyArray<string>
}

/**
 * The indexes of the directory's table: which attribute each has as partition key, and what it holds besides keys. All have `LISTED` as
 * sort key. Only the one of all knows when an entry was seen, so that seeing one again costs the others nothing.
 */
export const DIRECTORY_INDEXES = {
  byName: { key: "kind", holds: ["name", "email", "division", "team", "seen"] },
  byDivision: { key: "division", holds: ["name", "email", "team"] },
  byTeam: { key: "team", holds: ["name", "email", "division"] }
} as const
export type DirectoryIndex = keyof typeof DIRECTORY_INDEXES

/** The sort key of all indexes: the kind, `#`, and the name as it is compared. What has none is in no index, and so in no list. */
export const LISTED = "listed"

/** An entry that says what is stored already is written again only when what is stored is this much older, in ms. */
export const REFRESH_MS = 86_400_000

/** How long the name of somebody is kept who is not in the organisation any more, in ms. */
export const GONE_MS = 30 * 86_400_000

/** Code points of a name that are compared. A sort key has 1,024 bytes. */
const COMPARED = 200

/** Bytes of an id: those of a sort key. */
const LONGEST_ID = 1_024

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length

/** Whether a text can be a key of the directory's table. */
export const isDirectoryId = (id: string): boolean => id !== "" && id.isWellFormed() && utf8Bytes(id) <= LONGEST_ID

/**
 * A name as it is compared and sorted: without case, accents, and differences in white space, so that "mull" finds "Müller". What begins
 * with a text is, so written, what begins with that text so written.
 */
export const comparable = (name: string): string => {
  const folded = name
    .toWellFormed()
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toUpperCase()
    .toLowerCase()
    // A sigma at the end of a text would not be the one in a longer text.
    .replace(/ς/gu, "σ")
    .replace(/[\p{C}\p{Z}\s]+/gu, " ")
    .trim()
  return [...folded].slice(0, COMPARED).join("")
}

/** The sort key of the indexes for what begins with a name; without one, for all of a kind. */
export const listedPrefix = (kind: DirectoryKind, name = ""): string => `${kind}#${comparable(name)}`

/** The sort key of an entry. One without a name is listed by its id. */
export const listedAs = ({ kind, id, name = "" }: DirectoryEntry): string => {
  const key = listedPrefix(kind, name)
  return key === listedPrefix(kind) ? listedPrefix(kind, id) : key
}

const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** Those of one kind that a filter lets through, in the order of lists. */
export const listOf = <E extends DirectoryEntry>(
  entries: ReadonlyArray<E>,
  kind: DirectoryKind,
  { division, team, name }: DirectoryFilter
): ReadonlyArray<E> =>
  entries
    .filter(
      (entry) =>
        entry.kind === kind &&
        (division === undefined || entry.division === division) &&
        (team === undefined || entry.team === team) &&
        listedAs(entry).startsWith(listedPrefix(kind, name))
    )
    .sort((a, b) => order(listedAs(a), listedAs(b)) || order(a.id, b.id))

const isScoped = (kind: DirectoryKind): boolean => kind === "agents" || kind === "queues" || kind === "divisions"

/** Whether an empty list may be empty because its entries are of divisions that are left out. */
export const leavesOut = ({ divisions }: DirectoryScope, kind: DirectoryKind, filter: DirectoryFilter): boolean => {
  const { division, team, name } = filter
  if (divisions.length === 0) return false
  if (division !== undefined) return !divisions.includes(division)
  return isScoped(kind) && team === undefined && name === undefined
}

/** What a scope keeps of an entry; undefined where it is of a division that is left out. */
export const kept = (entry: DirectoryEntry, { holds, divisions }: DirectoryScope): DirectoryEntry | undefined => {
  const { kind, id, at, name, email, division, team } = entry
  const of = kind === "divisions" ? id : division
  if (divisions.length > 0 && isScoped(kind) && (of === undefined || !divisions.includes(of))) return undefined
  return {
    kind,
    id,
    at,
    // What is no person's has a name in any case.
    ...(name && (holds !== "ids" || kind !== "agents") ? { name: name.toWellFormed() } : {}),
    ...(email && holds === "emails" && kind === "agents" ? { email: email.toWellFormed() } : {}),
    ...(division && isDirectoryId(division) ? { division } : {}),
    ...(team && isDirectoryId(team) ? { team } : {})
  }
}

/** An entry as it is stored. `gone`: since when, in epoch ms, the organisation does not know it any more. */
export interface StoredEntry extends DirectoryEntry {
  readonly gone?: number
}

const SAID = ["name", "email", "division", "team"] as const

/** Whether an entry is to be written over what is stored: it is later, and says something else or is a day younger. */
export const supersedes = (entry: DirectoryEntry, stored: StoredEntry | undefined): boolean =>
  stored === undefined ||
  (entry.at > stored.at &&
    (stored.gone !== undefined ||
      entry.at - stored.at >= REFRESH_MS ||
      SAID.some((field) => entry[field] !== stored[field])))

/**
 * An entry with the team that is stored, where it says none: the API may leave out what it was asked to expand, and then says nothing of a
 * team. Who has left a team is so in its list for a day at most, until the entry is written again.
 */
export const withTeam = (entry: DirectoryEntry, stored: StoredEntry | undefined): DirectoryEntry =>
  entry.team === undefined && stored?.team !== undefined && entry.at - stored.at < REFRESH_MS
    ? { ...entry, team: stored.team }
    : entry

/** Whether a complete sweep that began at a time has shown that an entry is gone. */
export const isMissing = (stored: StoredEntry, began: number): boolean =>
  stored.gone === undefined && stored.at < began - REFRESH_MS

/** One entry for each kind and id: the latest. */
export const latestOf = (entries: ReadonlyArray<DirectoryEntry>): ReadonlyArray<DirectoryEntry> => {
  const latest = new Map<string, DirectoryEntry>()
  for (const entry of entries) {
    const key = `${entry.kind}#${entry.id}`
    const other = latest.get(key)
    if (other === undefined || entry.at > other.at) latest.set(key, entry)
  }
  return [...latest.values()]
}
