import * as pulumi from "@pulumi/pulumi"
import { EventBus, EventRule, EventTarget, Role, RolePolicy } from "./aws.ts"
import { deadLetters } from "./dead-letters.ts"
import { eventPattern } from "./event-pattern.ts"
import { allow, document, trust } from "./policy.ts"
import type { Tags } from "./stack.ts"

export interface CopyArgs {
  /** Name of the bus that is copied. */
  readonly bus: pulumi.Input<string>
  readonly source: string
  readonly topics: ReadonlyArray<string>
  /** Where the copies go; another region than the stack's. */
  readonly region: string
  readonly retryAttempts: number
  readonly maxEventAgeSeconds: number
  readonly dlqRetentionDays: number
  readonly kmsKey?: pulumi.Input<string>
  readonly protect: boolean
  readonly tags: Tags
}

/**
 * The same events on a bus in a second region, for whoever has to go on when the first is down. The bus there is a custom one: what
 * partners send can only arrive where their source is.
 */
export class Copy extends pulumi.ComponentResource {
  readonly busName: pulumi.Output<string>
  readonly busArn: pulumi.Output<string>
  readonly ruleName: pulumi.Output<string>
  readonly dlqName: pulumi.Output<string>
  readonly dlqUrl: pulumi.Output<string>
  readonly dlqArn: pulumi.Output<string>

  constructor(name: string, args: CopyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:ingest:Copy", name, {}, opts)
    const { protect, tags } = args
    const bus = new EventBus(
      `${name}-bus`,
      { region: args.region, description: "Copies of Genesys Cloud events", tags },
      { parent: this, protect, retainOnDelete: protect }
    )
    // A rule of its own, so that its failures are not those of the stream, and its dead letters need not be told apart.
    const rule = new EventRule(
      `${name}-rule`,
      {
        description: "Genesys Cloud events that are copied to a second region",
        eventBusName: args.bus,
        eventPattern: eventPattern(args.source, args.topics),
        tags
      },
      { parent: this }
    )
    const { queue, policy } = deadLetters(
      name,
      {
        rule: rule.arn,
        retentionDays: args.dlqRetentionDays,
        ...(args.kmsKey === undefined ? {} : { kmsKey: args.kmsKey }),
        ...{ protect, tags }
      },
      this
    )
    const role = new Role(
      `${name}-role`,
      { assumeRolePolicy: trust("events.amazonaws.com", rule.arn), tags },
      { parent: this }
    )
    const rights = new RolePolicy(
      `${name}-policy`,
      { role: role.name, policy: document([allow(["events:PutEvents"], bus.arn)]) },
      { parent: this }
    )
    new EventTarget(
      `${name}-target`,
      {
        eventBusName: args.bus,
        rule: rule.name,
        targetId: "second-region",
        arn: bus.arn,
        roleArn: role.arn,
        retryPolicy: { maximumRetryAttempts: args.retryAttempts, maximumEventAgeInSeconds: args.maxEventAgeSeconds },
        deadLetterConfig: { arn: queue.arn }
      },
      { parent: this, dependsOn: [rights, policy] }
    )
    this.busName = bus.name
    this.busArn = bus.arn
    this.ruleName = rule.name
    this.dlqName = queue.name
    this.dlqUrl = queue.url
    this.dlqArn = queue.arn
    this.registerOutputs({ busName: this.busName, busArn: this.busArn, ruleName: this.ruleName, dlqUrl: this.dlqUrl })
  }
}
