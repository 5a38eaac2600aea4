import { Clock, Effect, Layer } from "effect"
import { decodeSettlement, encodeSettlement, SettleQueue } from "../settle-queue.ts"

/** A message as it waits: its body, and when it may be received, in epoch ms. */
export interface Waiting {
  readonly body: string
  readonly visible: number
}

/** SQS counts delays in whole seconds. */
const SECOND = 1_000

/**
 * A settle queue in memory. `waiting` looks inside; `take` removes the messages that may be received at `now` (epoch ms) and
 * returns their bodies.
 */
export const memorySettleQueue = () => {
  let waiting: ReadonlyArray<Waiting> = []

  const layer = Layer.succeed(SettleQueue, {
    send: (settlements) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const messages = settlements.map(({ due, deltas, through }) => ({
          body: encodeSettlement(deltas, through),
          visible: now + Math.max(0, Math.ceil((due - now) / SECOND)) * SECOND
        }))
        waiting = [...waiting, ...messages]
      })
  })

  const take = (now: number): ReadonlyArray<string> => {
    const ready = waiting.filter(({ visible }) => visible <= now)
    waiting = waiting.filter(({ visible }) => visible > now)
    return ready.map(({ body }) => body)
  }

  return {
    layer,
    waiting: () => waiting,
    take,
    deltas: (now: number) => take(now).flatMap((body) => decodeSettlement(body).deltas)
  }
}
