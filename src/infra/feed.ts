import * as pulumi from "@pulumi/pulumi"
import { EventRule, EventTarget, Role, RolePolicy } from "./aws.ts"
import { keyUse } from "./customer-key.ts"
import { deadLetters } from "./dead-letters.ts"
import { eventPattern } from "./event-pattern.ts"
import { allow, document, trust } from "./policy.ts"
import type { Tags } from "./stack.ts"

export interface FeedArgs {
  readonly bus: pulumi.Input<string>
  /** The only `source` that is let through. */
  readonly source: string
  /** The `detail-type` values that are let through: topic templates. */
  readonly topics: ReadonlyArray<string>
  /** ARN of the Kinesis stream. */
  readonly stream: pulumi.Input<string>
  /** Attempts after the first, 0 to 185. */
  readonly retryAttempts: number
  /** Seconds, 60 to 86400. Whichever limit is met first sends the event to the dead letters. */
  readonly maxEventAgeSeconds: number
  /** How long dead letters wait for a redrive, in days. */
  readonly dlqRetentionDays: number
  /** ARN of the customer key that stream and dead letters have; absent: keys of AWS. */
  readonly kmsKey?: pulumi.Input<string>
  readonly protect: boolean
  readonly tags: Tags
}

/** From the bus to the stream: which events, in which order, and where those go that cannot be delivered. */
export class Feed extends pulumi.ComponentResource {
  readonly ruleName: pulumi.Output<string>
  readonly ruleArn: pulumi.Output<string>
  readonly dlqUrl: pulumi.Output<string>
  readonly dlqArn: pulumi.Output<string>

  constructor(name: string, args: FeedArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:ingest:Feed", name, {}, opts)
    const rule = new EventRule(
      `${name}-rule`,
      {
        description: "Genesys Cloud events that are stored and folded",
        eventBusName: args.bus,
        eventPattern: eventPattern(args.source, args.topics),
        tags: args.tags
      },
      { parent: this }
    )
    const { queue: dlq, policy: dlqPolicy } = deadLetters(
      name,
      {
        rule: rule.arn,
        retentionDays: args.dlqRetentionDays,
        ...(args.kmsKey === undefined ? {} : { kmsKey: args.kmsKey }),
        protect: args.protect,
        tags: args.tags
      },
      this
    )
    const role = new Role(
      `${name}-role`,
      { assumeRolePolicy: trust("events.amazonaws.com", rule.arn), tags: args.tags },
      { parent: this }
    )
    const statements = [
      allow(["kinesis:PutRecord"], args.stream),
      ...keyUse(args.kmsKey, ["kms:GenerateDataKey"], ["kinesis"])
    ]
    const rolePolicy = new RolePolicy(
      `${name}-policy`,
      { role: role.name, policy: document(statements) },
      { parent: this }
    )
    new EventTarget(
      `${name}-target`,
      {
        eventBusName: args.bus,
        rule: rule.name,
        targetId: "stream",
        arn: args.stream,
        roleArn: role.arn,
        // Without a path the key is the event id, and events of one agent would have no order at all.
        kinesisTarget: { partitionKeyPath: "$.detail.topicName" },
        retryPolicy: { maximumRetryAttempts: args.retryAttempts, maximumEventAgeInSeconds: args.maxEventAgeSeconds },
        deadLetterConfig: { arn: dlq.arn }
      },
      { parent: this, dependsOn: [rolePolicy, dlqPolicy] }
    )
    this.ruleName = rule.name
    this.ruleArn = rule.arn
    this.dlqUrl = dlq.url
    this.dlqArn = dlq.arn
    this.registerOutputs({ ruleName: this.ruleName, ruleArn: this.ruleArn, dlqUrl: this.dlqUrl, dlqArn: this.dlqArn })
  }
}
