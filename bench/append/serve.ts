import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type Canned, makeCanned } from "./canned.ts"

/**
 * Canned answers over HTTP, connections kept alive, at a port of 127.0.0.1. Beside AWS's own calls: `GET /taken` tells what was taken, and
 * `GET /delay/4` makes every later answer take 4 ms.
 */
export const serve = async (canned: Canned = makeCanned()) => {
  let delay = 0
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const send = (status: number, value: unknown) => {
        const text = JSON.stringify(value)
        const headers = { "content-type": "application/x-amz-json-1.0", "content-length": Buffer.byteLength(text) }
        response.writeHead(status, headers).end(text)
      }
      const target = request.headers["x-amz-target"]
      const [, asked, ms] = (request.url ?? "").split("/")
      if (asked === "taken") return send(200, canned.taken())
      if (asked === "delay") {
        delay = Number(ms)
        return send(200, {})
      }
      const answer = canned.answer(String(target).split(".").at(-1) ?? "", Buffer.concat(chunks).toString())
      const status = Object.hasOwn(answer as object, "__type") ? 400 : 200
      if (delay === 0) return send(status, answer)
      setTimeout(send, delay, status, answer)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}
