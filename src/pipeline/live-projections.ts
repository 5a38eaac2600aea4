import { Clock, Context, Duration, Effect, Layer } from "effect"
import { generation, type Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { Control } from "../store/control.ts"
import { Deadline } from "../store/deadline.ts"
import { Projections } from "./folding.ts"
import { retiredGenerations } from "./generations.ts"

/** How long an answer is believed: a generation is off this long after it was retired. */
const BELIEVED = Duration.seconds(30)

/** How long a batch waits for the answer, in ms. */
const PATIENCE_MS = 1_000

/** The generations that events are folded into: all that are listed, unless `liveProjectionsLayer` leaves out those that are retired. */
export const LiveProjections = Context.Reference<Effect.Effect<ReadonlyArray<Projection<Event>>>>(
  "projections/LiveProjections",
  {
    defaultValue: () => Projections
  }
)

/**
 * Leaves out what is retired, by the control table, which is read by the first batch and then every 30 seconds at most. What cannot be read
 * changes nothing: a generation that is fed too long costs its writes, and one that is not fed would lose events.
 */
export const liveProjectionsLayer = Layer.effect(
  LiveProjections,
  Effect.gen(function* () {
    const control = yield* Control
    let retired: ReadonlySet<string> = new Set()
    const read = Effect.gen(function* () {
      const deadline = Math.min(yield* Deadline, (yield* Clock.currentTimeMillis) + PATIENCE_MS)
      retired = yield* Effect.provideService(retiredGenerations, Deadline, deadline)
    }).pipe(
      Effect.catch((error) => Effect.logWarning(`what is retired is not known: ${error.message}`)),
      Effect.andThen(Effect.map(Projections, (all) => all.filter((p) => !retired.has(generation(p))))),
      Effect.provideService(Control, control)
    )
    return yield* Effect.cachedWithTTL(read, BELIEVED)
  })
)
