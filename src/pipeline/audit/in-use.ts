import { Effect } from "effect"
import { generation } from "../../domain/projection.ts"
import { firstGenerations } from "../../domain/readers.ts"
import { Projections } from "../folding.ts"
import { readersOf, retiredGenerations } from "../generations.ts"
import type { Discrepancy } from "./discrepancy.ts"

/**
 * The projections of which readers use the rows, one for each name, and the pointers that name none of those that are fed. Of such a name
 * the rows of the first generation are looked at.
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
  return { inUse: listed.filter((one) => used.includes(generation(one))), wrong: wrong as ReadonlyArray<Discrepancy> }
})
