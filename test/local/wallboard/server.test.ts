import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { listen } from "../../../src/wallboard/port.ts"
import { makeServer } from "../../../src/wallboard/server.ts"
import { START, statusLine } from "../../support/history.ts"
import { ask, listenTo, startBoard } from "./parts.ts"

let board: Awaited<ReturnType<typeof startBoard>>
let address: string
beforeAll(async () => {
  board = await startBoard()
  address = board.wallboard.address
})
afterAll(() => board.close())

describe("the page", () => {
  it("comes from this machine alone, with a policy that allows nothing else, and is never kept", async () => {
    const page = await ask(address, "/")
    assert.strictEqual(page.status, 200)
    assert.match(page.headers["content-type"] ?? "", /^text\/html/)
    for (const path of ["/page.js", "/page.css", "/icon.svg"]) {
      assert.include(page.text, `"${path}"`)
      const { status, headers, text } = await ask(address, path)
      assert.strictEqual(status, 200, path)
      assert.strictEqual(headers["cache-control"], "no-store")
      assert.isAbove(text.length, 100)
      // What an SVG is called by is a name and no place.
      assert.notMatch(text.replaceAll("http://www.w3.org/", ""), /["'(]https?:\/\//, path)
    }
    const policy = String(page.headers["content-security-policy"])
    assert.match(policy, /^default-src 'none'; script-src 'self';/)
    assert.notMatch(policy, /unsafe|\*|http/)
    assert.notMatch(page.text, /<script>|<style|style=|onload=/)
  })

  it("is refused to names that lead here from elsewhere", async () => {
    for (const host of ["evil.example", "evil.example:8787", "127.0.0.1.evil.example", "localhost.evil.example:80"]) {
      const { status, text } = await ask(address, "/", { headers: { host } })
      assert.deepStrictEqual([status, text], [403, `${host} is refused: open 127.0.0.1 or localhost\n`])
    }
    for (const host of ["localhost:9", "127.0.0.1", "LOCALHOST:8787"])
      assert.strictEqual((await ask(address, "/icon.svg", { headers: { host } })).status, 200, host)
    for (const origin of ["http://evil.example", "https://127.0.0.1:9", "null", "http://127.0.0.1:9"]) {
      const { status, text } = await ask(address, "/events", { headers: { origin } })
      assert.deepStrictEqual(
        [status, text],
        [403, `a page of ${origin} is refused: only this server's own pages may ask it\n`]
      )
    }
    assert.strictEqual((await ask(address, "/icon.svg", { headers: { origin: address } })).status, 200)
    const target = { host: "evil.example", "x-amz-target": "DynamoDB_20120810.GetItem" }
    assert.strictEqual((await ask(address, "/", { method: "POST", headers: target, body: "{}" })).status, 403)
  })

  it("says what there is to those who ask for something else", async () => {
    const none = await ask(address, "/nothing")
    assert.strictEqual(none.status, 404)
    assert.match(none.text, /^there is no \/nothing here: \/ is the wallboard, \/events its stream/)
    const put = await ask(address, "/", { method: "PUT" })
    assert.deepStrictEqual([put.status, put.headers.allow], [405, "GET, HEAD, POST"])
    const post = await ask(address, "/", { method: "POST" })
    assert.deepStrictEqual([post.status, post.headers.allow], [405, "GET, HEAD"])
    const other = await ask(address, "/", { method: "POST", headers: { "x-amz-target": "AmazonSQS.SendMessage" } })
    assert.strictEqual(other.text, "AmazonSQS.SendMessage is not answered here: only DynamoDB_20120810 is\n")
    const unknown = await ask(address, "/details/agents/nobody")
    assert.deepStrictEqual([unknown.status, unknown.text], [404, "nothing is known of an agent nobody\n"])
    assert.strictEqual((await ask(address, "/details/agents/%E0%A4%A")).status, 404)
    assert.strictEqual((await ask(address, "/details/rooms/1")).status, 404)
  })

  it("asks for patience while the stack starts, and tells of what fails behind it", async () => {
    let behind: Parameters<typeof makeServer>[0] = () => undefined
    const server = makeServer(() => behind())
    const at = `http://127.0.0.1:${await listen(server, 0)}`
    const early = await ask(at, "/")
    assert.deepStrictEqual([early.status, early.text], [503, "the stack is starting: try again\n"])
    const fails = () => Promise.reject(new Error("main.tsx has a hole"))
    behind = () => ({ assets: fails, details: fails, dynamodb: fails, listen: () => true })
    const failed = await ask(at, "/")
    assert.deepStrictEqual([failed.status, failed.text], [500, "main.tsx has a hole\n"])
    server.close()
  })
})

describe("the stream", () => {
  it("begins with all there is, and goes on with what is new", async () => {
    const { run, agent } = board
    const stream = await listenTo(address)
    assert.strictEqual(stream.response.headers.get("content-type"), "text/event-stream; charset=utf-8")
    const first = await stream.next()
    if (first?.event !== "board") throw new Error(`${first?.event} came first`)
    assert.deepStrictEqual(
      first.data.agents.map(({ agentId, routingStatus }) => [agentId, routingStatus]),
      [[agent, "IDLE"]]
    )
    assert.deepStrictEqual(first.data.figures.pipeline?.parked, { "feed-dlq": 2 })
    assert.strictEqual(first.data.figures.settleWindowMs, 5_000)

    const at = run.clock.now()
    run.send(statusLine("second", "INTERACTING", at))
    await run.reach(at + 8_000)
    const seen: Array<string> = []
    for (let message = await stream.next(); message?.event === "change"; message = await stream.next()) {
      for (const { routingStatus } of message.data.agents ?? []) seen.push(routingStatus ?? "")
      if (message.data.figures.run.now >= at + 7_500) break
    }
    assert.deepStrictEqual(seen, ["INTERACTING"])
    await stream.cancel()
  })
})

describe("details", () => {
  it("name the event behind each field, and what changed since the start", async () => {
    const { status, headers, text } = await ask(address, `/details/agents/${board.agent}`)
    assert.deepStrictEqual([status, headers["content-type"]], [200, "application/json"])
    const { generation, rows, history, settleWindowMs } = JSON.parse(text)
    assert.deepStrictEqual([generation, settleWindowMs], ["agents-v2", 5_000])
    const [row] = rows
    const field = row.fields.find(({ column }: { column: string }) => column === "routingStatus")
    assert.deepInclude(field, { value: "INTERACTING" })
    const [{ eventId, topic, arrived, clock, delayMs }] = field.setBy
    assert.strictEqual(eventId, "second")
    assert.match(topic, /^v2\.users\..*routingStatus$/)
    assert.isAtLeast(arrived, clock)
    assert.strictEqual(delayMs, arrived - clock)
    const [latest, first] = history
    assert.lengthOf(history, 2)
    assert.deepInclude(latest.changes, { column: "routingStatus", from: "IDLE", to: "INTERACTING" })
    assert.deepInclude(first.changes, { column: "routingStatus", to: "IDLE" })
    assert.deepInclude(first, { row: "state", asOf: START })
    assert.isAtLeast(latest.at, latest.asOf + 5_000)
  })
})

describe("the end of a run", () => {
  it("is said to every page, ends its stream and frees the port, also where somebody does not listen", async () => {
    const own = await startBoard()
    const stream = await listenTo(own.wallboard.address)
    const deaf = await fetch(`${own.wallboard.address}/events`)
    assert.strictEqual((await stream.next())?.event, "board")
    await own.close()
    assert.strictEqual((await stream.next())?.event, "end")
    assert.isUndefined(await stream.next())
    assert.strictEqual(deaf.status, 200)
    await own.wallboard.close()
    const refused = await ask(own.wallboard.address, "/").catch((error: NodeJS.ErrnoException) => error.code)
    assert.strictEqual(refused, "ECONNREFUSED")
  })
})
