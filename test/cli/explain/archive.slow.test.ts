import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { WINDOW_MS } from "../../../src/domain/archive-window.ts"
import { iso } from "../../../src/domain/stamp.ts"
import { AGENT, historyOf, START, statusLine } from "../../support/history.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { devStack } from "../../support/stack.ts"
import { archiveUntil, tick, untimed } from "../../support/untimed.ts"
import { operate, type Said } from "../harness.ts"

const MINUTE = 60_000

/** A stack whose only events are of its first week, and have left the table since; one came half a minute late. */
const emptied = async () => {
  const captured = await devStack({
    eventRetentionDays: 21,
    entityIndex: true,
    replaySegments: 4,
    replayConcurrency: 4
  })
  const site = await operate({ captured: untimed(captured) })
  await tick(site)
  const others = historyOf(100)
  site.feed(others)
  await site.reach(others.at(-1)?.at ?? 0)
  site.clock.at(START + 5 * MINUTE, () => site.send(statusLine("e-1", "IDLE", START + 5 * MINUTE - 30_000)))
  await site.reach(START + 6 * MINUTE)
  await site.settle()
  await archiveUntil(site, START + 6 * WINDOW_MS)
  assert.isEmpty(await site.eventItems())
  return site
}

interface Setting {
  readonly eventId: string
  readonly arrived?: number
  readonly archived?: number
  readonly delayMs?: number
}

const settingIn = ({ out }: Said): Setting =>
  JSON.parse(out).rows[0]?.fields.find(({ column }: { readonly column: string }) => column === "routingStatus").setBy[0]

describe("explain of events that have left the table", () => {
  it("[P8] says since when they are archived, and looks there for a price that it says before", UNHURRIED, async () => {
    const site = await emptied()
    const now = ["explain", "agent", AGENT] as const
    const plain = await site.command(...now)
    assert.strictEqual(plain.code, 0, plain.err)
    assert.notInclude(plain.out, "not stored")
    // The week of May 6 is over on the 7th, and a pass seals it.
    assert.match(plain.out, /routingStatus\t.*in the archive since 2026-05-0[78]/)
    assert.include(plain.err, "1 event has left the table for the archive, or was erased: give --archive to look")

    const asked = await site.command(...now, "--archive", "--json")
    const price = JSON.parse(asked.out)
    assert.isTrue(price.dryRun)
    assert.isAbove(price.cost.items, 0)
    assert.isAbove(price.cost.dollars, 0)
    assert.strictEqual(settingIn(asked).arrived, undefined)
    assert.match(asked.err, /--archive would read about \d+ items, 0 read units, 0 write units, \$/)

    const found = settingIn(await site.command(...now, "--archive", "--yes", "--json"))
    assert.strictEqual(found.eventId, "e-1")
    assert.strictEqual((found.arrived ?? 0) - (START + 5 * MINUTE - 30_000), found.delayMs)
    assert.isTrue((found.delayMs ?? 0) >= 30_000 && (found.delayMs ?? 0) < 40_000)
    assert.isUndefined(found.archived)

    const past = await site.command(...now, "--archive", "--at", iso(START))
    assert.match(past.err, /--archive explains what is now/)
    await site.stack.stop()
  })

  it("[P8] says that an event is not stored once it was erased from the archive", UNHURRIED, async () => {
    const site = await emptied()
    const bucket = String(site.captured.outputs.archiveBucketName)
    const s3 = new S3Client(site.stack.operator)
    for (const { key } of site.stack.s3.listAll(bucket, "lists/"))
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "[]" }))
    const looked = await site.command("explain", "agent", AGENT, "--archive", "--yes")
    assert.strictEqual(looked.code, 0, looked.err)
    assert.match(looked.out, /routingStatus\t.*not stored/)
    await site.stack.stop()
  })

  it(
    "[P6] says before what the past costs where the index leads into the archive, and the archive's price with the rest after",
    UNHURRIED,
    async () => {
      const site = await emptied()
      const past = ["explain", "agent", AGENT, "--at", iso(START + 5 * MINUTE)] as const
      const asked = await site.command(...past)
      assert.match(
        asked.out,
        /^by the index: some events of this entity are in the archive, .* at most about \d+ items, 0 read/
      )
      assert.include(asked.err, "nothing was read yet: give --yes to do it")
      const { cost } = JSON.parse((await site.command(...past, "--json")).out)
      const found = await site.command(...past, "--yes", "--json")
      assert.strictEqual(settingIn(found).eventId, "e-1")
      assert.isAbove(JSON.parse(found.out).archiveBytes, 0)
      assert.include(found.err, "read 1 event by the index: about 1 items")
      assert.isAbove(cost.dollars, 0)
      await site.stack.stop()
    }
  )
})
