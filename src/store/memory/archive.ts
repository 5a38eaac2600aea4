import { Effect, Layer } from "effect"
import { Archive } from "../archive.ts"
import { archiveOn } from "../archive-objects.ts"
import { copyOf } from "./copy.ts"

/** An archive in memory. `kept` looks inside: the objects by key. */
export const memoryArchive = () => {
  const kept = new Map<string, Uint8Array>()
  const layer = Layer.succeed(
    Archive,
    archiveOn({
      put: (key, body) => Effect.sync(() => void kept.set(key, copyOf(body))),
      get: (key) =>
        Effect.sync(() => {
          const held = kept.get(key)
          return held === undefined ? null : copyOf(held)
        }),
      forget: () => Effect.void,
      keys: (prefix) => Effect.sync(() => [...kept.keys()].filter((key) => key.startsWith(prefix)).sort())
    })
  )
  return { layer, kept: (): ReadonlyMap<string, Uint8Array> => kept }
}
