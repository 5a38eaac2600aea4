import { assert, beforeAll, describe, it } from "vitest"
import type { Captured } from "../../src/local/capture.ts"
import { readWiring } from "../../src/local/wiring.ts"
import { captureOnce } from "../support/capture-once.ts"
import { only, policyOf, resourcesOf } from "./captured.ts"

const prefix = "genesys-cloud-projections-dev"

const FUNCTION = "aws:lambda/function:Function"

const environmentOf = (captured: Captured, name: string) =>
  (only(captured, FUNCTION, name).inputs.environment as { readonly variables: Readonly<Record<string, string>> })
    .variables

describe("the archive of a stack", () => {
  let captured: Captured
  beforeAll(async () => {
    captured = await captureOnce("dev", { eventRetentionDays: 30, archiveStorageClass: "GLACIER_IR" })
  })

  it("is not there without a retention, and nothing else is changed by it", async () => {
    const { resources, outputs } = await captureOnce("dev")
    assert.isEmpty(resources.filter(({ name }) => name.startsWith("archive")))
    assert.deepStrictEqual(
      [outputs.archiveBucketName, outputs.archiveFunctionName, outputs.archiveDlqUrl, outputs.eventRetentionDays],
      ["", "", "", 0]
    )
    const plain = await captureOnce("dev")
    assert.notProperty(environmentOf(plain, "append"), "EVENT_WINDOWS")
    assert.notProperty(environmentOf(plain, "replay"), "ARCHIVE_BUCKET")
  })

  it("tells append to store the week, archive how long, and replay where", () => {
    assert.deepInclude(environmentOf(captured, "append"), { EVENT_WINDOWS: "true", EVENT_RETENTION_DAYS: "30" })
    const bucket = String(captured.outputs.archiveBucketName)
    assert.deepInclude(environmentOf(captured, "archive"), {
      ARCHIVE_BUCKET: bucket,
      ARCHIVE_CLASS: "GLACIER_IR",
      EVENT_RETENTION_DAYS: "30"
    })
    assert.strictEqual(environmentOf(captured, "replay").ARCHIVE_BUCKET, bucket)
  })

  it("[P1] lets the archiver name what leaves, and change or delete no event, in the table or the archive", () => {
    const statements = policyOf(only(captured, "aws:iam/rolePolicy:RolePolicy", "archive-policy").inputs.policy)
    const actions = statements.flatMap(({ Action }) => Action)
    assert.sameMembers(
      actions.filter((action) => !action.startsWith("logs:")),
      [
        "dynamodb:Scan",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:UpdateTimeToLive",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "s3:GetObject",
        "s3:PutObject",
        "s3:ListBucket"
      ]
    )
    const put = statements.find(({ Action }) => Action.includes("dynamodb:PutItem"))
    assert.deepStrictEqual(put?.Resource, [`arn:aws:dynamodb:eu-central-1:000000000000:table/${prefix}-control`])
    const others = resourcesOf(captured, "aws:iam/rolePolicy:RolePolicy").filter(
      ({ name }) => name !== "archive-policy"
    )
    for (const { name, inputs } of others)
      assert.notInclude(JSON.stringify(policyOf(inputs.policy)), "TimeToLive", name)
  })

  it("keeps what is written in versions, and deletes nothing by age", () => {
    const versioning = only(captured, "aws:s3/bucketVersioning:BucketVersioning", "archive-versioning")
    assert.deepStrictEqual(versioning.inputs.versioningConfiguration, { status: "Enabled" })
    assert.isEmpty(captured.resources.filter(({ name }) => name === "archive-lifecycle"))
  })

  it("refuses days in which nothing could be confirmed, or in which something may come again", async () => {
    const faultOf = (keys: Readonly<Record<string, number>>) =>
      captureOnce("dev", keys).then(
        () => "",
        (error: unknown) => String(error)
      )
    assert.include(await faultOf({ eventRetentionDays: 7 }), "set it to at least 21")
    assert.include(await faultOf({ eventRetentionDays: 30, streamRetentionHours: 800 }), "set it above 34")
  })

  it("lets functions use a table that was recovered, and keeps the stack's own", async () => {
    const recovered = await captureOnce("dev", { eventTableName: "recovered-events" })
    for (const name of ["append", "replay"])
      assert.strictEqual(environmentOf(recovered, name).EVENT_TABLE, "recovered-events")
    assert.strictEqual(recovered.outputs.eventTableName, "recovered-events")
    assert.match(String(recovered.outputs.eventTableArn), /:table\/recovered-events$/)
    assert.strictEqual(only(recovered, "aws:dynamodb/table:Table", "events").inputs.name, `${prefix}-events`)
    const rights = policyOf(only(recovered, "aws:iam/rolePolicy:RolePolicy", "append-policy").inputs.policy)
    const insert = rights.find(({ Action }) => Action.includes("dynamodb:PartiQLInsert"))
    assert.deepStrictEqual(insert?.Resource, ["arn:aws:dynamodb:eu-central-1:000000000000:table/recovered-events"])
  })
})

