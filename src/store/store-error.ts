import { Schema } from "effect"

/** Every store, as an error names it. */
const StoreName = Schema.Literals([
  "archive",
  "use log",
  "control table",
  "dead letters",
  "directory",
  "entity index",
  "event source",
  "event sources of partners",
  "erasure journal",
  "event store",
  "event windows",
  "executions",
  "failed batches",
  "notices",
  "object storage",
  "parked letters",
  "projection store",
  "quarantine",
  "queue depths",
  "rejected events",
  "settle queue",
  "stream",
  "stream and tables",
  "table sizes",
  "watermark"
])
export type StoreName = typeof StoreName.Type

/**
 * A store could not do what it was asked. `operation` is the method of its port. `reason` is the service's error name, or a sentence of
 * ours. `retryable`: the same call may succeed later. `cause`: the fault behind it. No field holds a value of an event.
 */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  store: StoreName,
  operation: Schema.String,
  reason: Schema.String,
  retryable: Schema.Boolean,
  cause: Schema.optionalKey(Schema.Unknown)
}) {
  override get message() {
    return `${this.store}: ${this.operation}: ${this.reason}`
  }
}
