import { assert, describe, it } from "@effect/vitest"
import type { Delta } from "../../src/domain/delta.ts"
import { entriesOf } from "../../src/pipeline/entity-entries.ts"

const delta = (entity: string, published = 1, more: Partial<Delta> = {}): Delta =>
  ({
    ...{ projection: "p-v1", entity, row: "r", register: "x", value: 1, late: false },
    stamp: { clock: 1, published, eventId: `e-${entity}` },
    ...more
  }) as never

describe("the entries of the index by entity", () => {
  it("are one for each entity of each projection, whatever its version, of events that are stored", () => {
    const listed = [
      { name: "p", version: 1 },
      { name: "p", version: 2 },
      { name: "q", version: 1 }
    ]
    const deltas = [
      delta("a"),
      delta("a", 1, { projection: "p-v2" }),
      delta("a", 1, { projection: "q-v1" }),
      delta("b"),
      delta("a", 1, { projection: "gone-v1" }),
      delta("c", 1, { stamp: { clock: 1, published: 1, eventId: "unstored" } as never })
    ]
    const stored = ["e-a", "e-b"].map((id, i) => ({ event: { id }, received: i }))
    assert.deepStrictEqual(entriesOf(listed, deltas, stored), [
      { projection: "p", entity: "a", eventId: "e-a", received: 0 },
      { projection: "q", entity: "a", eventId: "e-a", received: 0 },
      { projection: "p", entity: "b", eventId: "e-b", received: 1 }
    ])
  })
})
