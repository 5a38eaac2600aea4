import type { Population } from "../model.ts"
import { agentStatusRoutes } from "./agent-status.ts"
import { type ApiClient, makeClients, tooMany } from "./clients.ts"
import { type FaultOptions, makeFaults } from "./faults.ts"
import { listRoutes } from "./lists.ts"
import { observationRoutes } from "./observations.ts"
import { queueRoutes } from "./queues.ts"
import { type ApiRequest, type ApiResponse, problem, type Reply, type Route } from "./route.ts"
import { userRoutes } from "./users.ts"

/** The contact centre whose API it is. */
export interface Centre {
  readonly population: Population
  readonly advanceTo: (at: number) => void
  /** Envelope `source`, which holds the id of the organisation. */
  readonly source: string
}

export interface OrganisationOptions {
  readonly centre: Centre
  readonly seed: number
  readonly clients?: ReadonlyArray<ApiClient>
  /** Requests of one client in any 60 s (default 300). */
  readonly requestsPerMinute?: number
  /** The life of a token in seconds (default a day). */
  readonly tokenSeconds?: number
  readonly faults?: FaultOptions
  /** How old (ms) a stale answer is at most (default 30 s). */
  readonly staleMs?: number
  /** Routes besides those of the data. */
  readonly routes?: ReadonlyArray<Route>
}

/** An organisation at Genesys, as its login and its API show it. */
export interface Organisation {
  /** Answers a request that arrives at `at` (epoch ms), which never goes back. */
  readonly answer: (request: ApiRequest, at: number) => ApiResponse
  /** Answers so far by route, the token's among them, and those by status. */
  readonly counts: () => {
    readonly routes: Readonly<Record<string, number>>
    readonly statuses: Readonly<Record<string, number>>
  }
  readonly faults: () => Readonly<Record<string, number>>
  /** No token that was given so far is valid any more. */
  readonly revoke: () => void
  /** Nothing goes wrong any more. */
  readonly calm: () => void
  /** Nothing more happens in the contact centre, however late it is asked. */
  readonly stand: () => void
}

/** The client that an organisation has unless told otherwise. */
export const SIMULATED_CLIENT: ApiClient = { clientId: "simulated-client", clientSecret: "simulated-secret" }

const TOKEN = "POST /oauth/token"
const HTML = "<html><body>502 Bad Gateway</body></html>"
const SNAPSHOT_MS = 5_000

const bare = (path: string): string => path.replace(/\/+$/, "")

/** Routes by method and path: `{id}` stands for one part. */
const makeRouter = (routes: ReadonlyArray<Route>) => {
  const compiled = routes.map((route) => ({
    route,
    // What is fixed goes before what varies: `/users/me` is no user.
    fixed: !route.path.includes("{id}"),
    form: new RegExp(`^${route.path.replaceAll("{id}", "([^/]+)")}$`)
  }))
  const ordered = [...compiled.filter(({ fixed }) => fixed), ...compiled.filter(({ fixed }) => !fixed)]
  return (method: string, path: string) => {
    const found = ordered.find(({ route, form }) => route.method === method && form.test(path))
    if (found === undefined) return undefined
    return { route: found.route, id: decodeURIComponent(found.form.exec(path)?.[1] ?? "") }
  }
}

const parsed = (text: string | undefined): unknown => {
  if (text === undefined || text === "") return undefined
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The organisation that the contact centre belongs to. */
export const makeOrganisation = (options: OrganisationOptions): Organisation => {
  const { centre, seed, staleMs = 30_000, clients: known = [SIMULATED_CLIENT] } = options
  const { requestsPerMinute = 300, tokenSeconds = 86_400 } = options
  const clients = makeClients(seed, { clients: known, requestsPerMinute, tokenSeconds })
  const faults = makeFaults(seed, options.faults ?? 0)
  const router = makeRouter([
    ...userRoutes,
    ...queueRoutes,
    ...agentStatusRoutes,
    ...observationRoutes,
    ...listRoutes,
    ...(options.routes ?? [])
  ])
  const organisation = centre.source.split("/")[3] ?? ""
  const routes: Record<string, number> = {}
  const statuses: Record<string, number> = {}
  let stands = false
  const past: Array<{ readonly at: number; readonly population: Population }> = []

  /** What the answer is about: how it is now, or how it was. */
  const populationAt = (at: number): Population => {
    if (!faults.isPossible("stale")) return centre.population
    if (at - (past.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= SNAPSHOT_MS)
      past.push({ at, population: structuredClone(centre.population) })
    while (past.length > 1 && (past[0]?.at ?? at) < at - staleMs) past.shift()
    const [oldest] = past
    return oldest !== undefined && oldest.at >= at - staleMs && faults.happens("stale")
      ? oldest.population
      : centre.population
  }

  const reply = (request: ApiRequest, at: number): Reply & { readonly headers?: Readonly<Record<string, string>> } => {
    const url = new URL(request.path, "http://organisation")
    const path = bare(url.pathname)
    const count = (name: string) => {
      routes[name] = (routes[name] ?? 0) + 1
    }
    if (`${request.method} ${path}` === TOKEN) {
      count(TOKEN)
      return faults.happens("serverError") ? { status: 503, body: "" } : clients.issue(request, at)
    }
    const found = router(request.method, path)
    count(found === undefined ? "unknown" : `${found.route.method} ${found.route.path}`)
    if (faults.happens("expiredToken")) clients.expire(request)
    const client = clients.of(request, at)
    if (client === undefined) return problem(401, "bad.credentials", "Invalid login credentials.")
    const wait = clients.count(client, at)
    if (wait !== undefined) return tooMany(wait)
    if (faults.happens("rateLimited")) return tooMany(faults.whole(1, 10))
    if (faults.happens("serverError")) {
      const status = faults.pick([500, 502, 503, 504])
      return status === 502 ? { status, body: HTML } : problem(status, "internal.server.error", "The request failed.")
    }
    if (found === undefined) return problem(404, "not.found", "no such resource")
    const { route, id } = found
    const may = (permission: string) => client.permissions?.includes(permission) ?? true
    if (route.permissions !== undefined && !route.permissions.some(may))
      return problem(
        403,
        "missing.any.permissions",
        `Unable to perform the requested action. You must have at least one of the following permissions: [${route.permissions.join(", ")}]`
      )
    const body = parsed(request.body)
    if (body === null) return problem(400, "bad.request", "The request could not be understood by the server.")
    if (!stands) centre.advanceTo(at)
    const population = populationAt(at)
    return route.reply({ at, id, path, query: url.searchParams, body, population, organisation, faults, may })
  }

  return {
    answer: (request, at) => {
      const { status, body, headers = {} } = reply(request, at)
      statuses[status] = (statuses[status] ?? 0) + 1
      const text = typeof body === "string" ? body : JSON.stringify(body)
      const type = typeof body === "string" ? "text/html" : "application/json"
      return { status, headers: { "content-type": type, ...headers }, body: text }
    },
    counts: () => ({ routes, statuses }),
    faults: () => faults.counts(),
    revoke: clients.revoke,
    calm: faults.end,
    stand: () => {
      stands = true
    }
  }
}
