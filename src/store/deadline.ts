import { Context } from "effect"

/** Epoch ms by which the running invocation must have answered; retries stop before it. Set per invocation by the function. */
export const Deadline = Context.Reference<number>("projections/Deadline", {
  defaultValue: () => Number.POSITIVE_INFINITY
})
