/** AWS changes the number of shards of a stream this often in 24 hours. */
export const STEPS_A_DAY = 10

/**
 * The numbers of shards on the way from `from` to `to`, the last of them `to`: AWS at most doubles a stream and at least halves it at once.
 * None where they are the same.
 */
export const shardSteps = (from: number, to: number): ReadonlyArray<number> => {
  const steps: Array<number> = []
  for (let at = from; at !== to; steps.push(at)) at = at < to ? Math.min(to, at * 2) : Math.max(to, Math.ceil(at / 2))
  return steps
}
