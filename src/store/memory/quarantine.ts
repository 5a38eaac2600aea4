import { Effect, Layer } from "effect"
import { Quarantine, type Quarantined, quarantineKey } from "../quarantine.ts"
import { copyOf } from "./copy.ts"

/** A quarantine in memory. `kept` looks inside: the entries by key. */
export const memoryQuarantine = () => {
  const kept = new Map<string, Quarantined>()
  const layer = Layer.succeed(Quarantine, {
    put: (entries) =>
      Effect.sync(() => {
        for (const entry of entries) kept.set(quarantineKey(entry), { ...entry, raw: copyOf(entry.raw) })
      })
  })
  return { layer, kept: (): ReadonlyMap<string, Quarantined> => kept }
}
