import type { ReadError } from "../read/errors.ts"
import type { Reply } from "./reply.ts"

/** A parameter that cannot be used: what is wrong with it, and what it must be. */
export interface BadParameter {
  readonly field: string
  readonly problem: string
}

/** An error as RFC 9457 has it, before it is JSON. */
export interface Problem {
  readonly status: keyof typeof titles
  readonly detail: string
  readonly errors?: ReadonlyArray<BadParameter>
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number
}

const titles = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
  503: "Service Unavailable"
} as const

/** Statuses that a request can end with, apart from success. */
export const problemStatuses = [400, 404, 503, 500] as const

/** The body of a problem. */
export const problemBody = ({ status, detail, errors }: Problem) => ({
  // The status says all: https://www.rfc-editor.org/rfc/rfc9457#section-4.2.1
  type: "about:blank",
  title: titles[status],
  status,
  detail,
  ...(errors === undefined ? {} : { errors })
})

/** A problem as a reply. */
export const problemReply = (problem: Problem): Reply => ({
  status: problem.status,
  headers: {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...(problem.retryAfter === undefined ? {} : { "retry-after": String(problem.retryAfter) })
  },
  body: JSON.stringify(problemBody(problem))
})

/** A request with parameters that cannot be used. */
export const badParameters = (errors: ReadonlyArray<BadParameter>): Problem => ({
  status: 400,
  detail: errors.map(({ field, problem }) => `${field} ${problem}`).join("; "),
  errors
})

/** The reader has retried for seconds already. */
const RETRY_AFTER = 2

const missing = {
  missing: "This stack has no directory.",
  unfilled: "Nothing has filled the directory of this stack yet.",
  ids: "The directory of this stack keeps no names of people.",
  division: "The directory of this stack keeps nothing of that division."
} as const

/** Projections that a setting leaves out, and what is said of them. */
const unfolded: ReadonlyMap<string, string> = new Map([
  ["agent-intervals", "the intervals of agents: its setting agentIntervals"],
  ["queue-intervals", "the intervals of queues: its setting queueIntervals"]
])

/** What an error of the reader is to whoever asked. It names no table. `fieldOf` says what the request calls an argument of the reader. */
export const problemOf = (error: ReadError, fieldOf: (argument: string) => string): Problem => {
  switch (error._tag) {
    case "BadOption":
      return badParameters([{ field: fieldOf(error.field), problem: error.problem }])
    case "NoDirectory":
      return { status: 404, detail: missing[error.reason] }
    case "NoActiveGeneration":
      return unfolded.has(error.projection)
        ? { status: 404, detail: `This stack does not fold ${unfolded.get(error.projection)} is false.` }
        : { status: 500, detail: "There is no stack to read." }
    case "StaleAnswer":
      return { status: 503, detail: error.message, retryAfter: RETRY_AFTER }
    case "ReaderError":
      return error.retryable
        ? { status: 503, detail: `The tables cannot be read now: ${error.reason}.`, retryAfter: RETRY_AFTER }
        : { status: 500, detail: `The tables cannot be read: ${error.reason}.` }
  }
}
