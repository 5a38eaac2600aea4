import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import { aliases, defaultTopics } from "../../src/genesys/aliases.ts"
import { eventSource, settleVisibilitySeconds } from "../../src/infra/config.ts"
import { ConfigError, decodeConfig as decode } from "../../src/infra/decode-config.ts"
import type { Setting } from "../../src/infra/setting.ts"
import { settings } from "../../src/infra/settings.ts"
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

  it.each(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "America/Port-au-Prince"])(
    "knows the time zone %s",
    (timeZone) => {
      assert.deepStrictEqual(faultsOf({ timeZone }), [])
    }
  )

  it.each([
    ["timeZone", "Europe/Bonn"],
    ["timeZone", "+01:00"],
    ["timeZone", "europe/berlin"],
    ["timeZone", ""],
    ["provisionedFrom", "8:00"],
    ["provisionedUntil", "24:00"],
    ["genesysRegion", "Frankfurt"],
    ["secondRegion", "eu-central"],
    ["vpcId", "vpc-1"],
    ["vpcEndpoints", "no"],
    ["customerKey", "1"],
    ["archiveCopyBucketArn", "archive-of-events"],
    ["archiveCopyBucketArn", "arn:aws:s3:::archive-of-events/*"],
    ["archiveCopyAccount", "4444-5555-6666"],
    ["archiveCopyKeyArn", "alias/archive"],
    ["existingBusArn", "first-copy-bus"],
    ["customEventSource", "aws.events"],
    ["projectionStreams", "yes"],
    ["entityIndex", "on"],
    ["provisionedConcurrency", "1001"],
    ["peakEventsPerSecond", "0"],
    ["accountConcurrency", "9"]
  ])("refuses for %s %j", (key, text) => {
    assert.include(faultOf({ [key]: text }), `${key} is ${JSON.stringify(text)}; set `)
  })

  it("names each id that is none", () => {
    const faults = faultsOf({ subnetIds: '["subnet-00000000", "subnet-x", "rtb-00000000"]', vpcId: "vpc-00000000" })
    assert.deepStrictEqual(
      faults.filter((fault) => fault.startsWith("subnetIds")),
      ["subnet-x", "rtb-00000000"].map((id) => `subnetIds has "${id}"; set ids of subnets, subnet-....`)
    )
    assert.include(faultOf({ routeTableIds: "rtb-00000000" }), "set a list of texts")
  })

  it("says what the directory may keep, and of which divisions", () => {
    const id = "7f3e9a15-6c48-4b02-9d7e-5a1b8c0f4e63"
    for (const directory of ["ids", "names", "emails"])
      assert.strictEqual(decodeConfig({ directory }).directory, directory)
    assert.deepStrictEqual(decodeConfig({ divisions: `["${id}"]` }).divisions, [id])
    assert.deepStrictEqual(decodeConfig({ divisions: `["${id.toUpperCase()}"]` }).divisions, [id])
    assert.strictEqual(faultOf({ directory: "all" }), 'directory is "all"; set ids, names or emails.')
    assert.strictEqual(
      faultOf({ divisions: '["Sales EU"]' }),
      `divisions has "Sales EU"; set ids of divisions, such as ${id}.`
    )
  })

  it.each(["[]", "[1]", "{}", "v2.users.{id}.activity"])("refuses the topics %j", (topics) => {
    assert.include(faultOf({ topics }), "topics is")
  })
})

const copyBucket = "arn:aws:s3:::archive-of-events"
const copyKey = "arn:aws:kms:eu-west-1:444455556666:key/7c711927-4cb0-4aa7-8e2e-81ec63602dd7"
const copied = { eventRetentionDays: "30", archiveCopyBucketArn: copyBucket, archiveCopyAccount: "444455556666" }
const copyBus = (of: string) => `arn:aws:events:${of}:000000000000:event-bus/first-copy-bus`

