import { createHash } from "node:crypto"
import { Effect, Layer } from "effect"
import { Archive } from "../archive.ts"
import { archiveOn } from "../archive-objects.ts"
import { copyOf } from "./copy.ts"

const tagOf = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")

/** An archive in memory, which keeps versions. `kept` looks inside: the objects by key; `put` puts one past the archive. */
export const memoryArchive = () => {
  const kept = new Map<string, Uint8Array>()
  const former = new Map<string, Map<string, Uint8Array>>()
  let writes = 0
  const put = (key: string, body: Uint8Array) => {
    const held = kept.get(key)
    if (held !== undefined) former.set(key, new Map(former.get(key)).set(String(++writes), held))
    kept.set(key, copyOf(body))
  }
  const layer = Layer.succeed(
    Archive,
    archiveOn({
      put: (key, body, _, over) =>
        Effect.sync(() => {
          const held = kept.get(key)
          if ((held === undefined ? null : tagOf(held)) !== over) return false
          put(key, body)
          return true
        }),
      get: (key, version) =>
        Effect.sync(() => {
          const held = version === undefined ? kept.get(key) : former.get(key)?.get(version)
          return held === undefined ? null : { bytes: copyOf(held), tag: tagOf(held) }
        }),
      former: (prefix) =>
        Effect.sync(() =>
          [...former].flatMap(([key, versions]) =>
            key.startsWith(prefix) ? [...versions.keys()].reverse().map((version) => ({ key, version })) : []
          )
        ),
      drop: ({ key, version }) => Effect.sync(() => void former.get(key)?.delete(version)),
      keys: (prefix) => Effect.sync(() => [...kept.keys()].filter((key) => key.startsWith(prefix)).sort())
    })
  )
  return { layer, put, kept: (): ReadonlyMap<string, Uint8Array> => kept }
}
