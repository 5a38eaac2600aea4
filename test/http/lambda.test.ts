import { EventEmitter } from "node:events"
import { ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { effectClock } from "aws-in-process/clock"
import type { Context } from "aws-lambda"
import { Layer } from "effect"
import { type ResponseStream, requestOf, serveApi, type WithHead } from "../../src/http/lambda.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { eventOf, withHead as withHeadOfServer } from "../../src/local/gateway.ts"
import { Connection } from "../../src/store/connection.ts"
import { WatermarkStore } from "../../src/store/watermark.ts"
import { makeTables, type Tables } from "../read/engine.ts"
import { idOf, member, onQueue, routing } from "../read/events.ts"
import { START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { serveGateway } from "./gateway.ts"

const [A, B] = [idOf(1), idOf(2)]
const Q = idOf(100)
const ORIGIN = "https://wall.example.com"
const CONTEXT = { awsRequestId: "r", getRemainingTimeInMillis: () => 900_000 } as Context

/** A double of a stream takes its head with its body. */
const withHead: WithHead = (stream, head) =>
  stream instanceof ServerResponse ? withHeadOfServer(stream as unknown as ResponseStream, head) : stream

/** The function on the tables of the engine, with the rights of the policy for readers alone, behind HTTP. */
const serve = async (env: Readonly<Record<string, string>> = {}) => {
  const tables = await makeTables()
  const lines: Array<string> = []
  const host = Layer.mergeAll(
    effectClock(tables.clock),
    Layer.succeed(Connection, tables.options),
    linesTo((line) => lines.push(line))
  )
  const settings = { PREFIX: tables.prefix, ORIGINS: ORIGIN, POLL_SECONDS: "2", STREAM_SECONDS: "60" }
  const handler = serveApi(withHead, { ...settings, ...env }, host)
  const gateway = await serveGateway(handler)
  return {
    tables,
    lines,
    gateway,
    handler,
    get: (target: string, init?: RequestInit) => fetch(`${gateway.url}${target}`, init),
    close: async () => {
      await gateway.close()
      await handler.dispose()
      await tables.close()
    }
  }
}

const use = async (
  run: (served: Awaited<ReturnType<typeof serve>>) => Promise<void>,
  env?: Readonly<Record<string, string>>
) => {
  const served = await serve(env)
  try {
    await run(served)
  } finally {
    await served.close()
  }
}

const settle = ({ run }: Tables, ms: number) =>
  run(WatermarkStore.use((watermark) => watermark.advance({ through: START + ms, windowMs: 5_000 })))

/** A body of JSON, as far as a test looks at it. */
interface Body {
  readonly detail?: string
  readonly entries?: ReadonlyArray<object>
  readonly members: ReadonlyArray<{ readonly status: string }>
  readonly rule?: object
  readonly agentId?: string
  readonly state?: string
  readonly offered?: number
}

const bodyOf = async (response: Response) => (await response.json()) as Body

/** Reads a stream until what it said so far matches. */
const until = async (reader: ReadableStreamDefaultReader<Uint8Array>, said: { text: string }, pattern: RegExp) => {
  while (!pattern.test(said.text)) {
    const { done, value } = await reader.read()
    if (done) return assert.fail(`the stream ended without ${pattern}: ${said.text}`)
    said.text += new TextDecoder().decode(value)
  }
}

describe("the function behind a REST API", UNHURRIED, () => {
  it("[P10] answers from the tables of a stack with the rights of the policy for readers", () =>
    use(async ({ tables, get, lines }) => {
      await tables.fold([...onQueue(A, "IDLE", 1_000), member(Q, A, true, 500), member(Q, B, true, 500)])
      await tables.sweep([{ kind: "agents", id: A, name: "Ada" }])
      tables.clock.advanceTo(START + 20_000)
      await settle(tables, 10_000)
      const json = async (target: string) => {
        const response = await get(target)
        assert.strictEqual(response.status, 200, target)
        return bodyOf(response)
      }
      assert.include(await json(`/agents/${A}?names=true`), { state: "On Queue", agentId: A })
      assert.deepStrictEqual((await json("/agents")).entries, [{ id: A, name: "Ada" }])
      assert.strictEqual(Number((await json(`/queues/${Q}`)).members), 2)
      const { members } = await json(`/queues/${Q}/members?names=true`)
      assert.deepStrictEqual(
        members.map(({ status }) => status),
        ["idle", "unknown"]
      )
      assert.include(await json(`/queues/${Q}/today?timeZone=Europe/Berlin`), { offered: 0 })
      assert.deepStrictEqual(tables.rights.denied(), [])

      const first = await get(`/agents/${A}`, { headers: { origin: ORIGIN } })
      assert.strictEqual(first.headers.get("access-control-allow-origin"), ORIGIN)
      await first.body?.cancel()
      const held = await get(`/agents/${A}`, { headers: { "if-none-match": String(first.headers.get("etag")) } })
      assert.deepStrictEqual([held.status, await held.text()], [304, ""])
      assert.strictEqual(held.headers.get("etag"), first.headers.get("etag"))
      const may = await get(`/agents/${A}`, { method: "OPTIONS", headers: { origin: ORIGIN } })
      assert.deepStrictEqual([may.status, may.headers.get("access-control-allow-origin")], [204, ORIGIN])
      await tables.fold([routing(A, "INTERACTING", 15_000)])
      const changed = await get(`/agents/${A}`, { headers: { "if-none-match": String(first.headers.get("etag")) } })
      assert.include(await bodyOf(changed), { state: "Interacting" })

      assert.strictEqual((await get(`/agents/${idOf(77)}`)).status, 404)
      assert.strictEqual((await get("/agents?limit=0")).status, 400)
      const said = lines.map((line) => JSON.parse(line)).filter(({ message }) => message === "request")
      assert.include(said[0], { route: "getAgent", status: 200, left: false, requestId: "r" })
      assert.notInclude(lines.join(""), A)
      assert.notInclude(lines.join(""), "Ada")
    }))

  it("streams a change a moment after it was written, and ends in time", () =>
    use(async ({ tables, get, gateway }) => {
      await tables.fold([...onQueue(A, "IDLE", 1_000)])
      tables.clock.advanceTo(START + 20_000)
      await settle(tables, 10_000)
      const response = await get(`/changes?agents=${A}`)
      assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
      const reader = response.body?.getReader() ?? assert.fail("no body")
      const said = { text: "" }
      await until(reader, said, /event: freshness\nid: [\w-]{8}\ndata: .*\n\n/)
      assert.match(said.text, /^retry: 1000\n\nevent: agent\ndata: .*"state":"On Queue"/)
      await tables.fold([routing(A, "INTERACTING", 19_000)])
      tables.clock.advanceTo(START + 22_000)
      await until(reader, said, /event: agent\ndata: [^\n]*"state":"Interacting"/)
      tables.clock.advanceTo(START + 90_000)
      await until(reader, said, /retry: \d+\n\n$/)
      while (!(await reader.read()).done);
      assert.strictEqual(gateway.running(), 0)
    }))

  it("ends the invocation of a client that has left at once", () =>
    use(async ({ tables, get, gateway, lines }) => {
      await tables.fold([...onQueue(A, "IDLE", 1_000)])
      tables.clock.advanceTo(START + 20_000)
      const leave = new AbortController()
      const response = await get(`/changes?agents=${A}`, { signal: leave.signal })
      const reader = response.body?.getReader() ?? assert.fail("no body")
      await until(reader, { text: "" }, /freshness/)
      assert.strictEqual(gateway.running(), 1)
      leave.abort()
      // The clock stands still: nothing is read or written any more.
      for (let tries = 0; gateway.running() > 0 && tries < 100; tries++)
        await new Promise((done) => setTimeout(done, 20))
      assert.strictEqual(gateway.running(), 0)
      assert.isTrue(lines.some((line) => line.includes('"left":true')))
    }))

  // Streams of HTTP call those back who wait for their end when it has left, and never after they were closed before.
  it.each(["close", "error"] as const)(
    "ends the invocation of a client that leaves at the last moment: %s, and no end",
    (event) =>
      use(async ({ handler, lines }) => {
        const stream = new EventEmitter()
        const written: Array<string> = []
        const response: ResponseStream = Object.assign(stream, {
          write: (text: string, done: () => void) => {
            written.push(text)
            done()
          },
          end: () => void setImmediate(() => stream.emit(event, new Error("reset")))
        })
        await handler(eventOf({ method: "GET", url: "/agents?limit=0", headersDistinct: {} }), response, CONTEXT)
        assert.match(written.join(""), /"status":400/)
        assert.isTrue(lines.some((line) => line.includes('"status":400')))
      })
  )

  it("takes a client for gone that closes while a piece is on its way", () =>
    use(async ({ handler, lines }) => {
      const stream = new EventEmitter()
      const response: ResponseStream = Object.assign(stream, {
        write: () => void setImmediate(() => stream.emit("close")),
        end: () => undefined
      })
      await handler(eventOf({ method: "GET", url: "/agents?limit=0", headersDistinct: {} }), response, CONTEXT)
      assert.isTrue(lines.some((line) => line.includes('"left":true')))
    }))

  it("answers a request whose headers cannot be headers", () => {
    const pairs = { "x-a": ["\u20ac"], "if-none-match": ["a\nb"], "": ["c"], Origin: [ORIGIN], "last-event-id": ["\0"] }
    const request = requestOf({
      httpMethod: "GET",
      resource: "/{proxy+}",
      pathParameters: { proxy: "agents" },
      multiValueHeaders: pairs
    })
    assert.deepStrictEqual([...request.headers], [["origin", ORIGIN]])
  })

  it("judges queues as its environment says", () =>
    use(
      async ({ get }) => {
        const today = await bodyOf(await get(`/queues/${Q}/today?timeZone=UTC`))
        assert.include(today.rule, { answerSeconds: 30, target: 0.9 })
      },
      { SERVICE_LEVEL: JSON.stringify({ answerSeconds: 30, target: 0.9 }) }
    ))

  it.each<[Readonly<Record<string, string>>]>([
    [{ PREFIX: "" }],
    [{ POLL_SECONDS: "often" }],
    [{ SERVICE_LEVEL: '{"target":2}' }],
    [{ SERVICE_LEVEL: "{" }]
  ])("answers that it did not start where its environment is %o", (env) =>
    use(async ({ get }) => {
      const response = await get("/agents/a")
      assert.strictEqual(response.status, 500)
      assert.strictEqual(response.headers.get("content-type"), "application/problem+json")
      assert.include((await bodyOf(response)).detail, "did not start")
    }, env)
  )
})
