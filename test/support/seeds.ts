const { SEED: one, SEEDS: more, LANE: lane } = process.env
const isFast = lane === "fast"

/** Whether a property runs with all of its seeds: not in the fast lane, and not when one is named. */
export const allSeeds = one === undefined && (more !== undefined || !isFast)

/**
 * The seeds that a property runs with: `count` of them from `first`, and in the fast lane the first alone. A failing run is named by its
 * seed and repeated by `SEED=41 npx vitest run <file>`, which runs that one alone; `SEEDS=500` runs more of them.
 */
export const seeds = (count: number, first = 1): ReadonlyArray<number> => {
  if (one !== undefined) return [Number(one)]
  const wanted = more !== undefined ? Number(more) : allSeeds ? count : 1
  return Array.from({ length: wanted }, (_, i) => first + i)
}

/** Of cases that ask the same of different things: all of them, and in the fast lane the first alone. */
export const cases = <A>(all: ReadonlyArray<A>): ReadonlyArray<A> => (isFast ? all.slice(0, 1) : all)

/** Runs of the whole stack take a second or two each, some tests make dozens; this is for a slow machine that has other things to do. */
export const UNHURRIED = { timeout: 300_000 } as const
