/** The middle one of some numbers, the upper of two. Throws where there are none. */
export const median = (values: ReadonlyArray<number>): number => {
  const middle = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
  if (middle === undefined) throw new Error("a median of nothing")
  return middle
}

/** What each round said of one against the other, and not one median against another: a slow round is slow for both. */
export const ratios = (of: ReadonlyArray<number>, against: ReadonlyArray<number>): ReadonlyArray<number> =>
  of.map((value, round) => value / (against[round] as number))
