import { Effect } from "effect"
import { type HandedOver, SettleReturn, StreamSink } from "../store/hand-over.ts"
import type { OpenedEvent } from "../store/rejected-events.ts"
import type { Way } from "./verdict.ts"

/** An event that may go, and where. */
export interface Ready {
  readonly key: string
  readonly event: OpenedEvent
  readonly way: Way
}

/** Gives each event back to where it belongs. Answers in the order of its input. */
export const handOver = Effect.fnUntraced(function* (ready: ReadonlyArray<Ready>) {
  const [stream, settleQueue] = [yield* StreamSink, yield* SettleReturn]
  const records = ready.flatMap(({ event, way }) =>
    way.to === "stream" ? [{ key: way.partitionKey, data: event.raw }] : []
  )
  const messages = ready.flatMap(({ event, way }) =>
    way.to === "settleQueue" ? [{ body: Buffer.from(event.raw).toString(), attempts: (event.attempts ?? 0) + 1 }] : []
  )
  const put = (records.length === 0 ? [] : yield* stream.put(records)).values()
  const sent = (messages.length === 0 ? [] : yield* settleQueue.send(messages)).values()
  return ready.map(({ way }) => (way.to === "stream" ? put : sent).next().value as HandedOver)
})
