import { assert, describe, it } from "@effect/vitest"
import { enter, leave, makeScreen, type Terminal, wantsColour } from "../../../src/local/view/screen.ts"

const makeTerminal = (columns: number, rows: number) => {
  const listeners = new Set<() => void>()
  const written: Array<string> = []
  const size = { columns, rows }
  const terminal: Terminal = {
    get columns() {
      return size.columns
    },
    get rows() {
      return size.rows
    },
    write: (text) => written.push(text),
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener)
  }
  const resize = (columns: number, rows: number) => {
    Object.assign(size, { columns, rows })
    for (const listener of listeners) listener()
  }
  return { terminal, written, resize, listeners }
}

describe("screen", () => {
  it("takes the terminal, gives it back once, and listens no longer", () => {
    const { terminal, written, listeners } = makeTerminal(80, 24)
    const screen = makeScreen(terminal)
    screen.start()
    screen.start()
    assert.deepStrictEqual(written, [enter])
    screen.stop()
    screen.stop()
    assert.deepStrictEqual(written, [enter, leave])
    assert.strictEqual(listeners.size, 0)
    screen.draw(() => "too late")
    assert.strictEqual(written.length, 2)
  })

  it("restores what it changed: alternate screen, cursor and wrapping", () => {
    for (const mode of ["1049", "25", "7"]) {
      const [set, undo] = mode === "1049" ? ["h", "l"] : ["l", "h"]
      assert.include(enter, `\u001b[?${mode}${set}`)
      assert.include(leave, `\u001b[?${mode}${undo}`)
    }
  })

  it("writes each line in its place, in one go, and later only those that changed", () => {
    const { terminal, written } = makeTerminal(80, 24)
    const screen = makeScreen(terminal)
    screen.start()
    screen.draw(() => "one\ntwo\nthree")
    screen.draw(() => "one\n2\nthree")
    screen.draw(() => "one\n2\nthree")
    const [, first, second, ...more] = written
    assert.strictEqual(
      first,
      "\u001b[?2026h\u001b[1;1Hone\u001b[K\u001b[2;1Htwo\u001b[K\u001b[3;1Hthree\u001b[K\u001b[?2026l"
    )
    assert.strictEqual(second, "\u001b[?2026h\u001b[2;1H2\u001b[K\u001b[?2026l")
    assert.deepStrictEqual(more, [])
  })

  it("draws the last picture again for a new size", () => {
    const { terminal, written, resize } = makeTerminal(80, 24)
    const screen = makeScreen(terminal)
    screen.start()
    screen.draw(({ columns, rows }) => `${columns} x ${rows}`)
    resize(100, 30)
    assert.include(written.at(-1), "100 x 30")
    assert.include(written.at(-2), "\u001b[2J")
  })

  it("wants colour only where there is a terminal that has it", () => {
    const { terminal } = makeTerminal(80, 24)
    assert.isFalse(wantsColour({ ...terminal, hasColors: () => true }))
    assert.isFalse(wantsColour({ ...terminal, isTTY: true, hasColors: () => false }))
    assert.isTrue(wantsColour({ ...terminal, isTTY: true, hasColors: () => true }))
  })
})
