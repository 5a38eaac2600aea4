import { each, ofType, parsed, type Resource, type Rule, record, type Stack, texts, types, whole } from "./rule.ts"
import { statementsOf } from "./statements.ts"

const deadLetterTargets = (stack: Stack): ReadonlySet<unknown> =>
  new Set([
    ...ofType(stack, types.queue).map(({ props }) => parsed(props.redrivePolicy).deadLetterTargetArn),
    ...ofType(stack, types.target).map(({ props }) => record(props.deadLetterConfig).arn)
  ])

const isDeadLetterQueue = (stack: Stack) => {
  const targets = deadLetterTargets(stack)
  return ({ props }: Resource): boolean => targets.has(props.arn)
}

/** A mapping names its function by ARN, or by the ARN of an alias, which begins with it. */
const functionOf = (stack: Stack, mapping: Resource): Resource | undefined =>
  ofType(stack, types.function).find(
    ({ props }) =>
      mapping.props.functionName === props.arn || String(mapping.props.functionName).startsWith(`${props.arn}:`)
  )

const mappingsOf = (stack: Stack, type: string): ReadonlyArray<Resource> => {
  const sources = new Set(ofType(stack, type).map(({ props }) => props.arn))
  return ofType(stack, types.mapping).filter(({ props }) => sources.has(props.eventSourceArn))
}

export const deliveryRules: ReadonlyArray<Rule> = [
  {
    name: "target-bounded",
    says: "Every target states how often and for how long the bus tries.",
    check: (stack) =>
      each(ofType(stack, types.target), ({ props }) => {
        const { maximumRetryAttempts: attempts, maximumEventAgeInSeconds: age } = record(props.retryPolicy)
        return !(whole(attempts) && whole(age) && age < 86_400) && "the bus tries 185 times in 24 hours, silently"
      })
  },
  {
    name: "target-dead-letters",
    says: "Every target has dead letters in a queue that admits the rules that use it, and no other.",
    check: (stack) =>
      each(ofType(stack, types.target), ({ props }) => {
        const queue = ofType(stack, types.queue).find((one) => one.props.arn === record(props.deadLetterConfig).arn)
        if (queue === undefined) return "what cannot be delivered is dropped"
        // Of those that have this queue for their dead letters, all rules, and no other.
        const arn = queue.props.arn
        const theirs = ofType(stack, types.target)
          .filter(({ props: other }) => record(other.deadLetterConfig).arn === arn)
          .map(({ props: other }) => other.rule)
        const rules = stack.resources
          .filter(({ type, props: one }) => type === "aws:cloudwatch/eventRule:EventRule" && theirs.includes(one.name))
          .map(({ props: one }) => one.arn)
        const sources = ofType(stack, types.queuePolicy)
          .filter((policy) => policy.props.queueUrl === queue.props.url)
          .flatMap(statementsOf)
          .filter(({ effect, services }) => effect === "Allow" && services.includes("events.amazonaws.com"))
          .flatMap(({ conditions }) => conditions["aws:sourcearn"] ?? [])
        return (
          !(sources.length === theirs.length && rules.every((one) => sources.some((source) => source === one))) &&
          `${queue.name} does not admit its rules alone`
        )
      })
  },
  {
    name: "stream-mapping-ends",
    says: "A mapping from a stream reports single failures, bisects, gives up in time, and keeps what it gave up in S3.",
    check: (stack) =>
      each(mappingsOf(stack, types.stream), ({ props }) => {
        const { arn = "" } = { arn: record(record(props.destinationConfig).onFailure).destinationArn }
        const buckets = ofType(stack, types.bucket).map((bucket) => bucket.props.arn)
        const retries = props.maximumRetryAttempts
        const age = props.maximumRecordAgeInSeconds
        if (!texts(props.functionResponseTypes).includes("ReportBatchItemFailures")) return "a failure fails the batch"
        if (props.bisectBatchOnFunctionError !== true) return "a poisonous record holds its neighbours"
        if (!(whole(retries) && retries >= 0)) return "retries never end"
        if (!(whole(age) && age > 0)) return "old records are tried for ever"
        return !buckets.includes(arn) && "what is given up is not kept"
      })
  },
  {
    name: "queue-mapping-bounded",
    says: "A mapping from a queue reports single failures and bounds how many run at once.",
    check: (stack) =>
      each(mappingsOf(stack, types.queue), ({ props }) => {
        if (!texts(props.functionResponseTypes).includes("ReportBatchItemFailures")) return "a failure fails the batch"
        return (
          !whole(record(props.scalingConfig).maximumConcurrency) && "a backlog would take the account's concurrency"
        )
      })
  },
  {
    name: "queue-redrive",
    says: "Every queue but those of dead letters gives messages up to one, after a bounded number of receives.",
    check: (stack) => {
      const isDlq = isDeadLetterQueue(stack)
      const queues = ofType(stack, types.queue)
      return each(
        queues.filter((queue) => !isDlq(queue)),
        ({ props }) => {
          const { deadLetterTargetArn, maxReceiveCount } = parsed(props.redrivePolicy)
          return (
            !(queues.some((one) => one.props.arn === deadLetterTargetArn) && whole(maxReceiveCount)) &&
            "a message that always fails comes back until it expires"
          )
        }
      )
    }
  },
  {
    name: "queue-visibility",
    says: "A queue hides a message for at least six times the time limit of the function that receives it.",
    check: (stack) =>
      mappingsOf(stack, types.queue).flatMap((mapping) => {
        const timeout = Number(functionOf(stack, mapping)?.props.timeout ?? Number.NaN)
        return each(
          ofType(stack, types.queue).filter(({ props }) => props.arn === mapping.props.eventSourceArn),
          ({ props }) =>
            !(Number(props.visibilityTimeoutSeconds ?? 30) >= 6 * timeout) &&
            `a message comes back after ${props.visibilityTimeoutSeconds ?? 30} s, while its function may take ${timeout} s`
        )
      })
  },
  {
    name: "dead-letters-watched",
    says: "Somebody is told of dead letters in every queue of them.",
    check: (stack) => {
      const isDlq = isDeadLetterQueue(stack)
      const watched = new Set(
        ofType(stack, types.alarm)
          .filter(({ props }) => props.metricName === "ApproximateNumberOfMessagesVisible")
          .map(({ props }) => record(props.dimensions).QueueName)
      )
      return each(
        ofType(stack, types.queue).filter(isDlq),
        ({ props }) => !watched.has(props.name) && "no alarm looks at its depth"
      )
    }
  }
]
