import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { makeAuthorizer, type PolicyDocument } from "aws-in-process"
import { generation } from "../../src/domain/projection.ts"
import { toItem } from "../../src/store/aws/event-item.ts"
import { BATCH_KEY, batchText } from "../cli/rejected/batches.ts"
import { decoded } from "../store/events.ts"
import { delivered as projections } from "../support/delivered.ts"
import { everywhere, placesOf } from "../support/everywhere.ts"
import { about, isNowhere, leaveEverywhere, lived, WHY } from "../support/forgotten.ts"
import { bigLine, START, statusLine } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, grantsOf } from "../support/stack.ts"

const captured = await devStack({ entityIndex: true, erasers: ["arn:aws:iam::444455556666:role/privacy"] })

const PLACES = [
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
]

/** What the role that may erase is allowed. */
const policy = JSON.parse(
  String(captured.resources.find(({ name }) => name === "eraser-policy")?.inputs.policy)
) as PolicyDocument

describe("erasing an agent", UNHURRIED, () => {
  it("[P1] leaves the agent nowhere, and neither what comes again nor a replay brings anything back", async () => {
    const site = await lived(captured)
    await leaveEverywhere(site)
    const { agent, history } = site
    const had = placesOf(await everywhere(site), agent)
    for (const place of PLACES) assert.isAbove(had[place] ?? 0, 0, `${place} of ${Object.keys(had)}`)
    const rows = (await site.rows()).length

    const { code, out, err } = await site.command("erase", "--agent", agent, "--json", ...WHY)
    assert.strictEqual(code, 0, err)
    const { deleted, redacted, unreadable, places } = JSON.parse(out)
    assert.strictEqual(unreadable, 0)
    const of = (place: string) => places.find((one: { readonly place: string }) => one.place === place)
    assert.isAbove(of("events").deleted, 5)
    assert.isAbove(of("events").redacted, 5)
    assert.isAbove(deleted + redacted, 30)
    await isNowhere(site, agent, "Robin Vogt", "robin@example.com")
    assert.isAbove((await site.rows()).length, rows / 2)
    // The record of it names nobody, and says what was done.
    const uses = await site.command("uses", "--json")
    assert.strictEqual(uses.code, 0, uses.err)
    // The clock stands still between two uses, so that their order says nothing.
    const erasures = JSON.parse(uses.out).uses.filter((one: { readonly command: string }) => one.command === "erase")
    assert.lengthOf(erasures, 1)
    assert.deepInclude(erasures[0], { command: "erase", outcome: "erased", why: "ticket 7" })

    const left = (await site.events()).size
    for (const { line } of history) site.send(line)
    site.send(about(bigLine("big"), agent))
    await isNowhere(site, agent)
    assert.strictEqual((await site.events()).size, left)
    for (const projection of projections) {
      const again = await site.command("replay", generation(projection), "--id", `r-${projection.name}`, ...WHY)
      assert.strictEqual(again.code, 0, again.err)
    }
    await isNowhere(site, agent)
    const second = JSON.parse((await site.command("erase", "--agent", agent, "--json", ...WHY)).out)
    assert.deepStrictEqual([second.deleted, second.redacted], [0, 0])
    await site.stack.stop()
  })

  it("[P10] takes the rights of its role, none missing and none unused", async () => {
    const site = await lived(captured, 300, { input: "robin@example.com" })
    await leaveEverywhere(site)
    const roleArn = "arn:aws:iam::444455556666:role/eraser"
    const { authorize, unused, denied } = makeAuthorizer({ [roleArn]: [policy] })
    // What a command writes down of its use is written by who uses it.
    const isOwn = (resource: string) => /quarantine\/audit\//.test(resource)
    const restrict = () =>
      site.stack.outage((action, resource, by) => {
        if (by.label === "operator" && !isOwn(resource)) authorize({ roleArn, label: "eraser" }, action, resource)
        return false
      })
    // What mentions the agent and is about somebody else stays without that: also what no item holds, and what was given up.
    const mention = (id: string, line: string) => {
      const envelope = JSON.parse(line)
      envelope.id = id
      envelope.detail.eventBody.note = site.agent
      return JSON.stringify(envelope)
    }
    site.send(mention("big-mention", bigLine("x", 3)))
    await site.settle()
    const { outputs } = site.captured
    // A body that is gone is told from one that may not be read.
    site.send(bigLine("gone", 9))
    await site.settle()
    const Bucket = String(outputs.overflowBucketName)
    const gone = toItem(decoded(JSON.parse(bigLine("gone", 9)))).overflow?.key
    await new S3Client({ ...site.stack.operator, forcePathStyle: true }).send(
      new DeleteObjectCommand({ Bucket, Key: gone })
    )
    await site.s3put(
      "failures",
      BATCH_KEY.replace("T07.59", "T07.58"),
      batchText([about(statusLine("failed", "IDLE", START), site.agent)])
    )
    site.stack.sqs
      .queue(String(site.captured.outputs.ruleDlqUrl))
      .send({ body: mention("dead-mention", statusLine("x", "IDLE", START)), senderId: "test" })
    // A settle message that was given up goes back without what it says of the agent.
    const delta = (entity: string) => ["agents-v2", entity, "state", "x", 1, START, START, `e-${entity}`, 0]
    site.stack.sqs.queue(String(outputs.settleDlqUrl)).send({
      body: JSON.stringify({ v: 1, deltas: [delta(site.agent), delta("somebody-else")] }),
      senderId: "test"
    })
    restrict()
    const { code, err } = await site.command("erase", "--agent", site.agent, ...WHY)
    assert.deepStrictEqual([code, /1 events cannot be read/.test(err)], [3, true], err)
    assert.strictEqual((await site.command("erase", "--address", ...WHY)).code, 3)
    assert.deepStrictEqual(denied(), [])
    const idle = unused()
      .map(({ action, resource }) => `${action} ${resource}`)
      // A row in use by key is read by key in each generation, and an export is deleted without being read.
      .filter((grant) => !/table\/.*-v\d+/.test(grant))
    assert.deepStrictEqual(idle, [])
    await site.stack.stop()
  })

  it("[P1] [P10] is what no other role can", () => {
    const overwrites = /dynamodb:(PutItem|UpdateItem|DeleteItem|BatchWriteItem|PartiQLUpdate|PartiQLDelete)/
    const events = String(captured.outputs.eventTableArn)
    assert.deepStrictEqual(
      grantsOf(captured)
        .filter(({ action, resource }) => overwrites.test(action) && (resource === events || resource === "*"))
        .map((one) => [one.policy, one.action]),
      [["eraser-policy", "dynamodb:PutItem"]]
    )
    const deletes = grantsOf(captured).filter(({ action }) => /s3:DeleteObjectVersion|dynamodb:DeleteItem/.test(action))
    assert.deepStrictEqual(
      [...new Set(deletes.map((one) => one.policy))].sort(),
      ["eraser-policy", "reconcile-policy"].filter((name) => deletes.some((one) => one.policy === name))
    )
  })
})

