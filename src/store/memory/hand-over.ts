import { Effect, Layer } from "effect"
import { type HandedOver, type Returning, SettleReturn, type StreamRecord, StreamSink } from "../hand-over.ts"

const accepted: HandedOver = { _tag: "accepted" }

/** A stream in memory that takes everything. `records` looks inside. */
export const memoryStreamSink = () => {
  const records: Array<StreamRecord> = []
  const layer = Layer.succeed(StreamSink, {
    put: (some) =>
      Effect.sync(() => {
        records.push(...some)
        return some.map(() => accepted)
      })
  })
  return { layer, records: (): ReadonlyArray<StreamRecord> => records }
}

/** A way back into a settle queue in memory that takes everything. `messages` looks inside. */
export const memorySettleReturn = () => {
  const messages: Array<Returning> = []
  const layer = Layer.succeed(SettleReturn, {
    send: (some) =>
      Effect.sync(() => {
        messages.push(...some)
        return some.map(() => accepted)
      })
  })
  return { layer, messages: (): ReadonlyArray<Returning> => messages }
}
