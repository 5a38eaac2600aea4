import { Context, Effect, Result } from "effect"
import { detailOf, NoAnswer } from "./error.ts"

/** The `fetch` that speaks to Genesys. */
export const Fetch = Context.Reference<typeof globalThis.fetch>("projections/read/Fetch", {
  defaultValue: () => globalThis.fetch
})

export type Fields = { readonly [key: string]: unknown }

/** A value's fields; none for what is no object. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}

export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

/** A response: the fields of its body where that is a JSON object (`empty`: there is none), and the wait that it asks for. */
export interface Response {
  readonly status: number
  readonly body: Fields | undefined
  readonly empty: boolean
  readonly retryAfterMs: number | undefined
}

const parse = (text: string): Fields | undefined => {
  const parsed = Result.try(() => JSON.parse(text) as unknown)
  return Result.isSuccess(parsed) && typeof parsed.success === "object" && parsed.success !== null
    ? fieldsOf(parsed.success)
    : undefined
}

const SECONDS = /^\d{1,9}$/

const retryAfterMs = (header: string | null): number | undefined =>
  header !== null && SECONDS.test(header) ? Number(header) * 1_000 : undefined

/** Sends one request. Fails only where no whole response came. */
export const send = (url: string, init: RequestInit): Effect.Effect<Response, NoAnswer> =>
  Effect.flatMap(Fetch, (fetch) =>
    Effect.tryPromise({
      try: async (signal) => {
        // Nothing in the API redirects, and what did would lead the token elsewhere.
        const response = await fetch(url, { ...init, redirect: "manual", signal })
        const text = await response.text()
        return {
          status: response.status,
          retryAfterMs: retryAfterMs(response.headers.get("retry-after")),
          body: parse(text),
          empty: text === ""
        }
      },
      catch: (cause) => new NoAnswer({ reason: "unavailable", ...detailOf(cause) })
    })
  )
