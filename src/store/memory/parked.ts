import { Effect, Layer } from "effect"
import { Parked, type ParkedLetter, parkedKey } from "../parked.ts"

/** Parked letters in memory. `kept` looks inside: the letters by key. */
export const memoryParked = () => {
  const kept = new Map<string, ParkedLetter>()
  const layer = Layer.succeed(Parked, {
    put: (letter) =>
      Effect.sync(() => {
        kept.set(parkedKey(letter), letter)
      })
  })
  return { layer, kept: (): ReadonlyMap<string, ParkedLetter> => kept }
}
