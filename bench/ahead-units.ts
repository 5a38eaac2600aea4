import { effectClock, realClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { agents } from "../projections/agents.ts"
import { projections } from "../projections/index.ts"
import { generation } from "../src/domain/projection.ts"
import { Projections } from "../src/pipeline/folding.ts"
import { deliveries, MORNING } from "./deliveries.ts"
import { appended, makeStores, unitsOf } from "./replay-units.ts"

/** A version of agents that nobody reads yet, as one rebuilds it. */
const NEXT = { ...agents, version: agents.version + 1 }
const LISTED = [...projections, NEXT]

/** The clock of this machine, put to another time. */
const clockAt = (time: number) => {
  const real = realClock()
  const ahead = time - real.now()
  return { ...real, now: () => real.now() + ahead, at: (due: number, run: () => void) => real.at(due - ahead, run) }
}

/**
 * Units of two replays of so many events, an event, that begin so many hours after the events were published: of agents, where nothing has
 * been written of any table; and of a new version of agents, where all that is in use is written.
 */
export const aheadUnits = async (events: number, hours: number) => {
  const program = Effect.gen(function* () {
    yield* appended(deliveries(events, MORNING))
    const first = yield* unitsOf(generation(agents))
    yield* Effect.forEach(projections, (one) => unitsOf(generation(one), `${generation(one)} in use`))
    return { first, next: yield* Effect.provideService(unitsOf(generation(NEXT)), Projections, LISTED) }
  })
  const clock = clockAt(MORNING + hours * 3_600_000)
  const stores = await makeStores(LISTED, clock)
  return Effect.runPromise(Effect.provide(program, Layer.merge(stores, effectClock(clock))))
}
