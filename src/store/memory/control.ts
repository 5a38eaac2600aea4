import { Effect, Layer } from "effect"
import { Control, type Controlled } from "../control.ts"

/** A control table in memory. `held` looks inside. */
export const memoryControl = () => {
  const held = new Map<string, Controlled>()
  const at = (key: string): Controlled => held.get(key) ?? { value: undefined, version: 0 }
  const layer = Layer.succeed(Control, {
    read: (key) => Effect.sync(() => at(key)),
    write: (key, value, version) =>
      Effect.sync(() => {
        if (at(key).version !== version) return "conflict"
        held.set(key, { value: structuredClone(value), version: version + 1 })
        return "written"
      })
  })
  return { layer, held: (): ReadonlyMap<string, Controlled> => held }
}
