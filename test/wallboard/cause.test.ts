import { assert, describe, it } from "@effect/vitest"
import { causeText } from "../../src/wallboard/page/cause.ts"

describe("what set a field", () => {
  it("is the topic of its event, a topic of which any event would do, or no event that is stored", () => {
    const eventId = "0a1b2c3d-0000-4000-8000-000000000001"
    assert.include(causeText({ topic: "v2.users.{id}.presence", eventId }), "presence")
    assert.strictEqual(causeText({ eventId: "v2.users.{id}.activity" }), "follows from v2.users.{id}.activity")
    assert.strictEqual(causeText({ eventId }), "not in the event store")
    assert.strictEqual(causeText({ topic: "snapshot.agents.a", eventId: "snapshot-1", snapshot: true }), "snapshot")
  })
})
