import { Context, type Effect } from "effect"

/**
 * What became of one message. `unavailable`: the dependency did not take it, and may later. `refused`: it never will, because of what
 * the message is. `reason` is an error's name. A message that is not `accepted` may have been taken all the same.
 */
export type HandedOver =
  | { readonly _tag: "accepted" }
  | { readonly _tag: "unavailable"; readonly reason: string }
  | { readonly _tag: "refused"; readonly reason: string }

/** A record for the stream. `key`: 1 to 256 characters, which decide its shard. */
export interface StreamRecord {
  readonly key: string
  readonly data: Uint8Array
}

/** The stream that append reads. `put` returns one outcome each, in the order of its input, and retries what is throttled while there is time. */
export class StreamSink extends Context.Service<
  StreamSink,
  { readonly put: (records: ReadonlyArray<StreamRecord>) => Effect.Effect<ReadonlyArray<HandedOver>> }
>()("projections/StreamSink") {}

/** A settle message as it was, with how often it has now been brought back. */
export interface Returning {
  readonly body: string
  readonly attempts: number
}

/** The way back into the settle queue, without delay. `send` returns one outcome each, in the order of its input, as `StreamSink` does. */
export class SettleReturn extends Context.Service<
  SettleReturn,
  { readonly send: (messages: ReadonlyArray<Returning>) => Effect.Effect<ReadonlyArray<HandedOver>> }
>()("projections/SettleReturn") {}
