import { capacityOf, projectionsAtOnce, RESERVE_FROM, shardsFor, UNRESERVED } from "./capacity.ts"
import { eventSource, loadOf, loadSettings, type StackConfig, settleVisibilitySeconds } from "./config.ts"
import { eventPattern, MAX_PATTERN_LENGTH } from "./delivery.ts"
import { NEW_ACCOUNT_CONCURRENCY } from "./quotas.ts"
import { LONGEST_RUN_SECONDS } from "./redrive.ts"
import { MAX_DELAY_SECONDS } from "./settings.ts"

interface Relation {
  /** The keys that it relates; it is looked at only when all of them could be read. */
  readonly keys: ReadonlyArray<keyof StackConfig>
  readonly fault: (config: StackConfig, place: Place) => string | false
}

/** What a configuration has to fit besides itself. */
export interface Place {
  /** The region that the stack is made in; empty when only the environment of the deployment knows it. */
  readonly region: string
  /** Generations of a projection that are folded, on average. */
  readonly generations: number
}

const MAX_SHARDS = 10_000

/** A week until a window closes, a week until it is confirmed, and one for whatever is late. */
const LEAST_RETENTION_DAYS = 21

/** Events a second that redrive may put into a shard: half of what it takes. */
const REDRIVE_PER_SHARD = 500

/** How to learn the quota of an account. */
const ASK_LAMBDA = "`aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions`"

const UNITS: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440 }

/** Minutes between two ticks of a rate; undefined for another schedule. */
const minutesOf = (schedule: string): number | undefined => {
  const [, count, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? []
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0)
}

