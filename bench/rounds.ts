/**
 * Microseconds of CPU that each work takes, by round, divided by `count`. Each round begins with another work; the first `warm` are not
 * counted. Throws where a work returns 0: then nothing was done.
 */
export const cpuByRound = <K extends string>(
  works: Readonly<Record<K, () => number>>,
  { count, rounds, warm }: { readonly count: number; readonly rounds: number; readonly warm: number }
): Readonly<Record<K, ReadonlyArray<number>>> => {
  const names = Object.keys(works) as Array<K>
  const spent = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, Array<number>>
  for (let round = -warm; round < rounds; round++)
    for (const i of names.keys()) {
      const name = names[(i + round + warm) % names.length] as K
      const before = process.cpuUsage()
      if (works[name]() === 0) throw new Error(`${name} did nothing`)
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) spent[name].push((user + system) / count)
    }
  return spent
}
