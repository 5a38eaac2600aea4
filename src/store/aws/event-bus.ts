import { PutEventsCommand } from "@aws-sdk/client-eventbridge"
import { Effect, Layer } from "effect"
import { type BusEvent, EventBus } from "../event-bus.ts"
import { EventBridge } from "./eventbridge.ts"
import { handOver } from "./hand-over.ts"

/** What one `PutEvents` takes. */
const EVENTS_A_CALL = 10
const BYTES_A_CALL = 256 * 1_024
const CALLS_AT_ONCE = 4

/** EventBridge counts the time of an entry as so many bytes. */
const TIME_BYTES = 14

/** The bus of that name on EventBridge. Calls: `PutEvents`. */
export const eventBus = (name: string) => Layer.effect(EventBus, make(name))

const make = Effect.fnUntraced(function* (EventBusName: string) {
  const bridge = yield* EventBridge

  const put = Effect.fn("EventBus.put")((events: ReadonlyArray<BusEvent>) =>
    handOver(
      {
        operation: "PutEvents",
        items: EVENTS_A_CALL,
        bytes: BYTES_A_CALL,
        bytesOf: ({ source, topic, detail }) => TIME_BYTES + Buffer.byteLength(source + topic + detail),
        atOnce: CALLS_AT_ONCE,
        send: async (some, abortSignal) => {
          const command = new PutEventsCommand({
            Entries: some.map(({ source, topic, detail, at }) => ({
              EventBusName,
              Source: source,
              DetailType: topic,
              Detail: detail,
              Time: new Date(at)
            }))
          })
          const { Entries = [] } = await bridge.send(command, { abortSignal })
          return some.map((_, i) => {
            const { EventId, ErrorCode = "NoAnswer" } = Entries[i] ?? {}
            return EventId === undefined ? { reason: ErrorCode, again: true } : undefined
          })
        }
      },
      events
    )
  )

  return EventBus.of({ put })
})
