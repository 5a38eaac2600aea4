import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { assert } from "@effect/vitest"
import type { Captured } from "../../src/local/capture.ts"
import { fillDirectory } from "../cli/directory/fill.ts"
import { operate } from "../cli/harness.ts"
import { BATCH_KEY, batchText } from "../cli/rejected/batches.ts"
import { modelOf } from "./core.ts"
import { everywhere, placesOf } from "./everywhere.ts"
import { bigLine, historyOf, START, statusLine } from "./history.ts"

/** Who erases says why. */
export const WHY = ["--yes", "--why", "ticket 7"] as const

/** A line as it is, about another agent. */
export const about = (line: string, agent: string): string =>
  line.replaceAll("6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58", agent)

/** A stack after so many events, and the agent of whom most was told. */
export const lived = async (captured: Captured, count = 600, options: { readonly input?: string } = {}) => {
  const site = await operate({ captured, ...options })
  const history = historyOf(count)
  site.feed(history)
  await site.reach(history.at(-1)?.at ?? 0)
  await site.settle()
  const rows = await site.rows()
  const counts = new Map<string, number>()
  for (const { projection, entity } of rows)
    if (projection === "agents-v2") counts.set(entity, (counts.get(entity) ?? 0) + 1)
  const [[agent] = [""]] = [...counts].sort(([, a], [, b]) => b - a)
  const s3 = new S3Client({ ...site.stack.operator, forcePathStyle: true })
  const put = (bucket: string, Key: string, Body: string | Uint8Array) =>
    s3.send(new PutObjectCommand({ Bucket: String(site.captured.outputs[`${bucket}BucketName`]), Key, Body }))
  return { ...site, history, agent, s3put: put }
}

export type Lived = Awaited<ReturnType<typeof lived>>

/** Leaves something of the agent in every place. */
export const leaveEverywhere = async (site: Lived) => {
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

/** That the texts stand nowhere in what a stack keeps, and that its rows are what a replay would make. */
export const isNowhere = async (site: Lived, ...texts: ReadonlyArray<string>) => {
  await site.settle()
  const kept = await everywhere(site)
  assert.deepStrictEqual(
    texts.map((text) => placesOf(kept, text)),
    texts.map(() => ({}))
  )
  assert.deepStrictEqual(await site.dump(), modelOf(await site.events()))
}
