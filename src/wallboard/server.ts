import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Assets } from "./assets.ts"

/** The header that says which call to DynamoDB it is. */
const TARGET = "x-amz-target"

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** What is behind the server once the stack runs. */
export interface Behind {
  readonly assets: () => Promise<Assets>
  /** Takes a browser that listens, for as long as its connection lasts. Returns whether there is room for one more. */
  readonly listen: (response: ServerResponse) => boolean
  /** What is known of an agent or queue, as JSON; undefined for one that nothing was ever heard of. */
  readonly details: (kind: "agents" | "queues", id: string) => Promise<object | undefined>
  /** Answers calls to DynamoDB; absent where the tables are reached without this server. */
  readonly dynamodb?: (request: IncomingMessage, body: Uint8Array) => Promise<Reply>
  /** Answers what `ReadApi` answers, by the path there; absent likewise. */
  readonly api?: (request: IncomingMessage, path: string, response: ServerResponse) => Promise<void>
}

/** A page that a name elsewhere leads to could else read what is here, for a browser thinks that it comes from there. */
const OURS = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i

/** Connections at once. Each page takes one for its stream, and some more for a moment. */
const MOST_CONNECTIONS = 400

/** What a read of a hundred keys takes, and more. */
const MAX_BODY_BYTES = 1_048_576

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
}

const DETAILS = /^\/details\/(agents|queues)\/([^/]+)$/

/** Before the paths of `ReadApi`. */
const API = "/api"

const waysOf = ({ dynamodb, api }: Behind): string => {
  const ways = [
    "/ is the wallboard",
    "/events its stream",
    "/details/agents/<id> and /details/queues/<id> what is known of one",
    ...(api === undefined ? [] : [`${API}/agents and so on what a ReadApi answers`]),
    ...(dynamodb === undefined ? [] : ["POST / with an X-Amz-Target header is DynamoDB"])
  ]
  return `${ways.slice(0, -1).join(", ")}, and ${ways.at(-1)}`
}

const send = (
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  headers = {}
): void => {
  response.writeHead(status, { ...HEADERS, "content-type": type, ...headers }).end(body)
}

const say = (response: ServerResponse, status: number, text: string, headers = {}): void =>
  send(response, status, "text/plain; charset=utf-8", `${text}\n`, headers)

/** The body, or undefined where it is longer than any read. */
const bodyOf = async (request: IncomingMessage): Promise<Uint8Array | undefined> => {
  const chunks: Array<Buffer> = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // What comes after is read and dropped, so that the answer is heard.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks)
}

const post = async (behind: Behind, path: string, request: IncomingMessage, response: ServerResponse) => {
  const { dynamodb } = behind
  const target = request.headers[TARGET]
  if (path !== "/" || typeof target !== "string" || dynamodb === undefined)
    return say(response, 405, `POST ${path} is no call: ${waysOf(behind)}`, { allow: "GET, HEAD" })
  if (!target.startsWith("DynamoDB_20120810."))
    return say(response, 400, `${target} is not answered here: only DynamoDB_20120810 is`)
  const body = await bodyOf(request)
  if (body === undefined)
    return say(response, 413, `a call may have ${MAX_BODY_BYTES} bytes, which is more than any read`)
  const { status, headers, body: answer } = await dynamodb(request, body)
  response.writeHead(status, { ...HEADERS, ...headers }).end(answer)
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const get = async (behind: Behind, path: string, response: ServerResponse) => {
  if (path === "/events") {
    response.setHeaders(new Map(Object.entries({ ...HEADERS, "content-type": "text/event-stream; charset=utf-8" })))
    if (behind.listen(response)) return
    return say(response, 503, "as many pages listen as there is room for: close one of them", { "retry-after": "10" })
  }
  const [, kind, encoded = ""] = DETAILS.exec(path) ?? []
  if (kind !== undefined) {
    const id = decoded(encoded)
    const found = id === undefined ? undefined : await behind.details(kind as "agents" | "queues", id)
    return found === undefined
      ? say(response, 404, `nothing is known of ${kind === "agents" ? "an agent" : "a queue"} ${id ?? encoded}`)
      : send(response, 200, "application/json", JSON.stringify(found))
  }
  const asset = (await behind.assets()).get(path)
  return asset === undefined
    ? say(response, 404, `there is no ${path} here: ${waysOf(behind)}`)
    : send(response, 200, asset.type, asset.body)
}

const answer = async (behind: Behind | undefined, request: IncomingMessage, response: ServerResponse) => {
  const { method = "", headers, url = "/" } = request
  const path = url.split("?")[0] ?? "/"
  if (!OURS.test(headers.host ?? ""))
    return say(response, 403, `${headers.host ?? "no host"} is refused: open 127.0.0.1 or localhost`)
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
    return say(response, 403, `a page of ${headers.origin} is refused: only this server's own pages may ask it`)
  if (behind === undefined) return say(response, 503, "the stack is starting: try again", { "retry-after": "1" })
  if (behind.api !== undefined && path.startsWith(`${API}/`))
    return behind.api(request, url.slice(API.length), response)
  if (method === "POST") return post(behind, path, request, response)
  if (method !== "GET" && method !== "HEAD")
    return say(response, 405, `${method} is not answered: ${waysOf(behind)}`, {
      allow: behind.dynamodb === undefined ? "GET, HEAD" : "GET, HEAD, POST"
    })
  if (method === "HEAD" && path === "/events") return say(response, 200, "")
  return get(behind, path, response)
}

/** The server, which says that the stack is starting until `behind` returns something. Whatever fails behind it is answered with its message. */
export const makeServer = (behind: () => Behind | undefined): Server =>
  Object.assign(
    createServer((request, response) => {
      answer(behind(), request, response).catch((error: Error) => {
        if (response.headersSent) response.destroy()
        else say(response, 500, error.message)
      })
    }),
    { maxConnections: MOST_CONNECTIONS }
  )
