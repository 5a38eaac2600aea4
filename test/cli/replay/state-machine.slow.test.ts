import { join } from "node:path"
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb"
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn"
import { assert, describe, it } from "@effect/vitest"
import { exportOf, itemsOf } from "../../support/export.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { operate } from "../harness.ts"
import { folder, upgraded } from "./upgraded.ts"

const WHY = ["--why", "ticket 7"] as const

/** `replay agents-v3 --id there` on the state machine. */
const THERE = ["replay", "agents-v3", "--id", "there", "--state-machine", "--yes", ...WHY] as const

type Site = Awaited<ReturnType<typeof operate>>

/** An event that no fold can read, which somebody has put into the store. */
const spoil = (site: Site) =>
  new DynamoDBClient({ ...site.stack.operator, maxAttempts: 1 }).send(
    new PutItemCommand({
      TableName: String(site.captured.outputs.eventTableName),
      Item: {
        id: { S: "bad" },
        topic: { S: "v2.users.{id}.presence" },
        body: { S: "{" },
        published: { N: "1" },
        received: { N: "1" }
      }
    })
  )

describe("replay on the state machine", () => {
  it("[P8] starts an execution, looks on until it is over, and says what it came to", UNHURRIED, async () => {
    using data = folder()
    const site = await upgraded(data.path, 200)
    const { code, out, err } = await site.command(...THERE)
    assert.strictEqual(code, 0, err)
    assert.include(err, "the execution there of 64 segments has started; Ctrl-C stops following it, not the replay")
    assert.include(err, "the execution there has succeeded")
    const all = (await site.events()).size
    assert.match(
      out,
      new RegExp(`^${all} events read, \\d+ of them folded\n\\d+ rows and 0 summaries written to agents-v3\n`)
    )
    const verified = await site.command("verify", "agents-v3", "--yes")
    assert.strictEqual(verified.code, 0, verified.out + verified.err)

    const followed = await site.command("progress", "there", "--follow")
    assert.strictEqual(followed.code, 0, followed.err)
    assert.match(followed.out, /^there: 64 of 64 segments done, 0 stopped; the execution there has succeeded\n/)
    assert.match((await site.command("uses")).out, /\treplay\t.*stateMachine=true.*\tstarted there\t/)
    await site.stack.stop()
  })

  it("[P8] is stopped, and the same id takes it up under a name of its own", UNHURRIED, async () => {
    using data = folder()
    const site = await upgraded(data.path, 200)
    const spent = await site.command(...THERE, "--max-write-units", "0", "--json")
    assert.strictEqual(spent.code, 3)
    assert.include(spent.err, "there stopped: the budget is spent: resume it with the same --id and a higher limit")
    const { execution, segments, dryRun } = JSON.parse(spent.out)
    assert.deepStrictEqual([execution, segments.done, dryRun], [{ name: "there", status: "succeeded" }, 0, false])

    const gone = await site.interrupted(1, ...THERE, "--rate", "1")
    assert.strictEqual(gone.code, 130)
    assert.include(gone.err, "there goes on as the execution there--2: projections progress there --follow follows it")
    const stopped = await site.command("stop", "there", ...WHY)
    assert.match(stopped.out, /^there stops at its next checkpoints/)
    assert.include((await site.command("stop", "nothing", ...WHY)).err, "no replay nothing has begun")
    assert.include((await site.command("stop", "there")).err, "--why")
    const asked = await site.command("progress", "there", "--follow")
    assert.strictEqual(asked.code, 3)
    assert.include(asked.err, "there stopped: it was asked to stop: resume it with the same --id\n")

    const rest = await site.command(...THERE, "--json")
    assert.strictEqual(rest.code, 0, rest.err)
    assert.deepStrictEqual(JSON.parse(rest.out).segments, { all: 64, done: 64, stopped: 0 })
    assert.strictEqual(JSON.parse(rest.out).counts.scanned, (await site.events()).size)
    await site.stack.stop()
  })

  it("[P8] fails on an event that is refused, names it, and goes on where it may be parked", UNHURRIED, async () => {
    using data = folder()
    const site = await upgraded(data.path, 200)
    await spoil(site)
    const failed = await site.command(...THERE)
    assert.strictEqual(failed.code, 1)
    const refusal =
      /event bad \(v2\.users\.\{id\}\.presence\) is refused: .*; fix the fold, or park the event with --park; then resume it with the same --id/
    assert.match(failed.err, refusal)
    const seen = await site.command("progress", "there", "--follow")
    assert.deepStrictEqual([seen.code, /execution there has failed\n/.test(seen.out)], [1, true])
    assert.match(seen.err, refusal)
    const looked = await site.command("progress", "there")
    assert.strictEqual(looked.code, 0)
    assert.match(looked.err, refusal)

    const parked = await site.command(...THERE, "--park")
    assert.strictEqual(parked.code, 0, parked.err)
    assert.match(parked.out, /, 1 parked\n/)
    assert.include(parked.err, "the execution there--2 has succeeded")
    await site.stack.stop()
  })

  it("says how an execution failed of which no segment says why", UNHURRIED, async () => {
    using data = folder()
    const site = await upgraded(data.path, 20)
    assert.include((await site.command("progress", "there")).err, "no replay there has begun")
    site.stack.outage((action) => action === "dynamodb:PartiQLInsert")
    const { code, err } = await site.command(...THERE)
    assert.strictEqual(code, 1)
    assert.include(
      err,
      "there failed (there: States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded): see docs/operations.md#replay-failed"
    )
    await site.stack.stop()
  })

  it("is refused while an execution runs, in a dry run as well", UNHURRIED, async () => {
    using data = folder()
    const site = await upgraded(data.path, 100)
    const stateMachineArn = String(site.captured.outputs.replayStateMachineArn)
    const input = JSON.stringify({ replayId: "there", segments: [0] })
    await new SFNClient(site.stack.operator).send(new StartExecutionCommand({ stateMachineArn, name: "there", input }))
    for (const args of [THERE, THERE.filter((arg) => arg !== "--yes")]) {
      const { code, out, err } = await site.command(...args)
      assert.deepStrictEqual([code, out], [1, ""])
      assert.include(err, "there runs already, as the execution there: follow it with projections progress there")
    }
    await site.stack.stop()
  })

  it("says what it needs where nothing would execute", async () => {
    const site = await operate({ offline: true })
    const { code, out, err } = await site.command("replay", "agents-v2", "--state-machine", "--yes", ...WHY)
    assert.deepStrictEqual([code, out], [1, ""])
    assert.include(
      err,
      "--state-machine: nothing executes in this folder while no run has it open; start one with npm start"
    )
    await site.stack.stop()
  })

  it("holds to the share of the stack, and takes exports of its bucket only", async () => {
    using data = folder()
    const site = await upgraded(data.path, 20)
    const { eventsPerSecond, rowsPerSecond } = site.captured.outputs.replayLimits as Record<string, number>
    const rates = async (...more: ReadonlyArray<string>) => {
      const { plan } = JSON.parse((await site.command("replay", "agents-v3", "--json", "--rate", "99999", ...more)).out)
      return [plan.eventsPerSecond, plan.rowsPerSecond]
    }
    assert.deepStrictEqual(await rates(), [99_999, 99_999])
    assert.deepStrictEqual(await rates("--state-machine"), [eventsPerSecond, rowsPerSecond])
    const { plan } = JSON.parse((await site.command("replay", "agents-v3", "--json", "--state-machine")).out)
    assert.deepStrictEqual([plan.eventsPerSecond, plan.rowsPerSecond, plan.days], [eventsPerSecond, rowsPerSecond, 7])
    for (const elsewhere of [join(data.path, "none"), "s3://other/manifest-files.json"]) {
      const { code, err } = await site.command(...THERE, "--export", elsewhere)
      assert.strictEqual(code, 1)
      assert.include(
        err,
        `with --state-machine the export must be in the bucket of the stack: give s3://${site.captured.outputs.exportsBucketName}/`
      )
    }
    await site.stack.stop()
  })

  it("[P8] reads an export in the bucket of the stack", UNHURRIED, async () => {
    using data = folder()
    const site = await upgraded(data.path, 200)
    const items = await itemsOf(site)
    const { manifest, objects } = exportOf(items, 50)
    const Bucket = String(site.captured.outputs.exportsBucketName)
    const s3 = new S3Client({ ...site.stack.operator, forcePathStyle: true, maxAttempts: 1 })
    for (const [Key, Body] of objects) await s3.send(new PutObjectCommand({ Bucket, Key, Body }))
    const { code, out, err } = await site.command(...THERE, "--export", `s3://${Bucket}/${manifest}`, "--json")
    assert.strictEqual(code, 0, err)
    const { counts, plan } = JSON.parse(out)
    assert.strictEqual(plan.source, `s3://${Bucket}/${manifest}`)
    assert.strictEqual(counts.scanned, items.length)
    const verified = await site.command("verify", "agents-v3", "--yes")
    assert.strictEqual(verified.code, 0, verified.out + verified.err)
    await site.stack.stop()
  })
})
