import { assert, describe, it } from "@effect/vitest"
import { nameText } from "../../../src/local/view/name.ts"
import { render } from "../../../src/local/view/render.ts"
import { agents, queues, snapshot } from "./picture.ts"

const NO_WIDTH = "\u200b"

describe("a name on a terminal", () => {
  it.each([
    ["Anna Berg", "Anna Berg"],
    ["  Ana\t María\n", "Ana María"],
    ["Zoe\u0308", "Zoë"],
    ["a\u001b[31mb\u0007\u009bc", "a[31mbc"],
    ["\u202egreB annA\u2066", "greB annA"],
    ["Maximiliana Okonkwo-Lindqvist", "Maximiliana Oko…"],
    ["Maximiliana Okon", "Maximiliana Okon"],
    ["李雷", `李${NO_WIDTH}雷${NO_WIDTH}`],
    ["\u{1d504}nna", "?nna"],
    ["😀 Anna", "😀 Anna"],
    ["half \ud800 way", "half  way"]
  ])("%j is %j", (name, shown) => assert.strictEqual(nameText(name, 16), shown))

  it.each(["", " \n", "\u0007\u200e", "\u0301"])("of %j nothing is left to show", (name) =>
    assert.isUndefined(nameText(name, 16))
  )

  it("of wide characters takes no more columns than it has", () => {
    const shown = nameText("李".repeat(20), 16) ?? ""
    assert.isAtMost(shown.length, 16)
    assert.strictEqual(shown.endsWith("…"), true)
    assert.lengthOf(shown.match(/李\u200b/g) ?? [], 7)
  })
})

describe("render with names", () => {
  const hostile = [
    "\u001b[2J\u001b]0;x\u0007",
    "李小龙李小龙李小龙李小龙",
    "Anna Berg",
    "\u202egreB",
    "",
    "x".repeat(500)
  ]
  const named = <A extends object>(rows: ReadonlyArray<A>) =>
    rows.map((row, i) => ({ ...row, name: hostile[i % 6] ?? "" }))

  it.each([
    [60, 15],
    [80, 24],
    [120, 30],
    [200, 60]
  ])("fills %i x %i exactly, whatever the names are", (columns, rows) => {
    for (const count of [1, 24, 300]) {
      const picture = snapshot({ agents: named(agents(count)), queues: named(queues(5)) })
      const lines = render(picture, { columns, rows }, false).split("\n")
      assert.lengthOf(lines, rows)
      for (const line of lines) assert.isAtMost(line.length, columns - 1, line)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not reach a terminal
      assert.notMatch(lines.join(""), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }
  })

  it("shows the name with the id behind it, and the id of who has no name", () => {
    const [first, second] = agents(2)
    const picture = snapshot({
      agents: [{ ...first!, name: "Anna Berg" }, second!],
      queues: queues(2).map((queue) => ({ ...queue, name: "Sales" }))
    })
    const text = render(picture, { columns: 200, rows: 60 }, false)
    assert.match(text, /Anna Berg +a0000000 /)
    assert.match(text, /a0000001 +a0000001 /)
    assert.match(text, /Sales +a0000000 /)
    assert.include(render(picture, { columns: 80, rows: 24 }, false), "Anna Berg")
  })
})
