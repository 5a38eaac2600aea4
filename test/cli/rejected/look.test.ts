import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { allTopics } from "../../../src/genesys/topics/index.ts"
import type { Quarantined } from "../../../src/store/quarantine.ts"
import { START } from "../../support/history.ts"
import { startLine } from "../../support/hostile.ts"
import { operate } from "../harness.ts"

const CANARY = "jane.doe@example.com"
const HOUR = 3_600_000

const entry = (text: string, reason: string, ago: number): Quarantined => ({
  raw: Buffer.from(text),
  reason,
  detail: `$: refused as ${reason}`,
  received: START - ago
})

/** A sound event with a value that must not be seen. */
const event = (id: string): string => {
  const [example] = allTopics.map((topic) => structuredClone(topic.example) as { detail: { eventBody: object } })
  Object.assign(example?.detail.eventBody ?? {}, { note: CANARY })
  return JSON.stringify({ ...example, id })
}

const garbage = [
  entry(`not json ${CANARY}`, "NotJson", 3 * HOUR),
  entry(`{"id":"","name":"${CANARY}"}`, "MissingId", 2 * HOUR),
  entry(event("e-1"), "TooDeep", HOUR),
  entry(event("e-2"), "TooDeep", 60_000)
]

const filled = async () => {
  const site = await operate()
  await site.put(...garbage)
  return site
}

/** The keys in a plain list. */
const keysIn = (out: string) =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t").at(-1) ?? "")

describe("quarantine list", () => {
  it("lists what waits, the oldest first, by reason and time", async () => {
    const { command, keys } = await filled()
    const all = await command("quarantine", "list")
    assert.strictEqual(all.code, 0)
    assert.deepStrictEqual(
      all.out
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t").slice(0, 3)),
      garbage.map(({ raw, reason, received }) => [new Date(received).toISOString(), reason, String(raw.length)])
    )
    assert.deepStrictEqual(keysIn(all.out).toSorted(), keys("quarantine/"))

    const list = async (...filters: ReadonlyArray<string>) =>
      keysIn((await command("quarantine", "list", ...filters)).out).map((key) => key.split("/")[1])
    assert.deepStrictEqual(await list("--reason", "TooDeep"), ["TooDeep", "TooDeep"])
    assert.deepStrictEqual(await list("--since", "2h"), ["MissingId", "TooDeep", "TooDeep"])
    assert.deepStrictEqual(await list("--until", "2h"), ["NotJson"])
    assert.deepStrictEqual(await list("--since", "150m", "--until", "30m"), ["MissingId", "TooDeep"])
    assert.deepStrictEqual(await list("--limit", "2"), ["NotJson", "MissingId"])
  })

  it("prints a table for a person and one document for a script", async () => {
    const { command, onTerminal } = await filled()
    const seen = await onTerminal("quarantine", "list", "--limit", "1")
    assert.match(seen.out, /^RECEIVED +REASON +SIZE +KEY\n\S+ {2}NotJson {2}29 B {2}quarantine\/NotJson\/\S+\n$/)
    assert.match(seen.err, /limited to the oldest 1 event; raise --limit for more/)
    const { events, more } = JSON.parse((await command("quarantine", "list", "--json", "--limit", "3")).out)
    assert.deepStrictEqual(
      events.map(({ reason, size }: { reason: string; size: number }) => [reason, size]),
      garbage.slice(0, 3).map(({ reason, raw }) => [reason, raw.length])
    )
    assert.isTrue(more)
  })

  it("shows topics when it may open events, and then only what is safe", async () => {
    const { command } = await filled()
    const refused = await command("quarantine", "list", "--topics")
    assert.strictEqual(refused.code, 1)
    assert.match(refused.err, /Opening events is recorded: add --why/)
    const { out } = await command("quarantine", "list", "--topics", "--why", "ticket 7")
    assert.deepStrictEqual(
      out
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t")[3]),
      ["-", "-", "v2.users.{id}.activity", "v2.users.{id}.activity"]
    )
    assert.notInclude(out, CANARY)
  })

  it("ends with 2 when nothing matches", async () => {
    const { command } = await filled()
    for (const filter of [
      ["--reason", "Nope"],
      ["--until", "1d"],
      ["--since", "1s"]
    ]) {
      const { code, out, err } = await command("quarantine", "list", ...filter)
      assert.deepStrictEqual([code, out], [2, ""])
      assert.match(err, /no events in quarantine match; projections quarantine list shows what is there/)
    }
    const { code, out } = await command("parked", "list", "--json")
    assert.deepStrictEqual([code, JSON.parse(out).events], [2, []])
  })
})

