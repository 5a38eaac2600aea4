/** Numbers that look like chance and are the same for the same seed (mulberry32). */
export interface Random {
  /** From 0 up to and without 1. */
  readonly next: () => number
  /** A whole number from 0 up to and without `n`. */
  readonly below: (n: number) => number
  readonly pick: <A>(values: ReadonlyArray<A>) => A
  readonly shuffle: <A>(values: ReadonlyArray<A>) => ReadonlyArray<A>
}

export const randomOf = (seed: number): Random => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (n: number) => Math.floor(next() * n)
  return {
    next,
    below,
    pick: <A>(values: ReadonlyArray<A>) => values[below(values.length)] as A,
    shuffle: <A>(values: ReadonlyArray<A>) => {
      const shuffled = [...values]
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = below(i + 1)
        const held = shuffled[i] as A
        shuffled[i] = shuffled[j] as A
        shuffled[j] = held
      }
      return shuffled
    }
  }
}
