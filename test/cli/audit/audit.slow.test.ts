import { type AttributeValue, DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { AGENT, START, statusLine } from "../../support/history.ts"
import { UNHURRIED } from "../../support/seeds.ts"
import { devStack } from "../../support/stack.ts"
import { dryCommand, operate } from "../harness.ts"

const HOUR = 3_600_000
const WHY = ["--yes", "--why", "INC-7"] as const
const indexed = await devStack({ auditReadUnitsPerSecond: 1, entityIndex: true })
const plain = await devStack({ auditReadUnitsPerSecond: 1 })

/** A stack with one agent, whose row says something else, and with a row that no event made. The audit knows both. */
const corrupted = async (captured: typeof plain) => {
  const site = await operate({ captured })
  site.send(statusLine("e-1", "IDLE", START))
  await site.settle()
  const before = await site.dump()
  await site.reach(START + 3 * HOUR)
  const client = new DynamoDBClient({ ...site.stack.operator, maxAttempts: 1 })
  const tables = captured.outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
  const TableName = tables["agents-v2"]?.name ?? ""
  const { Items: [row = {}] = [] } = await client.send(new ScanCommand({ TableName }))
  const put = (change: Readonly<Record<string, AttributeValue>>) =>
    client.send(new PutItemCommand({ TableName, Item: { ...row, ...change } }))
  await put({ routingStatus: { S: "INTERACTING" } })
  await put({ row: { S: "session#nobody" } })
  await site.reach(START + 3.5 * HOUR)
  return { site, before }
}

describe("audit", () => {
  it("lists what audits have found, says what mending takes, and mends it", UNHURRIED, async () => {
    const { site, before } = await corrupted(indexed)
    const listed = await site.command("audit")
    assert.strictEqual(listed.code, 4)
    assert.match(
      listed.out,
      /^last audited 2026-05-06T\S+: since \S+ [\d,]+ rows?, [\d,]+ events? and [\d,]+ entr(y|ies) /
    )
    assert.match(listed.out, new RegExp(`columns\\t.*\\tagents-v2 ${AGENT} state\\troutingStatus\\t2026-05-06T11:0\\d`))
    assert.match(listed.out, /unexplained\t.*session#nobody\troutingStatus\t.*\te-1/)
    assert.match((await site.command("status")).out, /last audited .* [34] discrepancies/)
    const { audited } = JSON.parse((await site.command("audit", "--json")).out)
    assert.include(
      audited.found.map(({ kind }: { kind: string }) => kind),
      "unexplained"
    )
    const dry = await site.command("audit", "--repair")
    assert.match(dry.out, /of kind unexplained: write the row from its events\n/)
    assert.match(dry.out, /it would take at most about \d+ items, \d+ read units, \d+ write units, \$\S+\n$/)
    assert.include(dry.err, "this was a dry run: nothing was written; give --yes and --why to do it")
    assert.strictEqual((await site.command("audit")).code, 4)

    const repaired = await site.command("audit", "--repair", ...WHY)
    assert.strictEqual(repaired.code, 0, repaired.out + repaired.err)
    assert.match(repaired.out, /^\d mended, \d healed already, 0 left\n$/)
    assert.match(repaired.err, /recorded: robin@desk, audit, repaired, because: INC-7/)
    const emptied = /session#nobody \{"events":\[\],"registers":\{\}\} \{\} 0/
    assert.deepStrictEqual(
      (await site.dump()).filter((line) => !emptied.test(line)),
      before
    )
    await site.reach(site.clock.now() + 600_000)
    const after = await site.command("audit")
    assert.deepStrictEqual([after.code, after.out.match(/\d+ discrepancies/)?.[0]], [0, "0 discrepancies"])
    assert.deepStrictEqual(site.stack.denied(), [])
    await site.stack.stop()
  })

  it(
    "reads the whole event store where no index tells the events of a row, and says so before",
    UNHURRIED,
    async () => {
      const { site, before } = await corrupted(plain)
      const dry = await site.command("audit", "--repair")
      assert.match(dry.out, /, for it reads the event store (once|\d times)\n$/)
      const repaired = await site.command("audit", "--repair", ...WHY)
      assert.strictEqual(repaired.code, 0, repaired.out + repaired.err)
      assert.deepStrictEqual(
        (await site.dump()).filter((line) => !line.includes("session#nobody")),
        before
      )
      await site.stack.stop()
    }
  )

  it.each([
    [["audit", "--yes"], /^--yes does nothing without --repair$/m],
    [["audit", "--repair", "--yes", "--local", "x"], /^Writing rows is recorded: add --why "reason"$/m]
  ])("refuses %j", async (args, expected) => {
    const { code, err } = await dryCommand(...args)
    assert.strictEqual(code, 1)
    assert.match(err, expected)
  })
})
