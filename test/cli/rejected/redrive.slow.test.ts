import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { parked } from "../../../src/store/aws/parked.ts"
import { S3 } from "../../../src/store/aws/s3.ts"
import { Connection } from "../../../src/store/connection.ts"
import { Parked, type ParkedLetter } from "../../../src/store/parked.ts"
import type { Quarantined } from "../../../src/store/quarantine.ts"
import { encodeSettlement } from "../../../src/store/settle-queue.ts"
import { AGENT, START, statusLine } from "../../support/history.ts"
import { operate } from "../harness.ts"

type Operated = Awaited<ReturnType<typeof operate>>

const WHY = ["--why", "ticket 7"] as const

const held = (text: string, reason: string, received = START - 60_000): Quarantined => ({
  raw: Buffer.from(text),
  reason,
  detail: "$: as a test wants it",
  received
})

/** Sound events, as many as asked for, which an older and stricter door has refused. */
const sound = (count: number): ReadonlyArray<Quarantined> =>
  Array.from({ length: count }, (_, n) =>
    held(statusLine(`e-${n}`, "IDLE", START - 1_000 + n), "TooDeep", START - count + n)
  )

const park = ({ stack, bucket }: Operated, letter: ParkedLetter) =>
  Effect.runPromise(
    Parked.use(({ put }) => put(letter)).pipe(
      Effect.provide(parked(bucket).pipe(Layer.provide(S3.layer))),
      Effect.provideService(Connection, stack.operator)
    )
  )

const routing = async (site: Operated) => {
  const rows = await site.rows()
  return rows.find(({ entity, row }) => entity === AGENT && row === "state")?.columns.routingStatus
}

