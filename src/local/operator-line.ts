import { createHash } from "node:crypto"
import { chmodSync, realpathSync, rmSync } from "node:fs"
import { createServer, request as httpRequest } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { HttpRequest } from "@smithy/types"
import type { RequestHandler } from "aws-in-process"
import { bodyBytes, response } from "aws-in-process"
import type { ConnectionSettings } from "../store/connection.ts"

/** A call of an SDK client, as it is handed from one process to another. */
type Call = Pick<HttpRequest, "method" | "hostname" | "path" | "query" | "headers"> & { readonly body: string }

/** The answer to it; or why the engine could not answer. */
type Answer =
  | { readonly statusCode: number; readonly headers: Record<string, string>; readonly body: string }
  | { readonly failure: string }

/** What a run says about itself. */
interface Greeting {
  readonly outputs: Readonly<Record<string, unknown>>
  readonly region: string
}

/** A socket that only its owner may use. Not in the folder itself: names of sockets must be short. */
const socketOf = (path: string): string =>
  join(tmpdir(), `projections-${createHash("sha256").update(realpathSync(path)).digest("hex").slice(0, 24)}.sock`)

const base64 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("base64")

const answer = async (handler: RequestHandler, call: Call): Promise<Answer> => {
  try {
    const request = { ...call, protocol: "https:", body: Buffer.from(call.body, "base64") } as HttpRequest
    const { response } = await handler.handle(request)
    return { statusCode: response.statusCode, headers: response.headers, body: base64(await bodyBytes(response.body)) }
  } catch (error) {
    return { failure: (error as Error).message }
  }
}

/**
 * Lets whoever sits at the machine work on a run while it goes on: other processes of the same user reach its engine as `operator`, by
 * the folder that it holds. Returns what ends it.
 */
export const listenToOperator = async (
  path: string,
  operator: ConnectionSettings,
  outputs: Greeting["outputs"]
): Promise<() => void> => {
  const socket = socketOf(path)
  // The folder's own lock says that no other run listens there: what a killed one has left is in the way.
  rmSync(socket, { force: true })
  const greeting: Greeting = { outputs, region: operator.region ?? "" }
  const server = createServer(async (request, reply) => {
    const text = Buffer.from(await bodyBytes(request)).toString()
    reply.end(JSON.stringify(text === "" ? greeting : await answer(operator.requestHandler, JSON.parse(text))))
  })
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve))
  chmodSync(socket, 0o600)
  server.unref()
  return () => {
    server.close()
    server.closeAllConnections()
    rmSync(socket, { force: true })
  }
}

const ask = (socketPath: string, text: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    // A connection that is kept would fail later, and in other words, when the run is over.
    const request = httpRequest({ socketPath, method: "POST", path: "/", agent: false }, (reply) => {
      bodyBytes(reply).then((bytes) => resolve(JSON.parse(Buffer.from(bytes).toString())), reject)
    })
    request.once("error", reject)
    request.end(text)
  })

/** Sends calls to the engine of another process. */
const remoteHandler = (socket: string): RequestHandler => ({
  metadata: { handlerProtocol: "http/1.1" },
  handle: async ({ method, hostname, path, query, headers, body }) => {
    const call: Call = { method, hostname, path, query: query ?? {}, headers, body: base64(await bodyBytes(body)) }
    const answered = (await ask(socket, JSON.stringify(call))) as Answer
    if ("failure" in answered) throw new Error(answered.failure)
    return { response: response(answered.statusCode, answered.headers, Buffer.from(answered.body, "base64")) }
  },
  updateHttpClientConfig: (key) => {
    throw new Error(`not implemented by the local engine: HTTP client setting ${key}`)
  },
  httpHandlerConfigs: () => ({}),
  destroy: () => {}
})

/** The run that holds a folder at this moment; undefined where none does. */
export const reachRun = async (
  path: string
): Promise<{ readonly outputs: Greeting["outputs"]; readonly connection: ConnectionSettings } | undefined> => {
  const socket = socketOf(path)
  try {
    const { outputs, region } = (await ask(socket, "")) as Greeting
    const credentials = { accessKeyId: "operator", secretAccessKey: "local" }
    return { outputs, connection: { region, credentials, requestHandler: remoteHandler(socket) } }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined
    throw error
  }
}
