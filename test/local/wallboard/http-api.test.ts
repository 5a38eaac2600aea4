import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { START, statusLine } from "../../support/history.ts"
import { ask, startBoard } from "./parts.ts"

let board: Awaited<ReturnType<typeof startBoard>>
let address: string
beforeAll(async () => {
  board = await startBoard()
  address = board.wallboard.address
})
afterAll(() => board.close())

describe("below /api", () => {
  it("is what a ReadApi answers, with its errors and entity tags, by the rights of readers", async () => {
    const one = await ask(address, `/api/agents/${board.agent}`)
    assert.strictEqual(one.status, 200, one.text)
    assert.include(JSON.parse(one.text), { agentId: board.agent, routingStatus: "IDLE" })
    const headers = { "if-none-match": String(one.headers.etag) }
    const same = await ask(address, `/api/agents/${board.agent}`, { headers })
    assert.deepStrictEqual([same.status, same.text], [304, ""])
    const day = await ask(address, "/api/queues/support/today?timeZone=Europe/Berlin&minutes=60")
    assert.include(JSON.parse(day.text), { queueId: "support", offered: 0 })
    const bad = await ask(address, "/api/agents?limit=0")
    assert.deepStrictEqual([bad.status, bad.headers["content-type"]], [400, "application/problem+json"])
    assert.strictEqual((await ask(address, "/api/nothing")).status, 404)
    assert.strictEqual((await ask(address, "/api/agents", { method: "POST" })).status, 405)
    assert.deepStrictEqual(board.run.stack.denied(), [])
  })

  it.each(["/api/", "/api//", "/api//agents", "/api//a:b:c", "/api/changes/", "/api/agents/%ff", "/api/agents/a/b/c"])(
    "has no %s, and says so as a ReadApi does",
    async (path) => {
      const { status, headers, text } = await ask(address, path)
      assert.deepStrictEqual([status, headers["content-type"]], [404, "application/problem+json"], text)
    }
  )

  it.each(["__proto__", "constructor"])(
    "refuses the unknown parameter %s, and takes a header of that name",
    async (name) => {
      const { status, text } = await ask(address, `/api/agents/${board.agent}?${name}=1&${name}=2`)
      assert.strictEqual(status, 400, text)
      assert.include(JSON.parse(text).errors[0], { field: name })
      const { status: taken } = await ask(address, `/api/agents/${board.agent}`, { headers: { [name]: "1" } })
      assert.strictEqual(taken, 200)
    }
  )

  it("is refused to pages of others, as everything else here is", async () => {
    const { status } = await ask(address, "/api/agents", { headers: { origin: "http://evil.example" } })
    assert.strictEqual(status, 403)
  })

  it("streams changes until the run ends", async () => {
    const response = await fetch(`${address}/api/changes?agents=${board.agent}`)
    assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    let text = ""
    const until = async (pattern: RegExp) => {
      while (!pattern.test(text)) {
        const { done, value } = await reader.read()
        assert.isFalse(done, `the stream ended without ${pattern}: ${text}`)
        text += value
      }
    }
    await until(/event: agent\n.*"routingStatus":"IDLE"/)
    board.run.send(statusLine("second", "INTERACTING", START + 60_000))
    await board.run.reach(START + 90_000)
    await until(/"routingStatus":"INTERACTING"/)
    await board.wallboard.close()
    await reader.closed.catch(() => undefined)
  })
})