describe("redrive", () => {
  it("is a dry run unless told otherwise: it writes nothing but the record of the use", async () => {
    const site = await operate()
    await site.put(...sound(3), held("not json", "NotJson"))
    const before = site.keys("quarantine/")
    for (const flags of [[], ["--dry-run"], ["--force"]]) {
      const { out, err } = await site.command("quarantine", "redrive", ...WHY, ...flags)
      assert.match(out, flags.includes("--force") ? /^4 events would be redriven/ : /^3 events would be redriven/)
      assert.include(err, "this was a dry run")
    }
    await site.settle()
    assert.deepStrictEqual(site.keys("quarantine/"), before)
    assert.deepStrictEqual(site.keys("redriven/"), [])
    assert.strictEqual(site.counters.received, 0)
    assert.strictEqual(site.keys("audit/").length, 6)
  })

  it("[P7] brings back what a larger limit lets in, and nothing of it is lost", async () => {
    const site = await operate()
    await site.put(held(statusLine("e-1", "INTERACTING", START - 1_000), "TooDeep"))
    const [key = ""] = site.keys("quarantine/")
    const before = site.quarantined()[0]
    const { code, out, err } = await site.command("quarantine", "redrive", "--yes", ...WHY)
    assert.deepStrictEqual([code, out], [0, "1 event redriven\n"])
    assert.match(err, /quarantine redrive, redriven, because: ticket 7/)
    await site.settle()
    assert.deepStrictEqual([...(await site.events()).keys()], ["e-1"])
    assert.strictEqual(await routing(site), "INTERACTING")
    assert.deepStrictEqual(site.keys("quarantine/"), [])
    const after = site.quarantined().find(({ key: kept }) => kept === `redriven/${key}`)
    assert.deepStrictEqual(after?.raw, before?.raw)
    const { redriven, ...metadata } = after?.metadata ?? {}
    assert.deepStrictEqual(metadata, before?.metadata)
    assert.match(redriven ?? "", /^2026-05-06T08:/)
  })

  it("is the same under both names", async () => {
    const site = await operate()
    await site.put(...sound(2))
    const one = await site.command("quarantine", "redrive", ...WHY)
    const other = await site.command("redrive", "quarantine", ...WHY)
    assert.deepStrictEqual([other.code, other.out], [one.code, one.out])
    assert.match(other.out, /^2 events would be redriven/)
    for (const place of ["parked", "failed"])
      assert.deepStrictEqual(
        (await site.command("redrive", place, ...WHY)).code,
        (await site.command(place, "redrive", ...WHY)).code
      )
    const done = await site.command("redrive", "quarantine", "--yes", ...WHY)
    assert.deepStrictEqual([done.code, site.keys("quarantine/")], [0, []])
    assert.match(done.err, /quarantine redrive, redriven/)
  })

  it("[P7] leaves a conflict where it is, and with --force it comes back and changes nothing", async () => {
    const site = await operate()
    site.send(statusLine("e-1", "IDLE", START))
    site.send(statusLine("e-1", "INTERACTING", START + 1_000))
    await site.settle()
    const [conflict = ""] = site.keys("quarantine/Conflict/")
    const first = await site.dump()

    const left = await site.command("quarantine", "redrive", "--yes", ...WHY)
    assert.strictEqual(left.code, 3)
    assert.include(left.out, "1\tConflict: its id is stored with other content, which stays")
    assert.deepStrictEqual(site.keys("quarantine/"), [conflict])

    const forced = await site.command("quarantine", "redrive", "--yes", "--force", ...WHY)
    assert.strictEqual(forced.code, 0)
    await site.settle()
    const back = site.keys("quarantine/Conflict/")
    assert.strictEqual(back.length, 1)
    assert.notDeepEqual(back, [conflict])
    assert.deepStrictEqual(site.keys("redriven/"), [`redriven/${conflict}`])
    assert.deepStrictEqual(await site.dump(), first)
  })

  it("[P7] leaves garbage where it is, and with --force it comes back and harms no neighbour", async () => {
    const site = await operate()
    await site.put(held("not json", "NotJson"), ...sound(2))
    const one = await site.command("quarantine", "redrive", "--yes", "--json", ...WHY)
    assert.strictEqual(one.code, 3)
    const { redriven, left, events, dryRun } = JSON.parse(one.out)
    assert.deepStrictEqual([redriven, left, dryRun], [2, 1, false])
    assert.match(events.left[0].why, /^NotJson: /)
    const forced = await site.command("quarantine", "redrive", "--yes", "--force", ...WHY)
    assert.strictEqual(forced.code, 0)
    await site.settle()
    assert.strictEqual(site.keys("quarantine/NotJson/").length, 1)
    assert.strictEqual(site.keys("redriven/").length, 3)
    assert.strictEqual((await site.events()).size, 2)
  })

  it("[P2] hands over again what a crash left in both places, and that changes nothing", async () => {
    const site = await operate()
    const [entry] = sound(1)
    if (entry === undefined) return assert.fail()
    await site.put(entry)
    await site.command("quarantine", "redrive", "--yes", ...WHY)
    await site.settle()
    const first = await site.dump()
    await site.put(entry)
    assert.strictEqual((await site.command("quarantine", "redrive", "--yes", ...WHY)).code, 0)
    await site.settle()
    assert.deepStrictEqual([site.counters.appended, site.counters.duplicates], [1, 1])
    assert.deepStrictEqual(await site.dump(), first)
    assert.deepStrictEqual([site.keys("quarantine/").length, site.keys("redriven/").length], [0, 1])
  })

  it("keeps its pace on the clock, and loses none of a thousand", async () => {
    const site = await operate()
    await site.put(...sound(1_000))
    const began = site.clock.now()
    const { code, err } = await site.command("quarantine", "redrive", "--yes", "--rate", "100", ...WHY)
    assert.strictEqual(code, 0)
    // The first batch goes at once, the last one a tenth of a second before the time is up.
    assert.strictEqual(site.clock.now() - began, 9_900)
    assert.notInclude(err, "of 1000,")
    await site.settle()
    assert.strictEqual((await site.events()).size, 1_000)
    assert.strictEqual(site.keys("redriven/").length, 1_000)
  })

  it("takes only what it was asked for, and says when there is more", async () => {
    const site = await operate()
    await site.put(...sound(5))
    const { code, out, err } = await site.command("quarantine", "redrive", "--yes", "--limit", "2", ...WHY)
    assert.deepStrictEqual([code, out], [0, "2 events redriven\n"])
    assert.include(err, "run the same command again for the next ones")
    const [key = ""] = site.keys("quarantine/")
    await site.command("quarantine", "redrive", key, "--yes", ...WHY)
    await site.settle()
    assert.deepStrictEqual([...(await site.events()).keys()].toSorted(), ["e-0", "e-1", "e-2"])
    assert.strictEqual(site.keys("quarantine/").length, 2)
  })

  it("[P2] leaves what the stream does not take, also what no stream could", async () => {
    const site = await operate()
    await site.put(held("x".repeat(1_048_576), "TooLarge"), held("", "NotJson"))
    const { code, out } = await site.command("quarantine", "redrive", "--yes", "--force", ...WHY)
    assert.strictEqual(code, 3)
    assert.include(out, "1\tit is larger than what the stream and the queue carry")
    assert.include(out, "1\tit is empty")
    assert.strictEqual(site.keys("quarantine/").length, 2)
  })
})

