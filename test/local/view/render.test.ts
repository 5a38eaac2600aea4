import { stripVTControlCharacters } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { render } from "../../../src/local/view/render.ts"
import { agents, queues, snapshot } from "./picture.ts"

const ESCAPE = "\u001b"

const sizes = [
  [60, 15],
  [80, 24],
  [100, 45],
  [120, 30],
  [200, 60],
  [61, 16],
  [20, 5],
  [1, 1]
] as const

const populations = [
  [0, 0],
  [1, 1],
  [24, 5],
  [300, 40]
] as const

/** The lines between a title and the next title. */
const pane = (text: string, title: string) => {
  const lines = text.split("\n").map((line) => line.trim())
  const from = lines.findIndex((line) => line.startsWith(title))
  const to = lines.findIndex((line, i) => i > from && (line.startsWith("QUEUES") || line === ""))
  return lines.slice(from, to < 0 ? undefined : to)
}

describe("render", () => {
  it.each(sizes.flatMap((size) => populations.map((population) => [...size, ...population] as const)))(
    "fills %i x %i with %i agents and %i queues exactly, and colour changes nothing but the colour",
    (columns, rows, agentCount, queueCount) => {
      const picture = snapshot({ agents: agents(agentCount), queues: queues(queueCount) })
      const text = render(picture, { columns, rows }, false)
      assert.notInclude(text, ESCAPE)
      const lines = text.split("\n")
      assert.strictEqual(lines.length, rows)
      for (const line of lines) assert.isAtMost(line.length, Math.max(1, columns - 1), line)
      assert.strictEqual(stripVTControlCharacters(render(picture, { columns, rows }, true)), text)
    }
  )

  it("shows every figure and both lists from 60 x 15 on", () => {
    for (const [columns, rows] of sizes.slice(0, 5)) {
      const text = render(snapshot(), { columns, rows }, false)
      for (const part of ["19,200", "19,000", "150", "49", "99.8", "5.12s", "6.08s", "4+17", "3m12s", "seed 7"])
        assert.include(text, part, `${part} at ${columns} x ${rows}`)
      for (const name of ["late", "revised", "unrouted", "conflicts", "quarantined", "AGENTS 24", "QUEUES 5"])
        assert.include(text, name, `${name} at ${columns} x ${rows}`)
      assert.include(text, "Not Responding")
    }
  })

  it.each([
    [60, 24],
    [80, 24],
    [100, 30],
    [120, 30],
    [200, 60]
  ])("adds up at %i x %i: states to the agents, media to what waits", (columns, rows) => {
    const waiting = { VOICE: 3, CHAT: 4, MESSAGE: 5, EMAIL: 6, CALLBACK: 7 }
    const picture = snapshot({ agents: agents(40), queues: queues(5).map((queue) => ({ ...queue, waiting })) })
    const lines = render(picture, { columns, rows }, false).split("\n")
    const sum = (numbers: ReadonlyArray<string>) => numbers.reduce((total, number) => total + Number(number), 0)

    const title = lines.find((line) => line.includes("AGENTS 40")) ?? ""
    const states = title.slice(title.indexOf("AGENTS 40") + "AGENTS 40".length).split("QUEUES")[0] ?? ""
    assert.strictEqual(sum(states.match(/\d+/g) ?? []), 40, title)

    const heads = lines.find((line) => line.includes("oldest")) ?? ""
    const media = heads.slice(heads.indexOf("oldest") + "oldest".length)
    const names = media.trim().split(/ +/)
    assert.include([...Object.keys(waiting).map((name) => name.toLowerCase()), "other"], names.at(-1))
    const rowsOfQueues = lines.filter((line) => /a000000\d/.test(line) && / 25 /.test(line))
    assert.isNotEmpty(rowsOfQueues)
    for (const row of rowsOfQueues)
      assert.strictEqual(sum(row.slice(-media.length).trim().split(/ +/)), 25, `${heads}\n${row}`)
  })

  it("shows every medium that a centre has at 120 columns", () => {
    const heads = render(snapshot(), { columns: 120, rows: 30 }, false).split("\n")
    assert.isTrue(heads.some((line) => /waiting +oldest +voice +chat +message$/.test(line)))
  })

  it("shows who alerts and who wraps up beside who is busy, from 120 columns on", () => {
    const lines = render(snapshot(), { columns: 120, rows: 30 }, false).split("\n")
    assert.isTrue(lines.some((line) => /queue +busy +alert +wrap +waiting/.test(line)))
    assert.isTrue(lines.some((line) => /a0000003 +3 +1 +2 /.test(line)))
    const below = render(snapshot({ agents: agents(5) }), { columns: 80, rows: 30 }, false)
    assert.match(below, /agent +state +for +work +alert +wrap/)
  })

  it("shows what an agent is on and what the agent declared, where these differ", () => {
    const of = (state: string, presence: string) =>
      render(snapshot({ agents: [{ ...agents(1)[0]!, state, presence }] }), { columns: 120, rows: 30 }, false)
    assert.include(of("Interacting", "BREAK"), "Interacting · Break")
    assert.include(of("Communicating", "MEAL"), "Communicating · Me…")
    assert.notInclude(of("Interacting", "ON_QUEUE"), "Interacting ·")
    assert.notInclude(of("Break", "BREAK"), "Break ·")
    assert.include(of("Out of Office", "AVAILABLE"), "Out of Office")
  })

  it("names the wallboard where there is one", () => {
    const { run } = snapshot()
    const withBoard = snapshot({ run: { ...run, address: "http://127.0.0.1:8787" } })
    const [first] = render(withBoard, { columns: 60, rows: 15 }, false).split("\n")
    assert.match(first ?? "", /^ Genesys .* http:\/\/127\.0\.0\.1:8787 {2}3m12s {2}Ctrl-C ends$/)
    assert.notInclude(render(snapshot(), { columns: 60, rows: 15 }, false), "http")
  })

  it("says that nothing has settled, and invents no lag", () => {
    const { settleLag: _, ...rest } = snapshot()
    assert.match(render(rest, { columns: 80, rows: 24 }, false), /lag p50 +·/)
  })

  it("puts first what needs a look, and counts what it leaves out", () => {
    const list = pane(render(snapshot({ agents: agents(40) }), { columns: 60, rows: 15 }, false), "AGENTS")
    assert.match(list[0]!, /^AGENTS 40 {2}5 Not Responding {2}5 Interacting/)
    assert.match(list[2]!, /^\w{8} {2}Not Responding/)
    assert.match(list.at(-1)!, /^\+\d+ more$/)
    const shown = list.length - 3
    assert.strictEqual(list.at(-1), `+${40 - shown} more`)
  })

  it("orders a state by how long it lasts, and says so in words", () => {
    const three = [3_000, 3_725_000, 70_000].map((ms, i) => ({
      agentId: `a${i}`,
      state: "Break",
      since: snapshot().run.now - ms,
      sessions: 0,
      alerting: 0,
      wrapup: 0
    }))
    const list = pane(render(snapshot({ agents: three }), { columns: 80, rows: 24 }, false), "AGENTS").slice(2, 5)
    assert.deepStrictEqual(
      list.map((line) => line.split(/ +/)[2]),
      ["1h02m", "1m10s", "3s"]
    )
  })

  it("keeps queues in place while all fit, and else shows those first where customers wait longest", () => {
    const tall = pane(render(snapshot(), { columns: 100, rows: 45 }, false), "QUEUES").slice(2)
    assert.deepStrictEqual(
      tall.map((line) => line.slice(0, 8)),
      ["a0000000", "a0000001", "a0000002", "a0000003", "a0000004"]
    )
    const short = pane(render(snapshot(), { columns: 60, rows: 15 }, false), "QUEUES")
    assert.match(short[2]!, /^a0000004 +12 +4 +3 +5s/)
    assert.strictEqual(short.at(-1), "+4 more")
  })

  it("stands agents in columns where they would not fit below each other", () => {
    const text = render(snapshot({ agents: agents(24) }), { columns: 80, rows: 30 }, false)
    for (const { agentId } of agents(24)) assert.include(text, agentId.slice(0, 8))
  })

  it("colours states by meaning", () => {
    const text = render(snapshot(), { columns: 120, rows: 40 }, true)
    const code = (state: string) => new RegExp(`\u001b\\[(\\d+)m${state}[ \u001b]`).exec(text)?.[1]
    assert.strictEqual(code("On Queue"), "32")
    assert.strictEqual(code("Interacting"), "94")
    assert.strictEqual(code("Break"), "33")
    assert.strictEqual(code("Unknown"), "35")
    assert.strictEqual(code("Pondering"), "35")
    assert.strictEqual(code("Offline"), "2")
    assert.strictEqual(code("Not Responding"), "91")
  })
})
