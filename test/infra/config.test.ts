import { assert, describe, it } from "vitest"
import { aliases, defaultTopics } from "../../src/genesys/aliases.ts"
import { eventSource, settings, settleVisibilitySeconds } from "../../src/infra/config.ts"
import { ConfigError, decodeConfig as decode } from "../../src/infra/decode-config.ts"
import type { Setting } from "../../src/infra/setting.ts"
import { projectFile } from "../../src/local/stack-config.ts"
import { partnerSource } from "./captured.ts"

const region = "eu-central-1"
const decodeConfig = (record: Readonly<Record<string, string>>) => decode(record, region)

const faultsOf = (record: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  try {
    decodeConfig(record)
    return []
  } catch (error) {
    assert.instanceOf(error, ConfigError)
    return (error as ConfigError).faults
  }
}

/** The one fault that a record has. */
const faultOf = (record: Readonly<Record<string, string>>): string => {
  const faults = faultsOf(record)
  assert.lengthOf(faults, 1, faults.join("\n"))
  return faults[0] ?? ""
}

describe("decodeConfig", () => {
  it("answers the defaults for an empty record", () => {
    const config = decodeConfig({})
    for (const [key, setting] of Object.entries(settings))
      assert.deepStrictEqual(config[key as keyof typeof config], setting.default, key)
  })

  it("reads the texts that Pulumi hands over", () => {
    const config = decodeConfig({
      batchSize: "10",
      batchWindowSeconds: "0",
      protect: "true",
      genesysEventSource: partnerSource,
      topics: '["v2.users.{id}.presence"]'
    })
    assert.strictEqual(config.batchSize, 10)
    assert.strictEqual(config.batchWindowSeconds, 0)
    assert.strictEqual(config.protect, true)
    assert.deepStrictEqual(config.topics, ["v2.users.{id}.presence"])
  })

  it("reports every fault at once, each with its key and a way out", () => {
    const faults = faultsOf({
      batchSiz: "500",
      batchSize: "0",
      settleWindowSeconds: "1.5",
      functionMemoryMb: "",
      logRetentionDays: "31",
      protect: "yes",
      genesysEventSource: "genesys",
      customEventSource: "aws.mine",
      topics: '["voice:calls", "v2.users.*.presence"]',
      streamRetentionHours: "24",
      streamRecordAgeSeconds: "86400"
    })
    const starts = faults.map((fault) => fault.split(" ")[0])
    assert.sameMembers(starts, [
      "batchSiz",
      "batchSize",
      "settleWindowSeconds",
      "functionMemoryMb",
      "logRetentionDays",
      "protect",
      "genesysEventSource",
      "customEventSource",
      "topics",
      "topics",
      "streamRetentionHours"
    ])
    for (const fault of faults) assert.match(fault, /(set|remove|raise|use|write) .+\.$/)
  })

  it.each([
    ["0x10", "settleBatchSize"],
    ["1e2", "settleBatchSize"],
    ["-1", "streamRetryAttempts"],
    [" 5", "settleWindowSeconds"],
    ["901", "settleWindowSeconds"],
    ["1", "settleMaxConcurrency"],
    ["-1", "streamShards"],
    ["11", "parallelizationFactor"]
  ])("refuses %j for %s", (text, key) => {
    assert.include(faultOf({ [key]: text }), `${key} is ${JSON.stringify(text)}; set a whole number from`)
  })

  it("does not take a name of Object's for a key", () => {
    assert.include(faultOf({ constructor: "1" }), "constructor is not a key")
  })

  it.each(["", partnerSource])("accepts the partner source %j", (genesysEventSource) => {
    assert.strictEqual(decodeConfig({ genesysEventSource }).genesysEventSource, genesysEventSource)
  })

  it.each([
    "aws.partner/genesys.com/cloud/",
    "aws.partner/genesys.com/cloud/org",
    "aws.partner/example.com/cloud/org/a",
    `${partnerSource}/more`
  ])("refuses the partner source %j", (genesysEventSource) => {
    assert.include(faultOf({ genesysEventSource }), "genesysEventSource is")
  })

  it("takes events from the partner when there is one, else from the simulator", () => {
    assert.strictEqual(eventSource(decodeConfig({})), "genesys.simulator")
    assert.strictEqual(eventSource(decodeConfig({ genesysEventSource: partnerSource })), partnerSource)
  })

  it("expands the four aliases and keeps templates", () => {
    const { topics } = decodeConfig({ topics: JSON.stringify([...aliases.keys(), "v2.operations.events.{id}"]) })
    for (const [alias, expansion] of aliases) assert.includeMembers([...topics], [...expansion], alias)
    assert.include(topics, "v2.operations.events.{id}")
    assert.strictEqual(new Set(topics).size, topics.length)
  })

  it.each(["[]", "[1]", "{}", "v2.users.{id}.activity"])("refuses the topics %j", (topics) => {
    assert.include(faultOf({ topics }), "topics is")
  })
})

