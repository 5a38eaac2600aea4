import { Effect } from "effect"
import { STATE_ROW } from "../domain/projection.ts"
import { effectiveState } from "../genesys/presence.ts"
import type {
  Agent,
  AgentDetail,
  AgentSession,
  AgentState,
  Available,
  Member,
  MemberStatus,
  Members,
  QueueState
} from "./answers.ts"
import type { Calls } from "./calls.ts"
import { makeIntervals } from "./intervals.ts"
import { makeList } from "./list.ts"
import { memberStatusOf } from "./member-status.ts"
import { makeAddNames } from "./names.ts"
import type { ReadOptions } from "./options.ts"
import { remember } from "./read-context.ts"
import { makeRows } from "./rows.ts"
import { checkId, type Settings } from "./settings.ts"
import { AGENTS, type Found, type From, QUEUES, type Source } from "./source.ts"
import { freshnessOf, makeAnswer, type View } from "./view.ts"

/** Of an agent of whom only sessions were seen. */
const UNSEEN: AgentState = { state: effectiveState({}).state }

const agentOf = (view: View, from: From, agentId: string, state: Found | undefined): Agent | undefined => {
  const freshness = state && freshnessOf(view, from, [state])
  return freshness && { agentId, ...(state.columns as unknown as AgentState), ...freshness }
}

const queueOf = (queueId: string, { columns }: Found) => ({ queueId, ...(columns as unknown as QueueState) })

const memberOf = (agentId: string, state: Found | undefined): Member => {
  const columns = (state?.columns ?? {}) as Partial<AgentState>
  return { agentId, status: memberStatusOf(columns), ...columns, ...(state && { asOf: state.asOf }) }
}

/** How many members do what. One that no event spoke of is `unknown`. */
const countStatuses = (agents: ReadonlyArray<Agent | undefined>): Readonly<Record<MemberStatus, number>> => {
  const counts = { idle: 0, interacting: 0, notResponding: 0, offQueue: 0, unknown: 0 }
  for (const agent of agents) counts[agent === undefined ? "unknown" : memberStatusOf(agent)]++
  return counts
}

/** The earliest first, what has no time last; ids decide between equals, so that an answer has one order. */
const bySince =
  <A extends { readonly since?: string }>(idOf: (a: A) => string) =>
  (a: A, b: A): number => {
    const [one, other] = [a.since ?? "~", b.since ?? "~"]
    return one < other ? -1 : one > other ? 1 : idOf(a) < idOf(b) ? -1 : 1
  }

/** The calls of a reader over a source of rows. */
export const makeReader = Effect.fnUntraced(function* (source: Source, settings: Settings) {
  const addNames = makeAddNames(source.directory)
  const answer = makeAnswer(settings, yield* remember(source.context, settings.rememberMs), addNames)

  const statesOf = Effect.fnUntraced(function* (view: View, ids: ReadonlyArray<string>) {
    const from = yield* view.from(AGENTS)
    const states = ids.length === 0 ? new Map<string, Found>() : yield* source.states(from, [...new Set(ids)])
    return { from, states, agents: ids.map((id) => agentOf(view, from, id, states.get(id))) }
  })

  const queueState = Effect.fnUntraced(function* (view: View, queueId: string) {
    const from = yield* view.from(QUEUES)
    const state = (yield* source.states(from, [queueId])).get(queueId)
    return state && { from, state }
  })

  /** A queue's state and its joined members, or nothing where the queue was never seen. */
  const joinedQueue = Effect.fnUntraced(function* (view: View, queueId: string) {
    const members = Effect.flatMap(view.from(QUEUES), (from) => source.members(from, queueId))
    const [found, ids] = yield* Effect.all([queueState(view, queueId), members], { concurrency: 2 })
    if (found === undefined) return undefined
    const { from, states, agents } = yield* statesOf(view, ids)
    const freshness = freshnessOf(view, found.from, [found.state, ...states.values()])
    return freshness && { ...found, ids, states, freshness, agents, generation: from.generation }
  })

  const agent = Effect.fnUntraced(function* (id: string, options: ReadOptions = {}) {
    yield* checkId("id", id, "an agent")
    return yield* answer("agent", options, (view) =>
      Effect.gen(function* () {
        const from = yield* view.from(AGENTS)
        const rows = yield* source.rows(from, id)
        const freshness = freshnessOf(view, from, rows)
        const state = rows.find(({ row }) => row === STATE_ROW)?.columns as AgentState | undefined
        const sessions = rows
          .filter(({ row, closed }) => row !== STATE_ROW && !closed)
          .map(({ columns }) => columns as unknown as AgentSession)
        const detail: AgentDetail | undefined = freshness && {
          agentId: id,
          ...(state ?? UNSEEN),
          ...freshness,
          sessions: sessions.sort(bySince(({ sessionId }) => sessionId))
        }
        return detail
      })
    )
  })

  const agents = Effect.fnUntraced(function* (ids: ReadonlyArray<string>, options: ReadOptions = {}) {
    for (const [i, id] of ids.entries()) yield* checkId(`ids[${i}]`, id, "an agent")
    return yield* answer("agents", options, (view) => Effect.map(statesOf(view, ids), (found) => found.agents))
  })

  const queue = Effect.fnUntraced(function* (id: string, options: ReadOptions & { readonly join?: boolean } = {}) {
    yield* checkId("id", id, "a queue")
    return yield* answer("queue", options, (view) =>
      Effect.gen(function* () {
        if (options.join !== true) {
          const found = yield* queueState(view, id)
          const freshness = found && freshnessOf(view, found.from, [found.state])
          return freshness && { ...queueOf(id, found.state), ...freshness }
        }
        const found = yield* joinedQueue(view, id)
        return (
          found && {
            ...queueOf(id, found.state),
            ...found.freshness,
            joined: { ...countStatuses(found.agents), generation: found.generation }
          }
        )
      })
    )
  })

  const available = Effect.fnUntraced(function* (queueId: string, options: ReadOptions = {}) {
    yield* checkId("queueId", queueId, "a queue")
    return yield* answer("available", options, (view) =>
      Effect.gen(function* () {
        const found = yield* joinedQueue(view, queueId)
        if (found === undefined) return undefined
        const idle = found.agents.flatMap((agent) =>
          agent !== undefined && memberStatusOf(agent) === "idle" ? [agent] : []
        )
        const list: Available = { queueId, agents: idle.sort(bySince(({ agentId }) => agentId)), ...found.freshness }
        return list
      })
    )
  })

  const members = Effect.fnUntraced(function* (queueId: string, options: ReadOptions = {}) {
    yield* checkId("queueId", queueId, "a queue")
    return yield* answer("members", options, (view) =>
      Effect.gen(function* () {
        const found = yield* joinedQueue(view, queueId)
        if (found === undefined) return undefined
        const list: Members = {
          queueId,
          members: found.ids.toSorted().map((id) => memberOf(id, found.states.get(id))),
          ...found.freshness
        }
        return list
      })
    )
  })

  return {
    agent,
    agents,
    queue: queue as Calls["queue"],
    available,
    members,
    ...makeIntervals(source, answer, settings.serviceLevels),
    ...makeRows(source, answer),
    list: makeList(source.directory, settings)
  } satisfies Omit<Calls, "critical">
})
