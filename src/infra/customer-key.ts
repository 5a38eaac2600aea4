import * as pulumi from "@pulumi/pulumi"
import { KmsAlias, KmsKey, type Tags } from "./aws.ts"
import { accountOf, allow, document, regionOf, type Statement } from "./policy.ts"

export interface CustomerKeyArgs {
  /** Without `alias/`. */
  readonly alias: string
  /** ARN of the bus. Account and region are read from it. */
  readonly bus: pulumi.Input<string>
  /** What the names of the alarms begin with that publish to an encrypted topic. */
  readonly alarmPrefix: string
  readonly protect: boolean
  readonly tags: Tags
}

/** What the owners of the account may do, through IAM: everything but what KMS may add one day. */
const administration = [
  "CancelKeyDeletion",
  "CreateAlias",
  "CreateGrant",
  "DeleteAlias",
  "DescribeKey",
  "DisableKey",
  "EnableKey",
  "EnableKeyRotation",
  "DisableKeyRotation",
  "GetKeyPolicy",
  "GetKeyRotationStatus",
  "ListGrants",
  "ListKeyPolicies",
  "ListResourceTags",
  "PutKeyPolicy",
  "RetireGrant",
  "RevokeGrant",
  "ScheduleKeyDeletion",
  "TagResource",
  "UntagResource",
  "UpdateAlias",
  "UpdateKeyDescription",
  "Decrypt",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "ReEncryptFrom",
  "ReEncryptTo"
].map((action) => `kms:${action}`)

/** One key for everything that bodies rest in. Who loses it has lost them. */
export class CustomerKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: CustomerKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:CustomerKey", name, {}, opts)
    const bus = pulumi.output(args.bus)
    const account = bus.apply(accountOf)
    const region = bus.apply(regionOf)
    const key = new KmsKey(
      name,
      {
        description: "Genesys Cloud events at rest",
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: document([
          {
            ...ofThisKey(administration),
            // Without it no policy of a role could grant the key, and nobody could change this one.
            Principal: { AWS: pulumi.interpolate`arn:aws:iam::${account}:root` }
          },
          // EventBridge sends no aws:SourceArn and no aws:SourceAccount to KMS. A condition on them would lose dead letters in silence; the
          // policy of the queue names the rule.
          forService("events.amazonaws.com"),
          {
            ...forService("cloudwatch.amazonaws.com"),
            Condition: {
              ArnLike: {
                "aws:SourceArn": pulumi.interpolate`arn:aws:cloudwatch:${region}:${account}:alarm:${args.alarmPrefix}-*`
              },
              StringEquals: { "aws:SourceAccount": account }
            }
          }
        ]),
        tags: args.tags
      },
      // Whatever else goes: bodies that are kept cannot be read without it.
      { parent: this, protect: args.protect, retainOnDelete: true }
    )
    new KmsAlias(`${name}-alias`, { name: `alias/${args.alias}`, targetKeyId: key.keyId }, { parent: this })
    this.arn = key.arn
    this.registerOutputs({ arn: this.arn })
  }
}

/** In the policy of a key `*` is that key. */
const ofThisKey = (actions: ReadonlyArray<string>): Statement => allow(actions, "*")

const forService = (service: string): Statement => ({
  ...ofThisKey(["kms:Decrypt", "kms:GenerateDataKey"]),
  Principal: { Service: service }
})

/** The services that may use the key in the name of a role, by their names in endpoints. */
type Service = "dynamodb" | "kinesis" | "s3" | "sns" | "sqs"

/**
 * The right of a role to use a customer key through these services and in no other way: `kms:Decrypt` to read, `kms:GenerateDataKey` to
 * write into a stream, queue, bucket or topic. Tables need the first only, for both. Nothing without a key.
 */
export const keyUse = (
  kmsKey: pulumi.Input<string> | undefined,
  actions: ReadonlyArray<"kms:Decrypt" | "kms:GenerateDataKey">,
  services: ReadonlyArray<Service>
): ReadonlyArray<Statement> => {
  if (kmsKey === undefined) return []
  const region = pulumi.output(kmsKey).apply(regionOf)
  const via = services.map((service) => pulumi.interpolate`${service}.${region}.amazonaws.com`)
  return [{ ...allow(actions, kmsKey), Condition: { StringEquals: { "kms:ViaService": via } } }]
}
