import { gunzipSync, gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { makeAuthorizer, type PolicyDocument } from "aws-in-process"
import { WINDOW_MS } from "../../src/domain/archive-window.ts"
import { everywhere, placesOf } from "../support/everywhere.ts"
import { lived, WHY } from "../support/forgotten.ts"
import { START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack } from "../support/stack.ts"
import { archiveUntil, tick, untimed } from "../support/untimed.ts"

const captured = untimed(
  await devStack({ eventRetentionDays: 21, entityIndex: true, erasers: ["arn:aws:iam::444455556666:role/privacy"] })
)

const policy = JSON.parse(
  String(captured.resources.find(({ name }) => name === "eraser-policy")?.inputs.policy)
) as PolicyDocument

/** A stack of which the first week is sealed, where the archiver has written over two objects while they named the agent. */
const archived = async () => {
  const site = await lived(captured, 300)
  await tick(site)
  await archiveUntil(site, START + 2 * WINDOW_MS)
  const bucket = String(site.captured.outputs.archiveBucketName)
  const textOf = (key: string) => gunzipSync(site.stack.s3.read(bucket, key) ?? new Uint8Array()).toString()
  const named = site.stack.s3.listAll(bucket, "events/").filter(({ key }) => textOf(key).includes(site.agent))
  const [{ key } = assert.fail("the archive names nobody")] = named
  // The same again, by a worker that repeats a part; and what an earlier one has left, which holds others now.
  await site.s3put("archive", key, site.stack.s3.read(bucket, key) ?? new Uint8Array())
  const left = key.replace(/\d+-\d+-\d+\.jsonl/, "9-0-0.jsonl")
  await site.s3put("archive", left, gzipSync(textOf(key)))
  await site.s3put("archive", left, gzipSync(""))
  return site
}

describe("erasing an agent from the archive", UNHURRIED, () => {
  it("[P1] [P10] leaves the agent in no version of any object, with the rights of its role, none missing and none unused", async () => {
    const site = await archived()
    const had = placesOf(await everywhere(site), site.agent)
    for (const place of ["table events", "bucket archive", "bucket archive, earlier versions"])
      assert.isAbove(had[place] ?? 0, 0, `${place} of ${Object.keys(had)}`)
    const plan = await site.command("erase", "--agent", site.agent)
    assert.match(plan.out, /^archive: a read of about [1-9]\d* items, 0 read units, 0 write units, \$/m)
    const roleArn = "arn:aws:iam::444455556666:role/eraser"
    const { authorize, unused, denied } = makeAuthorizer({ [roleArn]: [policy] })
    site.stack.outage((action, resource, by, context) => {
      // What a command writes down of its use is written by who uses it.
      if (by.label === "operator" && !/quarantine\/audit\//.test(resource))
        authorize({ roleArn, label: "eraser" }, action, resource, context)
      return false
    })
    const { code, out, err } = await site.command("erase", "--agent", site.agent, "--json", ...WHY)
    assert.strictEqual(code, 0, err)
    assert.deepStrictEqual(denied(), [])
    const idle = unused().filter(({ resource }) => /archive|control/.test(resource))
    assert.deepStrictEqual(idle, [])
    const { places } = JSON.parse(out)
    for (const place of ["archive", "archive, earlier versions"])
      assert.isAbove(places.find((one: { readonly place: string }) => one.place === place).deleted, 0, place)
    site.stack.outage(() => false)
    // Rows that ended have expired by then, so that a replay would make more of them.
    const isNowhere = async () => assert.deepStrictEqual(placesOf(await everywhere(site), site.agent), {})
    await isNowhere()
    // The next pass finds the archive as it must be.
    await archiveUntil(site, START + 4 * WINDOW_MS)
    assert.isEmpty(site.lines.filter((line) => /"suspects":[1-9]/.test(line)))
    await isNowhere()
    await site.stack.stop()
  })
})
