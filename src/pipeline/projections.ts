import { Context } from "effect"
import { projections } from "../../projections/index.ts"
import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"

/** Every generation that is folded live: those of `projections/index.ts`, unless a caller brings others. */
export const Projections = Context.Reference<ReadonlyArray<Projection<Event>>>("projections/Projections", {
  defaultValue: () => projections
})
