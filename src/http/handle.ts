import { Cause, Effect, Option } from "effect"
import type { ReadError } from "../read/errors.ts"
import { Reader } from "../read/reader.ts"
import { followChanges, type Pace, readAll } from "./changes.ts"
import { preflight, withCors } from "./cors.ts"
import { readParams } from "./params.ts"
import { badParameters, type Problem, problemOf, problemReply } from "./problem.ts"
import type { HttpRequest, Reply } from "./reply.ts"
import { type CallRoute, calls, changes, type Route, routes } from "./routes.ts"
import { etagOf, matches } from "./version.ts"

/** How requests are answered: whose pages may read the replies, and how fast a stream is. */
export interface HandleSettings extends Pace {
  /** Origins of pages, as browsers send them. */
  readonly origins: ReadonlyArray<string>
}

/** What was asked, for a log: the operation without ids, and the status. */
export interface Handled {
  readonly route: string
  readonly reply: Reply
}

const NOT_THERE: Problem = {
  status: 404,
  detail: `There is no such path. There are ${routes.map(({ path, id }) => path.replace(":id", `{${id?.name}}`)).join(", ")}.`
}
const ONLY_GET: Problem = { status: 405, detail: "Only GET is answered: the API reads." }
const BROKEN: Problem = { status: 500, detail: "The request failed. The log of the function says why." }
const NOTHING_FOLLOWED: Problem = badParameters([
  { field: "agents", problem: "is missing, and so is queues; give at least one of them" }
])

/** The id in a path of that shape, empty where the shape has none; undefined where it is another path, or is not encoded as one. */
const idIn = (shape: string, path: string): string | undefined => {
  const [wanted, given] = [shape.split("/"), path.split("/")]
  if (wanted.length !== given.length) return undefined
  if (!wanted.every((part, i) => part === given[i] || (part === ":id" && given[i] !== ""))) return undefined
  try {
    return decodeURIComponent(given[wanted.indexOf(":id")] ?? "")
  } catch {
    return undefined
  }
}

/** What the request calls an argument of the reader. */
const fieldOf =
  ({ id }: Route) =>
  (argument: string): string =>
    id !== undefined && (argument === "id" || argument === "queueId")
      ? id.name
      : argument.startsWith("ids[")
        ? "agents"
        : argument

const notGet = (): Reply => {
  const reply = problemReply(ONLY_GET)
  return { ...reply, headers: { ...reply.headers, allow: "GET, OPTIONS" } }
}

const answered = (request: HttpRequest, answer: object): Reply => {
  const etag = etagOf(answer)
  const settled = (answer as { readonly settledThrough?: string }).settledThrough
  const headers = {
    etag,
    // Held by whoever asked, and asked for again each time: an answer that has not changed costs no bytes.
    "cache-control": "private, no-cache",
    ...(settled === undefined ? {} : { "settled-through": settled })
  }
  return matches(request.headers.get("if-none-match"), etag)
    ? { status: 304, headers, body: "" }
    : { status: 200, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(answer) }
}

/** Names of errors only: their messages could quote what was read. */
const namesIn = (cause: Cause.Cause<unknown>): string =>
  cause.reasons
    .map((reason) =>
      Cause.isDieReason(reason) ? (reason.defect instanceof Error ? reason.defect.name : "a defect") : reason._tag
    )
    .join(", ")

/** What is told of a fault of ours, once it is in the log. */
const broken = (cause: Cause.Cause<unknown>): Effect.Effect<Problem> =>
  Effect.as(Effect.logError(`a request failed: ${namesIn(cause)}`), BROKEN)

const answerCall = Effect.fnUntraced(function* (route: CallRoute, id: string, request: HttpRequest) {
  const params = readParams(route.query, request.query)
  if ("bad" in params) return problemReply(badParameters(params.bad))
  const reader = yield* Reader
  return yield* Effect.match(route.call(reader, id, params.values as Readonly<Record<string, never>>), {
    onFailure: (error) => problemReply(problemOf(error, fieldOf(route))),
    onSuccess: (answer) =>
      answer === undefined ? problemReply({ status: 404, detail: route.unseen ?? "" }) : answered(request, answer)
  })
})

const answerChanges = Effect.fnUntraced(function* (request: HttpRequest, pace: Pace) {
  const params = readParams(changes.query, request.query)
  if ("bad" in params) return problemReply(badParameters(params.bad))
  const { agents, queues, names } = params.values
  if (agents === undefined && queues === undefined) return problemReply(NOTHING_FOLLOWED)
  const subscription = {
    agents: agents?.toSorted() ?? [],
    queues: queues?.toSorted() ?? [],
    names: names === "true"
  }
  const reader = yield* Reader
  const said = (error: ReadError) => problemOf(error, fieldOf(changes))
  const saidOf = (cause: Cause.Cause<ReadError>) =>
    Option.match(Cause.findErrorOption(cause), {
      onNone: () => broken(cause),
      onSome: (error) => Effect.succeed(said(error))
    })
  // Before the status is sent, so that what cannot be read at all has one.
  return yield* Effect.match(readAll(reader, subscription), {
    onFailure: (error) => problemReply(said(error)),
    onSuccess: (first): Reply => ({
      status: 200,
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
      body: "",
      follow: followChanges(reader, subscription, pace, first, request.headers.get("last-event-id"), saidOf)
    })
  })
})

const routed = Effect.fnUntraced(function* (request: HttpRequest, settings: HandleSettings) {
  if (request.method === "OPTIONS") return { route: "preflight", reply: preflight(request, settings.origins) }
  if (request.method !== "GET") return { route: "none", reply: notGet() }
  if (request.path === changes.path) return { route: changes.name, reply: yield* answerChanges(request, settings) }
  for (const route of calls) {
    const id = idIn(route.path, request.path)
    if (id !== undefined) return { route: route.name, reply: yield* answerCall(route, id, request) }
  }
  return { route: "none", reply: problemReply(NOT_THERE) }
})

/** Answers a request, whatever happens. What is a fault of ours is logged, and not told. */
export const handle = (request: HttpRequest, settings: HandleSettings): Effect.Effect<Handled, never, Reader> =>
  routed(request, settings).pipe(
    Effect.catchCause((cause) =>
      Effect.map(broken(cause), (problem) => ({ route: "failed", reply: problemReply(problem) }))
    ),
    Effect.map(({ route, reply }) => ({ route, reply: withCors(request, settings.origins, reply) }))
  )
