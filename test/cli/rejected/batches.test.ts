import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { parseFailedKey } from "../../../src/store/failed-batches.ts"
import { AGENT, START, statusLine } from "../../support/history.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { dryCommand, operate } from "../harness.ts"
import { BATCH_KEY, batchText } from "./batches.ts"

const WHY = ["--why", "ticket 7"] as const

const place = async () => {
  const site = await operate()
  const Bucket = String(site.captured.outputs.failuresBucketName)
  const s3 = new S3Client({ ...site.stack.operator, forcePathStyle: true })
  return {
    ...site,
    put: (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body })),
    failures: () => site.stack.s3.listAll(Bucket).map(({ key }) => key)
  }
}

const later = (minute: number) => BATCH_KEY.replace("T07.59", `T07.${minute}`)

const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => statusLine(`e-${from + n}`, "IDLE", START - 1_000 + from + n))

describe("batches that the stream has given up", () => {
  it("are found by when that was, the oldest first, unopened", async () => {
    const { put, command } = await place()
    await put(later(58), batchText(lines(1, 2)))
    await put(later(57), batchText(lines(3, 1)))
    await put("elsewhere/not-a-batch", "{}")
    const all = await command("failed", "list")
    assert.deepStrictEqual(
      all.out.split("\n").map((line) => line.split("\t").slice(0, 2)),
      [["2026-05-06T07:57:00.000Z", "shardId-000000000000"], ["2026-05-06T07:58:00.000Z", "shardId-000000000000"], [""]]
    )
    const one = JSON.parse((await command("failed", "list", "--since", "2026-05-06T07:58:00Z", "--json")).out)
    assert.deepStrictEqual([one.batches.length, one.batches[0].key, one.more], [1, later(58), false])
    const none = await command("failed", "list", "--until", "2026-05-06T07:57:00Z")
    assert.strictEqual(none.code, 2)
    assert.deepStrictEqual(parseFailedKey("quarantine/NotJson/2026-05-06/1-0a"), undefined)
  })

  it("[P11] are shown redacted, and only to who says why", async () => {
    const { put, command } = await place()
    await put(BATCH_KEY, batchText([statusLine("e-1", "IDLE", START), "not json jane@example.com"]))
    assert.strictEqual((await command("failed", "show")).code, 1)
    const { code, out, err } = await command("failed", "show", ...WHY)
    assert.strictEqual(code, 0)
    assert.match(out, /condition RetryAttemptsExhausted\nattempts {2}4\n/)
    assert.match(out, /decoder {3}accepts it/)
    assert.match(out, /decoder {3}NotJson: /)
    assert.notInclude(out + err, "jane")
    const [batch] = JSON.parse((await command("failed", "show", BATCH_KEY, "--json", ...WHY)).out).batches
    assert.deepStrictEqual(batch.records[0].arrival, "2026-05-06T07:58:59.500Z")
  })

  it("stay where they are in a dry run, which says what would happen", async () => {
    const { put, command, failures, settle, counters } = await place()
    await put(BATCH_KEY, batchText([...lines(1, 3), "not json"]))
    const { code, out, err } = await command("failed", "redrive", ...WHY)
    assert.deepStrictEqual(
      [code, out],
      [0, "4 events of 1 batch would be redriven\n1 event of them would go into quarantine\n"]
    )
    assert.include(err, "this was a dry run")
    await settle()
    assert.deepStrictEqual([failures(), counters.received], [[BATCH_KEY], 0])
  })

  it("[P7] come back whole under their own partition keys, and what cannot be read harms no neighbour", async () => {
    const site = await place()
    await site.put(later(56), "no document")
    await site.put(later(57), batchText(lines(1, 2), { payload: "{}" }))
    await site.put(later(58), batchText(lines(3, 2)))
    const { code, out } = await site.command("failed", "redrive", "--yes", ...WHY)
    assert.strictEqual(code, 3)
    assert.match(out, /^2 events of 1 batch redriven\n2 batches left in failed\n/)
    assert.match(out, /it is not a document that Lambda writes about a batch/)
    await site.settle()
    assert.deepStrictEqual([...(await site.events()).keys()].toSorted(), ["e-3", "e-4"])
    assert.deepStrictEqual(site.failures(), [later(56), later(57), `redriven/${later(58)}`])
    assert.match((await site.command("uses")).out, /failed redrive\t.*\tpartly redriven\tmatched=3 redriven=1/)
  })

  it("keep the pace across batches", async () => {
    const site = await place()
    for (let n = 0; n < 5; n++) await site.put(later(10 + n), batchText(lines(n * 10, 10)))
    const began = site.clock.now()
    const { code, out } = await site.command("failed", "redrive", "--yes", "--rate", "10", ...WHY)
    assert.deepStrictEqual([code, out], [0, "50 events of 5 batches redriven\n"])
    assert.strictEqual(site.clock.now() - began, 5_000)
  })

  it("[P2] stay while the stream takes nothing, and the rest is not tried", async () => {
    const site = await place()
    for (const minute of [57, 58]) await site.put(later(minute), batchText(lines(minute, 1)))
    site.stack.outage((action) => action === "kinesis:PutRecords")
    const { code, out } = await site.command("failed", "redrive", "--yes", ...WHY)
    assert.strictEqual(code, 3)
    assert.match(out, /^0 events of 0 batches redriven\n2 batches left in failed\n/)
    assert.include(out, "not accepted: AccessDeniedException")
    assert.include(out, "not tried, because nothing was accepted any more")
    assert.deepStrictEqual(site.failures(), [later(57), later(58)])
  })

  it(
    "[P2] [P7] that the stream's mapping wrote itself: the books balance after they are brought back",
    UNHURRIED,
    async () => {
      const site = await place()
      site.stack.outage((action) => action === "dynamodb:PartiQLInsert")
      for (const line of lines(1, 30)) site.send(line)
      await site.settle()
      const given = site.failures()
      assert.isAbove(given.length, 0)
      assert.strictEqual(site.counters.received, 0)
      site.stack.outage(() => false)

      const { code, out } = await site.command("failed", "redrive", "--yes", "--rate", "1000", ...WHY)
      assert.strictEqual(code, 0)
      assert.match(out, /^30 events of \d+ batch(es)? redriven\n$/)
      await site.settle()
      const { received, appended, duplicates, conflicts, quarantined } = site.counters
      assert.deepStrictEqual([received, appended, duplicates, conflicts, quarantined], [30, 30, 0, 0, 0])
      assert.strictEqual((await site.events()).size, 30)
      const state = (await site.rows()).find(({ entity, row }) => entity === AGENT && row === "state")
      assert.strictEqual(state?.columns.routingStatus, "IDLE")
      assert.deepStrictEqual(site.failures(), given.map((key) => `redriven/${key}`).toSorted())
      const again = await site.command("failed", "redrive", "--yes", ...WHY)
      assert.strictEqual(again.code, 2)
    }
  )

  it("need a reason, and keys of their own kind", async () => {
    assert.match((await dryCommand("failed", "redrive", "--local", "x")).err, /Opening events is recorded: add --why/)
    const { command } = await place()
    const { code, err } = await command("failed", "show", "quarantine/NotJson/2026-05-06/1-0a", ...WHY)
    assert.strictEqual(code, 1)
    assert.match(err, /is no key of failed: copy one from projections failed list/)
  })
})
