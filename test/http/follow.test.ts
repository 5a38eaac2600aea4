import { createServer, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, assert, describe, it } from "vitest"

interface Options {
  readonly url: string
  readonly tokenOf: () => string | Promise<string>
  readonly on: (event: string, data: unknown) => void
  readonly signal: AbortSignal
}

// The client of the example, as a page loads it.
const { follow } = (await import(new URL("../../examples/http/follow.js", import.meta.url).href)) as {
  readonly follow: (options: Options) => Promise<void>
}

interface Connection {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly response: ServerResponse
}

/** A server that answers each connection by the next of some functions, and the last one from then on. */
const serving = async (...answers: ReadonlyArray<(connection: Connection) => void>) => {
  const seen: Array<Connection> = []
  const server: Server = createServer(({ headers }, response) => {
    const connection = { headers, response }
    seen.push(connection)
    const answer = answers[Math.min(seen.length, answers.length) - 1]
    answer?.(connection)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  open.push(server)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/changes`, seen }
}

const open: Array<Server> = []
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const stream = ({ response }: Connection) => response.writeHead(200, { "content-type": "text/event-stream" })

/** Follows until so many events came. */
const take = async (url: string, events: number, tokenOf: Options["tokenOf"] = () => "t") => {
  const said: Array<readonly [string, unknown]> = []
  const stop = new AbortController()
  const on = (event: string, data: unknown) => {
    said.push([event, data])
    if (said.length === events) stop.abort()
  }
  await follow({ url, tokenOf, on, signal: stop.signal })
  return said
}

describe("the client of a stream of changes in examples/http", () => {
  it("sends the token, and tells each event once it has come whole, wherever pieces are cut", async () => {
    const text = 'retry: 5\n\nevent: agent\ndata: {"name":"Müller: a"}\n\nevent: freshness\nid: abc\ndata: {}\n\n'
    const { url, seen } = await serving((connection) => {
      stream(connection)
      const bytes = Buffer.from(text)
      const next = (at: number) => {
        if (at >= bytes.length) return
        connection.response.write(bytes.subarray(at, at + 7), () => setTimeout(() => next(at + 7), 1))
      }
      next(0)
    })
    assert.deepStrictEqual(await take(url, 2), [
      ["agent", { name: "Müller: a" }],
      ["freshness", {}]
    ])
    assert.strictEqual(seen[0]?.headers.authorization, "Bearer t")
    assert.notProperty(seen[0]?.headers, "last-event-id")
  })

  it("connects again after an end, a cut and a failure, with a new token and after the last event", async () => {
    const once = (id: string) => (connection: Connection) => {
      stream(connection).write(`retry: 1\n\nevent: freshness\nid: ${id}\ndata: "${id}"\n\n`)
    }
    let tokens = 0
    const { url, seen } = await serving(
      (connection) => {
        once("a")(connection)
        connection.response.end()
      },
      (connection) => {
        once("b")(connection)
        setTimeout(() => connection.response.destroy(), 20)
      },
      ({ response }) => response.writeHead(503).end(),
      ({ response }) => response.writeHead(429).end(),
      once("c")
    )
    const said = await take(url, 3, () => `t${++tokens}`)
    assert.deepStrictEqual(
      said.map(([, data]) => data),
      ["a", "b", "c"]
    )
    assert.deepStrictEqual(
      seen.map(({ headers }) => [headers.authorization, headers["last-event-id"]]),
      [
        ["Bearer t1", undefined],
        ["Bearer t2", "a"],
        ["Bearer t3", "b"],
        ["Bearer t4", "b"],
        ["Bearer t5", "b"]
      ]
    )
  })

  it.each([400, 401, 403, 404])("does not ask again what is refused with %i", async (status) => {
    const { url, seen } = await serving(({ response }) => response.writeHead(status).end("no"))
    const error = await take(url, 1).catch((error: Error) => error.message)
    assert.deepStrictEqual([error, seen.length], [`${status}: no`, 1])
  })

  it("ends when it is told to, and says nothing more", async () => {
    const { url, seen } = await serving((connection) => void stream(connection).flushHeaders())
    const stop = new AbortController()
    const following = follow({
      url,
      tokenOf: () => "t",
      on: () => assert.fail("nothing was said"),
      signal: stop.signal
    })
    while (seen.length === 0) await new Promise((done) => setTimeout(done, 5))
    stop.abort()
    await following
    assert.lengthOf(seen, 1)
  })
})
