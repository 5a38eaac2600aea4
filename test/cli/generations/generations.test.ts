import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { iso } from "../../../src/domain/stamp.ts"
import { DynamoDb } from "../../../src/store/aws/dynamodb.ts"
import { watermark } from "../../../src/store/aws/watermark.ts"
import { Connection } from "../../../src/store/connection.ts"
import { WatermarkStore } from "../../../src/store/watermark.ts"
import { agentsAgain, raised } from "../../support/generations.ts"
import { AGENT, START, statusLine } from "../../support/history.ts"
import { devStack } from "../../support/stack.ts"
import { dryCommand, operate } from "../harness.ts"

const WHY = ["--why", "ticket 7"] as const

/** A stack that feeds both versions, one event being in before the second was listed. */
const place = async () => {
  const site = await operate({ captured: raised(await devStack()) })
  site.send(statusLine("e-1", "IDLE", START - 1_000))
  await site.settle()
  return site
}

describe("status", () => {
  it("lists generations, who uses which, and what waits", async () => {
    const { command } = await place()
    const { code, out } = await command("status")
    assert.strictEqual(code, 0)
    const lines = out.split("\n")
    assert.deepStrictEqual(lines.slice(0, 4), [
      "agents-v2\treaders\ton\t1",
      "agents-v3\t-\ton\t1",
      "queues-v2\treaders\ton\t0",
      "conversations-v1\treaders\ton\t0"
    ])
    assert.include(lines, "quarantined\t0\tprojections quarantine list")
    const { generations, deadLetters, settle } = JSON.parse((await command("status", "--json")).out)
    assert.deepStrictEqual([generations.length, deadLetters, settle.due], [4, { rule: 0, settle: 0 }, 0])
  })

  it("says how far all is settled, and how many seconds that is behind what is due", async () => {
    const { clock, command, reach } = await place()
    const settled = async () => JSON.parse((await command("status", "--json")).out).settled
    const { through, behindSeconds } = await settled()
    assert.strictEqual(through, iso(START - 1_000))
    assert.strictEqual(behindSeconds, Math.ceil((clock.now() - 5_000 - (START - 1_000)) / 1_000))
    assert.include((await command("status")).out.split("\n"), `${through}\t${behindSeconds} s`)
    // Nothing happens, and heartbeats say so.
    await reach(START + 10 * 60_000)
    assert.isAtLeast(Date.parse((await settled()).through), START + 8 * 60_000)
    assert.isAtMost((await settled()).behindSeconds, 65)
  })

  it("does not say that anything is settled which is not due yet", async () => {
    const { captured, clock, command, stack } = await place()
    const ahead = { through: clock.now() + 900_000, windowMs: 5_000 }
    await Effect.runPromise(
      WatermarkStore.use(({ advance }) => advance(ahead)).pipe(
        Effect.provide(watermark(String(captured.outputs.controlTableName)).pipe(Layer.provide(DynamoDb.layer))),
        Effect.provideService(Connection, stack.operator)
      )
    )
    const { settled } = JSON.parse((await command("status", "--json")).out)
    assert.isAtMost(Date.parse(settled.through), clock.now() - 5_000)
    assert.strictEqual(settled.behindSeconds, 0)
  })

  it("says to deploy what is listed and not there", async () => {
    const { command } = await operate({ listed: [{ ...agentsAgain, version: 3 }] })
    const { code, err } = await command("status")
    assert.strictEqual(code, 1)
    assert.include(err, "has no table for agents-v3, which this project lists: deploy it first")
  })
})

describe("a generation that is not listed", () => {
  it.each([
    ["verify", "agents-v9"],
    ["replay", "agents-v9"],
    ["promote", "agents-v9"],
    ["retire", "agents-v9"]
  ])("%s %s names those that are", async (name, subject) => {
    const { command } = await place()
    const { code, err } = await command(name, subject)
    assert.deepStrictEqual(
      [code, err],
      [
        1,
        "agents-v9 is not folded; projections/index.ts does not list it: give one of agents-v2, agents-v3, queues-v2, conversations-v1\n"
      ]
    )
  })

  it("nor rolled back, where projections are named without their versions", async () => {
    const { command } = await place()
    const { code, err } = await command("rollback", "desks")
    assert.strictEqual(code, 1)
    assert.match(err, /^desks is not folded; .* it: give one of agents, queues, conversations$/m)
  })
})

