import * as pulumi from "@pulumi/pulumi"
import {
  EventRule,
  EventTarget,
  FunctionEventInvokeConfig,
  LambdaPermission,
  type Queue,
  type QueuePolicy
} from "./aws.ts"
import { deadLetters } from "./dead-letters.ts"
import { Lambda, type LambdaArgs } from "./lambda.ts"
import { accountOf } from "./policy.ts"

/** When schedules invoke a function. */
interface Schedule {
  readonly description: string
  /** A rate or a cron expression. */
  readonly expression: string
}

export interface TickedArgs extends Omit<LambdaArgs, "environment"> {
  /** May name the rules, which are made first. */
  readonly environment: (rules: Readonly<Record<string, EventRule>>) => LambdaArgs["environment"]
  /** What target ids are called. */
  readonly targetId: string
  /** By the name of their rules. */
  readonly schedules: Readonly<Record<string, Schedule>>
  /** What permission and target of a rule are called after; the rule itself unless given. */
  readonly calledAfter?: string
  readonly dlqRetentionDays: number
}

interface Invoked {
  readonly fn: Lambda
  readonly rule: EventRule
  readonly targetId: string
  readonly queue: Queue
  readonly policy: QueuePolicy
}

/** Lets a rule invoke a function. What it could not tell it goes into the queue. */
const invokedBy = (own: string, { fn, rule, targetId, queue, policy }: Invoked, parent: pulumi.Resource): void => {
  const permission = new LambdaPermission(
    `${own}-permission`,
    {
      action: "lambda:InvokeFunction",
      function: fn.name,
      principal: "events.amazonaws.com",
      sourceArn: rule.arn,
      sourceAccount: rule.arn.apply(accountOf)
    },
    { parent }
  )
  new EventTarget(
    `${own}-target`,
    {
      rule: rule.name,
      targetId,
      arn: fn.arn,
      retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: 60 },
      deadLetterConfig: { arn: queue.arn }
    },
    { parent, dependsOn: [permission, policy] }
  )
}

/**
 * A function that schedules invoke, whose next tick is its retry: without that Lambda keeps ticks that find the function busy for hours,
 * and runs them all.
 */
export class Ticked extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  readonly logGroup: pulumi.Output<string>
  /** The ticks that the function could not be told of: as long as there are some, nothing goes on. Not under a customer key: a tick holds nothing. */
  readonly dlqUrl: pulumi.Output<string>
  readonly dlqArn: pulumi.Output<string>
  readonly rules: Readonly<Record<string, EventRule>>

  constructor(type: string, name: string, args: TickedArgs, opts?: pulumi.ComponentResourceOptions) {
    super(`genesys-cloud-projections:function:${type}`, name, {}, opts)
    const { environment, targetId, schedules, calledAfter, dlqRetentionDays, ...placed } = args
    const { tags } = placed
    const parent = { parent: this }
    // On the default bus, for no other has schedules.
    const rules = Object.entries(schedules).map(
      ([rule, { description, expression }]) =>
        [rule, new EventRule(rule, { description, scheduleExpression: expression, tags }, parent)] as const
    )
    this.rules = Object.fromEntries(rules)
    const fn = new Lambda(name, { ...placed, environment: environment(this.rules) }, parent)
    new FunctionEventInvokeConfig(
      `${name}-invoke`,
      { functionName: fn.name, maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      parent
    )
    const { queue, policy } = deadLetters(
      name,
      { rules: rules.map(([, { arn }]) => arn), retentionDays: dlqRetentionDays, protect: false, tags },
      this
    )
    for (const [own, rule] of rules) invokedBy(calledAfter ?? own, { fn, rule, targetId, queue, policy }, this)
    this.name = fn.name
    this.arn = fn.arn
    this.logGroup = fn.logGroup
    this.dlqUrl = queue.url
    this.dlqArn = queue.arn
    this.registerOutputs({ name: this.name, arn: this.arn, dlqUrl: this.dlqUrl })
  }
}
