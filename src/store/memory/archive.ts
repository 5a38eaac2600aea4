import { Effect, Layer } from "effect"
import { Archive } from "../archive.ts"
import { archiveOn } from "../archive-objects.ts"

/** An archive in memory. `kept` looks inside: the objects by key. */
export const memoryArchive = () => {
  const kept = new Map<string, Uint8Array>()
  const layer = Layer.succeed(
    Archive,
    archiveOn({
      put: (key, body) => Effect.sync(() => void kept.set(key, body.slice())),
      get: (key) => Effect.sync(() => kept.get(key)?.slice() ?? null),
      keys: (prefix) => Effect.sync(() => [...kept.keys()].filter((key) => key.startsWith(prefix)).sort())
    })
  )
  return { layer, kept: (): ReadonlyMap<string, Uint8Array> => kept }
}
