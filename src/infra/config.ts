import { defaultTopics, expandTopics } from "../genesys/aliases.ts"
import type { Load } from "./capacity.ts"
import type { BreakerArgs } from "./redrive.ts"
import { boolean, derived, ids, integer, list, oneOf, type Setting, text } from "./setting.ts"
import type { Schedule } from "./warm-alias.ts"

/** The longest delay that SQS grants a message, in seconds. */
export const MAX_DELAY_SECONDS = 900

const REGION = /^([a-z]{2,4}(-[a-z]+)+-\d)?$/

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/

/** The retention periods that CloudWatch Logs offers, in days. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]

/** Whether Node knows it by name. Offsets such as +01:00 it knows as well, but a schedule does not take them. */
const isTimeZone = {
  test: (name: string): boolean => {
    if (!/^[A-Z][A-Za-z]+([/_+-][A-Za-z0-9]+)*$/.test(name)) return false
    try {
      new Intl.DateTimeFormat("en", { timeZone: name })
      return true
    } catch {
      return false
    }
  }
}

/**
 * Every key of the stack's configuration. `Pulumi.yaml` describes each with its unit, bounds and relations, for people and for the
 * CLI; a test holds the two together.
 */
export const settings = {
  genesysEventSource: text(
    "",
    /^(aws\.partner\/genesys\.com\/cloud\/[^/\s]+\/[A-Za-z0-9._-]{1,64})?$/,
    "the full name of the partner event source, aws.partner/genesys.com/cloud/<organisation>/<suffix>, or nothing for a bus of our own"
  ),
  customEventSource: text(
    "genesys.simulator",
    /^(?!aws\.)[A-Za-z0-9._/-]{1,256}$/,
    "a source of letters, digits and . _ / - that does not begin with aws., which only AWS and its partners may send"
  ),
  topics: list(defaultTopics, (names) => {
    const { topics, problems } = expandTopics(names)
    return { values: topics, problems }
  }),
  genesysRegion: text("", REGION, "a region such as eu-central-1, or nothing"),
  secondRegion: text("", REGION, "a region such as eu-west-1, or nothing"),
  peakEventsPerSecond: integer(100, 1, 100_000),
  averageEventBytes: integer(1_200, 100, 1_048_576),
  accountConcurrency: integer(1_000, 10, 100_000),
  settleWindowSeconds: integer(5, 0, MAX_DELAY_SECONDS),
  skewBoundSeconds: integer(300, 0, MAX_DELAY_SECONDS),
  streamShards: derived(1, 10_000),
  streamRetentionHours: integer(24, 24, 8_760),
  batchSize: integer(500, 1, 10_000),
  batchWindowSeconds: integer(1, 0, 300),
  parallelizationFactor: derived(1, 10),
  streamRetryAttempts: integer(10, 0, 10_000),
  streamRecordAgeSeconds: integer(21_600, 60, 604_800),
  settleBatchSize: integer(10, 1, 10_000),
  settleBatchWindowSeconds: integer(0, 0, 300),
  settleMaxReceives: integer(5, 1, 1_000),
  settleMaxConcurrency: derived(2, 1_000),
  settleRetentionDays: integer(4, 1, 13),
  appendTimeoutSeconds: integer(60, 1, 900),
  projectTimeoutSeconds: integer(60, 1, 900),
  functionMemoryMb: integer(1_024, 128, 10_240),
  busRetryAttempts: integer(5, 0, 185),
  busMaxEventAgeSeconds: integer(600, 60, 86_400),
  dlqRetentionDays: integer(14, 1, 14),
  redrivePerSecond: integer(50, 1, 1_000),
  redrivePerRun: integer(2_000, 1, 40_000),
  redriveMaxAttempts: integer(10, 1, 100),
  breakerFailures: integer(5, 1, 100),
  breakerFailurePercent: integer(50, 1, 100),
  breakerWindowSeconds: integer(300, 10, 3_600),
  breakerCoolDownSeconds: integer(60, 1, 3_600),
  breakerLongestCoolDownSeconds: integer(600, 1, 86_400),
  breakerProbes: integer(3, 1, 100),
  replaySegments: integer(64, 1, 1_000),
  replayConcurrency: integer(4, 1, 1_000),
  replaySharePercent: integer(20, 1, 100),
  projectionStreams: boolean(false),
  entityIndex: boolean(false),
  quarantineRetentionDays: integer(365, 1, 36_500),
  logRetentionDays: oneOf(30, LOG_RETENTION_DAYS),
  quietMinutes: integer(60, 5, 1_440),
  operationsPage: text(
    "docs/operations.md",
    /^[^\s#]{1,300}$/,
    "the address of docs/operations.md where people read it, without a #"
  ),
  otlpEndpoint: text(
    "",
    /^(https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?)?$/,
    "the base URL of a collector such as http://localhost:4318, without a query or a password, or nothing"
  ),
  noticeEmail: text("", /^([^\s@]+@[^\s@]+\.[^\s@]+)?$/, "one e-mail address, or nothing for no subscription"),
  provisionedConcurrency: integer(0, 0, 1_000),
  provisionedFrom: text("08:00", CLOCK, "a time of day from 00:00 to 23:59"),
  provisionedUntil: text("17:00", CLOCK, "a time of day from 00:00 to 23:59"),
  timeZone: text("UTC", isTimeZone, "a time zone by its IANA name, such as Europe/Berlin"),
  vpcId: text("", /^(vpc-[0-9a-f]{8,17})?$/, "the id of a VPC, vpc-..., or nothing"),
  subnetIds: ids(/^subnet-[0-9a-f]{8,17}$/, "ids of subnets, subnet-..."),
  routeTableIds: ids(/^rtb-[0-9a-f]{8,17}$/, "ids of route tables, rtb-..."),
  vpcEndpoints: boolean(true),
  customerKey: boolean(false),
  protect: boolean(false)
}

/** The settings of a stack, each as `Pulumi.yaml` describes it. */
export type StackConfig = {
  readonly [K in keyof typeof settings]: (typeof settings)[K] extends Setting<infer T> ? T : never
}

/** The `source` that the rule lets through. */
export const eventSource = (config: Pick<StackConfig, "genesysEventSource" | "customEventSource">): string =>
  config.genesysEventSource || config.customEventSource

/** AWS asks for six times the timeout and the batch window, so that a throttled batch is not received twice. */
export const settleVisibilitySeconds = (
  config: Pick<StackConfig, "projectTimeoutSeconds" | "settleBatchWindowSeconds">
): number => 6 * config.projectTimeoutSeconds + config.settleBatchWindowSeconds

/** How many generations of a projection are folded, on average: more than 1 while a raised version stands beside the one before. */
export const generationsOf = (projections: ReadonlyArray<{ readonly name: string }>): number =>
  projections.length / new Set(projections.map(({ name }) => name)).size

/** What the stack must carry, with that many generations of a projection. */
export const loadOf = (config: StackConfig, generations: number): Load => ({
  ...config,
  targets: config.secondRegion === "" ? 1 : 2,
  generations
})

/** When environments of a function are kept ready that runs at most `concurrency` times at once; nothing when none are. */
export const scheduleOf = (config: StackConfig, concurrency: number): { readonly schedule?: Schedule } =>
  config.provisionedConcurrency === 0
    ? {}
    : {
        schedule: {
          environments: Math.min(config.provisionedConcurrency, concurrency),
          from: config.provisionedFrom,
          until: config.provisionedUntil,
          timeZone: config.timeZone
        }
      }

/** When the breakers of redrive open, wait and close. */
export const breakerOf = (config: StackConfig): BreakerArgs => ({
  failures: config.breakerFailures,
  failurePercent: config.breakerFailurePercent,
  windowSeconds: config.breakerWindowSeconds,
  coolDownSeconds: config.breakerCoolDownSeconds,
  longestCoolDownSeconds: config.breakerLongestCoolDownSeconds,
  probes: config.breakerProbes
})
