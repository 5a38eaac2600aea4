import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb"
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { agentIntervals } from "../../projections/agent-intervals.ts"
import { openFolder } from "../../src/local/folder.ts"
import { listenToOperator, reachRun } from "../../src/local/operator-line.ts"
import { runStack } from "../support/stack.ts"

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), "operator-line-"))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

describe("a folder that no run holds", () => {
  it("has the table of what agents did, which a run writes: an erasure searches only tables that it knows", async () => {
    using data = folder()
    const opened = await openFolder(data.path)
    await opened.close()
    assert.containsAllKeys(opened.outputs.projectionTables as object, [
      `${agentIntervals.name}-v${agentIntervals.version}`
    ])
  })
})

describe("a run that holds its folder", () => {
  it("is reached by the folder, with its outputs, its tables and its buckets", async () => {
    using data = folder()
    const { stack, captured } = await runStack()
    const hangUp = await listenToOperator(data.path, stack.operator, captured.outputs)
    const opened = await openFolder(data.path)
    assert.deepStrictEqual(opened.outputs, JSON.parse(JSON.stringify(captured.outputs)))

    const dynamo = new DynamoDBClient(opened.connection)
    const TableName = String(captured.outputs.controlTableName)
    await dynamo.send(new PutItemCommand({ TableName, Item: { key: { S: "k" }, value: { S: "v" } } }))
    const { Item } = await dynamo.send(new GetItemCommand({ TableName, Key: { key: { S: "k" } } }))
    assert.deepStrictEqual(Item?.value, { S: "v" })

    const s3 = new S3Client({ ...opened.connection, forcePathStyle: true })
    const at = { Bucket: String(captured.outputs.quarantineBucketName), Key: "parked/a b/ü" }
    const Body = Uint8Array.of(0, 255, 10, 13)
    await s3.send(new PutObjectCommand({ ...at, Body, Metadata: { reason: "x" } }))
    const got = await s3.send(new GetObjectCommand(at))
    assert.deepStrictEqual([await got.Body?.transformToByteArray(), got.Metadata], [Body, { reason: "x" }])
    const missing = await s3.send(new GetObjectCommand({ ...at, Key: "none" })).catch((error: Error) => error.name)
    assert.strictEqual(missing, "NoSuchKey")

    await opened.close()
    hangUp()
    assert.isUndefined(await reachRun(data.path))
    await stack.stop()
  })

  it("is not looked for under another folder, and what a killed one has left is not in the way", async () => {
    using data = folder()
    mkdirSync(join(data.path, "other"))
    const { stack, captured } = await runStack()
    const hangUp = await listenToOperator(data.path, stack.operator, captured.outputs)
    assert.isUndefined(await reachRun(join(data.path, "other")))
    const again = await listenToOperator(data.path, stack.operator, { again: true })
    assert.deepStrictEqual((await reachRun(data.path))?.outputs, { again: true })
    again()
    hangUp()
    await stack.stop()
  })
})
