import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { decodeConfig } from "../../src/infra/decode-config.ts"
import { sealedKeys, stackConfig, stackFile } from "../../src/local/stack-config.ts"

const key = (name: string) => `genesys-cloud-projections:${name}`

describe("stackConfig", () => {
  it("lays the stack's file over the project's defaults, and overrides over both", () => {
    assert.strictEqual(stackConfig("other")[key("logRetentionDays")], "30")
    assert.strictEqual(String(stackFile("dev")[key("logRetentionDays")]), "7")
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
    { batchSize: "1.5" },
    { batchSize: "" },
    { protect: "yes" },
    { topics: "voice:call" },
    { topics: '["voice:call"]' },
    { customEventSource: 1 }
  ])("refuses a value of another type: %j", (overrides) => {
    assert.throws(() => stackConfig("dev", overrides), /that is not of type/)
  })
})

/** A folder with `Pulumi.dev.yaml` as `pulumi stack init` and `pulumi config set` leave it behind. */
const rewritten = (...config: ReadonlyArray<string>): string => {
  const folder = mkdtempSync(join(tmpdir(), "stack-file-"))
  const lines = [
    "encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAA",
    "config:",
    ...config.map((line) => `  ${line}`)
  ]
  writeFileSync(join(folder, "Pulumi.dev.yaml"), `${lines.join("\n")}\n`)
  return folder
}

const own = (config: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(config)
      .filter(([name]) => name.startsWith(key("")))
      .map(([name, value]) => [name.slice(key("").length), value])
  )

describe("a stack's file that the CLI has rewritten", () => {
  it("has its texts read as the numbers and booleans that they are", () => {
    const folder = rewritten(
      "aws:region: eu-central-1",
      'genesys-cloud-projections:peakEventsPerSecond: "100"',
      'genesys-cloud-projections:customerKey: "true"',
      "genesys-cloud-projections:topics:",
      "  - voice:call"
    )
    const { peakEventsPerSecond, customerKey, topics } = decodeConfig(
      own(stackConfig("dev", {}, folder)),
      "eu-central-1"
    )
    assert.strictEqual(peakEventsPerSecond, 100)
    assert.strictEqual(customerKey, true)
    assert.isAbove(topics.length, 0)
  })

  it("gives the program what the same values in YAML give", () => {
    const texts = rewritten(
      'genesys-cloud-projections:peakEventsPerSecond: "250"',
      'genesys-cloud-projections:projectionStreams: "false"'
    )
    const values = rewritten(
      "genesys-cloud-projections:peakEventsPerSecond: 250",
      "genesys-cloud-projections:projectionStreams: false"
    )
    assert.deepStrictEqual(stackConfig("dev", {}, texts), stackConfig("dev", {}, values))
  })

  it("keeps the default in the place of what is encrypted, and names the key", () => {
    const folder = rewritten(
      "genesys-cloud-projections:noticeEmail:",
      "  secure: v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA",
      "genesys-cloud-projections:topics:",
      "  - secure: v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA",
      "aws:secretKey:",
      "  secure: v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA",
      'genesys-cloud-projections:batchSize: "7"'
    )
    const config = stackConfig("dev", {}, folder)
    assert.deepStrictEqual(config, { ...stackConfig("other"), [key("batchSize")]: "7" })
    assert.deepStrictEqual(sealedKeys("dev", folder), [key("noticeEmail"), key("topics"), "aws:secretKey"])
  })

  it("may hold no configuration at all", () => {
    assert.deepStrictEqual(stackConfig("dev", {}, rewritten()), stackConfig("other"))
  })
})