describe("relations", () => {
  it.each([
    [
      "settleWindowSeconds and skewBoundSeconds are 901 together",
      { settleWindowSeconds: "601", skewBoundSeconds: "300" }
    ],
    ["genesysRegion is eu-west-1 but aws:region is eu-central-1; set aws:region", { genesysRegion: "eu-west-1" }],
    ["secondRegion is eu-central-1, where the stack is", { secondRegion: "eu-central-1" }],
    ["protect is true without a genesysEventSource", { protect: "true" }],
    [
      "existingBusArn is set with a genesysEventSource",
      { existingBusArn: copyBus("eu-central-1"), genesysEventSource: partnerSource }
    ],
    ["existingBusArn is a bus in eu-west-1 but aws:region is", { existingBusArn: copyBus("eu-west-1") }],
    [`customEventSource is ${partnerSource} without an existingBusArn`, { customEventSource: partnerSource }],
    [
      "streamShards is 1, but 1001 events/s",
      { streamShards: "1", peakEventsPerSecond: "1001", averageEventBytes: "900", accountConcurrency: "1000" }
    ],
    [
      "peakEventsPerSecond and averageEventBytes need 131072 shards",
      { peakEventsPerSecond: "100000", averageEventBytes: "1048576", accountConcurrency: "1000" }
    ],
    [
      "append is 2.3 times in flight",
      {
        peakEventsPerSecond: "800",
        functionMemoryMb: "128",
        streamShards: "1",
        parallelizationFactor: "1",
        accountConcurrency: "1000"
      }
    ],
    [
      "peakEventsPerSecond of 50000 needs 116 invocations of project",
      { peakEventsPerSecond: "50000", settleMaxConcurrency: "72", accountConcurrency: "1000" }
    ],
    [
      "accountConcurrency is missing with peakEventsPerSecond of 500; set it to what `aws lambda get-account-settings",
      { peakEventsPerSecond: "500" }
    ],
    ["accountConcurrency is missing with a provisionedConcurrency", { provisionedConcurrency: "1" }],
    ["accountConcurrency is missing with a replayConcurrency of 6", { replayConcurrency: "6" }],
    [
      "provisionedConcurrency is 1000, which keeps 1 environments of append and 2 of project ready, with an accountConcurrency of 10;",
      { provisionedConcurrency: "1000", accountConcurrency: "10" }
    ],
    ["that quota raised to at least 103", { provisionedConcurrency: "1000", accountConcurrency: "102" }],
    [
      "provisionedConcurrency is 7, which keeps 2 environments of append",
      { provisionedConcurrency: "7", peakEventsPerSecond: "1000", accountConcurrency: "100" }
    ],
    ["provisionedFrom is 17:00, which is not before", { provisionedFrom: "17:00" }],
    ["vpcId is missing", { subnetIds: '["subnet-00000000"]' }],
    ["subnetIds is missing", { vpcId: "vpc-00000000", vpcEndpoints: "false" }],
    ["routeTableIds is missing", { vpcId: "vpc-00000000", subnetIds: '["subnet-00000000"]' }],
    ["routeTableIds is set without a vpcId", { routeTableIds: '["rtb-00000000"]' }],
    [
      "routeTableIds is set with vpcEndpoints false",
      {
        vpcId: "vpc-00000000",
        subnetIds: '["subnet-00000000"]',
        routeTableIds: '["rtb-00000000"]',
        vpcEndpoints: "false"
      }
    ],
    ["batchWindowSeconds is 0", { batchSize: "11", batchWindowSeconds: "0" }],
    ["settleBatchWindowSeconds is 0", { settleBatchSize: "11", settleBatchWindowSeconds: "0" }],
    ["streamRetentionHours is 24", { streamRecordAgeSeconds: "86400" }],
    ["settleRetentionDays is 4", { dlqRetentionDays: "4" }],
    ["settleMaxReceives is 1000", { settleMaxReceives: "1000" }],
    ["redrivePerRun is 2001", { redrivePerRun: "2001" }],
    ["redrivePerSecond is 501 with 1 shard", { redrivePerSecond: "501", peakEventsPerSecond: "100" }],
    ["replayConcurrency is 65", { replayConcurrency: "65", accountConcurrency: "1000" }],
    ["replayConcurrency is 6 with an accountConcurrency of 11", { replayConcurrency: "6", accountConcurrency: "11" }],
    ["genesysCredentialsSecret is set without a genesysDomain", { genesysCredentialsSecret: "genesys/projections" }],
    ["reconcileSchedule is rate(1 hour) without a genesysCredentialsSecret", { reconcileSchedule: "rate(1 hour)" }],
    [
      "reconcileLateMinutes is 180, but sweeps begin every 90 minutes; set it above 180",
      {
        genesysCredentialsSecret: "genesys/projections",
        genesysDomain: "mypurecloud.de",
        reconcileSchedule: "rate(90 minutes)"
      }
    ],
    ["genesysDomain is", { genesysDomain: "mypurecloud.example" }],
    ["reconcileSchedule is", { reconcileSchedule: "rate(1 minutes)" }],
    ["genesysCredentialsSecret is", { genesysCredentialsSecret: "a secret" }],
    [
      "archiveCopyBucketArn is set without eventRetentionDays; set the days",
      { archiveCopyBucketArn: copyBucket, archiveCopyAccount: "444455556666" }
    ],
    [
      "archiveCopyAccount is missing; set both, or remove both",
      { eventRetentionDays: "30", archiveCopyBucketArn: copyBucket }
    ],
    ["archiveCopyBucketArn is missing; set both", { eventRetentionDays: "30", archiveCopyAccount: "444455556666" }],
    ["archiveCopyKeyArn is missing with customerKey; set a key", { ...copied, customerKey: "true" }],
    ["archiveCopyKeyArn is set without customerKey; remove it", { ...copied, archiveCopyKeyArn: copyKey }],
    ["archiveCopyKeyArn is set without an archiveCopyBucketArn; remove it", { archiveCopyKeyArn: copyKey }],
    [
      "archiveCopyKeyArn is a key of the account 444455556666, but archiveCopyAccount is 111122223333; set a key",
      { ...copied, customerKey: "true", archiveCopyKeyArn: copyKey, archiveCopyAccount: "111122223333" }
    ],
    ["breakerCoolDownSeconds is 601", { breakerCoolDownSeconds: "601" }],
    [
      "topics make an event pattern of",
      { topics: JSON.stringify(Array.from({ length: 60 }, (_, n) => `v2.some.made.up.topic.{id}.number${n}`)) }
    ]
  ])("%s", (fault, record) => {
    assert.include(faultOf(record), fault)
  })

  it.each([
    { settleWindowSeconds: "600", skewBoundSeconds: "300" },
    { existingBusArn: copyBus("eu-central-1"), customEventSource: partnerSource, protect: "true" },
    { batchSize: "10", batchWindowSeconds: "0" },
    { settleBatchSize: "10", settleBatchWindowSeconds: "0" },
    { streamRecordAgeSeconds: "86399" },
    { genesysRegion: "eu-central-1" },
    { secondRegion: "eu-west-1" },
    copied,
    { ...copied, customerKey: "true", archiveCopyKeyArn: copyKey },
    { streamShards: "1", peakEventsPerSecond: "1000", averageEventBytes: "900", accountConcurrency: "1000" },
    { peakEventsPerSecond: "50000", settleMaxConcurrency: "116", accountConcurrency: "1000" },
    { peakEventsPerSecond: "100000", accountConcurrency: "1000" },
    { peakEventsPerSecond: "499" },
    { peakEventsPerSecond: "500", accountConcurrency: "10" },
    { provisionedConcurrency: "1000", accountConcurrency: "103" },
    { provisionedConcurrency: "1000", accountConcurrency: "150", peakEventsPerSecond: "20000" },
    { replayConcurrency: "5" },
    { provisionedFrom: "16:59" },
    { vpcId: "vpc-00000000", subnetIds: '["subnet-00000000"]', routeTableIds: '["rtb-00000000"]' },
    { vpcId: "vpc-00000000", subnetIds: '["subnet-00000000"]', vpcEndpoints: "false" },
    { dlqRetentionDays: "5" },
    { redrivePerRun: "20000", redrivePerSecond: "500" },
    { breakerCoolDownSeconds: "600" },
    { replayConcurrency: "64", accountConcurrency: "1000" },
    { replayConcurrency: "500", replaySegments: "500", accountConcurrency: "1000" }
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

  it("describes each key in the words that the arguments of the component are documented with", () => {
    const source = readFileSync(new URL("../../src/infra/settings.ts", import.meta.url), "utf8")
    const documented = [...source.matchAll(/\n {2}\/\*\*([\s\S]*?)\*\/\n {2}(\w+):/g)].map(([, text = "", key]) => [
      key,
      text
        .replace(/\n {3}\*/g, " ")
        .replace(/\s+/g, " ")
        .trim()
    ])
    const described = declared.map(([key, { description = "" }]) => [key, description.replace(/\s+/g, " ").trim()])
    assert.deepStrictEqual(Object.fromEntries(documented), Object.fromEntries(described))
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
