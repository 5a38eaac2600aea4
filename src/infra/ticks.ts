import type * as pulumi from "@pulumi/pulumi"
import { type EventRule, EventTarget, FunctionEventInvokeConfig, LambdaPermission, type Tags } from "./aws.ts"
import { deadLetters } from "./dead-letters.ts"
import { accountOf } from "./policy.ts"

export interface TicksArgs {
  readonly fn: { readonly name: pulumi.Output<string>; readonly arn: pulumi.Output<string> }
  /** What target ids are called. */
  readonly targetId: string
  /** Rules with a schedule, by the name that what belongs to them begins with. */
  readonly rules: Readonly<Record<string, EventRule>>
  readonly dlqRetentionDays: number
  readonly tags: Tags
}

/**
 * Lets schedules invoke a function, whose next tick is its retry: without that Lambda keeps ticks that find the function busy for hours, and runs
 * them all. Returns the queue `<name>-dlq` of the ticks that it could not be told of, which is not under a customer key: there is nothing in
 * a tick.
 */
export const ticks = (
  name: string,
  { fn, targetId, rules, dlqRetentionDays, tags }: TicksArgs,
  parent: pulumi.Resource
) => {
  new FunctionEventInvokeConfig(
    `${name}-invoke`,
    { functionName: fn.name, maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
    { parent }
  )
  const { queue, policy } = deadLetters(
    name,
    { rules: Object.values(rules).map(({ arn }) => arn), retentionDays: dlqRetentionDays, protect: false, tags },
    parent
  )
  for (const [own, rule] of Object.entries(rules)) {
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
  return queue
}
