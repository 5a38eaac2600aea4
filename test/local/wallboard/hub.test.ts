import { EventEmitter } from "node:events"
import type { ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { makeHub } from "../../../src/local/wallboard/hub.ts"

/** A browser that takes what it is given when it is told to. */
const client = () => {
  const written: Array<string> = []
  let full = false
  const response = Object.assign(new EventEmitter(), {
    write: (text: string) => written.push(text),
    end: (text: string) => written.push(`${text}|end`)
  })
  Object.defineProperty(response, "writableLength", { get: () => (full ? 1 : 0) })
  return {
    written,
    response: response as unknown as ServerResponse,
    stall: (on: boolean) => {
      full = on
    }
  }
}

describe("those who listen", () => {
  it("who are slow miss what is old, and get the whole board when they have caught up", () => {
    let boards = 0
    const hub = makeHub(() => `{"board":${++boards}}`)
    const [quick, slow] = [client(), client()]
    hub.add(quick.response)
    hub.add(slow.response)
    slow.stall(true)
    for (let i = 0; i < 1_000; i++) hub.publish(`{"change":${i}}`)
    assert.lengthOf(quick.written, 1_001)
    assert.lengthOf(slow.written, 1)
    slow.stall(false)
    hub.publish('{"change":"then"}')
    hub.publish('{"change":"after"}')
    assert.deepStrictEqual(slow.written.slice(1), [
      'event: board\ndata: {"board":3}\n\n',
      'event: change\ndata: {"change":"after"}\n\n'
    ])
  })

  it("are forgotten when they are gone, and hear of the end", () => {
    const hub = makeHub(() => "{}")
    const [one, other] = [client(), client()]
    hub.add(one.response)
    hub.add(other.response)
    one.response.emit("close")
    assert.strictEqual(hub.size(), 1)
    hub.close()
    assert.strictEqual(hub.size(), 0)
    assert.lengthOf(one.written, 1)
    assert.strictEqual(other.written.at(-1), "event: end\ndata: {}\n\n|end")
  })
})
