import { defaultTopics, expandTopics } from "../genesys/aliases.ts"
import { eventPattern, MAX_PATTERN_LENGTH } from "./event-pattern.ts"
import { boolean, integer, list, oneOf, type Setting, text } from "./setting.ts"

/** The longest delay that SQS grants a message, in seconds. */
const MAX_DELAY_SECONDS = 900

/** The retention periods that CloudWatch Logs offers, in days. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]

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
  settleWindowSeconds: integer(5, 0, MAX_DELAY_SECONDS),
  skewBoundSeconds: integer(300, 0, MAX_DELAY_SECONDS),
  streamShards: integer(1, 1, 500),
  streamRetentionHours: integer(24, 24, 8_760),
  batchSize: integer(500, 1, 10_000),
  batchWindowSeconds: integer(1, 0, 300),
  parallelizationFactor: integer(1, 1, 10),
  streamRetryAttempts: integer(10, 0, 10_000),
  streamRecordAgeSeconds: integer(21_600, 60, 604_800),
  settleBatchSize: integer(10, 1, 10_000),
  settleBatchWindowSeconds: integer(0, 0, 300),
  settleMaxReceives: integer(5, 1, 1_000),
  settleMaxConcurrency: integer(10, 2, 1_000),
  settleRetentionDays: integer(4, 1, 13),
  appendTimeoutSeconds: integer(60, 1, 900),
  projectTimeoutSeconds: integer(60, 1, 900),
  functionMemoryMb: integer(1_024, 128, 10_240),
  busRetryAttempts: integer(5, 0, 185),
  busMaxEventAgeSeconds: integer(600, 60, 86_400),
  dlqRetentionDays: integer(14, 1, 14),
  quarantineRetentionDays: integer(365, 1, 36_500),
  logRetentionDays: oneOf(30, LOG_RETENTION_DAYS),
  noticeEmail: text("", /^([^\s@]+@[^\s@]+\.[^\s@]+)?$/, "one e-mail address, or nothing for no subscription"),
  protect: boolean(false)
}

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

interface Relation {
  /** The keys that it relates; it is looked at only when all of them could be read. */
  readonly keys: ReadonlyArray<keyof StackConfig>
  readonly fault: (config: StackConfig) => string | false
}

const relations: ReadonlyArray<Relation> = [
  {
    keys: ["settleWindowSeconds", "skewBoundSeconds"],
    fault: (c) =>
      c.settleWindowSeconds + c.skewBoundSeconds > MAX_DELAY_SECONDS &&
      `settleWindowSeconds and skewBoundSeconds are ${c.settleWindowSeconds + c.skewBoundSeconds} together; lower one, for SQS delays a message by at most ${MAX_DELAY_SECONDS}.`
  },
  {
    keys: ["batchSize", "batchWindowSeconds"],
    fault: (c) =>
      c.batchSize > 10 &&
      c.batchWindowSeconds < 1 &&
      `batchWindowSeconds is 0 with a batchSize of ${c.batchSize}; set it to at least 1, as AWS asks above 10 records.`
  },
  {
    keys: ["settleBatchSize", "settleBatchWindowSeconds"],
    fault: (c) =>
      c.settleBatchSize > 10 &&
      c.settleBatchWindowSeconds < 1 &&
      `settleBatchWindowSeconds is 0 with a settleBatchSize of ${c.settleBatchSize}; set it to at least 1, as AWS asks above 10 messages.`
  },
  {
    keys: ["streamRetentionHours", "streamRecordAgeSeconds"],
    fault: (c) =>
      c.streamRetentionHours * 3_600 <= c.streamRecordAgeSeconds &&
      `streamRetentionHours is ${c.streamRetentionHours}, which does not exceed streamRecordAgeSeconds of ${c.streamRecordAgeSeconds}; raise it, or records expire before they reach the failures bucket.`
  },
  {
    keys: ["settleRetentionDays", "dlqRetentionDays"],
    fault: (c) =>
      c.settleRetentionDays >= c.dlqRetentionDays &&
      `settleRetentionDays is ${c.settleRetentionDays}, which is not below dlqRetentionDays of ${c.dlqRetentionDays}; lower it, for SQS counts the age of a dead letter from its first send.`
  },
  {
    keys: ["settleMaxReceives", "settleRetentionDays", "projectTimeoutSeconds", "settleBatchWindowSeconds"],
    fault: (c) =>
      c.settleMaxReceives * settleVisibilitySeconds(c) + MAX_DELAY_SECONDS >= c.settleRetentionDays * 86_400 &&
      `settleMaxReceives is ${c.settleMaxReceives} with a visibility timeout of ${settleVisibilitySeconds(c)} s; lower it, or messages expire after settleRetentionDays before they are dead letters.`
  },
  {
    keys: ["topics", "genesysEventSource", "customEventSource"],
    fault: (c) => {
      const { length } = eventPattern(eventSource(c), c.topics)
      return (
        length > MAX_PATTERN_LENGTH &&
        `topics make an event pattern of ${length} characters; name fewer, for EventBridge takes ${MAX_PATTERN_LENGTH}.`
      )
    }
  }
]

/** Everything that is wrong with a configuration, one sentence each. */
export class ConfigError extends Error {
  readonly faults: ReadonlyArray<string>
  constructor(faults: ReadonlyArray<string>) {
    super(`the configuration has ${faults.length} fault${faults.length === 1 ? "" : "s"}:\n- ${faults.join("\n- ")}`)
    this.name = "ConfigError"
    this.faults = faults
  }
}

/**
 * The configuration as a typed value, from the texts that Pulumi hands to a program: key without namespace to text, lists as
 * JSON. An absent key has its default. Throws a `ConfigError` with all faults at once.
 */
export const decodeConfig = (record: Readonly<Record<string, string>>): StackConfig => {
  const faults = Object.keys(record)
    .filter((key) => !Object.hasOwn(settings, key))
    .map((key) => `${key} is not a key of this project; remove it, or correct its spelling (see Pulumi.yaml).`)
  const config: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings)) {
    const text = Object.hasOwn(record, key) ? record[key] : undefined
    const read = text === undefined ? { value: setting.default } : setting.read(text)
    if ("value" in read) config[key] = read.value
    else faults.push(...read.faults.map((fault) => `${key} ${fault}`))
  }
  for (const { keys, fault } of relations) {
    const found = keys.every((key) => key in config) && fault(config as unknown as StackConfig)
    if (found) faults.push(found)
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return config as unknown as StackConfig
}
