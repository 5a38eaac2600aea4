import type { ObjectStorage } from "./objects.ts"
import { NO_VERSION, type S3Object, type S3Version } from "./shapes.ts"

/** A bucket that keeps versions, or none: then what is put replaces what was there, and what is deleted is gone. */
export interface VersionedObjects {
  readonly current: Omit<ObjectStorage, "put" | "remove">
  readonly put: (object: S3Object, body: Uint8Array) => S3Object
  /** Without a version as S3 does it: a delete marker hides what is kept. With one that version goes, and the one before it is there again. */
  readonly remove: (key: string, version: string | undefined, now: number) => void
  /** Versions by key, the newest first. */
  readonly all: (prefix: string) => ReadonlyArray<S3Version>
  /** One version of an object, a delete marker included. */
  readonly find: (key: string, version: string) => { readonly object: S3Object; readonly body: Uint8Array } | undefined
}

/** No key holds it, so that a key and a version are one key. */
const BETWEEN = "\0"
const DIGITS = 12

const versionOf = ({ version = NO_VERSION }: S3Object): string => version

/** Objects with their versions. `past`: where those are that are not current; absent in a bucket that keeps none. */
export const versionedObjects = (current: ObjectStorage, past?: ObjectStorage): VersionedObjects => {
  const pastKey = (key: string, version: string) => `${key}${BETWEEN}${version}`
  const keyOf = (kept: string) => kept.slice(0, kept.indexOf(BETWEEN))
  const numbers = [...(past?.keys() ?? []), ...current.keys().map((key) => `${BETWEEN}${current.head(key)?.version}`)]
    .map((kept) => Number(kept.slice(kept.indexOf(BETWEEN) + 1)))
    .filter((number) => Number.isInteger(number))
  let last = Math.max(0, ...numbers)

  /** What is not current of a key, the newest first: versions are counted, and one from before the first has no number. */
  const pastOf = (key: string): ReadonlyArray<S3Object> =>
    (past?.keys() ?? [])
      .filter((kept) => keyOf(kept) === key)
      .map((kept) => ({ ...past!.head(kept)!, key }))
      .sort((a, b) => (a.version ?? "").localeCompare(b.version ?? ""))
      .reverse()

  const setAside = (object: S3Object, body: Uint8Array) =>
    past?.put({ ...object, key: pastKey(object.key, versionOf(object)) }, body)

  const numbered = (object: S3Object): S3Object =>
    past === undefined ? object : { ...object, version: String(++last).padStart(DIGITS, "0") }

  const setAsideCurrent = (key: string) => {
    const held = current.head(key)
    if (held !== undefined) setAside(held, current.body(key))
  }

  const find: VersionedObjects["find"] = (key, version) => {
    const held = current.head(key)
    if (held !== undefined && versionOf(held) === version) return { object: held, body: current.body(key) }
    const object = past?.head(pastKey(key, version))
    return object === undefined ? undefined : { object: { ...object, key }, body: past!.body(pastKey(key, version)) }
  }

  /** Brings back the newest of what is kept, unless that says that the object is deleted. */
  const bringBack = (key: string) => {
    const [newest] = pastOf(key)
    if (newest === undefined || newest.marker === true) return
    const place = pastKey(key, versionOf(newest))
    current.put(newest, past!.body(place))
    past!.remove(place)
  }

  const remove: VersionedObjects["remove"] = (key, version, now) => {
    const held = current.head(key)
    if (past === undefined) {
      if (version === undefined || version === NO_VERSION) current.remove(key)
      return
    }
    if (version === undefined) {
      setAsideCurrent(key)
      current.remove(key)
      const marker = { key, size: 0, etag: "", crc32: "", modified: now, metadata: {}, marker: true } as const
      return setAside(numbered(marker), new Uint8Array())
    }
    if (held !== undefined && versionOf(held) === version) current.remove(key)
    else past.remove(pastKey(key, version))
    if (current.head(key) === undefined) bringBack(key)
  }

  return {
    current,
    put: (object, body) => {
      const kept = numbered(object)
      if (past !== undefined) setAsideCurrent(object.key)
      current.put(kept, body)
      return kept
    },
    remove,
    find,
    all: (prefix) => {
      const keys = new Set([...current.keys(), ...(past?.keys() ?? []).map(keyOf)])
      return [...keys]
        .filter((key) => key.startsWith(prefix))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .flatMap((key) => {
          const held = current.head(key)
          return [...(held === undefined ? [] : [held]), ...pastOf(key)].map((object, i) => ({
            object,
            latest: i === 0
          }))
        })
    }
  }
}