describe("erasing others", UNHURRIED, () => {
  it("[P1] takes a conversation out of the rows of its agents and queues", async () => {
    const site = await lived(captured)
    const conversation = (await site.rows()).find(({ projection }) => projection === "conversations-v1")?.entity ?? ""
    assert.isAbove(Object.keys(placesOf(await everywhere(site), conversation)).length, 3)
    const { code, err } = await site.command("erase", "--conversation", conversation, ...WHY)
    assert.strictEqual(code, 0, err)
    await isNowhere(site, conversation)
    for (const { line } of site.history) site.send(line)
    await isNowhere(site, conversation)
    await site.stack.stop()
  })

  it("[P1] [P11] takes an address out that only standard input holds, and changes no row", async () => {
    const address = "+49 30 5551234"
    const site = await lived(captured, 200, { input: `${address}\n` })
    const line = site.history.find(({ line }) => line.includes(".customer.start"))?.line ?? ""
    const envelope = JSON.parse(line)
    envelope.id = "of-a-customer"
    Object.assign(envelope.detail.eventBody, { ani: "tel:+49305551234", callbackUserName: "Jo Berg" })
    site.send(JSON.stringify(envelope))
    await site.settle()
    const rows = await site.dump()
    assert.property(placesOf(await everywhere(site), "49305551234"), "events, restored")
    const { code, out, err } = await site.command("erase", "--address", ...WHY)
    assert.strictEqual(code, 0, err)
    assert.notMatch(out + err, /5551234/)
    await isNowhere(site, "5551234", "Jo Berg")
    assert.deepStrictEqual(await site.dump(), rows)
    assert.isTrue((await site.events()).has("of-a-customer"))
    await site.stack.stop()
  })

  it("counts without writing, shows prices without searching, and reads the index alone if told to", async () => {
    const site = await lived(captured, 200)
    const before = await site.dump()
    const flags = ["erase", "--agent", site.agent, "--json"]
    const priced = JSON.parse((await site.command(...flags)).out)
    assert.deepStrictEqual([priced.dryRun, priced.places], [true, undefined])
    assert.isAbove(priced.cost.events.readUnits, 0)
    const searched = JSON.parse((await site.command(...flags, "--search")).out)
    assert.isAbove(searched.deleted, 0)
    assert.deepStrictEqual(await site.dump(), before)
    const indexed = await site.command(...flags, "--index", "--request", "r-17", ...WHY)
    assert.strictEqual(indexed.code, 3)
    assert.include(indexed.err, "run it again without --index")
    assert.notProperty(JSON.parse(indexed.out).cost, "events")
    assert.strictEqual((await site.command(...flags, ...WHY)).code, 0)
    await isNowhere(site, site.agent)
    await site.stack.stop()
  })
})
