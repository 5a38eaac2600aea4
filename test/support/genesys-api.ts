import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Context, Effect, Layer } from "effect"
import { GenesysApi, layerGenesysApi } from "../../src/genesys-api/api.ts"
import type { GenesysOptions } from "../../src/genesys-api/options.ts"
import type { SecretAccess } from "../../src/genesys-api/secret.ts"

/** What is asked for; `secret` is Secrets Manager, which answers at the same address. */
export type Call = "token" | "user" | "presence" | "routingStatus" | "secret"

/** What goes wrong with one answer. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | "hang"
  | "truncate"
  | "drop"

/** What the API knows of a user. `leavesOut`: facets that an expansion does not bring, which the API reserves to itself. */
export interface User {
  presence: { systemPresence: string; modifiedDate?: string; primary?: boolean }
  routingStatus: { status: string; startTime?: string }
  leavesOut?: ReadonlyArray<"presence" | "routingStatus">
}

export interface Received {
  readonly call: Call
  readonly path: string
  readonly authorization: string | undefined
}

const ROUTES: ReadonlyArray<readonly [method: string, pattern: RegExp, call: Call]> = [
  ["POST", /^\/oauth\/token$/, "token"],
  ["GET", /^\/api\/v2\/users\/([^/]+)$/, "user"],
  ["GET", /^\/api\/v2\/users\/([^/]+)\/presences\/purecloud$/, "presence"],
  ["GET", /^\/api\/v2\/users\/([^/]+)\/routingstatus$/, "routingStatus"],
  ["POST", /^\/$/, "secret"]
]

/** The form of the API's errors. */
const problem = (status: number, code: string, message: string) => ({
  status,
  body: { message, code, status, contextId: "c0ffee00-0000-4000-8000-000000000001", details: [], errors: [] }
})

const text = async (request: IncomingMessage): Promise<string> => {
  let body = ""
  for await (const chunk of request) body += chunk
  return body
}

const basic = (authorization: string | undefined): ReadonlyArray<string> =>
  Buffer.from(/^Basic (.+)$/.exec(authorization ?? "")?.[1] ?? "", "base64")
    .toString()
    .split(":")

