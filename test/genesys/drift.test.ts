import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { Json } from "../../src/domain/json.ts"
import type { Field } from "../../src/genesys/body.ts"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import { driftOf, topicName } from "../../src/genesys/drift.ts"
import type { Event } from "../../src/genesys/event.ts"
import { exampleEnvelope } from "../../src/genesys/example.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import { segmentState } from "../../src/genesys/words.ts"
import { topics as simulated } from "../../src/simulator/topics.ts"
import { historyOf } from "../support/history.ts"

type Body = { readonly [key: string]: Json }

const decode = (value: unknown): Event => Result.getOrThrow(decodeParsed(value, 0))

const event = (template: string, body: Body): Event =>
  decode(exampleEnvelope(template, { ids: ["id-1", "id-2"], published: "2026-05-06T10:00:00.000Z", body }))

const ACTIVITY = "v2.users.{id}.activity"
const activity = (body: Body) => driftOf(event(ACTIVITY, body))

/** A body with every field that a topic reads, without a value. */
const bare = (field: Field): Json => {
  switch (field.kind) {
    case "object":
      return Object.fromEntries(Object.entries(field.read ?? {}).map(([name, part]) => [name, bare(part)]))
    case "list":
      return [bare(field.items)]
    default:
      return null
  }
}

describe("what the contract knows", () => {
  it.each(allTopics)("of $template holds its example and all that is read of it", ({ template, example, body }) => {
    assert.strictEqual(driftOf(decode(example)), undefined)
    assert.strictEqual(driftOf(event(template, bare(body) as Body)), undefined)
  })

  it("holds everything that the contact centre simulator sends", () => {
    const events = historyOf(3_000).map(({ line }) => decode(JSON.parse(line)))
    assert.deepStrictEqual(
      events.flatMap((one) => driftOf(one)?.fieldNames ?? []),
      []
    )
    assert.deepStrictEqual(
      events.flatMap((one) => driftOf(one)?.valueNames ?? []),
      []
    )
    assert.isAbove(new Set(events.map(({ topic }) => topic)).size, simulated.length - 4)
  })
})

