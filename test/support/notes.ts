import type { Update } from "../../src/domain/delta.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import type { SourcedEvent } from "../../src/store/event-source.ts"
import { START, statusLine } from "./history.ts"

export const TOPIC = "v2.users.{id}.routingStatus"

/** What events say, by their ids; a text is what the projection throws. */
export type Said = Readonly<Record<string, ReadonlyArray<Update> | string>>

/** A projection of whatever a test says that events say. A row is closed that has a register `end`. */
export const notes = (said: Said = {}, more: Partial<Projection<Event>> = {}): Projection<Event> => ({
  name: "notes",
  version: 1,
  key: "noteId",
  topics: [TOPIC],
  deltas: ({ id }) => {
    const updates = said[id] ?? []
    if (typeof updates === "string") throw new TypeError(updates)
    return updates
  },
  view: (_, registers) => Object.fromEntries([...registers].map(([name, { value }]) => [name, value])),
  closed: (_, registers) => registers.has("end"),
  tombstoneSeconds: 60,
  ...more
})

export const update = (entity: string, more: Partial<Update> = {}): Update => ({
  ...{ entity, row: "state", register: "text", value: "said" },
  ...more
})

/** A stored event of that id, published at `START` plus some ms. */
export const stored = (id: string, at = 0, topic = TOPIC): SourcedEvent => ({
  ...{ id, topic, received: START + at },
  envelope: JSON.parse(statusLine(id, "IDLE", START + at))
})
