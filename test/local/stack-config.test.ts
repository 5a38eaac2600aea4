import { assert, describe, it } from "vitest"
import { stackConfig, stackFile } from "../../src/local/stack-config.ts"

const key = (name: string) => `genesys-cloud-projections:${name}`

describe("stackConfig", () => {
  it("lays the stack's file over the project's defaults, and overrides over both", () => {
    assert.strictEqual(stackConfig("other")[key("logRetentionDays")], "30")
    assert.strictEqual(stackFile("dev")[key("logRetentionDays")], 7)
    assert.strictEqual(stackConfig("dev")[key("logRetentionDays")], "7")
    assert.strictEqual(stackConfig("dev", { logRetentionDays: 1 })[key("logRetentionDays")], "1")
    assert.strictEqual(stackConfig("dev", { [key("logRetentionDays")]: 1 })[key("logRetentionDays")], "1")
  })

  it("hands texts over as they are and everything else as JSON", () => {
    const config = stackConfig("prod", { topics: ["v2.users.{id}.activity"], customEventSource: "a.b" })
    assert.strictEqual(config[key("protect")], "true")
    assert.strictEqual(config[key("topics")], '["v2.users.{id}.activity"]')
    assert.strictEqual(config[key("customEventSource")], "a.b")
    assert.strictEqual(config["aws:region"], "eu-central-1")
  })

  it.each([
    { batchSize: 1.5 },
    { batchSize: "1" },
    { protect: "true" },
    { topics: "voice:call" },
    { customEventSource: 1 }
  ])("refuses a value of another type: %j", (overrides) => {
    assert.throws(() => stackConfig("dev", overrides), /that is not of type/)
  })
})
