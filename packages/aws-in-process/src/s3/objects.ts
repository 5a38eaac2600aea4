import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { S3Object } from "./shapes.ts"

/** Where one bucket keeps its objects. `keys` are in the order of their UTF-8 bytes, as S3 lists them. */
export interface ObjectStorage {
  readonly head: (key: string) => S3Object | undefined
  readonly body: (key: string) => Uint8Array
  readonly put: (object: S3Object, body: Uint8Array) => void
  readonly remove: (key: string) => void
  readonly keys: () => ReadonlyArray<string>
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

const makeIndex = (objects: Map<string, S3Object>) => {
  let sorted: ReadonlyArray<string> | undefined
  return {
    head: (key: string) => objects.get(key),
    add: (object: S3Object) => {
      if (!objects.has(object.key)) sorted = undefined
      objects.set(object.key, object)
    },
    remove: (key: string) => {
      if (objects.delete(key)) sorted = undefined
    },
    keys: () => {
      sorted ??= [...objects.keys()].sort(byBytes)
      return sorted
    }
  }
}

export const memoryObjects = (): ObjectStorage => {
  const index = makeIndex(new Map())
  const bodies = new Map<string, Uint8Array>()
  return {
    head: index.head,
    keys: index.keys,
    body: (key) => bodies.get(key)!,
    put: (object, body) => {
      bodies.set(object.key, body)
      index.add(object)
    },
    remove: (key) => {
      index.remove(key)
      bodies.delete(key)
    }
  }
}

const NEWLINE = 10

/**
 * One file per object: a line of JSON that describes it, then the bytes. The file is named by a digest, because a key may hold
 * anything, be longer than a file name, or differ from another in case alone.
 */
export const folderObjects = (folder: string): ObjectStorage => {
  mkdirSync(folder, { recursive: true })
  const file = (key: string) => join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 40)}.object`)
  const read = (path: string) => {
    const bytes = readFileSync(path)
    const end = bytes.indexOf(NEWLINE)
    return { object: JSON.parse(bytes.toString("utf8", 0, end)) as S3Object, body: bytes.subarray(end + 1) }
  }
  const stored = readdirSync(folder).filter((name) => name.endsWith(".object"))
  const index = makeIndex(
    new Map(stored.map((name) => read(join(folder, name)).object).map((object) => [object.key, object]))
  )
  return {
    head: index.head,
    keys: index.keys,
    body: (key) => read(file(key)).body,
    put: (object, body) => {
      const path = file(object.key)
      writeFileSync(`${path}.tmp`, Buffer.concat([Buffer.from(`${JSON.stringify(object)}\n`), body]))
      renameSync(`${path}.tmp`, path)
      index.add(object)
    },
    remove: (key) => {
      index.remove(key)
      rmSync(file(key), { force: true })
    }
  }
}