const relations: ReadonlyArray<Relation> = [
  {
    keys: ["genesysRegion"],
    fault: (c, { region }) =>
      c.genesysRegion !== "" &&
      c.genesysRegion !== region &&
      `genesysRegion is ${c.genesysRegion} but aws:region is ${region}; set aws:region to ${c.genesysRegion}, for a partner bus and its rules must be where the partner event source is.`
  },
  {
    keys: ["genesysCredentialsSecret", "genesysDomain"],
    fault: (c) =>
      c.genesysCredentialsSecret !== "" &&
      c.genesysDomain === "" &&
      "genesysCredentialsSecret is set without a genesysDomain; set the domain of your organisation's region, such as mypurecloud.de."
  },
  {
    keys: ["genesysCredentialsSecret", "reconcileSchedule"],
    fault: (c) =>
      c.genesysCredentialsSecret === "" &&
      c.reconcileSchedule !== "" &&
      `reconcileSchedule is ${c.reconcileSchedule} without a genesysCredentialsSecret; set the secret that holds the OAuth client, or remove the key.`
  },
  {
    keys: ["reconcileSchedule", "reconcileLateMinutes"],
    fault: (c) => {
      const period = minutesOf(c.reconcileSchedule)
      return (
        period !== undefined &&
        c.reconcileLateMinutes <= 2 * period &&
        `reconcileLateMinutes is ${c.reconcileLateMinutes}, but sweeps begin every ${period} minutes; set it above ${2 * period}, for a sweep that is not due yet is not late.`
      )
    }
  },
  {
    keys: ["eventRetentionDays", "dlqRetentionDays"],
    fault: (c) => {
      const least = Math.max(LEAST_RETENTION_DAYS, c.dlqRetentionDays + 1)
      return (
        c.eventRetentionDays > 0 &&
        c.eventRetentionDays < least &&
        `eventRetentionDays is ${c.eventRetentionDays}; set it to at least ${least}, for a week is archived, confirmed a week later, and longer in the table than dead letters wait, or to 0 for no archive.`
      )
    }
  },
  {
    keys: ["eventRetentionDays", "streamRetentionHours"],
    fault: (c) =>
      c.eventRetentionDays > 0 &&
      c.eventRetentionDays * 24 <= c.streamRetentionHours &&
      `eventRetentionDays is ${c.eventRetentionDays}, but the stream keeps records for ${c.streamRetentionHours} hours; set it above ${Math.ceil(c.streamRetentionHours / 24)}, for what the stream brings again must still be in the table.`
  },
  {
    keys: ["archiveCopyBucketArn", "eventRetentionDays"],
    fault: (c) =>
      c.archiveCopyBucketArn !== "" &&
      c.eventRetentionDays === 0 &&
      "archiveCopyBucketArn is set without eventRetentionDays; set the days after which events are archived, or remove the key, for there is no archive to copy."
  },
  {
    keys: ["archiveCopyBucketArn", "archiveCopyAccount"],
    fault: (c) =>
      (c.archiveCopyBucketArn === "") !== (c.archiveCopyAccount === "") &&
      `${c.archiveCopyAccount === "" ? "archiveCopyAccount" : "archiveCopyBucketArn"} is missing; set both, or remove both for no copy of the archive.`
  },
  {
    keys: ["archiveCopyBucketArn", "archiveCopyKeyArn", "customerKey"],
    fault: (c) =>
      c.archiveCopyBucketArn !== "" &&
      c.customerKey &&
      c.archiveCopyKeyArn === "" &&
      "archiveCopyKeyArn is missing with customerKey; set a key of the other account, for S3 copies what is under a key only under another."
  },
  {
    keys: ["archiveCopyBucketArn", "archiveCopyKeyArn", "customerKey"],
    fault: (c) =>
      c.archiveCopyKeyArn !== "" &&
      (c.archiveCopyBucketArn === "" || !c.customerKey) &&
      `archiveCopyKeyArn is set without ${c.archiveCopyBucketArn === "" ? "an archiveCopyBucketArn" : "customerKey"}; remove it, for nothing is copied under it.`
  },
  {
    keys: ["archiveCopyAccount", "archiveCopyKeyArn"],
    fault: (c) => {
      const owner = c.archiveCopyKeyArn.split(":")[4] ?? ""
      return (
        c.archiveCopyAccount !== "" &&
        owner !== "" &&
        owner !== c.archiveCopyAccount &&
        `archiveCopyKeyArn is a key of the account ${owner}, but archiveCopyAccount is ${c.archiveCopyAccount}; set a key of the account that owns the bucket.`
      )
    }
  },
  {
    keys: ["secondRegion"],
    fault: (c, { region }) =>
      c.secondRegion !== "" &&
      c.secondRegion === region &&
      `secondRegion is ${region}, where the stack is already; set another region, or remove the key for no copy.`
  },
  {
    keys: ["existingBusArn", "genesysEventSource"],
    fault: (c) =>
      c.existingBusArn !== "" &&
      c.genesysEventSource !== "" &&
      "existingBusArn is set with a genesysEventSource, for which the stack makes a bus; remove one of them, and name the source of copied events in customEventSource."
  },
  {
    keys: ["existingBusArn"],
    fault: (c, { region }) => {
      const at = c.existingBusArn.split(":")[3] ?? region
      return (
        region !== "" &&
        at !== region &&
        `existingBusArn is a bus in ${at} but aws:region is ${region}; deploy this stack there, for a rule must be where its bus is.`
      )
    }
  },
  {
    keys: ["existingBusArn", "customEventSource", "genesysEventSource"],
    fault: (c) =>
      c.existingBusArn === "" &&
      c.genesysEventSource === "" &&
      c.customEventSource.startsWith("aws.") &&
      `customEventSource is ${c.customEventSource} without an existingBusArn; set it as genesysEventSource where the partner event source is, or set the bus that its copies arrive at.`
  },
  {
    keys: ["protect", "genesysEventSource", "existingBusArn"],
    fault: (c) =>
      c.protect &&
      c.genesysEventSource === "" &&
      c.existingBusArn === "" &&
      "protect is true without a genesysEventSource; set the name that the Genesys integration shows, for the partner's bus cannot take the place of a protected custom bus later."
  },
  {
    keys: ["peakEventsPerSecond", "averageEventBytes", "streamShards"],
    fault: (c) => {
      const needed = shardsFor(c, 1)
      return (
        c.streamShards > 0 &&
        c.streamShards < needed &&
        `streamShards is ${c.streamShards}, but ${c.peakEventsPerSecond} events/s of ${c.averageEventBytes} bytes need ${needed}; raise it, or remove it to have it derived with head-room.`
      )
    }
  },
  {
    keys: ["peakEventsPerSecond", "averageEventBytes", "streamShards"],
    fault: (c) =>
      c.streamShards === 0 &&
      shardsFor(c) > MAX_SHARDS &&
      `peakEventsPerSecond and averageEventBytes need ${shardsFor(c)} shards; lower one, for a stream has at most ${MAX_SHARDS}.`
  },
  {
    keys: [...loadSettings, "secondRegion"],
    fault: (c, { generations }) => {
      const { appendInFlight, appendConcurrency } = capacityOf(loadOf(c, generations))
      return (
        appendInFlight > appendConcurrency &&
        `append is ${appendInFlight.toFixed(1)} times in flight at peakEventsPerSecond of ${c.peakEventsPerSecond}, but streamShards and parallelizationFactor allow ${appendConcurrency}; raise one of them or functionMemoryMb.`
      )
    }
  },
  {
    keys: [...loadSettings, "secondRegion"],
    fault: (c, { generations }) => {
      const needed = projectionsAtOnce(loadOf(c, generations))
      const { projectConcurrency } = capacityOf({
        ...loadOf(c, generations),
        accountConcurrency: Number.POSITIVE_INFINITY
      })
      return (
        needed > projectConcurrency &&
        `peakEventsPerSecond of ${c.peakEventsPerSecond} needs ${Math.ceil(needed)} invocations of project at once, but settleMaxConcurrency allows ${projectConcurrency}; raise it or functionMemoryMb.`
      )
    }
  },
  {
    keys: ["peakEventsPerSecond", "accountConcurrency"],
    fault: (c) =>
      c.peakEventsPerSecond >= RESERVE_FROM &&
      c.accountConcurrency === 0 &&
      `accountConcurrency is missing with peakEventsPerSecond of ${c.peakEventsPerSecond}; set it to what ${ASK_LAMBDA} prints, for append and project reserve theirs from ${RESERVE_FROM} events/s on, and a new account has less than they need.`
  },
  {
    keys: [...loadSettings, "secondRegion", "provisionedConcurrency"],
    fault: (c, { generations }) => {
      if (c.provisionedConcurrency === 0) return false
      if (c.accountConcurrency === 0)
        return `accountConcurrency is missing with a provisionedConcurrency; set it to what ${ASK_LAMBDA} prints, for environments that are ready count against it.`
      const { appendReady, projectConcurrency, reserved } = capacityOf(loadOf(c, generations))
      const [append, project] = [appendReady, projectConcurrency].map((most) =>
        Math.min(c.provisionedConcurrency, most)
      )
      const needed = (append ?? 0) + (project ?? 0) + UNRESERVED
      return (
        reserved === undefined &&
        needed > c.accountConcurrency &&
        `provisionedConcurrency is ${c.provisionedConcurrency}, which keeps ${append} environments of append and ${project} of project ready, with an accountConcurrency of ${c.accountConcurrency}; remove it, or have that quota raised to at least ${needed}, for AWS leaves ${UNRESERVED} to other functions.`
      )
    }
  },
  {
    keys: ["provisionedFrom", "provisionedUntil"],
    fault: (c) =>
      c.provisionedFrom >= c.provisionedUntil &&
      `provisionedFrom is ${c.provisionedFrom}, which is not before provisionedUntil of ${c.provisionedUntil}; set an earlier time, for the schedule begins and ends on one day.`
  },
  {
    keys: ["vpcId", "subnetIds", "routeTableIds"],
    fault: (c) =>
      (c.vpcId === "") !== (c.subnetIds.length === 0) &&
      `${c.vpcId === "" ? "vpcId" : "subnetIds"} is missing; set vpcId and subnetIds together, or remove both for functions outside of a VPC.`
  },
  {
    keys: ["vpcId", "routeTableIds", "vpcEndpoints"],
    fault: (c) =>
      c.vpcId !== "" &&
      c.vpcEndpoints &&
      c.routeTableIds.length === 0 &&
      "routeTableIds is missing with a vpcId; set the route tables of the subnets, or vpcEndpoints to false when the VPC has its endpoints already."
  },
  {
    keys: ["vpcId", "routeTableIds", "vpcEndpoints"],
    fault: (c) =>
      (c.vpcId === "" || !c.vpcEndpoints) &&
      c.routeTableIds.length > 0 &&
      `routeTableIds is set ${c.vpcId === "" ? "without a vpcId" : "with vpcEndpoints false"}; remove it, for it only says where gateway endpoints go.`
  },
  {
    keys: ["vpcId", "vpcEndpoints"],
    fault: (c, { region }) =>
      c.vpcId !== "" &&
      c.vpcEndpoints &&
      region === "" &&
      "vpcId is set but the region is not known; set aws:region in the configuration of the stack, for the names of endpoints hold it."
  },
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
    keys: ["redrivePerSecond", "redrivePerRun"],
    fault: (c) =>
      c.redrivePerRun > c.redrivePerSecond * LONGEST_RUN_SECONDS &&
      `redrivePerRun is ${c.redrivePerRun}, which takes longer than ${LONGEST_RUN_SECONDS} s at redrivePerSecond of ${c.redrivePerSecond}; lower it, for a run ends before the next minute begins.`
  },
  {
    keys: ["redrivePerSecond", "peakEventsPerSecond", "averageEventBytes", "streamShards"],
    fault: (c) => {
      const shards = c.streamShards || shardsFor(c)
      return (
        c.redrivePerSecond > shards * REDRIVE_PER_SHARD &&
        `redrivePerSecond is ${c.redrivePerSecond} with ${shards} shard${shards === 1 ? "" : "s"}; lower it to ${shards * REDRIVE_PER_SHARD}, so that at least half of the stream is left to live events.`
      )
    }
  },
  {
    keys: ["breakerCoolDownSeconds", "breakerLongestCoolDownSeconds"],
    fault: (c) =>
      c.breakerCoolDownSeconds > c.breakerLongestCoolDownSeconds &&
      `breakerCoolDownSeconds is ${c.breakerCoolDownSeconds}, which exceeds breakerLongestCoolDownSeconds of ${c.breakerLongestCoolDownSeconds}; lower it, for it only grows from there.`
  },
  {
    keys: ["replayConcurrency", "replaySegments"],
    fault: (c) =>
      c.replayConcurrency > c.replaySegments &&
      `replayConcurrency is ${c.replayConcurrency}, which exceeds replaySegments of ${c.replaySegments}; raise replaySegments, for a function works on one segment.`
  },
  {
    keys: ["replayConcurrency", "accountConcurrency"],
    fault: (c) =>
      c.accountConcurrency === 0 &&
      c.replayConcurrency * 2 > NEW_ACCOUNT_CONCURRENCY &&
      `accountConcurrency is missing with a replayConcurrency of ${c.replayConcurrency}; set it to what ${ASK_LAMBDA} prints, or lower replayConcurrency to ${NEW_ACCOUNT_CONCURRENCY / 2}, half of what a new account has.`
  },
  {
    keys: ["replayConcurrency", "accountConcurrency"],
    fault: (c) =>
      c.accountConcurrency > 0 &&
      c.replayConcurrency * 2 > c.accountConcurrency &&
      `replayConcurrency is ${c.replayConcurrency} with an accountConcurrency of ${c.accountConcurrency}; lower it to ${Math.floor(c.accountConcurrency / 2)}, so that at least half of the account is left to live traffic.`
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

/** What contradicts what, one sentence each, among the keys that could be read. */
export const relationFaults = (read: Partial<StackConfig>, place: Place): ReadonlyArray<string> =>
  relations.flatMap(({ keys, fault }) => {
    const found = keys.every((key) => key in read) && fault(read as StackConfig, place)
    return found ? [found] : []
  })
