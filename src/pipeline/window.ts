import { Config, Context, Effect, Layer } from "effect"
import type { Window } from "../domain/settle.ts"

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
