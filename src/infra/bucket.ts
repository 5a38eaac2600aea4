import * as pulumi from "@pulumi/pulumi"
import {
  BucketLifecycleConfiguration,
  BucketPolicy,
  BucketPublicAccessBlock,
  BucketServerSideEncryptionConfiguration,
  BucketVersioning,
  S3Bucket,
  type Tags
} from "./aws.ts"
import { tlsOnlyBucket } from "./policy.ts"

export interface BucketArgs {
  /** Days until an object is deleted; absent: never. */
  readonly expireDays?: number
  /** Keep the first bytes when a key is written again. */
  readonly versioned?: boolean
  /** ARN of a customer key; absent: S3's own. */
  readonly kmsKey?: pulumi.Input<string>
  readonly protect: boolean
  readonly tags: Tags
}

/** A private, encrypted bucket that speaks TLS only. */
export class Bucket extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  /** The ARN of every object in it. */
  readonly objects: pulumi.Output<string>
  /** What lets it keep versions, for what cannot be made before; nothing where it keeps none. */
  readonly versions: ReadonlyArray<pulumi.Resource>

  constructor(name: string, args: BucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:store:Bucket", name, {}, opts)
    const parent = { parent: this }
    const bucket = new S3Bucket(
      name,
      // An unprotected stack must come down with a single command, objects and all.
      { forceDestroy: !args.protect, tags: args.tags },
      { parent: this, protect: args.protect, retainOnDelete: args.protect }
    )
    const access = new BucketPublicAccessBlock(
      `${name}-access`,
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true
      },
      parent
    )
    new BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { bucket: bucket.bucket, rules: [encryption(args.kmsKey)] },
      parent
    )
    // S3 refuses two changes of one bucket's access at the same time.
    new BucketPolicy(
      `${name}-policy`,
      { bucket: bucket.bucket, policy: tlsOnlyBucket(bucket.arn) },
      { parent: this, dependsOn: [access] }
    )
    this.versions =
      args.versioned === true
        ? [
            new BucketVersioning(
              `${name}-versioning`,
              { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
              parent
            )
          ]
        : []
    if (args.expireDays !== undefined)
      new BucketLifecycleConfiguration(
        `${name}-lifecycle`,
        {
          bucket: bucket.bucket,
          rules: [{ id: "expire", status: "Enabled", filter: { prefix: "" }, expiration: { days: args.expireDays } }]
        },
        parent
      )
    this.name = bucket.bucket
    this.arn = bucket.arn
    this.objects = pulumi.interpolate`${bucket.arn}/*`
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}

// A key of the bucket under the customer's spares a call to KMS for each object.
const encryption = (kmsKey: pulumi.Input<string> | undefined) =>
  kmsKey === undefined
    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
    : {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKey },
        bucketKeyEnabled: true
      }
