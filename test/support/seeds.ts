/**
 * The seeds that a property runs with, by which a failing run is named and repeated: `SEED=41 npx vitest run <file>` runs that one alone,
 * `SEEDS=500` runs more of them.
 */
export const seeds = (count: number, first = 1): ReadonlyArray<number> => {
  const { SEED: one, SEEDS: more } = process.env
  if (one !== undefined) return [Number(one)]
  return Array.from({ length: more === undefined ? count : Number(more) }, (_, i) => first + i)
}

/** Runs of the whole stack take a second or two each; this is for a machine that has other things to do. */
export const UNHURRIED = { timeout: 60_000 } as const