describe("parked", () => {
  const letter = (from: "rule" | "settle", body: string, reason: string): ParkedLetter => ({
    from,
    body,
    reason,
    detail: "as a test wants it",
    received: START - 60_000,
    attempts: 3
  })
  const settlement = encodeSettlement([
    {
      projection: "agents-v2",
      entity: AGENT,
      row: "state",
      register: "routingStatus",
      value: "INTERACTING",
      stamp: { clock: START - 60_000, published: START - 60_000, eventId: "e-9" },
      late: false
    }
  ])

  it("lists dead letters with their reason and where they come from", async () => {
    const site = await operate()
    await park(site, letter("rule", statusLine("e-1", "IDLE", START), "Refused"))
    await park(site, letter("settle", settlement, "TooManyAttempts"))
    const { out } = await site.command("parked", "list")
    assert.deepStrictEqual(
      out
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t").slice(1, 3)),
      [
        ["Refused", "rule"],
        ["TooManyAttempts", "settle"]
      ]
    )
    const one = await site.command("parked", "list", "--reason", "TooManyAttempts", "--json")
    assert.deepStrictEqual(
      JSON.parse(one.out).events.map(({ from }: { from: string }) => from),
      ["settle"]
    )
    const [shown] = JSON.parse((await site.command("parked", "show", "--json", ...WHY)).out).events
    assert.deepStrictEqual([shown.attempts, shown.decoder], [3, "accepts it"])
  })

  it("[P7] gives an event back to the stream and a settle message to its queue", async () => {
    const site = await operate()
    await park(site, letter("rule", statusLine("e-1", "IDLE", START - 120_000), "Refused"))
    await park(site, letter("settle", settlement, "TooManyAttempts"))
    await park(site, letter("settle", "{}", "NotASettlement"))
    const { code, out } = await site.command("parked", "redrive", "--yes", ...WHY)
    assert.strictEqual(code, 3)
    assert.include(out, "2 events redriven")
    assert.include(out, "1\tit is no settle message of this version")
    await site.settle()
    assert.deepStrictEqual([...(await site.events()).keys()], ["e-1"])
    assert.strictEqual(await routing(site), "INTERACTING")
    assert.strictEqual(site.keys("parked/settle/").length, 1)
    assert.strictEqual(site.keys("redriven/parked/").length, 2)
  })
})

describe("the use log", () => {
  it("has who, what range, why and what came of it, of every use, twice", async () => {
    const site = await operate()
    await site.put(...sound(2), held("not json", "NotJson"))
    await site.command("quarantine", "list", "--since", "1d")
    await site.reach(site.clock.now() + 1_000)
    await site.command("quarantine", "show", "--reason", "NotJson", "--raw", "--json", ...WHY)
    await site.reach(site.clock.now() + 1_000)
    await site.command("quarantine", "redrive", "--yes", "--reason", "TooDeep", ...WHY)
    const { out } = await site.command("uses", "--json")
    const uses = JSON.parse(out).uses as ReadonlyArray<Record<string, unknown>>
    assert.deepStrictEqual(
      uses.map(({ id: _, at: __, ...use }) => use),
      [
        {
          phase: "ended",
          who: { user: "robin", host: "desk" },
          stack: "stack test",
          command: "quarantine list",
          filters: { since: "1d", limit: 50 },
          outcome: "listed",
          counts: { events: 3 }
        },
        {
          phase: "ended",
          who: { user: "robin", host: "desk" },
          stack: "stack test",
          command: "quarantine show",
          filters: { reason: "NotJson", limit: 10, raw: true },
          why: "ticket 7",
          outcome: "shown raw",
          counts: { events: 1 }
        },
        {
          phase: "ended",
          who: { user: "robin", host: "desk" },
          stack: "stack test",
          command: "quarantine redrive",
          filters: { reason: "TooDeep", limit: 1_000, rate: 50 },
          why: "ticket 7",
          outcome: "redriven",
          counts: { matched: 2, redriven: 2, left: 0 }
        }
      ]
    )
    assert.isTrue(
      site.keys("audit/").every((key) => /^audit\/2026-05-06\/2026-05-06T08:\S+-(begun|ended)\.json$/.test(key))
    )
    assert.strictEqual(site.keys("audit/").length, 6)
    const lines = (await site.command("uses", "--limit", "1")).out.trimEnd().split("\n")
    assert.strictEqual(lines.length, 1)
    assert.match(lines[0] ?? "", /robin@desk\tquarantine redrive\treason=TooDeep limit=1000 rate=50\tredriven\t/)
    assert.strictEqual((await site.command("uses", "--until", "1d")).code, 2)
  })

  it("shows a use that was cut off, and what an interrupted or failed one did", async () => {
    const site = await operate()
    await site.put(...sound(1))
    await site.command("quarantine", "redrive", "--dry-run", ...WHY)
    const shelf = site.keys("audit/").find((key) => key.endsWith("ended.json")) ?? ""
    await site.stack.s3.service(
      "DeleteObject",
      { Bucket: site.bucket, Key: shelf },
      { roleArn: "arn:aws:iam::000000000000:role/operator", label: "operator" }
    )
    assert.match((await site.command("uses")).out, /\tcut off\t/)
    site.stack.outage((action) => action === "s3:GetObject")
    const { code } = await site.command("quarantine", "show", ...WHY)
    assert.strictEqual(code, 1)
    site.stack.outage(() => false)
    assert.match((await site.command("uses")).out, /quarantine show\t.*\tfailed\t/)
  })

  it("has nothing of a command that was refused for its arguments", async () => {
    const site = await operate()
    await site.put(...sound(1))
    for (const flags of [
      ["--since", "soon"],
      ["--since", "1h", "--until", "2h"],
      ["--limit", "0"],
      ["quarantine/x"],
      ["quarantine/x", "--reason", "NotJson"]
    ]) {
      const { code, out } = await site.command("quarantine", "show", ...flags, ...WHY)
      assert.deepStrictEqual([code, out], [1, ""], flags.join(" "))
    }
    assert.deepStrictEqual(site.keys("audit/"), [])
  })
})
