import {
  type Exceptions,
  each,
  isText,
  namesIn,
  ofType,
  parsed,
  type Resource,
  type Rule,
  record,
  type Stack,
  types,
  without
} from "./rule.ts"
import { type PolicyStatement, statementsOf } from "./statements.ts"

const keptForEver: Exceptions = {
  overflow: "event bodies are part of the event store, which forgets nothing",
  archive: "events that left the event table are here alone"
}

const withoutKey: Exceptions = {
  notices: "names of alarms and counts go through it, never an event, and SNS encrypts its disks"
}

const withoutCustomerKey: Exceptions = {
  control: "the state of the breaker, pointers and checkpoints are in it, never an event",
  "redrive-dlq": "ticks of a clock are in it, never an event",
  "archive-dlq": "ticks of a clock are in it, never an event",
  "reconcile-dlq": "ticks of a clock are in it, never an event",
  "audit-dlq": "ticks of a clock are in it, never an event"
}

/**
 * Leaves out tables that are made again from what is elsewhere: generations and the index by entity from the event store, the directory from
 * the Genesys Cloud API.
 */
const withoutDerivedTables = (stack: Stack, resources: ReadonlyArray<Resource>): ReadonlyArray<Resource> => {
  const names = namesIn(stack, ["entities", "directory"])
  return resources.filter(({ type, name }) => type !== types.table || !(/-v\d+$/.test(name) || names.has(name)))
}

/** What AWS and Pulumi refuse to delete in production. The settle queues are not among them: what is in them is stored as events. */
const irreplaceable = [types.bus, types.stream, types.table, types.bucket, types.topic, types.key]

const refusesPlainHttp = ({ effect, others, conditions }: PolicyStatement): boolean =>
  effect === "Deny" && others.includes("*") && (conditions["aws:securetransport"] ?? []).includes("false")

/** That policies of a type, found by the property that names what they are for, refuse plain HTTP on each resource of another. */
const tlsOnly = (
  stack: Stack,
  resources: string,
  policies: string,
  isFor: (policy: Resource, resource: Resource) => boolean
) =>
  each(ofType(stack, resources), (resource) => {
    const statements = ofType(stack, policies)
      .filter((policy) => isFor(policy, resource))
      .flatMap(statementsOf)
    return !statements.some(refusesPlainHttp) && "takes plain HTTP"
  })

const encrypted: Readonly<Record<string, (resource: Resource, stack: Stack) => boolean>> = {
  [types.queue]: ({ props }) => props.sqsManagedSseEnabled === true || isText(props.kmsMasterKeyId),
  [types.stream]: ({ props }) => props.encryptionType === "KMS" && isText(props.kmsKeyId),
  [types.topic]: ({ props }) => isText(props.kmsMasterKeyId),
  [types.bucket]: (bucket, stack) => isText(bucketEncryption(stack, bucket).sseAlgorithm)
}

const bucketEncryption = (stack: Stack, { props }: Resource): Readonly<Record<string, unknown>> => {
  const found = ofType(stack, types.bucketEncryption).find((one) => one.props.bucket === props.bucket)
  return record(record([found?.props.rules].flat()[0]).applyServerSideEncryptionByDefault)
}

/** The key under which bodies rest, by type. */
const keyOf: Readonly<Record<string, (resource: Resource, stack: Stack) => unknown>> = {
  [types.queue]: ({ props }) => props.kmsMasterKeyId,
  [types.stream]: ({ props }) => props.kmsKeyId,
  [types.table]: ({ props }) => record(props.serverSideEncryption).kmsKeyArn,
  [types.bucket]: (bucket, stack) => bucketEncryption(stack, bucket).kmsMasterKeyId
}

const forBucket = ({ props }: Resource, bucket: Resource) => props.bucket === bucket.props.bucket

