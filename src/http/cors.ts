import type { HttpRequest, Reply } from "./reply.ts"

/** What a page may send: a token, or a signature of AWS, and what the answers depend on. */
const SENT = [
  "authorization",
  "if-none-match",
  "last-event-id",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token"
]

/** What a page may read besides the body. */
const READ = ["etag", "retry-after", "settled-through"]

/** Seconds that a browser remembers what it may send: as long as Chromium does at most. */
const REMEMBERED = 7_200

const allowed = (request: HttpRequest, origins: ReadonlyArray<string>): string | undefined => {
  const origin = request.headers.get("origin")
  return origin !== null && origins.includes(origin) ? origin : undefined
}

/** The reply to a browser that asks what it may send. Of an origin that is not listed, nothing. */
export const preflight = (request: HttpRequest, origins: ReadonlyArray<string>): Reply => ({
  status: 204,
  headers:
    allowed(request, origins) === undefined
      ? {}
      : {
          "access-control-allow-methods": "GET",
          "access-control-allow-headers": SENT.join(", "),
          "access-control-max-age": String(REMEMBERED)
        },
  body: ""
})

/** A reply that pages of these origins may read, and no others. Exactly these: `*` is a text that no browser sends. */
export const withCors = (request: HttpRequest, origins: ReadonlyArray<string>, reply: Reply): Reply => {
  if (origins.length === 0) return reply
  const origin = allowed(request, origins)
  return {
    ...reply,
    headers: {
      ...reply.headers,
      // For those to whom nothing is allowed as well, or a cache would hand them what another page was allowed.
      vary: "origin",
      ...(origin === undefined
        ? {}
        : { "access-control-allow-origin": origin, "access-control-expose-headers": READ.join(", ") })
    }
  }
}
