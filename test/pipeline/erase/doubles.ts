import { Effect, Layer } from "effect"
import type { Json } from "../../../src/domain/json.ts"
import { ErasureJournal } from "../../../src/store/erasure-journal.ts"
import { type KeptObject, KeptObjects, type ObjectBucket } from "../../../src/store/kept-objects.ts"

/** A journal of erasures in memory. `notes` looks inside; `removed` are the requests that were forgotten. */
export const memoryErasureJournal = () => {
  const held = new Map<string, Map<string, Json>>()
  const removed: Array<string> = []
  const layer = Layer.succeed(ErasureJournal, {
    read: (request) => Effect.sync(() => new Map(held.get(request))),
    write: (request, name, value) =>
      Effect.sync(() => {
        held.set(request, new Map(held.get(request)).set(name, value))
      }),
    remove: (request) =>
      Effect.sync(() => {
        held.delete(request)
        removed.push(request)
      })
  })
  return { layer, removed, notes: (request: string): ReadonlyMap<string, Json> => held.get(request) ?? new Map() }
}

/** Buckets in memory, whose pages have three keys. */
export const memoryKeptObjects = () => {
  const buckets: Record<ObjectBucket, Map<string, KeptObject>> = {
    quarantine: new Map(),
    failures: new Map(),
    exports: new Map()
  }
  const layer = Layer.succeed(KeptObjects, {
    keys: (bucket, prefix, after = "") =>
      Effect.sync(() => {
        const keys = [...buckets[bucket].keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
        return { keys: keys.slice(0, 3).map((key) => ({ key, size: 1 })), more: keys.length > 3 }
      }),
    read: (bucket, key) => Effect.sync(() => buckets[bucket].get(key)),
    rewrite: (bucket, key, object) =>
      Effect.sync(() => {
        buckets[bucket].set(key, object)
      }),
    remove: (bucket, key) =>
      Effect.sync(() => {
        buckets[bucket].delete(key)
      })
  })
  const put = (bucket: ObjectBucket, key: string, text: string) =>
    buckets[bucket].set(key, { body: Buffer.from(text), metadata: { note: key } })
  const textsIn = (bucket: ObjectBucket) =>
    Object.fromEntries([...buckets[bucket]].map(([key, { body }]) => [key, Buffer.from(body).toString()]))
  return { layer, put, textsIn, objects: buckets }
}
