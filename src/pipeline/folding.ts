import { Config, Context, Effect, Layer } from "effect"
import { projections } from "../../projections/index.ts"
import type { Projection } from "../domain/projection.ts"
import type { Window } from "../domain/settle.ts"
import type { Event } from "../genesys/event.ts"

/** Every generation that is folded live: those of `projections/index.ts`, unless a caller brings others. */
export const Projections = Context.Reference<ReadonlyArray<Projection<Event>>>("projections/Projections", {
  defaultValue: () => projections
})

/** The settle window W and the skew bound in force, from SETTLE_WINDOW_SECONDS and SKEW_BOUND_SECONDS. */
export class SettleWindow extends Context.Service<SettleWindow, Window>()("projections/SettleWindow") {
  static readonly layer = Layer.effect(
    SettleWindow,
    Effect.gen(function* () {
      const settle = yield* Config.Finite("SETTLE_WINDOW_SECONDS")
      const skew = yield* Config.Finite("SKEW_BOUND_SECONDS").pipe(Config.withDefault(300))
      return { settle: settle * 1_000, skew: skew * 1_000 }
    })
  )
}
