import * as pulumi from "@pulumi/pulumi"
import { BucketReplicationConfig, Role, RolePolicy, type Tags } from "./aws.ts"
import type { Bucket } from "./bucket.ts"
import { allow, document, regionOf, type Statement, trust } from "./policy.ts"

export interface ArchiveCopyArgs {
  readonly archive: Bucket
  /** ARN of the bucket in the other account, which has versions. */
  readonly bucketArn: string
  /** Id of the account that owns it, and then every copy. */
  readonly account: string
  /** ARN of the customer key of the archive, and of the key there that encrypts the copies; absent: keys of AWS. */
  readonly keys?: { readonly own: pulumi.Input<string>; readonly there: string }
  readonly tags: Tags
}

/** How S3 and its metrics call the rule. */
const RULE = "archive"

/**
 * Every object of the archive again in a bucket of another account, which this stack neither makes nor can delete from. Only what is
 * written is copied, never a deletion: who takes this account over cannot empty the other.
 */
export class ArchiveCopy extends pulumi.ComponentResource {
  readonly source: pulumi.Output<string>
  readonly destination: pulumi.Output<string>
  readonly rule = RULE
  readonly roleArn: pulumi.Output<string>
  /** The policy that the bucket there needs. */
  readonly bucketPolicy: pulumi.Output<string>
  /** The statements that the policy of the key there needs besides its own; empty without a key. */
  readonly keyPolicy: pulumi.Output<string>

  constructor(name: string, args: ArchiveCopyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:ArchiveCopy", name, {}, opts)
    const { archive, bucketArn, account, keys, tags } = args
    const parent = { parent: this }
    const role = new Role(
      `${name}-role`,
      {
        // S3 names no bucket when it takes the role. Who gives a bucket this role must be allowed to pass it.
        assumeRolePolicy: trust("s3.amazonaws.com"),
        description: "Copies the archive of events to a bucket of another account",
        tags
      },
      parent
    )
    const rights = new RolePolicy(
      `${name}-policy`,
      { role: role.name, policy: document(copyStatements(args)) },
      { parent: this }
    )
    new BucketReplicationConfig(
      `${name}-replication`,
      {
        bucket: archive.name,
        role: role.arn,
        rules: [
          {
            id: RULE,
            status: "Enabled",
            priority: 1,
            filter: { prefix: "" },
            deleteMarkerReplication: { status: "Disabled" },
            ...(keys && { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } } }),
            destination: {
              bucket: bucketArn,
              account,
              // Without it the copies would belong to this account, and nobody there could read them.
              accessControlTranslation: { owner: "Destination" },
              metrics: { status: "Enabled" },
              ...(keys && { encryptionConfiguration: { replicaKmsKeyId: keys.there } })
            }
          }
        ]
      },
      { parent: this, dependsOn: [rights, ...archive.versions] }
    )
    const principal = { AWS: role.arn }
    this.source = archive.name
    this.destination = pulumi.output(bucketArn.split(":").at(-1) ?? "")
    this.roleArn = role.arn
    this.bucketPolicy = document([{ ...intoBucket(bucketArn), Principal: principal }])
    this.keyPolicy = keys
      ? // In the policy of a key `*` is that key.
        document([{ ...allow(ENCRYPT, "*"), Principal: principal }])
      : pulumi.output("")
    this.registerOutputs({ roleArn: this.roleArn })
  }
}

/** What S3 needs of the key there to encrypt a copy, with and without a key of the bucket. */
const ENCRYPT = ["kms:Encrypt", "kms:GenerateDataKey"]

/** No `s3:ReplicateDelete`: a deletion here is none there. */
const intoBucket = (arn: string): Statement =>
  allow(["s3:ReplicateObject", "s3:ObjectOwnerOverrideToBucketOwner"], `${arn}/*`)

const throughS3 = (key: pulumi.Input<string>) => ({
  StringEquals: { "kms:ViaService": pulumi.interpolate`s3.${pulumi.output(key).apply(regionOf)}.amazonaws.com` }
})

/** The rights of S3 while it copies: to read versions of the archive, and to write into the one bucket. */
export const copyStatements = ({
  archive,
  bucketArn,
  keys
}: Pick<ArchiveCopyArgs, "archive" | "bucketArn" | "keys">): ReadonlyArray<Statement> => [
  allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], archive.arn),
  allow(["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"], archive.objects),
  intoBucket(bucketArn),
  ...(keys === undefined
    ? []
    : [
        { ...allow(["kms:Decrypt"], keys.own), Condition: throughS3(keys.own) },
        { ...allow(ENCRYPT, keys.there), Condition: throughS3(keys.there) }
      ])
]
