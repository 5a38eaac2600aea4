import { assert, beforeAll, describe, it } from "vitest"
import type { Captured } from "../../src/local/capture.ts"
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
