import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Result } from "effect"
import { afterAll, assert, describe, it } from "vitest"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import { launch, npmStart, type Run } from "./command.ts"
import { fromCentre, oddities, shuffled } from "./events.ts"

const folder = mkdtempSync(join(tmpdir(), "start-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const inFolder = (name: string) => join(folder, name)
const fileOf = (name: string, lines: ReadonlyArray<string>, end = "\n") => {
  const path = inFolder(name)
  writeFileSync(path, lines.map((line) => `${line}${end}`).join(""))
  return path
}

interface Document {
  readonly events: Readonly<Record<string, number>>
  readonly agents: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly queues: ReadonlyArray<Readonly<Record<string, unknown>>>
}

/** The one document on standard output, of a run of which everything came through. */
const documentOf = ({ code, stdout, stderr }: Run): Document => {
  assert.strictEqual(stderr, "")
  assert.strictEqual(code, 0)
  return JSON.parse(stdout) as Document
}

/** The same of a run of which something did not, with what was said of each line, by its number. */
const partlyOf = ({ code, stdout, stderr }: Run) => {
  assert.strictEqual(code, 3)
  const named = [...stderr.matchAll(/^line (\d+) (.*)$/gm)].map(([, number, what]) => [Number(number), what] as const)
  return { document: JSON.parse(stdout) as Document, named: new Map(named), stderr }
}

/** Where the cores are shared, a start takes its time. */
const PATIENCE = { concurrent: true, timeout: 300_000 }

const base = fromCentre()
const lines = [...base, ...oddities(base)]
/** Those that come through: events of the stack's topics. */
const clean = base.filter((line) => {
  const decoded = decodeEvent(Buffer.from(line), 0)
  return Result.isSuccess(decoded) && decoded.success.routed
})
const blank = lines.filter((line) => line.trim() === "").length

describe("an option that is wrong", PATIENCE, () => {
  it("is told on standard error alone, and by the exit code", async () => {
    assert.deepStrictEqual(await npmStart(["--rate", "0"]), {
      code: 1,
      stdout: "",
      stderr: "--rate 0: give events per second between 0.1 and 2000\n"
    })
  })
})

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const allowed = {
  agent: [
    "agentId",
    "state",
    "since",
    "presence",
    "presenceSince",
    "routingStatus",
    "routingStatusSince",
    "outOfOffice",
    "activeQueueIds",
    "conversations",
    "userState",
    "sessions",
    "wrapup",
    "asOf"
  ],
  agentSession: ["sessionId", "conversationId", "queueId", "mediaType", "since", "phase"],
  queue: ["queueId", "members", "waiting", "alerting", "interacting", "monitoring", "wrapup", "observations", "asOf"],
  member: ["userId", "joined", "since"],
  waiting: ["sessionId", "conversationId", "mediaType", "since"],
  interacting: ["sessionId", "conversationId", "userId", "mediaType", "since"]
} as const

type Value = Readonly<Record<string, unknown>>

/** No key that is not in the contract, every time in ISO with milliseconds, and the list in the order of its id. */
const checkList = (what: keyof typeof allowed, list: unknown, id: string, always: ReadonlyArray<string>) => {
  assert.isArray(list)
  const values = list as ReadonlyArray<Value>
  for (const value of values) {
    for (const key of Object.keys(value)) assert.include(allowed[what] as ReadonlyArray<string>, key, what)
    for (const key of always) assert.property(value, key, what)
    for (const [key, text] of Object.entries(value))
      if (key === "asOf" || /since$/i.test(key)) assert.match(String(text), ISO, `${what}.${key}`)
  }
  const ids = values.map((value) => String(value[id]))
  assert.deepStrictEqual(ids, [...new Set(ids)].sort(), what)
}

describe("a file of events", PATIENCE, () => {
  it("[P2] [P3] gives one document of the promised shape, and the same one for every order", async () => {
    const orders = [1, 2, 3].map((seed) => fileOf(`order-${seed}`, shuffled(lines, seed)))
    const runs = await Promise.all(orders.map((file) => npmStart(["--events", file, "--json"])))
    const first = runs[0] as Run
    const { events, agents, queues, ...more } = partlyOf(first).document
    for (const { stdout } of runs) assert.strictEqual(stdout, first.stdout)

    assert.deepStrictEqual(more, {})
    assert.deepStrictEqual(Object.keys(events), [
      "received",
      "appended",
      "duplicates",
      "conflicts",
      "quarantined",
      "unrouted",
      "droppedByRule"
    ])
    const { received = 0, appended = 0, duplicates = 0, conflicts = 0, quarantined = 0, droppedByRule = 0 } = events
    assert.strictEqual(received + droppedByRule, lines.length - blank)
    assert.strictEqual(appended + duplicates + conflicts + quarantined, received)
    assert.isAtLeast(duplicates, 1)
    assert.isAtLeast(conflicts, 1)
    assert.isAtLeast(quarantined, 3)
    assert.isAtLeast(droppedByRule, 1)
    for (const run of runs) assert.strictEqual(partlyOf(run).named.size, conflicts + quarantined + droppedByRule)

    checkList("agent", agents, "agentId", ["state", "sessions", "asOf"])
    for (const { sessions, conversations = {} } of agents) {
      checkList("agentSession", sessions, "sessionId", ["since"])
      for (const load of Object.values(conversations as Value)) assert.hasAllKeys(load, ["active", "acw"])
    }
    checkList("queue", queues, "queueId", allowed.queue)
    for (const { members, waiting, interacting, observations } of queues) {
      checkList("member", members, "userId", ["joined", "since"])
      checkList("waiting", waiting, "sessionId", ["since"])
      checkList("interacting", interacting, "sessionId", ["since"])
      for (const metrics of Object.values(observations as Value))
        for (const metric of Object.values(metrics as Value)) assert.match(String((metric as Value).at), ISO)
    }
    const all = <K extends string>(lists: ReadonlyArray<Value>, key: K) =>
      lists.flatMap((one) => one[key] as Array<Value>)
    assert.isNotEmpty(all(agents, "sessions"))
    assert.isNotEmpty(all(queues, "members"))
    assert.isNotEmpty(all(queues, "interacting"))
  })

  it("comes through standard input, with a byte order mark and either end of line, and may be empty", async () => {
    const few = clean.slice(0, 40)
    // JSON may hold this one as it is; it ends no line.
    const odd = few.map((line) => line.replace('"version":"0"', '"version":"0","note":"one\u2028two"'))
    const plain = fileOf("plain", odd)
    const crlf = inFolder("crlf")
    writeFileSync(crlf, `\ufeff${odd.join("\r\n")}`)
    const [a, b, c, d] = await Promise.all([
      npmStart(["--events", plain, "--json"]),
      npmStart(["--events", crlf, "--json"]),
      npmStart(["--events", "-", "--json"], odd.map((line) => `${line}\n`).join("")),
      npmStart(["--events", fileOf("empty", []), "--json"])
    ])
    assert.strictEqual(documentOf(a).events.received, 40)
    assert.strictEqual(documentOf(a).events.quarantined, documentOf(b).events.quarantined)
    assert.strictEqual(b.stdout, a.stdout)
    assert.strictEqual(c.stdout, a.stdout)
    const nothing = { received: 0, appended: 0, duplicates: 0, conflicts: 0, quarantined: 0, unrouted: 0 }
    assert.deepStrictEqual(documentOf(d), { events: { ...nothing, droppedByRule: 0 }, agents: [], queues: [] })
  })

  it("[P3] --data keeps what there was: in parts as at once, and nothing twice", async () => {
    const good = clean.slice(0, 300)
    const [one, two] = [fileOf("part-1", good.slice(0, 150)), fileOf("part-2", good.slice(150))]
    const data = inFolder("data")
    const feed = (file: string) => npmStart(["--events", file, "--json", "--data", data])
    const [first, whole] = await Promise.all([feed(one), npmStart(["--events", fileOf("whole", good), "--json"])])
    const second = documentOf(await feed(two))
    const again = documentOf(await feed(one))

    const { agents, queues } = documentOf(whole)
    assert.deepStrictEqual({ agents: second.agents, queues: second.queues }, { agents, queues })
    assert.deepStrictEqual({ agents: again.agents, queues: again.queues }, { agents, queues })
    const before = documentOf(first).events
    assert.strictEqual(again.events.appended, 0)
    assert.strictEqual(again.events.duplicates, (before.appended ?? 0) + (before.duplicates ?? 0))
  })

  it("is told in words without --json, as much of it as the reader wants", async () => {
    const few = [...new Set(clean)].slice(0, 20)
    const { code, stdout, stderr } = await npmStart(["--events", fileOf("words", few)])
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.match(stdout, /Events {2}received 20 = appended/)

    const { child, ended } = await launch(["--events", fileOf("cut", few), "--json"])
    child.stdout?.destroy()
    const closed = await ended
    assert.deepStrictEqual([closed.code, closed.stderr], [0, ""])
  })
})

/** The summary of a run: what came in and that the books balance. */
const checkSummary = (stdout: string) => {
  assert.match(stdout, /^\d+s on stack dev: \d+\.\d events\/s of 50 asked for, seed 3$/m)
  assert.match(stdout, /^ {2}books +balanced: /m)
  assert.match(stdout, /^ {2}left behind +0 in the stream, 0 to settle$/m)
}

describe("the contact centre simulator", PATIENCE, () => {
  const args = ["--rate", "50", "--agents", "10", "--seed", "3"]
  const temp = (name: string) => mkdtempSync(join(folder, name))

  it("runs for its time, line by line where nobody watches, and sums up", async () => {
    const where = temp("timed-")
    const { code, stdout, stderr } = await (await launch([...args, "--duration", "3s"], where)).ended
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.isAtLeast(stdout.split("\n").filter((line) => /^\ds {2}\d+\.\d events\/s \| received /.test(line)).length, 3)
    assert.notInclude(stdout, "\x1b")
    assert.match(stdout, /^Starting the stack on this machine \.\.\.\n/)
    assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+ shows the wallboard$/m)
    checkSummary(stdout)
    assert.match(stdout, /^ {2}received +[1-9]/m)
    assert.deepStrictEqual(readdirSync(where), [])
  })

  it("ends on Ctrl-C with the summary, and cleans up behind it", async () => {
    const where = temp("interrupted-")
    const { child, stdout, ended } = await launch([...args, "--chaos", "0.3"], where)
    // A machine that is busy skips the line of a second.
    while (!/^(?:[2-9]|\d{2,})s /m.test(stdout())) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.lengthOf(readdirSync(where), 1)
    const asked = performance.now()
    child.kill("SIGINT")
    const { code, stdout: said, stderr } = await ended
    assert.deepStrictEqual([code, stderr], [0, ""])
    // Four seconds where nothing else runs. It is time that would never end that this is about, and not how busy the machine is.
    assert.isBelow(performance.now() - asked, 30_000)
    checkSummary(said)
    assert.deepStrictEqual(readdirSync(where), [])
  })
})
