import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { type Difference, LawBroken } from "./broken.ts"
import { type WithSources, withSources } from "./fold.ts"
import type { Law } from "./law.ts"

/** Takes parts out of a history for as long as the law stays broken, halves first and single events last. */
const shrink = async (
  law: Law,
  projections: WithSources,
  broken: ReadonlyArray<Event>,
  difference: Difference
): Promise<readonly [ReadonlyArray<Event>, Difference]> => {
  let shortest: readonly [ReadonlyArray<Event>, Difference] = [broken, difference]
  for (let size = Math.floor(broken.length / 2); size >= 1; ) {
    let shorter = false
    for (let at = 0; at < shortest[0].length && shortest[0].length > 1; ) {
      const candidate = shortest[0].toSpliced(at, size)
      const found = candidate.length === 0 ? undefined : await law.difference(projections, candidate)
      if (found === undefined) at += size
      else {
        shortest = [candidate, found]
        shorter = true
      }
    }
    if (!shorter || size > 1) size = size === 1 ? 0 : Math.floor(size / 2)
  }
  return shortest
}

/** Checks a projection against a law with one history. Throws `LawBroken` with the shortest history that breaks it. */
export const checkLaw = async (
  law: Law,
  of: Projection<Event> | WithSources,
  history: ReadonlyArray<Event>
): Promise<void> => {
  const projections = withSources(of)
  const difference = await law.difference(projections, history)
  if (difference === undefined) return
  const [shortest, shown] = await shrink(law, projections, history, difference)
  throw new LawBroken(projections[0].name, law.name, law.says, shortest, shown)
}
