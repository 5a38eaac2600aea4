import { Effect } from "effect"
import type { EventId } from "../domain/ids.ts"
import { EventStore } from "../store/event-store.ts"

/**
 * Stored events by id, and the ids of those whose body is gone. Such a body fails the call that it is in: it is looked for by halves, so that the
 * others are read.
 */
export const readEvents = Effect.fnUntraced(function* (ids: ReadonlyArray<EventId>) {
  const store = yield* EventStore
  const gone = new Set<EventId>()
  const read = (some: ReadonlyArray<EventId>): ReturnType<typeof store.read> =>
    some.length === 0
      ? Effect.succeed(new Map())
      : Effect.catchIf(
          store.read(some),
          ({ reason }) => reason === "NoSuchKey",
          () => {
            if (some.length === 1) {
              gone.add(some[0] as EventId)
              return Effect.succeed(new Map())
            }
            const half = Math.ceil(some.length / 2)
            return Effect.zipWith(read(some.slice(0, half)), read(some.slice(half)), (a, b) => new Map([...a, ...b]))
          }
        )
  const stored = yield* read(ids)
  return { stored, gone: gone as ReadonlySet<EventId> }
})