describe("quarantine show", () => {
  it("[P11] shows no value without --raw, in any form of output", async () => {
    const { command, onTerminal } = await filled()
    for (const run of [command, onTerminal])
      for (const form of [[], ["--json"]]) {
        const { code, out, err } = await run("quarantine", "show", "--why", "ticket 7", ...form)
        assert.strictEqual(code, 0)
        assert.notInclude(out + err, CANARY)
        assert.include(out, "<string 20>")
      }
  })

  it("says what was recorded, and what the decoder of this version would do", async () => {
    const { command, keys } = await filled()
    const [notJson = ""] = keys("quarantine/NotJson/")
    const [deep = ""] = keys("quarantine/TooDeep/")
    const { out } = await command("quarantine", "show", notJson, deep, "--why", "ticket 7", "--json")
    const [first, second] = JSON.parse(out).events
    assert.deepStrictEqual(
      [first.key, first.reason, first.detail, first.event],
      [notJson, "NotJson", "$: refused as NotJson", "<text 29, not JSON>"]
    )
    assert.match(first.decoder, /^refused: NotJson: /)
    assert.strictEqual(second.decoder, "accepts it")
  })

  it("shows the bytes as they are with --raw, and the use log says so", async () => {
    const { command, onTerminal, keys, put } = await operate()
    await put(entry(`\u001b[2J${CANARY}\n`, "NotJson", 0))
    const [key = ""] = keys("quarantine/")
    const { out, err } = await command("quarantine", "show", key, "--raw", "--why", "ticket 7")
    assert.strictEqual(out, `\u001b[2J${CANARY}\n`)
    assert.match(err, /shown raw, because: ticket 7/)
    assert.strictEqual(
      (await onTerminal("quarantine", "show", key, "--raw", "--why", "ticket 7")).out,
      `\\u001b[2J${CANARY}\n\n`
    )
    const [document] = JSON.parse(
      (await command("quarantine", "show", "--raw", "--json", "--why", "ticket 7")).out
    ).events
    assert.strictEqual(Buffer.from(document.raw, "base64").toString(), `\u001b[2J${CANARY}\n`)
  })

  it("opens nothing but held events of its own place", async () => {
    const { command, keys } = await filled()
    await command("quarantine", "list")
    const [audit = ""] = keys("audit/")
    const [held = ""] = keys("quarantine/")
    for (const [place, key] of [
      ["quarantine", audit],
      ["parked", held],
      ["quarantine", "../x"]
    ] as const) {
      const { code, err } = await command(place, "show", key, "--why", "curious")
      assert.strictEqual(code, 1)
      assert.match(err, /is no key of .*: copy one from projections/)
    }
    const gone = held.replace(/-[0-9a-f]{16}$/, "-0000000000000000")
    const { code, err } = await command("quarantine", "show", held, gone, "--why", "ticket 7")
    assert.strictEqual(code, 3)
    assert.include(err, `${gone}: not in quarantine any more`)
  })
})

describe("parked show", () => {
  /** An event that the decoder accepts, and that is parked because of what follows from it. */
  const parkedAs = async (line: string) => {
    const site = await operate()
    await new S3Client({ ...site.stack.operator, forcePathStyle: true }).send(
      new PutObjectCommand({ Bucket: site.bucket, Key: `parked/unwritable/2026-05-06/${START}-0a`, Body: line })
    )
    const { code, out, err } = await site.command("parked", "show", "--json", "--why", "ticket 7")
    assert.strictEqual(code, 0, err)
    await site.stack.stop()
    return { out, shown: JSON.parse(out).events[0] }
  }

  it("[P7] folds the event, and says which update no table can hold, without a value of it", async () => {
    const session = "s".repeat(1_100)
    const { out, shown } = await parkedAs(startLine("e-1", { session }))
    assert.match(shown.decoder, /^refused: \w+: .*\b(key|bytes)\b/)
    assert.notInclude(out, session)
  })

  it("says that this version accepts an event whose updates it can fold by now", async () => {
    const { shown } = await parkedAs(startLine("e-1"))
    assert.strictEqual(shown.decoder, "accepts it")
  })
})

describe("filters", () => {
  it("are refused where they contradict each other", async () => {
    const { command, keys } = await filled()
    const [key = ""] = keys("quarantine/")
    assert.match((await command("quarantine", "list", "--since", "1h", "--until", "2h")).err, /is not before --until/)
    const both = await command("quarantine", "show", key, "--reason", "NotJson", "--why", "x")
    assert.match(both.err, /keys already select the events: leave out the keys, or --reason/)
  })
})