describe("drift", () => {
  it("names unknown fields at every level, and does not look into them", () => {
    const found = activity({
      mood: "GLAD",
      presence: { presenceDefinition: { systemPresence: "BUSY", colour: "RED" }, modifiedDate: "", since: { deep: 1 } },
      outOfOffice: { active: true, until: null }
    })
    assert.deepStrictEqual(found, {
      fields: 4,
      values: 0,
      fieldNames: ["mood", "presence.presenceDefinition.colour", "presence.since", "outOfOffice.until"],
      valueNames: []
    })
  })

  it("names unknown words of every enumeration, in lists too", () => {
    const values = (template: string, body: Body) => driftOf(event(template, body))?.valueNames
    assert.deepStrictEqual(activity({ routingStatus: { status: "DOZING" } })?.valueNames, [
      "routingStatus.status=DOZING"
    ])
    assert.deepStrictEqual(activity({ presence: { presenceDefinition: { systemPresence: "NAPPING" } } })?.valueNames, [
      "presence.presenceDefinition.systemPresence=NAPPING"
    ])
    assert.deepStrictEqual(
      values("v2.detail.events.conversation.{id}.acd.end", {
        mediaType: "HOLOGRAM",
        usedRouting: "STANDARD",
        requestedRoutings: ["STANDARD", "ORACLE"],
        disconnectType: "VANISHED",
        flowType: "VOICE"
      }),
      ["mediaType=HOLOGRAM", "requestedRoutings=ORACLE", "disconnectType=VANISHED"]
    )
    assert.deepStrictEqual(values("v2.detail.events.agent.{id}.state", { currentState: "JUGGLING" }), [
      "currentState=JUGGLING"
    ])
    assert.deepStrictEqual(
      values("v2.analytics.queues.{id}.observations", {
        group: { mediaType: "hologram" },
        data: [{ metrics: [{ metric: "oWaiting" }, { metric: "oPatience", stats: { count: 1 } }] }]
      }),
      ["group.mediaType=hologram", "data.metrics.metric=oPatience"]
    )
  })

  it("names unknown numbers of a metric", () => {
    const stats = { count: 1, p90: 4, median: 2 }
    const found = driftOf(
      event("v2.analytics.queues.{id}.observations", { data: [{ metrics: [{ metric: "oWaiting", stats }] }] })
    )
    assert.deepStrictEqual(found?.fieldNames, ["data.metrics.stats.p90", "data.metrics.stats.median"])
  })

  it("finds an unknown word that a list holds beside known ones, and nothing in a value of another type", () => {
    const ended = (body: Body) => driftOf(event("v2.detail.events.conversation.{id}.acd.end", body))
    assert.deepStrictEqual(ended({ requestedRoutings: ["STANDARD", "ORACLE"] })?.valueNames, [
      "requestedRoutings=ORACLE"
    ])
    for (const odd of [null, 5, "STANDARD", {}])
      assert.deepStrictEqual(ended({ requestedRoutings: odd, mood: 1 })?.fieldNames, ["mood"])
    for (const odd of [null, 5, "busy", ["busy"]]) {
      assert.isUndefined(activity({ presence: odd }))
      assert.deepStrictEqual(activity({ presence: odd, mood: 1 }), {
        fields: 1,
        values: 0,
        fieldNames: ["mood"],
        valueNames: []
      })
    }
  })

  it("takes every spelling of a presence and of a routing status for known", () => {
    for (const systemPresence of ["ON_QUEUE", "On Queue", "OnQueue", "on queue"])
      assert.strictEqual(activity({ presence: { presenceDefinition: { systemPresence } } }), undefined)
    assert.strictEqual(activity({ routingStatus: { status: "NotResponding" } }), undefined)
    assert.isTrue(segmentState.kind === "word" && segmentState.knows("ALERT") && !segmentState.knows("Alert"))
  })

  it("says nothing of what is absent, null or empty, and counts a word that is none", () => {
    assert.strictEqual(activity({ routingStatus: null, presence: { presenceDefinition: null } }), undefined)
    assert.strictEqual(activity({ routingStatus: { status: "" } }), undefined)
    assert.deepStrictEqual(activity({ routingStatus: { status: ["IDLE"] } })?.valueNames, ["routingStatus.status=*"])
    assert.strictEqual(driftOf(event("v9.of.nobody", { any: 1 })), undefined)
  })

  it("[P11] shows no field, value or topic that may be data about people", () => {
    const found = activity({
      "anna@example.com": 1,
      "+12025550100": 1,
      "Anna Example": 1,
      tel5550100: 1,
      ["x".repeat(42)]: 1,
      routingStatus: { status: "Anna" },
      presence: { presenceDefinition: { systemPresence: "ANNA EXAMPLE" } }
    })
    assert.deepStrictEqual(found, {
      fields: 5,
      values: 2,
      fieldNames: ["*"],
      valueNames: ["routingStatus.status=*", "presence.presenceDefinition.systemPresence=*"]
    })
    const mails = ["v2.users.anna@example.com.presence", "v2.users.6b1f4c2e-8a53.presence", "anna", "v2", "", "v2.a b"]
    for (const topic of mails) assert.strictEqual(topicName(topic), "*", topic)
    for (const topic of [ACTIVITY, "v2.operations.events.{id}"]) assert.strictEqual(topicName(topic), topic)
  })

  it("keeps a count of all and few names, however many fields an event brings", () => {
    const body = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`field${"abcdefghij"[i % 10]}${i}`, i]))
    const found = activity(body)
    assert.strictEqual(found?.fields, 900)
    assert.strictEqual(found?.fieldNames.length, 20)
    const metrics = [..."abcdefghijklmnopqrstuvwxyz"].map((letter) => ({ metric: `oNew${letter}` }))
    const words = driftOf(event("v2.analytics.queues.{id}.observations", { data: [{ metrics }] }))
    assert.strictEqual(words?.values, 26)
    assert.strictEqual(words?.valueNames.length, 20)
  })

  it("is not fooled by names that every object has", () => {
    const body = JSON.parse('{"toString":1,"hasOwnProperty":{"a":1},"valueOf":null}') as Body
    assert.deepStrictEqual(activity(body)?.fieldNames, ["toString", "hasOwnProperty", "valueOf"])
  })
})
