import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb"
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { effectClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { generation } from "../../src/domain/projection.ts"
import type { Captured } from "../../src/local/capture.ts"
import { beginRun } from "../../src/pipeline/replay/record.ts"
import { control } from "../../src/store/aws/control.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { Connection } from "../../src/store/connection.ts"
import { delivered as projections } from "../support/delivered.ts"
import { exportOf, itemsOf } from "../support/export.ts"
import { bigLine, historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, grantsOf, isSame, runStack, without } from "../support/stack.ts"

/** The stack without the mapping that feeds project: rows are made by replay or not at all. */
const captured = await devStack().then(({ resources, ...rest }) => ({
  ...rest,
  resources: resources.filter(({ name }) => name !== "project-mapping")
}))
const ROLES = ["replay", "replay-machine"]
const grants = grantsOf(captured).filter(({ policy }) => ROLES.includes(policy.replace(/-policy$/, "")))

const lines = historyOf(400).map(({ line }) => line)
const MINUTE = 60_000

/**
 * Stores events, two of them too large for an item, of which one loses its body, and one that cannot be read, and replays them: first
 * refusing, then parking what cannot be folded, and once more with later events.
 */
const replayAll = async (stack: Captured) => {
  const run = await runStack({ captured: stack })
  const store = async (part: ReadonlyArray<string>) => {
    for (const line of part) run.send(line)
    await run.reach(run.clock.now() + MINUTE)
  }
  await store([...lines.slice(0, 200), bigLine("big"), bigLine("gone", 2)])
  const during = async <A>(promise: Promise<A>): Promise<A | undefined> => {
    let over = false
    const result = promise
      .catch(() => undefined)
      .finally(() => {
        over = true
      })
    for (let minutes = 0; !over && minutes < 120; minutes++) await run.reach(run.clock.now() + MINUTE)
    return result
  }
  const topic = { S: "v2.detail.events.conversation.{id}.acw" }
  const bad = { id: { S: "bad" }, topic, published: { N: "1" }, received: { N: "1" }, body: { S: "{" } }
  const client = new DynamoDBClient({ ...run.stack.operator, maxAttempts: 1 })
  await during(client.send(new PutItemCommand({ TableName: String(stack.outputs.eventTableName), Item: bad })))
  const Bucket = String(stack.outputs.overflowBucketName)
  const [lost] = run.stack.s3.listAll(Bucket).map(({ key }) => key)
  const s3 = new S3Client({ ...run.stack.operator, forcePathStyle: true })
  await during(s3.send(new DeleteObjectCommand({ Bucket, Key: lost })))
  const services = control(String(stack.outputs.controlTableName)).pipe(
    Layer.provide(DynamoDb.layer),
    Layer.provide(Layer.succeed(Connection, run.stack.operator))
  )
  const exports = String(stack.outputs.exportsBucketName)
  const { manifest, objects } = exportOf(await itemsOf(run, during), 50)
  for (const [Key, Body] of objects) await during(s3.send(new PutObjectCommand({ Bucket: exports, Key, Body })))
  for (const [turn, park] of [false, true, true, true].entries()) {
    if (turn === 2) await store(lines.slice(200))
    // The last is read from the export.
    const source = turn === 3 ? { source: `s3://${exports}/${manifest}` } : {}
    for (const name of projections.map(generation)) {
      const plan = {
        id: `${name}-${turn}`,
        generation: name,
        scope: {},
        segments: 2,
        write: true,
        park,
        ...source,
        eventsPerSecond: 1_000,
        budget: {}
      }
      await during(Effect.runPromise(beginRun(plan).pipe(Effect.provide([services, effectClock(run.clock)]))))
      await during(run.stack.machines[0]?.run({ replayId: plan.id, segments: [0, 1] }) ?? Promise.reject())
    }
  }
  return run
}

const attempt = async (stack: Captured) => {
  let run: Awaited<ReturnType<typeof replayAll>> | undefined
  try {
    run = await replayAll(stack)
    return { denied: run.stack.denied(), unused: run.stack.unused(), error: "" }
  } catch (error) {
    return { denied: [], unused: [], error: String(error) }
  } finally {
    await run?.stack.stop()
  }
}

describe("the roles of a replay", () => {
  it("[P10] are enough, and hold nothing that is never used", UNHURRIED, async () => {
    const { denied, unused, error } = await attempt(captured)
    assert.deepStrictEqual([denied, error], [[], ""])
    const found = unused
      .filter(({ roleArn }) => ROLES.some((role) => roleArn.endsWith(`-${role}-role`)))
      .map(({ roleArn, action, resource }) => `${roleArn} ${action} ${resource}`)
    assert.deepStrictEqual(found, [])
  })

  it.each(grants)("[P10] cannot do without $action on $resource ($policy)", UNHURRIED, async (grant) => {
    const { denied, error } = await attempt(without(captured, isSame(grant)))
    const prefix = grant.resource.replace(/\*$/, "")
    const missed = denied.some(({ action, resource }) => action === grant.action && resource.startsWith(prefix))
    assert.isTrue(missed || error.includes(`${grant.action} on resource: ${prefix}`), error)
  })
})
