import type * as pulumi from "@pulumi/pulumi"
import { Queue, QueuePolicy, type Tags } from "./aws.ts"
import { deadLettersOf } from "./policy.ts"

export interface DeadLettersArgs {
  /** ARNs of the rules, which alone may send here. */
  readonly rules: ReadonlyArray<pulumi.Input<string>>
  readonly retentionDays: number
  /** ARN of a customer key, whose policy must let EventBridge use it; absent: SQS's own. */
  readonly kmsKey?: pulumi.Input<string>
  readonly protect: boolean
  readonly tags: Tags
}

/** A customer key by its ARN, or SQS's own. */
export const queueEncryption = (kmsKey: pulumi.Input<string> | undefined) =>
  kmsKey === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: kmsKey }

/** The queue `<name>-dlq` for the events that rules could not deliver, and the policy that a target must wait for. */
export const deadLetters = (name: string, args: DeadLettersArgs, parent: pulumi.Resource) => {
  const queue = new Queue(
    `${name}-dlq`,
    {
      messageRetentionSeconds: args.retentionDays * 86_400,
      ...queueEncryption(args.kmsKey),
      tags: args.tags
    },
    { parent, protect: args.protect, retainOnDelete: args.protect }
  )
  const policy = new QueuePolicy(
    `${name}-dlq-policy`,
    { queueUrl: queue.url, policy: deadLettersOf(args.rules, queue.arn) },
    { parent }
  )
  return { queue, policy }
}