describe("promote, rollback and retire", () => {
  it("[P8] move readers with one write each, and only when told to", async () => {
    const { command } = await place()
    const readers = async () =>
      JSON.parse((await command("status", "--json")).out).generations.find(
        ({ readers }: { readers: boolean }) => readers
      ).generation

    const dry = await command("promote", "agents-v3")
    assert.deepStrictEqual([dry.code, dry.out], [0, "readers of agents would use agents-v3 instead of agents-v2\n"])
    assert.include(dry.err, "this was a dry run")
    assert.strictEqual(await readers(), "agents-v2")

    const unexplained = await command("promote", "agents-v3", "--yes")
    assert.strictEqual(unexplained.code, 1)
    assert.include(unexplained.err, "Changing what readers see is recorded: add --why")

    const done = await command("promote", "agents-v3", "--yes", ...WHY)
    assert.deepStrictEqual([done.code, done.out], [0, "readers use agents-v3 now, before that agents-v2\n"])
    assert.strictEqual(await readers(), "agents-v3")
    assert.match((await command("promote", "agents-v3", "--yes", ...WHY)).out, /nothing was written/)

    const inUse = await command("retire", "agents-v3", "--yes", ...WHY)
    assert.deepStrictEqual([inUse.code, inUse.out], [1, ""])
    assert.include(inUse.err, "agents-v3 is the active generation; promote another first")

    assert.include((await command("rollback", "agents")).out, "would use agents-v2 again instead of agents-v3")
    assert.match((await command("rollback", "agents", "--yes", ...WHY)).out, /^readers use agents-v2 now/)
    assert.strictEqual(await readers(), "agents-v2")
    const used = (await command("uses")).out
    assert.match(used, /promote\tsubject=agents-v3\tchanged/)
    assert.match(used, /retire\tsubject=agents-v3\tfailed/)
  })

  it("[P8] turn a feed off for good, within half a minute", async () => {
    const site = await place()
    await site.command("promote", "agents-v3", "--yes", ...WHY)
    const { code, out } = await site.command("retire", "agents-v2", "--yes", ...WHY)
    assert.deepStrictEqual([code, out.split(":")[0]], [0, "agents-v2 is retired"])
    assert.match((await site.command("status")).out, /^agents-v2\tprevious, retired\toff since /)
    const back = await site.command("rollback", "agents", "--yes", ...WHY)
    assert.deepStrictEqual([back.code, back.out], [1, ""])
    assert.include(back.err, "agents-v2 is retired")

    await site.reach(site.clock.now() + 31_000)
    site.send(statusLine("e-2", "INTERACTING", site.clock.now()))
    await site.settle()
    const dumped = await site.command("diff", "agents-v2", "agents-v3", "--yes", "--json")
    assert.strictEqual(dumped.code, 4)
    const [difference] = JSON.parse(dumped.out).differences
    assert.deepStrictEqual([difference.a.value, difference.b.value], ["IDLE", "INTERACTING"])
  })

  it.each([
    [["promote", "agents-v7"], "agents-v7 is not folded"],
    [["retire", "queues-v2"], "queues-v2 is the only live generation"],
    [["rollback", "agents"], "agents has no previous generation to roll back to"],
    [["rollback", "teams"], "teams is not folded"]
  ])("refuse %j in a dry run as well", async (args, message) => {
    const { command } = await place()
    for (const flags of [[], ["--yes", ...WHY]]) {
      const { code, out, err } = await command(...args, ...flags)
      assert.deepStrictEqual([code, out], [1, ""])
      assert.include(err, message)
    }
  })
})

describe("diff", () => {
  it("says what it will cost, and then which event is behind each difference", async () => {
    const { command } = await place()
    const dry = await command("diff", "agents-v2", "agents-v3")
    assert.strictEqual(dry.code, 0)
    assert.match(
      dry.out,
      /^comparing agents-v2 with agents-v3 would read about 2 items, \d+ read units, 0 write units, \$/
    )
    const { code, out, err } = await command("diff", "agents-v2", "agents-v3", "--yes")
    assert.strictEqual(code, 4)
    assert.match(out, /^1 rows compared: 1 differences\n/)
    assert.include(out, `same registers, other columns\t${AGENT}\tstate\tcolumn knownBy\t-\t-\t1\t-`)
    assert.include(err, "agents-v2 and agents-v3 differ")
  })

  it("takes two generations that are listed", async () => {
    const { command } = await place()
    assert.include((await command("diff", "agents-v2", "agents-v9")).err, "agents-v9 is not folded")
    assert.include((await command("diff", "agents-v2", "agents-v2")).err, "name two generations")
  })
})

describe("explain", () => {
  it("names the event behind each field, when it came and how late", async () => {
    const { command, onTerminal } = await place()
    const { code, out } = await command("explain", "agent", AGENT)
    assert.strictEqual(code, 0)
    assert.match(out, new RegExp(`^${AGENT} in agents-v2\n\nstate\n`))
    assert.match(out, /routingStatus\tIDLE\t2026-\S+Z\t2026-\S+Z\t[\d.]+ (ms|s)\te-1\t/)
    assert.include((await onTerminal("explain", "agents-v3", AGENT)).out, "FIELD")
    const unknown = await command("explain", "agent", "nobody")
    assert.deepStrictEqual([unknown.code, unknown.out], [2, ""])
    assert.match(unknown.err, /agents-v2 has no rows of nobody: check the id/)
  })

  it("[P6] tells what was true from what the wall showed, once it may cost what that does", async () => {
    const site = await place()
    // Late by a minute: true at the time of its clock, shown only later.
    const late = site.clock.now()
    await site.reach(late + 60_000)
    site.send(statusLine("e-2", "INTERACTING", late))
    await site.settle()
    const at = ["--at", new Date(late + 1_000).toISOString()]
    const dry = await site.command("explain", "agent", AGENT, ...at)
    assert.match(dry.out, /^there is no index by entity: this would read the whole event store, about 4 items, /)
    const status = async (...flags: ReadonlyArray<string>) => {
      const { out } = await site.command("explain", "agent", AGENT, ...at, "--yes", "--json", ...flags)
      return JSON.parse(out).rows[0].fields.find(({ column }: { column: string }) => column === "routingStatus").value
    }
    assert.strictEqual(await status(), "INTERACTING")
    assert.strictEqual(await status("--arrived"), "IDLE")
  })

  it("says what cannot be", async () => {
    assert.include(
      (await dryCommand("explain", "agent", AGENT, "--arrived", "--local", "x")).err,
      "--arrived needs --at: give the time as well"
    )
    const { command } = await place()
    assert.include(
      (await command("explain", "team", "x")).err,
      'there is no projection "team": give one of agents, queues'
    )
  })
})