describe("the copy of an archive in another account", () => {
  const destination = "arn:aws:s3:::archive-of-events"
  const key = "arn:aws:kms:eu-west-1:444455556666:key/7c711927-4cb0-4aa7-8e2e-81ec63602dd7"
  const plain = {
    eventRetentionDays: 30,
    archiveCopyBucketArn: destination,
    archiveCopyAccount: "444455556666",
    alarms: "all"
  }
  const underKey = { ...plain, customerKey: true, archiveCopyKeyArn: key }
  const archive = `arn:aws:s3:::${prefix}-archive`
  const role = `arn:aws:iam::000000000000:role/${prefix}-archive-copy-role`
  const INTO = ["s3:ReplicateObject", "s3:ObjectOwnerOverrideToBucketOwner"]
  const rights = (captured: Captured) =>
    policyOf(only(captured, "aws:iam/rolePolicy:RolePolicy", "archive-copy-policy").inputs.policy)
  const ruleOf = (captured: Captured) => {
    const { inputs } = only(
      captured,
      "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
      "archive-copy-replication"
    )
    return (inputs.rules as ReadonlyArray<Readonly<Record<string, unknown>>>)[0]
  }

  it("is not there unless it is asked for", async () => {
    const captured = await captureOnce("dev", { eventRetentionDays: 30 })
    assert.isEmpty(captured.resources.filter(({ name }) => name.startsWith("archive-copy")))
    assert.deepStrictEqual([captured.outputs.archiveCopyBucketArn, captured.outputs.archiveCopyBucketPolicy], ["", ""])
  })

  it("has every object that is written, owned by the other account, and takes no deletion over", async () => {
    const captured = await captureOnce("dev", plain)
    const replication = only(
      captured,
      "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
      "archive-copy-replication"
    )
    assert.strictEqual(replication.inputs.bucket, captured.outputs.archiveBucketName)
    assert.deepStrictEqual(ruleOf(captured), {
      id: "archive",
      status: "Enabled",
      priority: 1,
      filter: { prefix: "" },
      deleteMarkerReplication: { status: "Disabled" },
      destination: {
        bucket: destination,
        account: "444455556666",
        accessControlTranslation: { owner: "Destination" },
        metrics: { status: "Enabled" }
      }
    })
    // S3 refuses the rule while the bucket keeps no versions, and copies nothing before the role may.
    const waits = replication.options.dependsOn.map((urn) => urn.split("::").at(-1))
    assert.includeMembers(waits, ["archive-versioning", "archive-copy-policy"])
  })

  it("[P10] lets S3 read versions of the archive and write into that bucket, and delete nothing there", async () => {
    const captured = await captureOnce("dev", plain)
    assert.deepStrictEqual(rights(captured), [
      { Effect: "Allow", Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"], Resource: [archive] },
      {
        Effect: "Allow",
        Action: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
        Resource: [`${archive}/*`]
      },
      { Effect: "Allow", Action: INTO, Resource: [`${destination}/*`] }
    ])
    const [trusted] = policyOf(only(captured, "aws:iam/role:Role", "archive-copy-role").inputs.assumeRolePolicy)
    assert.deepStrictEqual(trusted?.Principal, { Service: "s3.amazonaws.com" })
  })

  it("says what the policies of bucket and key there must hold: this role, and what it does there", async () => {
    const { outputs } = await captureOnce("dev", underKey)
    assert.strictEqual(outputs.archiveCopyBucketArn, destination)
    assert.deepStrictEqual(policyOf(outputs.archiveCopyBucketPolicy), [
      { Effect: "Allow", Action: INTO, Resource: [`${destination}/*`], Principal: { AWS: role } }
    ])
    assert.deepStrictEqual(policyOf(outputs.archiveCopyKeyPolicy), [
      { Effect: "Allow", Action: ["kms:Encrypt", "kms:GenerateDataKey"], Resource: ["*"], Principal: { AWS: role } }
    ])
    assert.strictEqual((await captureOnce("dev", plain)).outputs.archiveCopyKeyPolicy, "")
  })

  it("[P10] under a customer key, decrypts by this one and encrypts by the one there, through S3 in the region of each", async () => {
    const captured = await captureOnce("dev", underKey)
    assert.deepInclude(ruleOf(captured), { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } } })
    assert.deepNestedInclude(ruleOf(captured), { "destination.encryptionConfiguration": { replicaKmsKeyId: key } })
    const through = (region: string) => ({ StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } })
    assert.deepStrictEqual(rights(captured).slice(3), [
      {
        Effect: "Allow",
        Action: ["kms:Decrypt"],
        Resource: [String(captured.outputs.customerKeyArn)],
        Condition: through("eu-central-1")
      },
      {
        Effect: "Allow",
        Action: ["kms:Encrypt", "kms:GenerateDataKey"],
        Resource: [key],
        Condition: through("eu-west-1")
      }
    ])
  })

  it("tells people when it fails or is behind, by what S3 says of this rule", async () => {
    const captured = await captureOnce("dev", plain)
    const dimensions = { SourceBucket: `${prefix}-archive`, DestinationBucket: "archive-of-events", RuleId: "archive" }
    for (const [name, metricName, threshold] of [
      ["archive-copy-failed", "OperationsFailedReplication", 1],
      ["archive-copy-late", "ReplicationLatency", 21_600]
    ]) {
      const { inputs } = only(captured, "aws:cloudwatch/metricAlarm:MetricAlarm", String(name))
      assert.deepInclude(inputs, { namespace: "AWS/S3", metricName, dimensions, threshold })
    }
    const { inputs } = only(captured, "aws:cloudwatch/compositeAlarm:CompositeAlarm", "incident-archive-copy")
    assert.include(String(inputs.alarmRule), `${prefix}-archive-copy-failed`)
    assert.include(
      String(only(captured, "aws:cloudwatch/dashboard:Dashboard", "dashboard").inputs.dashboardBody),
      "OperationsFailedReplication"
    )
  })

  it("can be wired on one machine, where there is no other account", async () => {
    assert.include(readWiring(await captureOnce("dev", underKey)).buckets, `${prefix}-archive`)
  })
})
