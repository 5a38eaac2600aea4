import type { Effect } from "effect"
import { MOST_PAGE_ENTRIES, PAGE_ENTRIES } from "../domain/directory.ts"
import type { Calls } from "../read/calls.ts"
import type { ReadError } from "../read/errors.ts"
import type { Param, ParamSchema, Params, ValuesOf } from "./params.ts"

/** A kind of request: what the OpenAPI description says of it, and what the function does. */
export interface Route {
  /** The id of the operation. */
  readonly name: string
  /** With `:id` for the id of an entity. */
  readonly path: `/${string}`
  /** What the id is called, and of what it is. */
  readonly id?: { readonly name: string; readonly of: string }
  readonly about: string
  readonly query: Params
  /** Says that the entity is not there; absent where there is always an answer. */
  readonly unseen?: string
}

/** A route that one call of the reader answers. */
export interface CallRoute extends Route {
  readonly call: (
    reader: Calls,
    id: string,
    values: Readonly<Record<string, never>>
  ) => Effect.Effect<object | undefined, ReadError>
}

const param = <const S extends ParamSchema>(schema: S, must: string, about: string) => ({ schema, must, about })
const required = <P extends Param>(one: P) => ({ ...one, required: true as const })

const aText = { type: "string", minLength: 1 } as const
const yesOrNo = { type: "string", enum: ["true", "false"] } as const
const names = param(
  yesOrNo,
  "true or false",
  "`true`: add `names`, what the organisation calls those that the answer names; `false` by default"
)

const listed = {
  name: param(
    aText,
    "the beginning of a name",
    "only those whose name begins with this, whatever its case and its accents are"
  ),
  division: param(aText, "the id of a division", "only those of the division with this id"),
  limit: param(
    { type: "integer", minimum: 1, maximum: MOST_PAGE_ENTRIES },
    `a whole number from 1 to ${MOST_PAGE_ENTRIES}`,
    `the most entries of a page; ${PAGE_ENTRIES} by default`
  ),
  after: param(aText, "next of the page before", "`next` of the page before; it holds a name, so keep it out of logs")
}

const summed = {
  minutes: param(
    { type: "integer", minimum: 15, maximum: 60, enum: [15, 30, 60] },
    "one of 15, 30, 60",
    "the length of the intervals that are listed; 15 by default"
  ),
  names
}

const ofMedium = {
  mediaType: param(aText, "a medium as Genesys spells it, such as VOICE", "only sessions of one medium; all by default")
}

/** The most agents and queues that a stream follows. */
export const MOST_AGENTS = 100
export const MOST_QUEUES = 20

const followed = (what: string, most: number) =>
  param(
    { type: "array", items: aText, minItems: 1, maxItems: most, uniqueItems: true },
    `1 to ${most} ids of ${what} with commas between them, none twice`,
    `the ${what} to follow, by ids`
  )

const timeZone = required(param(aText, "the name of a time zone, such as Europe/Berlin", "whose day it is"))

const quarter = "an ISO-8601 text at a quarter of an hour, such as 2026-05-06T10:15:00Z"
const boundaries = {
  from: required(param(aText, quarter, "the beginning, at a quarter of an hour")),
  to: required(param(aText, quarter, "the end, at a quarter of an hour"))
}

const agent = { name: "agentId", of: "an agent" }
const queue = { name: "queueId", of: "a queue" }

/** Types the values of a route's own parameters. */
const calling = <P extends Params>(
  route: Omit<CallRoute, "call" | "query"> & {
    readonly query: P
    readonly call: (reader: Calls, id: string, values: ValuesOf<P>) => Effect.Effect<object | undefined, ReadError>
  }
): CallRoute => route as unknown as CallRoute

const named = ({ names }: { readonly names?: "true" | "false" }) => ({ names: names === "true" })

const summing = ({ minutes, mediaType, ...more }: ValuesOf<typeof summed & Partial<typeof ofMedium>>) => ({
  ...named(more),
  ...(minutes === undefined ? {} : { minutes }),
  ...(mediaType === undefined ? {} : { mediaType })
})

/** The requests that the reader answers at once. */
export const calls: ReadonlyArray<CallRoute> = [
  calling({
    name: "listAgents",
    path: "/agents",
    about: "A page of the agents that the directory knows, in the order of names.",
    query: { ...listed, team: param(aText, "the id of a team", "only those of the team with this id") },
    call: (reader, _, values) => reader.list("agents", values)
  }),
  calling({
    name: "getAgent",
    path: "/agents/:id",
    id: agent,
    about: "What an agent is doing, with the sessions that are not over.",
    query: { names },
    unseen: "No event has mentioned this agent.",
    call: (reader, id, values) => reader.agent(id, named(values))
  }),
  calling({
    name: "getAgentToday",
    path: "/agents/:id/today",
    id: agent,
    about:
      "How long an agent was in each state today, and what was handled, in all and by intervals, from events alone. The stack needs `agentIntervals: true`. An agent that no event has mentioned was `Unknown` all day.",
    query: { timeZone, ...summed },
    call: (reader, id, values) => reader.agentToday(id, values.timeZone, summing(values))
  }),
  calling({
    name: "getAgentInterval",
    path: "/agents/:id/interval",
    id: agent,
    about: "The same from one quarter of an hour until another, in the last five weeks.",
    query: { ...boundaries, ...summed },
    call: (reader, id, values) => reader.agentInterval(id, values.from, values.to, summing(values))
  }),
  calling({
    name: "listQueues",
    path: "/queues",
    about: "A page of the queues that the directory knows, in the order of names.",
    query: listed,
    call: (reader, _, values) => reader.list("queues", values)
  }),
  calling({
    name: "getQueue",
    path: "/queues/:id",
    id: queue,
    about: "How many members a queue has, and how many sessions are in each phase.",
    query: {
      joined: param(yesOrNo, "true or false", "`true`: count also what the members do, for half a read unit each"),
      names
    },
    unseen: "No event has mentioned this queue.",
    call: (reader, id, values) =>
      values.joined === "true" ? reader.queue(id, { ...named(values), join: true }) : reader.queue(id, named(values))
  }),
  calling({
    name: "getMembers",
    path: "/queues/:id/members",
    id: queue,
    about: "The joined members of a queue, each with what it does.",
    query: { names },
    unseen: "No event has mentioned this queue.",
    call: (reader, id, values) => reader.members(id, named(values))
  }),
  calling({
    name: "getToday",
    path: "/queues/:id/today",
    id: queue,
    about:
      "What happened in a queue today, in all and by intervals, from events alone. Zeros where nothing did, also of a queue that no event has mentioned.",
    query: { timeZone, ...summed, ...ofMedium },
    call: (reader, id, values) => reader.today(id, values.timeZone, summing(values))
  }),
  calling({
    name: "getInterval",
    path: "/queues/:id/interval",
    id: queue,
    about: "The same from one quarter of an hour until another, in the last five weeks.",
    query: { ...boundaries, ...summed, ...ofMedium },
    call: (reader, id, values) => reader.interval(id, values.from, values.to, summing(values))
  })
]

/** The stream of changes. */
export const changes = {
  name: "followChanges",
  path: "/changes",
  about:
    "Server-sent events: each agent and queue as it is now, and again whenever it changes. At least one of the parameters is needed. After an end, connect again with `Last-Event-ID`: what has not changed since is not sent again.",
  query: {
    agents: followed("agents", MOST_AGENTS),
    queues: followed("queues", MOST_QUEUES),
    names
  }
} satisfies Route

/** All of them. */
export const routes: ReadonlyArray<Route> = [...calls, changes]
