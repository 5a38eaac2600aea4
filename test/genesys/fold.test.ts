import { assert, describe, it } from "@effect/vitest"
import type { Event, Facet } from "../../src/genesys/event.ts"
import { foldFacets } from "../../src/genesys/fold.ts"

const event = (...facets: ReadonlyArray<Facet>): Event => ({
  id: "e",
  topic: "t",
  topicName: "t",
  published: 9,
  received: 9,
  routed: true,
  facets,
  envelope: {}
})
const joined = (clock?: number): Facet => ({
  facet: "activeQueues",
  agentId: "a",
  value: ["q1", "q2"],
  ...(clock === undefined ? {} : { clock })
})
const update = { entity: "a", row: "state", register: "r", value: 1 }

describe("a fold of facets", () => {
  it("gives an update the clock of its facet", () => {
    const fold = foldFacets({ activeQueues: () => update })
    assert.deepStrictEqual(fold(event(joined(5))), [{ ...update, clock: 5 }])
    assert.deepStrictEqual(fold(event(joined())), [{ ...update, clock: undefined }])
  })

  it("leaves an update its own clock, and none where it says so", () => {
    const own = (clock: number | undefined) => foldFacets({ activeQueues: () => ({ ...update, clock }) })
    assert.deepStrictEqual(own(7)(event(joined(5))), [{ ...update, clock: 7 }])
    assert.deepStrictEqual(own(undefined)(event(joined(5))), [{ ...update, clock: undefined }])
  })

  it("leaves an update the time after which it follows", () => {
    const fold = foldFacets({ activeQueues: () => ({ ...update, afterMs: 30 }) })
    assert.deepStrictEqual(fold(event(joined(5))), [{ ...update, clock: 5, afterMs: 30 }])
  })

  it("takes several updates of one facet, and none", () => {
    const each = foldFacets({
      activeQueues: ({ agentId, value }) => value.map((row) => ({ entity: agentId, row, register: "r", value: 1 }))
    })
    assert.deepStrictEqual(
      each(event(joined(5))).map(({ row, clock }) => [row, clock]),
      [
        ["q1", 5],
        ["q2", 5]
      ]
    )
    assert.deepStrictEqual(foldFacets({ activeQueues: () => undefined })(event(joined(5))), [])
    assert.deepStrictEqual(foldFacets({})(event(joined(5))), [])
  })
})
