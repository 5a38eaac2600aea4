import type * as pulumi from "@pulumi/pulumi"
import { EventRule, EventTarget, type Queue, Role, RolePolicy, type Tags } from "./aws.ts"
import { deadLetters } from "./dead-letters.ts"
import { document, type Statement, trust } from "./policy.ts"

/** EventBridge's limit on the text of a rule's pattern. */
export const MAX_PATTERN_LENGTH = 2_048

/** Exact values only: a prefix would let a second integration's events in. */
export const eventPattern = (source: string, topics: ReadonlyArray<string>): string =>
  JSON.stringify({ source: [source], "detail-type": topics })

/** Which events leave the bus, how often their delivery is tried, and where those wait that could not be delivered. */
export interface DeliveryArgs {
  readonly bus: pulumi.Input<string>
  /** The only `source` that is let through. */
  readonly source: string
  /** The `detail-type` values that are let through: topic templates. */
  readonly topics: ReadonlyArray<string>
  /** Attempts after the first, 0 to 185. */
  readonly retryAttempts: number
  /** Seconds, 60 to 86400. Whichever limit is met first sends the event to the dead letters. */
  readonly maxEventAgeSeconds: number
  /** How long dead letters wait for a redrive, in days. */
  readonly dlqRetentionDays: number
  /** ARN of the customer key that the dead letters have; absent: keys of AWS. */
  readonly kmsKey?: pulumi.Input<string>
  readonly protect: boolean
  readonly tags: Tags
}

/** Where the events go. `statements` are what the rule needs to bring them there. */
export interface Destination {
  readonly description: string
  readonly targetId: string
  readonly arn: pulumi.Input<string>
  readonly statements: ReadonlyArray<Statement>
  readonly kinesisTarget?: { readonly partitionKeyPath: string }
}

/** A rule of the bus with its role, its one target, and dead letters of its own, so that nobody has to tell them apart. */
export const delivery = (
  name: string,
  args: DeliveryArgs,
  to: Destination,
  parent: pulumi.Resource
): { readonly rule: EventRule; readonly queue: Queue } => {
  const { kmsKey, protect, tags } = args
  const { description, statements, ...target } = to
  const rule = new EventRule(
    `${name}-rule`,
    { description, eventBusName: args.bus, eventPattern: eventPattern(args.source, args.topics), tags },
    { parent }
  )
  const dead = { rules: [rule.arn], retentionDays: args.dlqRetentionDays, protect, tags }
  const { queue, policy } = deadLetters(name, kmsKey === undefined ? dead : { ...dead, kmsKey }, parent)
  const role = new Role(`${name}-role`, { assumeRolePolicy: trust("events.amazonaws.com", rule.arn), tags }, { parent })
  const rights = new RolePolicy(`${name}-policy`, { role: role.name, policy: document(statements) }, { parent })
  new EventTarget(
    `${name}-target`,
    {
      eventBusName: args.bus,
      rule: rule.name,
      ...target,
      roleArn: role.arn,
      retryPolicy: { maximumRetryAttempts: args.retryAttempts, maximumEventAgeInSeconds: args.maxEventAgeSeconds },
      deadLetterConfig: { arn: queue.arn }
    },
    { parent, dependsOn: [rights, policy] }
  )
  return { rule, queue }
}
