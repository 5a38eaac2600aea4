import { assert, describe, it } from "@effect/vitest"
import { allTopics } from "../../src/genesys/topics/index.ts"
import { makeCore } from "../support/core.ts"
import { arrival, START } from "../support/history.ts"

const ACTIVITY = "v2.users.{id}.activity"

/** The example of a topic under another id and topic, with more in its body. */
const altered = (id: string, more: object, topic: string = ACTIVITY) => {
  const { example } = allTopics.find(({ template }) => template === topic) ?? allTopics[0] ?? {}
  const { detail, ...envelope } = JSON.parse(JSON.stringify(example))
  const eventBody = { ...detail.eventBody, ...more }
  return arrival(JSON.stringify({ ...envelope, id, "detail-type": topic, detail: { ...detail, eventBody } }), START)
}

describe("drift of a batch", () => {
  it("is counted by topic and named, of events that are new", async () => {
    const core = makeCore()
    const batch = [
      altered("1", { mood: 1 }),
      altered("2", { mood: 2, weather: 1, routingStatus: { status: "DOZING" } }),
      altered("3", { mood: 1 }, "v2.users.{id}.presence"),
      altered("4", {}, "v2.users.{id}.geolocation"),
      altered("5", {}, "anna@example.com")
    ]
    const { drift, unroutedTopics } = await core.deliver(batch)
    assert.deepStrictEqual(drift, {
      unknownTopics: 2,
      unknownFields: 4,
      unknownValues: 1,
      fieldsByTopic: { [ACTIVITY]: 3, "v2.users.{id}.presence": 1 },
      valuesByTopic: { [ACTIVITY]: 1 },
      fieldNames: [`${ACTIVITY} mood`, `${ACTIVITY} weather`, "v2.users.{id}.presence mood"],
      valueNames: [`${ACTIVITY} routingStatus.status=DOZING`]
    })
    assert.deepStrictEqual(unroutedTopics, { "v2.users.{id}.geolocation": 1, "*": 1 })
    const again = await core.deliver(batch)
    assert.deepStrictEqual([again.drift.unknownTopics, again.drift.unknownFields], [0, 0])
  })

  it("names twenty of each, and counts all", async () => {
    const letters = "abcdefghijklmnopqrstuvwxyz"
    const batch = Array.from({ length: 60 }, (_, i) =>
      altered(
        `${i}`,
        { [`new${letters[i % 26]}${i}`]: 1 },
        i < 30 ? ACTIVITY : `v2.new.${letters[i % 26]}${letters[i % 25]}`
      )
    )
    const { drift, unroutedTopics } = await makeCore().deliver(batch)
    assert.deepStrictEqual([drift.unknownFields, drift.unknownTopics], [30, 30])
    assert.strictEqual(drift.fieldNames.length, 20)
    assert.strictEqual(Object.keys(unroutedTopics).length, 21)
    assert.strictEqual(unroutedTopics["*"], 10)
  })
})
