import { Context, type Effect, Schema } from "effect"

export class QueueDepthsError extends Schema.TaggedError<QueueDepthsError>()("QueueDepthsError", {
  op: Schema.String,
  reason: Schema.String,
  retryable: Schema.Boolean
}) {
  override get message() {
    return `queue depths: ${this.op}: ${this.reason}`
  }
}

/** Messages of a queue: `due` for whoever reads it, `taken` by somebody, `delayed` until their time. */
export interface QueueDepth {
  readonly due: number
  readonly taken: number
  readonly delayed: number
}

/** How much waits in a queue, about. */
export class QueueDepths extends Context.Service<
  QueueDepths,
  { readonly of: (url: string) => Effect.Effect<QueueDepth, QueueDepthsError> }
>()("projections/QueueDepths") {}
