import { Context } from "effect"

/** Whether calls out of the function are traced: one span each, named as the operation. Off unless somebody collects them. */
export const Tracing: Context.Reference<boolean> = Context.Reference<boolean>("projections/Tracing", {
  defaultValue: () => false
})