export const dataRules: ReadonlyArray<Rule> = [
  {
    name: "tls-only",
    says: "Buckets, queues and topics refuse plain HTTP.",
    check: (stack) => [
      ...tlsOnly(stack, types.bucket, types.bucketPolicy, forBucket),
      ...tlsOnly(
        stack,
        types.queue,
        types.queuePolicy,
        (policy, queue) => policy.props.queueUrl !== undefined && policy.props.queueUrl === queue.props.url
      ),
      ...tlsOnly(stack, types.topic, types.topicPolicy, (policy, topic) => policy.props.arn === topic.props.arn)
    ]
  },
  {
    name: "encrypted",
    says: "Queues, streams, buckets and topics are encrypted by a key; tables always are.",
    check: (stack) =>
      each(
        without(stack, ofType(stack, ...Object.keys(encrypted)), withoutKey),
        (resource) => !encrypted[resource.type]?.(resource, stack) && "is not encrypted"
      )
  },
  {
    name: "customer-key-everywhere",
    says: "A stack with a key of the customer keeps every body under it.",
    check: (stack) => {
      const keys = ofType(stack, types.key).flatMap(({ props }) => [props.arn, props.keyId, props.id])
      if (keys.length === 0) return []
      return each(
        without(stack, ofType(stack, ...Object.keys(keyOf)), withoutCustomerKey),
        (resource) => !keys.includes(keyOf[resource.type]?.(resource, stack)) && "is under another key"
      )
    }
  },
  {
    name: "keys-rotate",
    says: "Keys are changed by AWS every year, and wait before they are deleted.",
    check: (stack) =>
      each(
        ofType(stack, types.key),
        ({ props }) =>
          !(props.enableKeyRotation === true && Number(props.deletionWindowInDays) >= 7) && "one leak opens all"
      )
  },
  {
    name: "buckets-private",
    says: "No bucket can be made public.",
    check: (stack) =>
      each(ofType(stack, types.bucket), (bucket) => {
        const block = ofType(stack, types.bucketAccess).find((one) => forBucket(one, bucket))?.props ?? {}
        const open = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].filter(
          (name) => block[name] !== true
        )
        return open.length > 0 && `has no ${open.join(", ")}`
      })
  },
  {
    name: "buckets-expire",
    says: "Objects are deleted in the end, apart from those that are kept for ever on purpose.",
    check: (stack) =>
      each(without(stack, ofType(stack, types.bucket), keptForEver), (bucket) => {
        const rules = ofType(stack, types.bucketLifecycle)
          .filter((one) => forBucket(one, bucket))
          .flatMap(({ props }) => [props.rules].flat().map(record))
        const expires = rules.some(
          ({ status, expiration }) => status === "Enabled" && Number(record(expiration).days) > 0
        )
        return !expires && "keeps what people said for ever"
      })
  },
  {
    name: "logs-expire",
    says: "Every log group has a retention.",
    check: (stack) =>
      each(
        ofType(stack, types.logGroup),
        ({ props }) => !(Number(props.retentionInDays) > 0) && "keeps its lines for ever"
      )
  },
  {
    name: "dead-letters-last",
    says: "A queue of dead letters keeps messages longer than the queue that they come from, whose age they keep.",
    check: (stack) =>
      each(ofType(stack, types.queue), ({ props }) => {
        const target = parsed(props.redrivePolicy).deadLetterTargetArn
        const dlq = ofType(stack, types.queue).find((one) => target !== undefined && one.props.arn === target)
        return (
          dlq !== undefined &&
          !(Number(dlq.props.messageRetentionSeconds) > Number(props.messageRetentionSeconds)) &&
          "its dead letters expire on arrival"
        )
      })
  },
  {
    name: "tables-on-demand",
    says: "Tables are paid by the request, for a centre's peaks come without a warning.",
    check: (stack) =>
      each(
        ofType(stack, types.table),
        ({ props }) => props.billingMode !== "PAY_PER_REQUEST" && "refuses what is above its provision"
      )
  },
  {
    name: "tables-guarded",
    says: "In production, tables that nothing can make again are recoverable to the second and refuse deletion.",
    check: (stack) =>
      !stack.production
        ? []
        : each(
            withoutDerivedTables(stack, ofType(stack, types.table)),
            ({ props }) =>
              !(record(props.pointInTimeRecovery).enabled === true && props.deletionProtectionEnabled === true) &&
              "one command, and it is gone"
          )
  },
  {
    name: "state-protected",
    says: "In production, Pulumi refuses to delete what holds state.",
    check: (stack) =>
      !stack.production
        ? []
        : each(
            withoutDerivedTables(stack, ofType(stack, ...irreplaceable)),
            ({ protect }) => !protect && "is not protected"
          )
  }
]
