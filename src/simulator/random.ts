/** A seeded source of chance. Equal names give equal sequences on every machine. */
export interface Random {
  /** A number in [0, 1). */
  readonly next: () => number
  /** An unsigned 32-bit integer. */
  readonly bits: () => number
  readonly chance: (probability: number) => boolean
  readonly between: (low: number, high: number) => number
  /** An integer from `low` to `high`, both included. */
  readonly whole: (low: number, high: number) => number
  readonly pick: <A>(items: ReadonlyArray<A>) => A
  readonly weighted: <A>(items: ReadonlyArray<readonly [weight: number, item: A]>) => A
  /** Time to the next of things that happen every `mean` on average. */
  readonly wait: (mean: number) => number
  /** A duration whose logarithm is normal: most are near `median`, some are far longer. */
  readonly around: (median: number, spread?: number) => number
}

const hashOf = (text: string): (() => number) => {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
}

/** `name` is the seed together with the purpose, such as `7:wire`: one purpose never disturbs the sequence of another. */
export const makeRandom = (name: string): Random => {
  const seed = hashOf(name)
  let [a, b, c, counter] = [seed() | 0, seed() | 0, seed() | 0, 1]
  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) bits()

  const next = () => bits() / 0x1_0000_0000
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  const pick = <A>(items: ReadonlyArray<A>): A => items[whole(0, items.length - 1)] as A
  const wait = (mean: number) => -Math.log(1 - next()) * mean
  return {
    next,
    bits,
    chance: (probability) => next() < probability,
    between: (low, high) => low + next() * (high - low),
    whole,
    pick,
    weighted: (items) => {
      let left = next() * items.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, item] of items) {
        left -= weight
        if (left < 0) return item
      }
      return pick(items)[1]
    },
    wait,
    around: (median, spread = 0.5) => {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
      return median * Math.exp(spread * normal)
    }
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0")

/**
 * A maker of UUID-shaped ids, all different: the first eight digits are a bijection of a counter, so four billion pass before one
 * could recur. `version` is the version digit; ids that EventBridge assigns have been seen with 0, so do not read it.
 */
export const makeIds = (name: string): ((version?: "0" | "4") => string) => {
  const random = makeRandom(`${name}:ids`)
  const key = random.bits()
  let count = 0
  return (version = "4") => {
    let first = (count++ ^ key) >>> 0
    first = Math.imul(first ^ (first >>> 16), 0x7feb352d)
    first = Math.imul(first ^ (first >>> 15), 0x846ca68b)
    first = (first ^ (first >>> 16)) >>> 0
    const [middle, tail, last] = [random.bits(), random.bits(), random.bits()]
    const variant = hex(0x8000 | (tail & 0x3fff), 4)
    return `${hex(first, 8)}-${hex(middle >>> 16, 4)}-${version}${hex(middle & 0xfff, 3)}-${variant}-${hex(tail >>> 16, 4)}${hex(last, 8)}`
  }
}
