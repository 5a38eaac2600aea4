import { PutEventsCommand } from "@aws-sdk/client-eventbridge"
import { Effect, Layer, Result } from "effect"
import { type BusEvent, EventBus } from "../event-bus.ts"
import type { HandedOver } from "../hand-over.ts"
import { EventBridge } from "./eventbridge.ts"
import { packed } from "./packing.ts"
import { attempt, inRounds } from "./retry.ts"

/** What one `PutEvents` takes. */
const EVENTS_A_CALL = 10
const BYTES_A_CALL = 256 * 1_024

/** EventBridge counts the time of an entry as so many bytes. */
const TIME_BYTES = 14

interface Item {
  readonly at: number
  readonly event: BusEvent
  readonly bytes: number
}

/** The bus of that name on EventBridge. Calls: `PutEvents`. */
export const eventBus = (name: string) => Layer.effect(EventBus, make(name))

const make = Effect.fnUntraced(function* (EventBusName: string) {
  const bridge = yield* EventBridge

  const put = Effect.fn("EventBus.put")(function* (events: ReadonlyArray<BusEvent>) {
    const outcomes = new Array<HandedOver>(events.length)

    /** Returns the items that may be tried again. */
    const call = Effect.fnUntraced(function* (items: ReadonlyArray<Item>) {
      const command = new PutEventsCommand({
        Entries: items.map(({ event: { source, topic, detail, at } }) => ({
          EventBusName,
          Source: source,
          DetailType: topic,
          Detail: detail,
          Time: new Date(at)
        }))
      })
      const result = yield* attempt("PutEvents", (abortSignal) => bridge.send(command, { abortSignal }))
      if (Result.isSuccess(result)) {
        const answers = result.success.Entries ?? []
        return items.filter(({ at }, i) => {
          const { EventId, ErrorCode } = answers[i] ?? {}
          const accepted = EventId !== undefined
          outcomes[at] = accepted ? { _tag: "accepted" } : { _tag: "unavailable", reason: ErrorCode ?? "NoAnswer" }
          return !accepted
        })
      }
      const { reason, retryable } = result.failure
      for (const { at } of items) outcomes[at] = { _tag: retryable ? "unavailable" : "refused", reason }
      return retryable ? items : []
    })

    const items = events.map((event, at) => ({
      at,
      event,
      bytes: TIME_BYTES + Buffer.byteLength(event.source + event.topic + event.detail)
    }))
    yield* inRounds(items, (open) =>
      Effect.map(Effect.forEach(packed(open, EVENTS_A_CALL, BYTES_A_CALL), call, { concurrency: 4 }), (left) =>
        left.flat()
      )
    )
    return outcomes
  })

  return EventBus.of({ put })
})
