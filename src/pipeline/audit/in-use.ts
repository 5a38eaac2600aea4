import { Effect } from "effect"
import { generation, type Projection } from "../../domain/projection.ts"
import { firstGenerations } from "../../domain/readers.ts"
import { linksOf } from "../../domain/stages.ts"
import type { Event } from "../../genesys/event.ts"
import { Projections } from "../folding.ts"
import { readersOf, retiredGenerations } from "../generations.ts"
import type { Links } from "../sources.ts"
import type { Discrepancy } from "./discrepancy.ts"

/** The projections that readers use, and what their rows follow from, which need not be in use itself. */
export interface InUse {
  readonly inUse: ReadonlyArray<Projection<Event>>
  readonly links: Links
}

/**
 * The projections of which readers use the rows, one for each name, what their rows follow from, and the pointers that name none of those
 * that are fed. Of such a name the rows of the first generation are looked at.
 */
export const generationsInUse = Effect.gen(function* () {
  const listed = yield* Projections
  const retired = yield* retiredGenerations
  const first = firstGenerations(listed)
  const pointers = yield* Effect.forEach([...first.keys()], (name) =>
    Effect.map(readersOf(name), (current) => [name, current] as const)
  )
  const wrong: Array<Discrepancy> = []
  const used = pointers.map(([name, current]) => {
    const isListed = listed.some((one) => one.name === name && generation(one) === current)
    if (isListed && !retired.has(current)) return current
    wrong.push({ kind: "pointer", generation: name, names: [String(current)] })
    return isListed ? current : first.get(name)
  })
  const inUse = listed.filter((one) => used.includes(generation(one)))
  const links = linksOf(listed.filter((one) => !retired.has(generation(one))))
  const generations: InUse = { inUse, links: links.filter(({ target }) => inUse.includes(target)) }
  return { ...generations, wrong: wrong as ReadonlyArray<Discrepancy> }
})
