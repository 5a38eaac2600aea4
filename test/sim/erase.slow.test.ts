import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { projections } from "../../projections/index.ts"
import { generation } from "../../src/domain/projection.ts"
import { fillDirectory } from "../cli/directory/fill.ts"
import { operate } from "../cli/harness.ts"
import { BATCH_KEY, batchText } from "../cli/rejected/batches.ts"
import { modelOf } from "../support/core.ts"
import { everywhere, placesOf } from "../support/everywhere.ts"
import { bigLine, historyOf, START, statusLine } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack } from "../support/stack.ts"

const WHY = ["--yes", "--why", "ticket 7"] as const
const captured = await devStack({ entityIndex: true })

/** A line as it is, about another agent. */
const about = (line: string, agent: string): string => line.replaceAll("6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58", agent)

/** A stack on which an agent has left something in every place. */
const lived = async (options: { readonly input?: string } = {}) => {
  const site = await operate({ captured, ...options })
  const history = historyOf(600)
  site.feed(history)
  await site.reach(history.at(-1)?.at ?? 0)
  await site.settle()
  const rows = await site.rows()
  const counts = new Map<string, number>()
  for (const { projection, entity } of rows)
    if (projection === "agents-v2") counts.set(entity, (counts.get(entity) ?? 0) + 1)
  const [[agent] = [""]] = [...counts].sort(([, a], [, b]) => b - a)
  const s3 = new S3Client({ ...site.stack.operator, forcePathStyle: true })
  const put = (bucket: string, Key: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket: String(site.captured.outputs[`${bucket}BucketName`]), Key, Body }))
  return { ...site, history, agent, s3put: put }
}

const allIn = async (site: Awaited<ReturnType<typeof lived>>) => {
  const { agent } = site
  site.send(about(bigLine("big"), agent))
  await site.settle()
  await fillDirectory(site, [
    { kind: "agents", id: agent, at: START, name: "Robin Vogt", email: "robin@example.com" },
    { kind: "agents", id: "0a3c7a11-0000-4000-8000-000000000001", at: START, name: "Kim Lind" }
  ])
  const line = about(statusLine("unread", "IDLE", START), agent)
  await site.put({ raw: Buffer.from(line), reason: "NotJson", detail: "", received: START })
  await site.put({ raw: Buffer.from(`no json of ${agent}`), reason: "NotJson", detail: "", received: START + 1 })
  await site.s3put(
    "quarantine",
    `parked/append/2026-05-06/${START}-0a`,
    about(statusLine("parked", "IDLE", START), agent)
  )
  await site.s3put("failures", BATCH_KEY, batchText([line, statusLine("other", "IDLE", START)]))
  await site.s3put("exports", "AWSDynamoDB/1/data/a.json.gz", `as it was: ${agent}`)
  const { outputs } = site.captured
  site.stack.sqs
    .queue(String(outputs.ruleDlqUrl))
    .send({ body: about(statusLine("dead", "IDLE", START), agent), senderId: "test" })
  // Who looks for somebody leaves a name in the record of that.
  assert.strictEqual((await site.command("explain", "agent", agent)).code, 0)
}

describe("erasing an agent", UNHURRIED, () => {
  it("[P1] leaves the agent nowhere, and neither what comes again nor a replay brings anything back", async () => {
    const site = await lived()
    await allIn(site)
    const { agent, history } = site
    const before = await everywhere(site)
    const had = placesOf(before, agent)
    for (const place of [
      "table events",
      "table entities",
      "table directory",
      "table agents-v2",
      "table queues-v2",
      "bucket overflow",
      "bucket quarantine",
      "bucket failures",
      "bucket exports",
      "queue feed-dlq"
    ])
      assert.isAbove(had[place] ?? 0, 0, `${place} of ${Object.keys(had)}`)
    const others = (await site.rows()).length

    const { code, out, err } = await site.command("erase", "--agent", agent, "--json", ...WHY)
    assert.strictEqual(code, 0, err)
    process.stdout.write(`${out}\n`)
    const nowhere = async () => {
      await site.settle()
      const kept = await everywhere(site)
      assert.deepStrictEqual([placesOf(kept, agent), placesOf(kept, "Robin Vogt")], [{}, {}])
    }
    await nowhere()
    // The rows are those that a replay would make of what is left.
    const law = async () => assert.deepStrictEqual(await site.dump(), modelOf(await site.events()))
    await law()
    assert.isAbove((await site.rows()).length, others / 2)

    const left = (await site.events()).size
    for (const { line } of history) site.send(line)
    site.send(about(bigLine("big"), agent))
    await nowhere()
    assert.strictEqual((await site.events()).size, left)
    await law()
    for (const projection of projections) {
      const { code, err } = await site.command("replay", generation(projection), "--id", `r-${projection.name}`, ...WHY)
      assert.strictEqual(code, 0, err)
    }
    await nowhere()
    await law()
    await site.stack.stop()
  })
})
