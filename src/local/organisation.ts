import { createServer, type IncomingMessage } from "node:http"
import type { Organisation } from "../simulator/api/organisation.ts"
import { listenOnLoopback } from "./loopback.ts"

/** The `fetch` with which a client in this process reaches the organisation, at whatever host it asks. `now` is epoch ms. */
export const asFetch =
  (organisation: Organisation, now: () => number): typeof globalThis.fetch =>
  async (input, init) => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    const { pathname, search } = new URL(request.url)
    const text = await request.text()
    const { status, headers, body } = organisation.answer(
      {
        method: request.method,
        path: `${pathname}${search}`,
        headers: Object.fromEntries(request.headers),
        ...(text === "" ? {} : { body: text })
      },
      now()
    )
    return new Response(body, { status, headers })
  }

const textOf = async (request: IncomingMessage): Promise<string> => {
  request.setEncoding("utf8")
  let text = ""
  for await (const chunk of request) text += chunk
  return text
}

const one = (value: string | ReadonlyArray<string> | undefined): string | undefined =>
  typeof value === "string" ? value : value?.join(", ")

/** The organisation on 127.0.0.1, for clients with `genesys.endpoint`. `port` 0 is any that is free. */
export const serveOrganisation = async (organisation: Organisation, now: () => number, port = 0) => {
  const server = createServer(async (request, response) => {
    const text = await textOf(request)
    const { status, headers, body } = organisation.answer(
      {
        method: request.method ?? "GET",
        path: request.url ?? "/",
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, one(value)])),
        ...(text === "" ? {} : { body: text })
      },
      now()
    )
    response.writeHead(status, headers).end(body)
  })
  return listenOnLoopback(server, port)
}
