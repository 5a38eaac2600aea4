import { assert } from "vitest"
import type { Captured, CapturedResource } from "../../src/local/capture.ts"
import type { ConfigValue } from "../../src/local/stack-config.ts"

export const partnerSource = "aws.partner/genesys.com/cloud/2f6c1b84-9d0e-4a7b-8c35-6e1f0a9b7d42/queue-state"

/** What a stack's own file leaves to whoever deploys it: prod refuses to be without the partner's source and the account's concurrency. */
export const overridesOf = (stack: string): Readonly<Record<string, string | number>> =>
  stack === "prod" ? { genesysEventSource: partnerSource, accountConcurrency: 1_000 } : {}

/** Prod with every option that adds resources. */
export const allOptions: Readonly<Record<string, ConfigValue>> = {
  ...overridesOf("prod"),
  customerKey: true,
  projectionStreams: true,
  entityIndex: true,
  eventRetentionDays: 30,
  archiveCopyBucketArn: "arn:aws:s3:::archive-of-events",
  archiveCopyAccount: "444455556666",
  archiveCopyKeyArn: "arn:aws:kms:eu-west-1:444455556666:key/7c711927-4cb0-4aa7-8e2e-81ec63602dd7",
  genesysCredentialsSecret: "genesys/projections",
  genesysDomain: "eu-central-1",
  reconcileSchedule: "rate(15 minutes)",
  auditReadUnitsPerSecond: 2,
  divisions: ["7f3e9a15-6c48-4b02-9d7e-5a1b8c0f4e63"],
  erasers: ["arn:aws:iam::444455556666:role/privacy"],
  secondRegion: "eu-west-1",
  provisionedConcurrency: 2,
  vpcId: "vpc-0a1b2c3d4e5f67890",
  subnetIds: ["subnet-0a1b2c3d4e5f67890", "subnet-1a1b2c3d4e5f67890"],
  routeTableIds: ["rtb-0a1b2c3d4e5f67890"],
  noticeEmail: "on.duty@example.org"
}

/** A policy statement as it is sent to AWS. */
export interface Statement {
  readonly Effect: string
  readonly Action: ReadonlyArray<string>
  readonly Resource?: ReadonlyArray<string>
  readonly Principal?: unknown
  readonly Condition?: unknown
}

export const resourcesOf = (captured: Captured, type: string): ReadonlyArray<CapturedResource> =>
  captured.resources.filter((resource) => resource.type === type)

/** The resource of that type and name, of which there must be exactly one. */
export const only = (captured: Captured, type: string, name: string): CapturedResource => {
  const found = resourcesOf(captured, type).filter((resource) => resource.name === name)
  assert.lengthOf(found, 1, `${type} ${name}`)
  return found[0] as CapturedResource
}

/** The statements of a policy document; none where there is no document. */
export const policyOf = (text: unknown): ReadonlyArray<Statement> => {
  if (text === undefined) return []
  const { Version, Statement } = JSON.parse(text as string)
  assert.strictEqual(Version, "2012-10-17")
  return Statement
}
