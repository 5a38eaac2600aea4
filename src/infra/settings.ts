import { defaultTopics, expandTopics } from "../genesys/aliases.ts"
import { genesysDomainOf } from "../genesys/regions.ts"
import { boolean, derived, ids, integer, known, list, oneOf, text } from "./setting.ts"

/** The longest delay that SQS grants a message, in seconds. */
export const MAX_DELAY_SECONDS = 900

const REGION = /^([a-z]{2,4}(-[a-z]+)+-\d)?$/

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/

/** The retention periods that CloudWatch Logs offers, in days. */
export const LOG_RETENTION_DAYS = [
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
 * CLI, in the words that stand here; a test holds the two together. One table, and so in one file.
 */
export const settings = {
  /**
   * Full name of the partner event source that the Genesys integration made,
   * aws.partner/genesys.com/cloud/<organisation>/<suffix>. It must exist before the stack. Empty: a custom bus, which
   * the simulator can feed; protect must then be false.
   */
  genesysEventSource: text(
    "",
    /^(aws\.partner\/genesys\.com\/cloud\/[^/\s]+\/[A-Za-z0-9._-]{1,64})?$/,
    "the full name of the partner event source, aws.partner/genesys.com/cloud/<organisation>/<suffix>, or nothing for a bus of our own"
  ),
  /**
   * The source of events on a custom bus; 1 to 256 letters, digits and . _ / -, not beginning with aws. On an
   * existingBusArn it may be a partner's, because copies keep the source of their events. Unused with a
   * genesysEventSource.
   */
  customEventSource: text(
    "genesys.simulator",
    /^(?!aws\.(?!partner\/genesys\.com\/))[A-Za-z0-9._/-]{1,256}$/,
    "a source of letters, digits and . _ / - that does not begin with aws., which only AWS and its partners may send"
  ),
  /**
   * ARN of an event bus in this account and region to take events from, such as the output copyBusArn of a stack in
   * another region. The stack then makes no bus, and destroys none. customEventSource says which events are taken. Empty:
   * the stack makes its bus.
   */
  existingBusArn: text(
    "",
    /^(arn:aws:events:[a-z0-9-]+:\d{12}:event-bus\/[/.\-_A-Za-z0-9]{1,256})?$/,
    "the ARN of an event bus, arn:aws:events:<region>:<account>:event-bus/<name>, or nothing for a bus of the stack"
  ),
  /**
   * Topics that the rule lets through, as templates with a literal {id}, or the aliases routing:queue.member,
   * routing:queue.member.states, voice:call and interaction:interaction. Default: all that have full support. Events of
   * others are stored and counted as unrouted. The event pattern of all together may have 2048 characters.
   */
  topics: list(defaultTopics, (names) => {
    const { topics, problems } = expandTopics(names)
    return { values: topics, problems }
  }),
  /**
   * The region that the Genesys integration was given for its events. When it is set, a stack in another region is
   * refused, because the partner source would not be there. Empty: not checked.
   */
  genesysRegion: text("", REGION, "a region such as eu-central-1, or nothing"),
  /**
   * A second region, other than aws:region. A rule copies every event to a bus there; its dead letters stay here. AWS
   * bills each copy as an event. Empty: none.
   */
  secondRegion: text("", REGION, "a region such as eu-west-1, or nothing"),
  /**
   * Events per second, 1 to 100000, that the stack handles without falling behind. The output quotasToRaise lists the
   * AWS quotas that are too low for this.
   */
  peakEventsPerSecond: integer(100, 1, 100_000),
  /** Size of an event in bytes, 100 to 1048576, envelope included. */
  averageEventBytes: integer(1_200, 100, 1_048_576),
  /**
   * Concurrent executions, 10 to 100000, that Lambda allows in this account and region: aws lambda get-account-settings
   * --query AccountLimit.ConcurrentExecutions. Required from a peakEventsPerSecond of 500 on, for append and project
   * reserve theirs, within this less the 100 that AWS keeps; 100 or less reserves nothing. Required with
   * provisionedConcurrency. 0: not known.
   */
  accountConcurrency: known(10, 100_000),
  /**
   * W, in seconds, 0 to 900: the age of an event at which its updates become visible. Until then, events that were
   * overtaken can still arrive. With skewBoundSeconds at most 900, the longest delay of SQS.
   */
  settleWindowSeconds: integer(5, 0, MAX_DELAY_SECONDS),
  /**
   * How far, in seconds, 0 to 900, a clock may run ahead of the event's arrival. Beyond that, the arrival replaces the
   * clock. With settleWindowSeconds at most 900.
   */
  skewBoundSeconds: integer(300, 0, MAX_DELAY_SECONDS),
  /**
   * Shards, 1 to 10000, each for 1 MB/s and 1,000 events/s; at least as many as the peak needs. 0: derived from the
   * peak, with 25 % headroom.
   */
  streamShards: derived(1, 10_000),
  /**
   * Hours, 24 to 8760, that the stream keeps a record: how long append may be down without loss. Must exceed
   * streamRecordAgeSeconds. Above 24 AWS charges extra.
   */
  streamRetentionHours: integer(24, 24, 8_760),
  /** Records in an invocation of append, 1 to 10000. Above 10, batchWindowSeconds must be at least 1. */
  batchSize: integer(500, 1, 10_000),
  /** Seconds, 0 to 300, that a batch waits to fill. Longer is cheaper at low rates, and delays updates by as much. */
  batchWindowSeconds: integer(1, 0, 300),
  /**
   * Batches of one shard in flight at once, 1 to 10. Events of one topic name stay in order. This times the shards is
   * the concurrency of append. 0: derived, so that a full shard is busy half of the time.
   */
  parallelizationFactor: derived(1, 10),
  /** Retries, 0 to 10000, before the records of a failing batch go to the failures bucket. */
  streamRetryAttempts: integer(10, 0, 10_000),
  /**
   * Age in seconds, 60 to 604800, at which a record goes to the failures bucket even with retries left. Must be below
   * streamRetentionHours. It bounds how long a failing batch can block a shard.
   */
  streamRecordAgeSeconds: integer(21_600, 60, 604_800),
  /** Messages in an invocation of project, 1 to 10000. Above 10, settleBatchWindowSeconds must be at least 1. */
  settleBatchSize: integer(10, 1, 10_000),
  /** Seconds, 0 to 300, that a batch of project waits to fill. It delays updates beyond settleWindowSeconds. */
  settleBatchWindowSeconds: integer(0, 0, 300),
  /**
   * Receives, 1 to 1000, before a message goes to the settle queue's dead letters. This times the visibility timeout (6
   * x projectTimeoutSeconds + settleBatchWindowSeconds) must be below settleRetentionDays.
   */
  settleMaxReceives: integer(5, 1, 1_000),
  /**
   * Concurrent invocations of project, 2 to 1000; at least as many as the peak needs. The projection tables are kept
   * warm for this number. 0: derived, as many as the tables take without throttling.
   */
  settleMaxConcurrency: derived(2, 1_000),
  /** Days, 1 to 13, that a message waits while project is down. Must be below dlqRetentionDays. */
  settleRetentionDays: integer(4, 1, 13),
  /** Seconds, 1 to 900, that an invocation of append may take. */
  appendTimeoutSeconds: integer(60, 1, 900),
  /**
   * Seconds, 1 to 900, that an invocation of project may take. The settle queue hides a message for six times as long.
   */
  projectTimeoutSeconds: integer(60, 1, 900),
  /**
   * Memory of a function in MiB, 128 to 10240. CPU grows with it; 1769 is one vCPU, and more does not make a batch
   * faster.
   */
  functionMemoryMb: integer(1_024, 128, 10_240),
  /** Retries, 0 to 185, before an event that the stream does not take goes to the rule's dead letters. */
  busRetryAttempts: integer(5, 0, 185),
  /** Age in seconds, 60 to 86400, at which such an event goes to the dead letters even with retries left. */
  busMaxEventAgeSeconds: integer(600, 60, 86_400),
  /** Days, 1 to 14, that dead letters wait for a redrive. Must exceed settleRetentionDays. */
  dlqRetentionDays: integer(14, 1, 14),
  /**
   * Messages a second, 1 to 1000, that redrive brings back, events and settle messages together. At most 500 for each
   * shard, which leaves half of the stream to live events.
   */
  redrivePerSecond: integer(50, 1, 1_000),
  /** Messages, 1 to 40000, in one run; there is one run a minute. At most 40 times redrivePerSecond. */
  redrivePerRun: integer(2_000, 1, 40_000),
  /**
   * How often, 1 to 100, redrive brings back a settle message, or an event that the stream refuses, before it parks it
   * and notifies people. Each time costs a settle message settleMaxReceives visibility timeouts; all together bound how
   * long the projection tables may be down before messages are parked.
   */
  redriveMaxAttempts: integer(10, 1, 100),
  /**
   * Failures in a row, 1 to 100, of the stream or settle queue that stop redrive into it until the breaker has cooled
   * down.
   */
  breakerFailures: integer(5, 1, 100),
  /**
   * Percent, 1 to 100, of failing calls within breakerWindowSeconds that also stops redrive, if there are at least
   * twice breakerFailures calls.
   */
  breakerFailurePercent: integer(50, 1, 100),
  /** Seconds, 10 to 3600, after a first failure in which breakerFailurePercent is counted. */
  breakerWindowSeconds: integer(300, 10, 3_600),
  /**
   * Seconds, 1 to 3600, until redrive probes with one message; doubled each time that the probe fails. At most
   * breakerLongestCoolDownSeconds. Runs are a minute apart, so less than 60 is no sooner.
   */
  breakerCoolDownSeconds: integer(60, 1, 3_600),
  /** The longest cool-down in seconds, 1 to 86400: how long after an outage redrive may still wait. */
  breakerLongestCoolDownSeconds: integer(600, 1, 86_400),
  /** Single messages, 1 to 100, that must succeed one after the other before redrive resumes in full. */
  breakerProbes: integer(3, 1, 100),
  /**
   * Parts, 1 to 1000, in which a replay reads the event store; each has its own checkpoint. At least replayConcurrency.
   * More segments than functions even out slow segments.
   */
  replaySegments: integer(64, 1, 1_000),
  /**
   * Functions, 1 to 1000, that a replay runs at once. At most replaySegments, and half of accountConcurrency, so live
   * traffic has the other half. Above 5, accountConcurrency is required.
   */
  replayConcurrency: integer(4, 1, 1_000),
  /**
   * Percent, 1 to 100, of the initial throughput of the event table and of a projection table that all functions of a
   * replay may use together. The rest is for live traffic.
   */
  replaySharePercent: integer(20, 1, 100),
  /**
   * Days, 0 to 1460, that events stay in the event table at least; 21 or more where it is not 0. Older ones move to an
   * archive in S3, a week at a time, once the archive was compared with the table twice (docs/archive.md). Replays, verify
   * and explain read both as one store. 0: events stay in the table for ever, and there is no archive.
   */
  eventRetentionDays: integer(0, 0, 1_460),
  /**
   * Storage class of the archive: STANDARD, STANDARD_IA or GLACIER_IR. All are read at once; the last is the cheapest to
   * keep and the dearest to read. It holds for objects that are written from then on.
   */
  archiveStorageClass: text(
    "STANDARD_IA",
    /^(STANDARD|STANDARD_IA|GLACIER_IR)$/,
    "STANDARD, STANDARD_IA or GLACIER_IR"
  ),
  /**
   * ARN of a bucket with versions in another account, into which S3 copies every object of the archive
   * (docs/archive.md). The stack does not make it; the output archiveCopyBucketPolicy says what its policy must hold.
   * Needs eventRetentionDays and archiveCopyAccount. Empty: no copy.
   */
  archiveCopyBucketArn: text(
    "",
    /^(arn:aws:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/,
    "the ARN of a bucket, arn:aws:s3:::<name>, or nothing for no copy"
  ),
  /** Id of the account that owns archiveCopyBucketArn, and then every copy. */
  archiveCopyAccount: text("", /^(\d{12})?$/, "the twelve digits of an account, or nothing for no copy"),
  /**
   * ARN of the key there under which the copies are, in the region of archiveCopyBucketArn. Required with customerKey, and
   * only then; the output archiveCopyKeyPolicy says what its policy must hold.
   */
  archiveCopyKeyArn: text(
    "",
    /^(arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,64})?$/,
    "the ARN of a key, arn:aws:kms:<region>:<account>:key/<id>, or nothing"
  ),
  /**
   * Name of the event table that the functions use in the place of the stack's own, such as one that was recovered to a
   * point in time (docs/recovery.md). The stack's own table stays as it is. Empty: the stack's own.
   */
  eventTableName: text(
    "",
    /^([A-Za-z0-9_.-]{3,255})?$/,
    "the name of a table: 3 to 255 letters, digits and _ . -, or nothing"
  ),
  /**
   * Give every projection table a stream of its row changes, with the old and the new image, for functions of yours
   * that must be notified (docs/changes.md). AWS keeps it for 24 hours and charges nothing for it or for reads by
   * Lambda; it bills what Lambda runs, and other reads. You can turn it on and off at any time.
   */
  projectionStreams: boolean(false),
  /**
   * Keep an index from every agent and queue to its events, so that projections explain --at reads only those and not
   * the whole event store. It costs about one write unit more an event (docs/costs.md), and takes at most 1,000 events
   * a second about one agent or queue. It knows the events that came after it was turned on; turning it off deletes it.
   */
  entityIndex: boolean(false),
  /**
   * Fold what happens in each queue by quarters of an hour, from which the reader says what was offered, answered and
   * abandoned, and the service level (docs/reading.md). It costs about 0.15 write units an event (docs/costs.md). false
   * leaves the projection queue-intervals out; its table then leaves the stack as that of any projection does that is
   * no longer listed.
   */
  queueIntervals: boolean(true),
  /**
   * Fold what each agent does by quarters of an hour, from which the reader says how long the agent was in each presence,
   * routing status and state, and what was handled and not answered (docs/reading.md). It costs about 0.12 write units an
   * event (docs/costs.md), so it is off unless you want it. true adds the projection agent-intervals with its table.
   */
  agentIntervals: boolean(false),
  /**
   * Name or ARN of a secret in AWS Secrets Manager that holds the OAuth client of your organisation as the JSON object
   * { clientId, clientSecret }, with the grant Client Credentials (docs/reconciling.md lists the permissions). With it
   * the stack has a function that sweeps the Genesys Cloud API, and needs genesysDomain. Empty: no sweeps, and nothing
   * fills the directory.
   */
  genesysCredentialsSecret: text(
    "",
    /^(arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}|[A-Za-z0-9/_+=.@-]{1,512})?$/,
    "the name or ARN of a secret, such as genesys/projections, or nothing for no sweeps"
  ),
  /**
   * The domain of your organisation's region in Genesys Cloud, such as mypurecloud.de, or the region by the name that AWS
   * gives it, such as eu-central-1. Required with genesysCredentialsSecret.
   */
  genesysDomain: text(
    "",
    { test: (value) => value === "" || genesysDomainOf(value) !== undefined },
    "the domain of a region of Genesys Cloud such as mypurecloud.de or usw2.pure.cloud, its name such as eu-central-1, or nothing"
  ),
  /**
   * When sweeps of the Genesys Cloud API begin, as a schedule expression of EventBridge such as rate(15 minutes) or
   * cron(0 5 * * ? *), in UTC. Empty: only when somebody runs npx projections reconcile.
   */
  reconcileSchedule: text(
    "",
    /^(rate\((1 (minute|hour|day)|([2-9]|[1-9]\d{1,4}) (minutes|hours|days))\)|cron\(([^\s()]{1,40} ){5}[^\s()]{1,40}\))?$/,
    "rate(15 minutes), cron(0 5 * * ? *) or another schedule expression of EventBridge, or nothing for sweeps on demand"
  ),
  /**
   * Percent, 5 to 100, of the 300 requests a minute of one OAuth client that a sweep uses. Leave room for critical
   * decisions and others that use the same client.
   */
  reconcileShare: integer(50, 5, 100),
  /**
   * Corrections, 1 to 1000000, that a sweep may make before the alarm events-lost says that events are being lost. A
   * correction is a fact that events should have told, and did not.
   */
  reconcileCorrections: integer(10, 1, 1_000_000),
  /**
   * Minutes, 15 to 20160, since the last whole sweep began, after which the alarm reconcile-late tells people. Set it above
   * two periods of reconcileSchedule, without which there is no such alarm.
   */
  reconcileLateMinutes: integer(180, 15, 20_160),
  /**
   * Read units a second, 0 to 1000, that the audit may spend: it compares a sample of events, rows and entries of the index
   * by entity with each other, all the time, and says what is not what the events say (docs/audit.md). What it costs follows from
   * this (docs/costs.md). 0: there is no audit.
   */
  auditReadUnitsPerSecond: integer(0, 0, 1_000),
  /**
   * What the directory keeps, which a sweep of the Genesys Cloud API fills. ids: who there is, without the names of
   * people. names: their names as well. emails: their names and e-mail addresses. Queues, wrap-up codes, presences,
   * divisions and teams have names in any case. A change takes effect with the next sweep, which also removes what is
   * kept no more, save of those who have left Genesys: theirs goes 30 days after that, or by npx projections forget.
   */
  directory: text("names", /^(ids|names|emails)$/, "ids, names or emails"),
  /**
   * Ids of the divisions whose agents and queues the directory keeps, and so lists and names; agents and queues of
   * others have ids alone. Projections hold all of them in any case. Empty: all divisions.
   */
  divisions: ids(/^[A-Za-z0-9-]{1,64}$/, "ids of divisions, such as 7f3e9a15-6c48-4b02-9d7e-5a1b8c0f4e63"),
  /**
   * ARNs of the IAM roles and users that may take the role by which npx projections erase erases a person from all that
   * the stack keeps (docs/erasure.md). Nothing else can overwrite or delete an event. Empty: there is no such role.
   */
  erasers: ids(
    /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]{1,512}$/,
    "ARNs of roles or users, such as arn:aws:iam::444455556666:role/privacy"
  ),
  /** Days, 1 to 36500, that quarantined and failed records are kept for a redrive. */
  quarantineRetentionDays: integer(365, 1, 36_500),
  /**
   * Days that logs are kept, one of CloudWatch's own: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
   * 1096, 1827, 2192, 2557, 2922, 3288, 3653.
   */
  logRetentionDays: oneOf(30, LOG_RETENTION_DAYS),
  /**
   * Minutes, 5 to 1440, without any event after which a genesysEventSource counts as silent. Set it above the quietest
   * time of the contact centre, or every night ends in an alarm.
   */
  quietMinutes: integer(60, 5, 1_440),
  /**
   * Which alarms a stack has. all: every alarm, joined into a few incidents that tell people, so that one incident is one
   * mail. essential: only those for what is lost, has stopped or waits for a person; each tells people itself. A quiet
   * stack saves about seven dollars a month with essential.
   */
  alarms: text("all", /^(all|essential)$/, "all or essential"),
  /**
   * The address at which people read docs/operations.md, such as its page in your copy of this repository. Every alarm
   * ends in a link to its section there.
   */
  operationsPage: text(
    "docs/operations.md",
    /^[^\s#]{1,300}$/,
    "the address of docs/operations.md where people read it, without a #"
  ),
  /**
   * The base URL of a collector that takes traces by OTLP over HTTP, such as a collector layer at
   * http://localhost:4318. Every invocation sends its spans, one per operation of a store and one per call within, to
   * <otlpEndpoint>/v1/traces before it returns, and waits at most 0.4 s for that. In a VPC the collector must be
   * reachable from subnetIds. Empty: nothing is traced, at no cost.
   */
  otlpEndpoint: text(
    "",
    /^(https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?)?$/,
    "the base URL of a collector such as http://localhost:4318, without a query or a password, or nothing"
  ),
  /**
   * An e-mail address that gets every alarm and notice, once its owner has confirmed the mail that AWS sends. Empty:
   * the stack subscribes nobody; people on duty subscribe to the topic noticesTopicArn.
   */
  noticeEmail: text("", /^([^\s@]+@[^\s@]+\.[^\s@]+)?$/, "one e-mail address, or nothing for no subscription"),
  /**
   * Execution environments, 0 to 1000, of append and of project each, that stay ready from provisionedFrom to
   * provisionedUntil, Monday to Friday; one stays ready at other times. Never more than the function runs at once. AWS
   * bills them while ready. Needs an accountConcurrency that holds them besides the 100 that AWS keeps. 0: none.
   */
  provisionedConcurrency: integer(0, 0, 1_000),
  /** Time of day, HH:MM in timeZone, before provisionedUntil. Unused without provisionedConcurrency. */
  provisionedFrom: text("08:00", CLOCK, "a time of day from 00:00 to 23:59"),
  /** Time of day, HH:MM in timeZone, after provisionedFrom. */
  provisionedUntil: text("17:00", CLOCK, "a time of day from 00:00 to 23:59"),
  /** Time zone of the schedule by its IANA name, such as Europe/Berlin. Daylight saving time is followed. */
  timeZone: text("UTC", isTimeZone, "a time zone by its IANA name, such as Europe/Berlin"),
  /**
   * A VPC for the functions, together with subnetIds. They call only DynamoDB, S3, SQS, Kinesis and SNS, so the VPC
   * needs no way to the internet. Empty: Lambda's own network.
   */
  vpcId: text("", /^(vpc-[0-9a-f]{8,17})?$/, "the id of a VPC, vpc-..., or nothing"),
  /** Private subnets of vpcId for the functions, in as many zones as possible. Each needs free addresses. */
  subnetIds: ids(/^subnet-[0-9a-f]{8,17}$/, "ids of subnets, subnet-..."),
  /** Route tables of subnetIds, which get the gateway endpoints of DynamoDB and S3. With vpcEndpoints. */
  routeTableIds: ids(/^rtb-[0-9a-f]{8,17}$/, "ids of route tables, rtb-..."),
  /**
   * Make the endpoints that the functions need in vpcId. A VPC has at most one with a private name for each service:
   * set this to false where they exist. Unused without vpcId.
   */
  vpcEndpoints: boolean(true),
  /**
   * Encrypt the stream, tables, buckets, queues and the notices topic with a key of this stack. It costs a dollar a
   * month, plus its use. Changing it replaces nothing, but existing data keeps its key. The key stays in the account
   * when you turn this off or destroy the stack, because older bodies can only be read with it.
   */
  customerKey: boolean(false),
  /**
   * Generations such as agents-v1 whose tables exist in AWS outside of the stack, because they were taken out of the
   * list while protect was true. The update takes these tables in, with their rows, instead of making them.
   */
  adoptedTables: ids(/^[a-z][a-z0-9-]{0,62}-v[1-9]\d*$/, "generations such as agents-v1"),
  /**
   * Guard the bus, stream, event store, buckets, notices and rule's dead letters against deletion, by AWS and by
   * Pulumi, and keep point-in-time recovery of the event store. Remove it in an update of its own before you destroy a
   * stack.
   */
  protect: boolean(false)
}
