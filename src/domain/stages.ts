import type { Derivation } from "./derivation.ts"
import { type FoldableEvent, generation, type Projection } from "./projection.ts"

type Derives = Pick<Projection<FoldableEvent>, "name" | "version" | "derived">

/** That registers of a target follow by a derivation from the rows of a source. */
export interface Link<P> {
  readonly target: P
  readonly derivation: Derivation
  readonly source: P
}

/** What a target follows from by one of its derivations; undefined: nothing that is listed. */
const sourceIn = <P extends Derives>(target: P, { from, since = 1 }: Derivation, all: ReadonlyArray<P>) => {
  if (from === target.name) return target
  let lowest: P | undefined
  for (const one of all)
    if (one.name === from && one.version >= since && (lowest === undefined || one.version < lowest.version))
      lowest = one
  return lowest
}

/**
 * What follows from what, where all of these are fed. A target has one source by a derivation: of two, one would take back what the other
 * says, and a generation that is still to be rebuilt says too little.
 */
export const linksOf = <P extends Derives>(projections: ReadonlyArray<P>): ReadonlyArray<Link<P>> =>
  projections.flatMap((target) =>
    (target.derived ?? []).flatMap((derivation) => {
      const source = sourceIn(target, derivation, projections)
      return source === undefined ? [] : [{ target, derivation, source }]
    })
  )

/** What of a list derives from something that the list lacks: each as the projection and what is missing, once. */
export const missingSources = <P extends Derives>(projections: ReadonlyArray<P>): ReadonlyArray<readonly [P, string]> =>
  projections.flatMap((one) => {
    const missing = (one.derived ?? []).filter((derivation) => sourceIn(one, derivation, projections) === undefined)
    const names = missing.map(({ from, since }) =>
      since === undefined ? from : `${from} of version ${since} or later`
    )
    return [...new Set(names)].map((name) => [one, name] as const)
  })

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

/** The generations from whose rows registers of others can follow, whichever are fed, or of other rows of their own. */
export const derivedSources = (projections: ReadonlyArray<Derives>): ReadonlyArray<string> => {
  const names = new Set(projections.flatMap(({ derived = [] }) => derived.map(({ from }) => from)))
  return projections.filter(({ name }) => names.has(name)).map(generation)
}

/**
 * What follows from rows of `written`, and what follows from that, where all of `fed` are fed: links to targets that are not `written`
 * themselves.
 */
export const followersOf = <P extends Derives>(
  written: ReadonlyArray<P>,
  fed: ReadonlyArray<P>
): ReadonlyArray<Link<P>> => {
  const [own, links] = [new Set(written.map(generation)), linksOf(fed)]
  const told = new Set(own)
  const follow = ({ target, source }: Link<P>) => told.has(generation(source)) && !own.has(generation(target))
  for (let before = -1; before < told.size; ) {
    before = told.size
    for (const link of links) if (follow(link)) told.add(generation(link.target))
  }
  return links.filter(follow)
}

/** The projections by which one is folded too: what it derives from, and what that derives from. All are fed, as in `linksOf`. */
export const sourcesOf = <P extends Derives>(projection: P, all: ReadonlyArray<P>): ReadonlyArray<P> => {
  const found = new Set<P>()
  const visit = (target: P): void => {
    for (const derivation of target.derived ?? []) {
      const source = sourceIn(target, derivation, all)
      if (source === undefined || source.name === projection.name || found.has(source)) continue
      found.add(source)
      visit(source)
    }
  }
  visit(projection)
  return all.filter((one) => found.has(one))
}