/** Login and API of an organisation on 127.0.0.1, as Genesys documents them, with faults on order; and Secrets Manager for its secret. */
export const startGenesysApi = async () => {
  const users = new Map<string, User>()
  const clients = new Map([["client-1", "first-secret"]])
  const tokens = new Set<string>()
  let issued = 0
  const requests: Array<Received> = []
  const faults: Array<{ readonly call: Call; readonly fault: Fault; times: number }> = []
  const abandoned: Array<Call> = []
  const waiting: Array<() => void> = []
  const settings = { expiresIn: 86_400, secret: JSON.stringify({ clientId: "client-1", clientSecret: "first-secret" }) }

  const presenceOf = ({ presence: { systemPresence, primary = true, modifiedDate } }: User) => ({
    id: "PURECLOUD",
    source: "PURECLOUD",
    primary,
    presenceDefinition: { id: "3b5d7f91-2a4c-4e68-8b0d-1c3e5f7a9b24", systemPresence, selfUri: "/api/v2/presence" },
    message: "kanarie until two",
    ...(modifiedDate === undefined ? {} : { modifiedDate })
  })

  const answers: Readonly<
    Record<Call, (request: IncomingMessage, body: string, id: string) => { status: number; body: unknown }>
  > = {
    token: (request, body) => {
      const [id = "", secret] = basic(request.headers.authorization)
      if (request.headers["content-type"] !== "application/x-www-form-urlencoded") return { status: 415, body: {} }
      if (body !== "grant_type=client_credentials") return { status: 400, body: { error: "unsupported_grant_type" } }
      if (!clients.has(id))
        return { status: 400, body: { error: "invalid_client", error_description: `client not found: ${id}` } }
      if (clients.get(id) !== secret)
        return { status: 401, body: { error: "invalid_client", error_description: "authentication failed" } }
      const token = `token-${++issued}`
      tokens.add(token)
      return { status: 200, body: { access_token: token, token_type: "bearer", expires_in: settings.expiresIn } }
    },
    user: (request, _, id) => {
      const user = users.get(id)
      if (user === undefined) return problem(404, "not.found", `User not found: ${id}`)
      const wanted = new URL(request.url ?? "", "http://x").searchParams.get("expand")?.split(",") ?? []
      const shows = (facet: "presence" | "routingStatus") => wanted.includes(facet) && !user.leavesOut?.includes(facet)
      const body = {
        id,
        name: "kanarie",
        email: "kanarie@example.com",
        state: "active",
        ...(shows("presence") ? { presence: presenceOf(user) } : {}),
        ...(shows("routingStatus") ? { routingStatus: { userId: id, ...user.routingStatus } } : {})
      }
      return { status: 200, body }
    },
    presence: (_, __, id) => {
      const user = users.get(id)
      return user === undefined
        ? problem(404, "not.found", "User not found")
        : { status: 200, body: { userId: id, ...presenceOf(user) } }
    },
    // Of a user who does not exist the API says OFF_QUEUE.
    routingStatus: (_, __, id) => ({
      status: 200,
      body: { userId: id, ...(users.get(id)?.routingStatus ?? { status: "OFF_QUEUE" }) }
    }),
    secret: (request, body) =>
      request.headers["x-amz-target"] === "secretsmanager.GetSecretValue"
        ? { status: 200, body: { Name: JSON.parse(body).SecretId, SecretString: settings.secret } }
        : { status: 400, body: { __type: "InvalidAction" } }
  }

  const wake = () => {
    for (const resume of waiting.splice(0)) resume()
  }
  const until = async (reached: () => boolean): Promise<void> => {
    while (!reached()) await new Promise<void>((resolve) => waiting.push(resolve))
  }

  const isApi = (call: Call) => call !== "token" && call !== "secret"

  const answer = (call: Call, request: IncomingMessage, body: string, id: string) =>
    isApi(call) && !tokens.has(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "")
      ? problem(401, "bad.credentials", "Invalid login credentials.")
      : answers[call](request, body, id)

  const faultFor = (call: Call): Fault | undefined => {
    const next = faults.find((fault) => fault.call === call && fault.times > 0)
    if (next !== undefined) next.times--
    return next?.fault
  }

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? "").split("?")[0] ?? ""
    const [, pattern, call] = ROUTES.find(([method, form]) => method === request.method && form.test(path)) ?? []
    if (pattern === undefined || call === undefined) return void response.writeHead(404).end()
    const body = await text(request)
    requests.push({ call, path: request.url ?? "", authorization: request.headers.authorization })
    wake()
    const fault = faultFor(call)
    if (fault === "hang")
      return void response.once("close", () => {
        abandoned.push(call)
        wake()
      })
    if (fault === "drop") return void request.socket.destroy()
    if (typeof fault === "object") return void response.writeHead(fault.status, fault.headers).end(fault.body ?? "")
    const { status, body: content } = answer(call, request, body, decodeURIComponent(pattern.exec(path)?.[1] ?? ""))
    const json = JSON.stringify(content)
    response.writeHead(status, { "content-type": "application/json" })
    response.end(fault === "truncate" ? json.slice(0, json.length / 2) : json)
  }

  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const count = (call: Call) => requests.filter((request) => request.call === call).length

  return {
    url,
    users,
    clients,
    requests,
    settings,
    count,
    /** How many requests the rate limit counts. */
    asked: () => requests.filter(({ call }) => isApi(call)).length,
    /** The next answers to such a call go wrong. */
    fault: (call: Call, fault: Fault, times = 1) => void faults.push({ call, fault, times }),
    /** No token that was given so far is valid any more. */
    revoke: () => tokens.clear(),
    /** Once such a call has arrived. */
    received: (call: Call) => until(() => count(call) > 0),
    /** Once a call that was left to hang was given up by its client. */
    abandoned: (call: Call) => until(() => abandoned.includes(call)),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

export type GenesysDouble = Awaited<ReturnType<typeof startGenesysApi>>

export const AGENT = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"

/** A user who is on queue and idle. */
export const onQueue = (): User => ({
  presence: { systemPresence: "On Queue", modifiedDate: "2026-05-06T09:58:31.190Z" },
  routingStatus: { status: "IDLE", startTime: "2026-05-06T09:58:31.207Z" }
})

/** The API of an organisation of one, `AGENT`, who is on queue and idle. */
export const genesysDouble = Effect.acquireRelease(
  Effect.map(
    Effect.promise(() => startGenesysApi()),
    (double) => {
      double.users.set(AGENT, onQueue())
      return double
    }
  ),
  (double) => Effect.promise(() => double.close())
)

/** A client of the API, for as long as the scope lasts. */
export const genesysApi = (options: GenesysOptions, access?: SecretAccess) =>
  Effect.map(Layer.build(layerGenesysApi(options, access)), (services) => Context.get(services, GenesysApi))
