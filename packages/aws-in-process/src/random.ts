import type { RandomSource } from "./core/types.ts"

/** A seeded random generator. The same seed and labels give the same numbers on every machine. */
export interface SeededRandom extends RandomSource {
  /** True with probability `p` (0 to 1). Always draws one number. */
  readonly chance: (p: number) => boolean
  /** A whole number from 0 to `n - 1`. */
  readonly int: (n: number) => number
  readonly pick: <A>(list: readonly [A, ...Array<A>]) => A
  /** A new list in random order. */
  readonly shuffle: <A>(list: ReadonlyArray<A>) => Array<A>
  /** A generator of its own for one place: its draws shift nobody else's, and draws made here so far do not matter. */
  readonly fork: (label: string) => SeededRandom
}

/** FNV-1a over UTF-16 units, 32 bits. */
const hash = (text: string): number => {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}

/** The sfc32 generator: 128 bits of state, the last word a counter, so that no seed has a short period. */
const sfc32 = (a: number, b: number, c: number): (() => number) => {
  let counter = 1
  const next = () => {
    const t = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    return (t >>> 0) / 0x1_0000_0000
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

export const seededRandom = (seed: number | string): SeededRandom => {
  const name = String(seed)
  const next = sfc32(hash(`a${name}`), hash(`b${name}`), hash(`c${name}`))
  const int = (n: number) => Math.floor(next() * n)
  return {
    next,
    int,
    chance: (p) => next() < p,
    pick: (list) => list[int(list.length)]!,
    shuffle: (list) => {
      const copy = [...list]
      for (let i = copy.length - 1; i > 0; i--) {
        const j = int(i + 1)
        ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
      }
      return copy
    },
    fork: (label) => seededRandom(`${name}/${label}`)
  }
}
