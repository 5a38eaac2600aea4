import { Effect, Layer } from "effect"
import type { Event } from "../../genesys/event.ts"
import { contentOf } from "../content.ts"
import { EventEraser } from "../event-eraser.ts"
import { EventSource, type PageRequest } from "../event-source.ts"
import { type Appended, EventStore, type StoredEvent } from "../event-store.ts"
import { memoryPage } from "./event-source.ts"

interface Kept {
  /** JSON text, so that nobody can change what is stored by changing what was given; absent where nothing is left of the event. */
  readonly envelope?: string
  readonly received: number
  readonly erased?: true
}

const read = ({ envelope, received }: Kept): StoredEvent | undefined =>
  envelope === undefined ? undefined : { envelope: JSON.parse(envelope), received }

/**
 * An event store in memory. `source` reads it whole, `eraser` erases from it; `stored` looks inside: all events by id, in the order of their
 * insertion.
 */
export const memoryEventStore = () => {
  const kept = new Map<string, Kept>()

  const append = (event: Event): Appended => {
    const { id, envelope, received } = event
    const held = kept.get(id)
    if (held === undefined) {
      kept.set(id, { envelope: JSON.stringify(envelope), received })
      return { _tag: "inserted" }
    }
    const stored = read(held)
    if (held.erased || stored === undefined) return { _tag: "erased" }
    return contentOf(stored.envelope) === contentOf(envelope)
      ? { _tag: "duplicate", received: held.received }
      : { _tag: "conflict" }
  }

  const found = (ids: Iterable<string>) => {
    const events = new Map<string, StoredEvent>()
    for (const id of ids) {
      const held = kept.get(id)
      const stored = held && read(held)
      if (stored !== undefined) events.set(id, stored)
    }
    return events
  }

  return {
    layer: Layer.succeed(EventStore, {
      append: (events) => Effect.sync(() => events.map(append)),
      read: (ids) => Effect.sync(() => found(ids))
    }),
    source: Layer.succeed(EventSource, {
      page: (request: PageRequest) =>
        Effect.sync(() => memoryPage([...kept.keys()], (id) => read(kept.get(id) as Kept), request))
    }),
    eraser: Layer.succeed(EventEraser, {
      // Every body is in its item.
      bodies: () => Effect.succeed([]),
      erase: (events) =>
        Effect.sync(() => {
          for (const { id, left } of events)
            kept.set(id, {
              ...(left && { envelope: JSON.stringify(left.envelope) }),
              received: left?.received ?? 0,
              erased: true
            })
        }),
      drop: () => Effect.void
    }),
    stored: (): ReadonlyMap<string, StoredEvent> => found(kept.keys())
  }
}
