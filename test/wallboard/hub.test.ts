import { EventEmitter } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { MOST_CLIENTS, MOST_MISSED, makeHub } from "../../src/wallboard/hub.ts"
import { ADDRESS, listen } from "../../src/wallboard/port.ts"

/** A browser that takes what it is given when it is told to. */
const client = () => {
  const written: Array<string> = []
  let full = false
  const response = Object.assign(new EventEmitter(), {
    write: (text: string) => written.push(text),
    end: (text: string) => written.push(`${text}|end`),
    destroyed: 0,
    destroy: () => {
      response.destroyed++
    }
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
    for (let i = 0; i < MOST_MISSED; i++) hub.publish(`{"change":${i}}`)
    assert.lengthOf(quick.written, MOST_MISSED + 1)
    assert.lengthOf(slow.written, 1)
    slow.stall(false)
    hub.publish('{"change":"then"}')
    hub.publish('{"change":"after"}')
    assert.deepStrictEqual(slow.written.slice(1), [
      'event: board\ndata: {"board":3}\n\n',
      'event: change\ndata: {"change":"after"}\n\n'
    ])
  })

  it("who take nothing for a minute are let go, and no more than a hundred are taken in", () => {
    const hub = makeHub(() => "{}")
    const deaf = client()
    hub.add(deaf.response)
    deaf.stall(true)
    for (let i = 0; i < MOST_MISSED; i++) hub.publish("{}")
    assert.deepStrictEqual([hub.size(), deaf.response.destroyed as unknown], [1, 0])
    hub.publish("{}")
    assert.deepStrictEqual([hub.size(), deaf.response.destroyed as unknown], [0, 1])
    const added = Array.from({ length: MOST_CLIENTS + 1 }, () => hub.add(client().response))
    assert.deepStrictEqual(
      added.map((taken, i) => [taken, i]).filter(([taken]) => taken === false),
      [[false, MOST_CLIENTS]]
    )
  })

  it("hold no more than one message where nobody reads, over a real connection", async () => {
    const hub = makeHub(() => "{}")
    const responses: Array<ServerResponse> = []
    const server = createServer((_, response) => {
      responses.push(response)
      hub.add(response)
    })
    const socket = connect(await listen(server, 0), ADDRESS)
    socket.pause()
    socket.write("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    while (hub.size() === 0) await turn()
    const change = JSON.stringify("x".repeat(100_000))
    let most = 0
    for (let i = 0; i < 400; i++) {
      hub.publish(change)
      most = Math.max(most, responses[0]?.writableLength ?? 0)
      await turn()
    }
    assert.isAbove(most, 0, "the machine itself has taken 40 MB")
    assert.isAtMost(most, 2 * change.length)
    socket.destroy()
    server.close()
    server.closeAllConnections()
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
