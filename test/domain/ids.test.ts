import { assert, describe, it } from "@effect/vitest"
import type { EntityId, EventId, Generation, ProjectionName } from "../../src/domain/ids.ts"
import { generation } from "../../src/domain/projection.ts"
import type { EntityEntry } from "../../src/store/entity-index.ts"
import type { RowKey } from "../../src/store/projection-store.ts"

describe("ids", () => {
  it("are plain texts that are not taken for one another, which tsc checks here", () => {
    const [event, entity, name]: readonly [EventId, EntityId, ProjectionName] = ["e-1", "a-1", "agents"]
    const own: Generation = generation({ name, version: 1 })

    const key: RowKey = { projection: own, entity, row: "state" }
    // @ts-expect-error an event is no entity
    const ofEvent: RowKey = { projection: own, entity: event, row: "state" }
    // @ts-expect-error a table is that of a generation
    const ofName: RowKey = { projection: name, entity, row: "state" }
    // @ts-expect-error the index knows no versions
    const entry: EntityEntry = { projection: own, entity, eventId: event, received: 0 }

    assert.deepStrictEqual(
      [key, ofEvent.entity, ofName.projection, entry.projection],
      [{ projection: "agents-v1", entity: "a-1", row: "state" }, "e-1", "agents", "agents-v1"]
    )
  })
})
