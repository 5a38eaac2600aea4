import { assert, describe, it } from "@effect/vitest"
import { aliases, defaultTopics, expandTopics } from "../../src/genesys/aliases.ts"
import { genesysTopics } from "../../src/genesys/topics/index.ts"

const detail = (name: string) => `v2.detail.events.conversation.{id}.${name}`
const sessions = ["acd.start", "acd.end", "user.start", "user.end", "customer.start", "customer.end", "acw"].map(detail)

describe("expandTopics", () => {
  it.each([
    ["routing:queue.member", ["v2.routing.queues.{id}.users", "v2.audits.entitytype.{id}.entityid.{id}"]],
    ["routing:queue.member.states", ["v2.users.{id}.activity"]],
    ["voice:call", sessions],
    ["interaction:interaction", [...sessions, "v2.users.{id}.conversationsummary"]]
  ])("expands %s", (alias, expected) => {
    assert.deepStrictEqual(expandTopics([alias]), { topics: expected, problems: [] })
  })

  it("expands aliases only to topics of the contract", () => {
    for (const topic of [...aliases.values()].flat()) assert.isTrue(defaultTopics.includes(topic), topic)
  })

  it("removes duplicates and keeps the order", () => {
    const { topics } = expandTopics([detail("user.end"), "interaction:interaction", "voice:call", detail("user.end")])
    assert.deepStrictEqual(topics, [
      detail("user.end"),
      ...sessions.filter((topic) => topic !== detail("user.end")),
      "v2.users.{id}.conversationsummary"
    ])
  })

  it("lets topics outside the contract pass", () => {
    const names = ["v2.operations.events.{id}", "v2.users.{id}.geolocation"]
    assert.deepStrictEqual(expandTopics(names), { topics: names, problems: [] })
  })

  it.each([
    ["", "template"],
    ["users", "or one of routing:queue.member, routing:queue.member.states, voice:call, interaction:interaction."],
    ["Voice:Call", "voice:call"],
    ["v2.users.6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58.presence", '"v2.users.{id}.presence"'],
    ["v2.users.jane.presence", '"v2.users.{id}.presence"'],
    ["v2.audits.entitytype.Queue.entityid.{id}", '"v2.audits.entitytype.{id}.entityid.{id}"'],
    ["v2.operations.events.6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58", '"v2.operations.events.{id}"'],
    ["v2.users.{id}.routingstatus", "is in another case than the topic"],
    ["v2.users.{id}.routingstatus", 'letter by letter: use "v2.users.{id}.routingStatus"'],
    ["v2.Users.{id}.presence", 'letter by letter: use "v2.users.{id}.presence"'],
    ["v2.users.{id}?presence&routingStatus", "one template for each"],
    ["v2.users.*.presence", "write {id}, which means every object"],
    ["v2.users.{userId}.presence", "{id}"],
    ["v2.users..presence", "{id}"]
  ])("leaves out %j with one sentence that says what to write", (name, fix) => {
    const { topics, problems } = expandTopics([name, "v2.users.{id}.activity"])
    assert.deepStrictEqual(topics, ["v2.users.{id}.activity"])
    assert.strictEqual(problems.length, 1)
    assert.include(problems[0], JSON.stringify(name))
    assert.include(problems[0]?.replace(JSON.stringify(name), ""), fix)
  })

  it("takes the default as it is: every topic of Genesys that the contract has", () => {
    assert.deepStrictEqual(expandTopics(defaultTopics), {
      topics: genesysTopics.map(({ template }) => template),
      problems: []
    })
  })
})
