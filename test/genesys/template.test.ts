import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import { fillTemplate, matchTemplate } from "../../src/genesys/template.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"

const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const idsIn = (template: string, name: string) => matchTemplate(template)(name)

describe("a template", () => {
  it("takes ids as they are out of a name in its own case", () => {
    assert.deepStrictEqual(idsIn("v2.users.{id}.routingStatus", "v2.users.ABC.routingStatus"), ["ABC"])
    assert.deepStrictEqual(idsIn("v2.users.{id}.routingStatus", `v2.users.${ID.toUpperCase()}.routingStatus`), [
      ID.toUpperCase()
    ])
    assert.deepStrictEqual(idsIn("v2.a.{id}.b.{id}", "v2.a.x.b.y.z"), ["x", "y.z"])
  })

  it("takes them out of a name in another case, and gives UUIDs back in lower case", () => {
    for (const name of ["v2.users.{id}.ROUTINGSTATUS", "V2.USERS.{id}.routingstatus", "v2.Users.{id}.RoutingStatus"]) {
      assert.deepStrictEqual(idsIn("v2.users.{id}.routingStatus", fillTemplate(name, ["Some-Id"])), ["Some-Id"], name)
      assert.deepStrictEqual(idsIn("v2.users.{id}.routingStatus", fillTemplate(name, [ID.toUpperCase()])), [ID], name)
    }
  })

  it("is not matched by letters that only resemble its own, and keeps places where letters grow", () => {
    assert.isUndefined(idsIn("v2.users.{id}.station", "v2.u\u017Fers.a.station"))
    assert.isUndefined(idsIn("v2.users.{id}.presence", "v2.users.a.presence.b"))
    assert.deepStrictEqual(idsIn("v2.users.{id}.station", "V2.users.\u0130\u0130.station"), ["\u0130\u0130"])
  })

  it.each(allTopics)("$template is routed whatever the case of its topicName", ({ example }) => {
    const detail = example.detail as { readonly topicName: string }
    const decode = (topicName: string) =>
      Result.getOrThrow(decodeParsed({ ...example, detail: { ...detail, topicName } }, 0))
    const { subject, facets } = decode(detail.topicName)
    for (const name of [detail.topicName.toUpperCase(), detail.topicName.toLowerCase()]) {
      const event = decode(name)
      assert.isTrue(event.routed, name)
      assert.deepStrictEqual([event.subject, event.facets], [subject, facets])
    }
  })
})
