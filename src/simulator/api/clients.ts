import { makeIds } from "../random.ts"
import { type ApiRequest, problem, type Reply } from "./route.ts"

/** An OAuth client of the organisation with the grant Client Credentials. */
export interface ApiClient {
  readonly clientId: string
  readonly clientSecret: string
  /** What its roles allow; absent: everything. */
  readonly permissions?: ReadonlyArray<string>
}

export interface ClientOptions {
  readonly clients: ReadonlyArray<ApiClient>
  /** Requests of one client in any 60 s: 300, as Genesys grants. */
  readonly requestsPerMinute: number
  /** The life of a token in seconds. */
  readonly tokenSeconds: number
}

const MINUTE_MS = 60_000

interface Token {
  readonly client: ApiClient
  readonly until: number
}

const basic = (header: string | undefined): ReadonlyArray<string> => {
  const text = /^Basic (.+)$/.exec(header ?? "")?.[1]
  return text === undefined ? [] : atob(text).split(":")
}

/** The answer to a client that sends too much; the wait in whole seconds. */
export const tooMany = (seconds: number): Reply & { readonly headers: Readonly<Record<string, string>> } => ({
  ...problem(429, "too.many.requests", `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`),
  headers: { "retry-after": String(seconds) }
})

/**
 * Tokens and limits. A request counts for its client in the minute after it, whether it was answered or refused, and a request for a
 * token as any other.
 */
export const makeClients = (seed: number, { clients, requestsPerMinute, tokenSeconds }: ClientOptions) => {
  const id = makeIds(`${seed}:tokens`)
  const tokens = new Map<string, Token>()
  const sent = new Map<string, Array<number>>()

  const count = (client: ApiClient, at: number): number | undefined => {
    const times = (sent.get(client.clientId) ?? []).filter((time) => time > at - MINUTE_MS)
    times.push(at)
    sent.set(client.clientId, times)
    const over = times.length - requestsPerMinute
    return over > 0 ? Math.ceil(((times[over - 1] as number) + MINUTE_MS - at) / 1_000) : undefined
  }

  const issue = ({ headers, body }: ApiRequest, at: number): Reply & { headers?: Readonly<Record<string, string>> } => {
    const refuse = (status: number, error: string, error_description: string): Reply => ({
      status,
      body: { error, description: error_description, error_description }
    })
    if (headers["content-type"]?.split(";")[0] !== "application/x-www-form-urlencoded")
      return refuse(415, "invalid_request", "the body must be a form")
    if (new URLSearchParams(body).get("grant_type") !== "client_credentials")
      return refuse(400, "unsupported_grant_type", "the grant must be client_credentials")
    const [name, secret] = basic(headers.authorization)
    const client = clients.find(({ clientId }) => clientId === name)
    if (client === undefined) return refuse(400, "invalid_client", `client not found: ${name ?? ""}`)
    const wait = count(client, at)
    if (wait !== undefined) return tooMany(wait)
    if (client.clientSecret !== secret) return refuse(401, "invalid_client", "authentication failed")
    const token = id()
    tokens.set(token, { client, until: at + 1_000 * tokenSeconds })
    return { status: 200, body: { access_token: token, token_type: "bearer", expires_in: tokenSeconds } }
  }

  const bearer = ({ headers }: ApiRequest) => /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? ""

  return {
    issue,
    /** The client of a request with a valid token. */
    of: (request: ApiRequest, at: number): ApiClient | undefined => {
      const token = tokens.get(bearer(request))
      return token !== undefined && at < token.until ? token.client : undefined
    },
    /** Counts a request: the wait in seconds where it is one too many. */
    count,
    /** Ends the token of the request before its time. */
    expire: (request: ApiRequest): void => void tokens.delete(bearer(request)),
    /** Ends all tokens. */
    revoke: (): void => tokens.clear()
  }
}
