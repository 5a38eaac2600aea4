import { Effect, Layer } from "effect"
import { Quarantine, type Quarantined, quarantineKey } from "../quarantine.ts"

/** A quarantine in memory. `kept` looks inside: the entries by key. */
export const memoryQuarantine = () => {
  const kept = new Map<string, Quarantined>()
  const layer = Layer.succeed(Quarantine, {
    put: (entries) =>
      Effect.sync(() => {
        for (const entry of entries) kept.set(quarantineKey(entry), { ...entry, raw: entry.raw.slice() })
      })
  })
  return { layer, kept: (): ReadonlyMap<string, Quarantined> => kept }
}
