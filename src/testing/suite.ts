import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { checkLaw } from "./check.ts"
import { generateEvents } from "./generate.ts"
import { laws } from "./laws.ts"

/** Returns a history of events for a number. The same number gives the same history. */
export type Histories = (seed: number) => ReadonlyArray<Event>

/** How the laws are tried, and by which test runner. */
export interface LawsOptions {
  /** The functions of the test runner: those of vitest, of `@effect/vitest`, or of `node:test`. */
  readonly describe: (title: string, body: () => void) => unknown
  readonly it: (title: string, body: () => Promise<void>) => unknown
  /** Default: random events of the projection's topics, with few entities and many equal times. */
  readonly histories?: Histories
  /** The number of histories that each law is tried on, with the seeds 1, 2, ... Default: 20. */
  readonly runs?: number
}

/** How many events a generated history has. */
const LENGTH = 12

/** Returns random histories of the topics that a projection lists. */
export const historiesOf =
  (projection: Projection<Event>, length = LENGTH): Histories =>
  (seed) =>
    generateEvents(projection.topics, seed, length)

/**
 * A suite that holds a projection to every law, one test for each. A projection that breaks one fails with the law, the shortest history
 * that shows it, and the rows that differ.
 *
 * ```ts
 * import { describe, it } from "vitest"
 * projectionLaws(conversations, { describe, it })
 * ```
 */
export const projectionLaws = (projection: Projection<Event>, options: LawsOptions): void => {
  const { describe, it, histories = historiesOf(projection), runs = 20 } = options
  describe(`the laws of ${projection.name}`, () => {
    for (const law of laws)
      it(`${law.name}: ${law.says}`, async () => {
        for (let seed = 1; seed <= runs; seed++) await checkLaw(law, projection, histories(seed))
      })
  })
}
