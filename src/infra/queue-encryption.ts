import type * as pulumi from "@pulumi/pulumi"

/** A customer key by its ARN, or SQS's own. */
export const queueEncryption = (kmsKey: pulumi.Input<string> | undefined) =>
  kmsKey === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: kmsKey }
