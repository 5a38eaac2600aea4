import type { Population } from "../model.ts"
import type { Faults } from "./faults.ts"

/** A request as it reaches the API. `path` holds the query; names of headers are in lower case. */
export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body?: string
}

export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a route works with: the organisation as it stands, or stood a while ago where the answer is stale. */
export interface Asked {
  /** Epoch ms. */
  readonly at: number
  /** What stands in the place of `{id}`. */
  readonly id: string
  readonly path: string
  readonly query: URLSearchParams
  /** The JSON body; `undefined` where there is none. */
  readonly body: unknown
  readonly population: Population
  /** The id of the organisation. */
  readonly organisation: string
  readonly faults: Faults
  /** Whether the client has the permission. */
  readonly may: (permission: string) => boolean
}

export type Reply = { readonly status: number; readonly body: unknown }

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** With `{id}` for what varies. */
  readonly path: string
  /** One of these is required. */
  readonly permissions?: ReadonlyArray<string>
  readonly reply: (asked: Asked) => Reply
}

export const ok = (body: unknown): Reply => ({ status: 200, body })

const CONTEXT = "c0ffee00-0000-4000-8000-000000000001"

/** An error in the form of the API. */
export const problem = (status: number, code: string, message: string): Reply => ({
  status,
  body: { message, code, status, contextId: CONTEXT, details: [], errors: [] }
})

export const invalid = (message: string): Reply => problem(400, "bad.request", message)

export const notFound = (what: string): Reply => problem(404, "not.found", `${what} not found`)

export const iso = (time: number): string => new Date(time).toISOString()

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The fields of an object; none for what is none. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (isFields(value) ? value : {})

/** All values of a parameter that may be repeated or hold a list. */
export const listed = (query: URLSearchParams, name: string): ReadonlyArray<string> =>
  query
    .getAll(name)
    .flatMap((value) => value.split(","))
    .filter((value) => value !== "")