describe("relations", () => {
  it.each([
    [
      "settleWindowSeconds and skewBoundSeconds are 901 together",
      { settleWindowSeconds: "601", skewBoundSeconds: "300" }
    ],
    ["batchWindowSeconds is 0", { batchSize: "11", batchWindowSeconds: "0" }],
    ["settleBatchWindowSeconds is 0", { settleBatchSize: "11", settleBatchWindowSeconds: "0" }],
    ["streamRetentionHours is 24", { streamRecordAgeSeconds: "86400" }],
    ["settleRetentionDays is 4", { dlqRetentionDays: "4" }],
    ["settleMaxReceives is 1000", { settleMaxReceives: "1000" }],
    [
      "topics make an event pattern of",
      { topics: JSON.stringify(Array.from({ length: 60 }, (_, n) => `v2.some.made.up.topic.{id}.number${n}`)) }
    ]
  ])("%s", (fault, record) => {
    assert.include(faultOf(record), fault)
  })

  it.each([
    { settleWindowSeconds: "600", skewBoundSeconds: "300" },
    { batchSize: "10", batchWindowSeconds: "0" },
    { settleBatchSize: "10", settleBatchWindowSeconds: "0" },
    { streamRecordAgeSeconds: "86399" },
    { dlqRetentionDays: "5" }
  ])("holds just inside the bound: %j", (record) => {
    assert.deepStrictEqual(faultsOf(record), [])
  })

  it("are not judged on values that could not be read", () => {
    assert.include(faultOf({ batchSize: "many", batchWindowSeconds: "0" }), "batchSize is")
  })

  it("hide a message for six timeouts and a window", () => {
    assert.strictEqual(settleVisibilitySeconds({ projectTimeoutSeconds: 60, settleBatchWindowSeconds: 1 }), 361)
  })
})

describe("Pulumi.yaml", () => {
  const declared = Object.entries(projectFile().config ?? {}).filter(([key]) => !key.includes(":"))

  it("declares exactly the keys that the code reads, with the same types and defaults", () => {
    const inCode = Object.entries<Setting<unknown>>(settings).map(([key, setting]) => [
      key,
      setting.type,
      setting.default
    ])
    const inFile = declared.map(([key, declaration]) => [key, declaration.type, declaration.default])
    const byKey = (a: ReadonlyArray<unknown>, b: ReadonlyArray<unknown>) => String(a[0]).localeCompare(String(b[0]))
    assert.deepStrictEqual(inFile.sort(byKey), inCode.sort(byKey))
  })

  it("lists every topic with full support", () => {
    assert.deepStrictEqual(projectFile().config?.topics?.default, defaultTopics)
  })

  it("states the bounds that the code checks", () => {
    for (const [key, { type, description = "" }] of declared) {
      if (type !== "integer" || key === "logRetentionDays") continue
      const [, min, max] = /set a whole number from (\d+) to (\d+)/.exec(faultOf({ [key]: "no" })) ?? []
      assert.include(description, `${min} to ${max}`, key)
    }
  })
})
