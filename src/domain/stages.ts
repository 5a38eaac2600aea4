import { type FoldableEvent, generation, type Projection } from "./projection.ts"

type Derives = Pick<Projection<FoldableEvent>, "name" | "derived">

/** What of a list derives from a name that nothing in the list has: each as the projection and the name, once. */
export const missingSources = <P extends Derives>(
  projections: ReadonlyArray<P>
): ReadonlyArray<readonly [P, string]> => {
  const names = new Set(projections.map(({ name }) => name))
  return projections.flatMap((one) =>
    [...new Set((one.derived ?? []).map(({ from }) => from))]
      .filter((from) => !names.has(from))
      .map((from) => [one, from] as const)
  )
}

/** The projections in the order in which they are folded: what others derive from comes first. */
export const stagesOf = <P extends Derives>(projections: ReadonlyArray<P>): ReadonlyArray<ReadonlyArray<P>> => {
  const depth = (name: string, seen: ReadonlySet<string>): number => {
    const sources = projections
      .filter((projection) => projection.name === name)
      .flatMap(({ derived = [] }) => derived.map(({ from }) => from))
      .filter((from) => !seen.has(from))
    return Math.max(0, ...sources.map((from) => 1 + depth(from, new Set([...seen, from]))))
  }
  const stages = new Map<number, Array<P>>()
  for (const projection of projections) {
    const at = depth(projection.name, new Set([projection.name]))
    stages.set(at, [...(stages.get(at) ?? []), projection])
  }
  return [...stages].sort(([a], [b]) => a - b).map(([, stage]) => stage)
}

/** The generations from whose rows registers of others follow, or of other rows of their own. */
export const derivedSources = (
  projections: ReadonlyArray<Derives & Pick<Projection<FoldableEvent>, "version">>
): ReadonlyArray<string> => {
  const names = new Set(projections.flatMap(({ derived = [] }) => derived.map(({ from }) => from)))
  return projections.filter(({ name }) => names.has(name)).map(generation)
}

/** The projections by which those of a name are folded too: what they derive from, and what that derives from. */
export const sourcesOf = <P extends Derives>(projection: P, all: ReadonlyArray<P>): ReadonlyArray<P> => {
  const names = new Set<string>()
  const visit = ({ derived = [] }: Derives): void => {
    for (const { from } of derived) {
      if (from === projection.name || names.has(from)) continue
      names.add(from)
      for (const source of all) if (source.name === from) visit(source)
    }
  }
  visit(projection)
  return all.filter(({ name }) => names.has(name))
}
