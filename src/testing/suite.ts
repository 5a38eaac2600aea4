import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { checkLaw } from "./check.ts"
import { listOf, type WithSources, withSources } from "./fold.ts"
import { generateEvents } from "./generate.ts"
import { laws } from "./laws.ts"

/** Returns a history of events for a number. The same number gives the same history. */
export type Histories = (seed: number) => ReadonlyArray<Event>

/** How the laws are tried, and by which test runner. */
export interface LawsOptions {
  /** The functions of the test runner: those of vitest, of `@effect/vitest`, or of `node:test`. */
  readonly describe: (title: string, body: () => void) => unknown
  readonly it: (title: string, body: () => Promise<void>) => unknown
  /** Default: random events of the topics that the projection and its sources list, with few entities and many equal times. */
  readonly histories?: Histories
  /** The number of histories that each law is tried on, with the seeds 1, 2, ... Default: 20. */
  readonly runs?: number
}

/** How many events a generated history has. */
const LENGTH = 12

/** Returns random histories of the topics that a projection, and what it derives from, list. */
export const historiesOf =
  (of: Projection<Event> | WithSources, length = LENGTH): Histories =>
  (seed) =>
    generateEvents([...new Set(listOf(of).flatMap(({ topics }) => topics))], seed, length)

/**
 * A suite that holds a projection to every law, one test for each. One that derives from others is given with them. A projection that breaks one fails with the law, the shortest history
 * that shows it, and the rows that differ.
 *
 * ```ts
 * import { describe, it } from "vitest"
 * projectionLaws(conversations, { describe, it })
 * projectionLaws([agents, conversations], { describe, it })
 * ```
 */
export const projectionLaws = (of: Projection<Event> | WithSources, options: LawsOptions): void => {
  const projections = withSources(of)
  const { describe, it, histories = historiesOf(projections), runs = 20 } = options
  describe(`the laws of ${projections[0].name}`, () => {
    for (const law of laws)
      it(`${law.name}: ${law.says}`, async () => {
        for (let seed = 1; seed <= runs; seed++) await checkLaw(law, projections, histories(seed))
      })
  })
}
