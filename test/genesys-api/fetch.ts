import { Effect, Layer } from "effect"
import { Fetch } from "../../src/genesys-api/http.ts"

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** What answers a request: a status with a JSON body, or text as it is; `hang` never answers, `drop` breaks the connection. */
export type Answer =
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: unknown
      readonly text?: string
    }
  | "hang"
  | "drop"

export const CLIENT = { clientId: "client-1", clientSecret: "kanarie-secret" }

/** A `fetch` that gives tokens, unless `login` answers otherwise, and answers all else as `respond` says. */
export const fetchDouble = (
  respond: (asked: Asked, nth: number) => Answer,
  login: (nth: number) => Answer | undefined = () => undefined
) => {
  const asked: Array<Asked> = []
  let tokens = 0
  let nth = 0
  const answer = (request: Asked): Answer => {
    if (request.path !== "/oauth/token") return respond(request, nth++)
    const token = { access_token: `token-${++tokens}`, token_type: "bearer", expires_in: 86_400 }
    return login(tokens) ?? { body: token }
  }
  const fetch = (async (input: string | URL | Request, init: RequestInit = {}) => {
    const url = new URL(String(input))
    const request = {
      method: init.method ?? "GET",
      path: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === "string" ? init.body : undefined
    }
    asked.push(request)
    const said = answer(request)
    if (said === "drop")
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNRESET" }) })
    if (said === "hang")
      return new Promise<Response>((_, reject) => {
        init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")))
      })
    const { status = 200, headers = {}, body, text } = said
    return new Response(status === 204 ? null : (text ?? (body === undefined ? "" : JSON.stringify(body))), {
      status,
      headers: { "content-type": "application/json", ...headers }
    })
  }) as typeof globalThis.fetch
  return {
    layer: Layer.succeed(Fetch, fetch),
    provide: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provideService(effect, Fetch, fetch),
    asked,
    calls: () => asked.filter(({ path }) => path !== "/oauth/token"),
    tokens: () => tokens
  }
}

/** The form of the API's errors. */
export const problem = (status: number, code: string, message = "") => ({
  status,
  body: { message, code, status, contextId: "c0ffee00-0000-4000-8000-000000000001", details: [], errors: [] }
})
