import { isDeepStrictEqual } from "node:util"
import { Effect } from "effect"
import { projections } from "../../projections/index.ts"
import type { Columns } from "../../src/domain/projection.ts"
import { generation } from "../../src/domain/projection.ts"
import { iso } from "../../src/domain/stamp.ts"
import type { AgentTruth, QueueTruth, SessionTruth, Truth } from "../../src/simulator/truth.ts"
import { type Page, ProjectionStore } from "../../src/store/projection-store.ts"
import { stateDocument, type Table } from "../../src/wallboard/document.ts"

const phaseOf = ({ segment }: SessionTruth): string => (segment === "ALERT" ? "alerting" : "interacting")

const sorted = (ids: unknown): unknown => (Array.isArray(ids) ? [...ids].sort() : ids)

/** An event may leave out since when a presence is so: its publication, up to half a second later, then stands for it. */
const near = (shown: unknown, since: number): unknown => {
  const late = Date.parse(String(shown)) - since
  return late >= 0 && late <= 500 ? iso(since) : shown
}

/** What a document says of an agent, and what it should say. `conversations`: of the media that were ever reported. */
const ofAgent = (shown: Columns | undefined, agent: AgentTruth): ReadonlyArray<readonly [string, unknown, unknown]> => {
  const loads = (shown?.conversations ?? {}) as Columns
  return [
    ["presence", shown?.presence, agent.presence],
    ["presenceSince", near(shown?.presenceSince, agent.presenceSince), iso(agent.presenceSince)],
    ["routingStatus", shown?.routingStatus, agent.routingStatus],
    ["routingStatusSince", shown?.routingStatusSince, iso(agent.routingStatusSince)],
    ["outOfOffice", shown?.outOfOffice, agent.outOfOffice],
    ...Object.entries(agent.conversations).map(
      // Of what was never told there is none.
      ([load, counts]) => [`conversations.${load}`, loads[load] ?? { active: 0, acw: 0 }, counts] as const
    ),
    [
      "sessions",
      shown?.sessions,
      agent.sessions.map((session) => {
        const { sessionId, conversationId, queueId, mediaType, since } = session
        return { sessionId, conversationId, queueId, mediaType, since: iso(since), phase: phaseOf(session) }
      })
    ]
  ]
}

const ofQueue = (shown: Columns | undefined, queue: QueueTruth): ReadonlyArray<readonly [string, unknown, unknown]> => [
  ["members", ((shown?.members ?? []) as ReadonlyArray<Columns>).map(({ userId }) => userId), queue.members],
  ["waiting", shown?.waiting ?? [], queue.waiting.map(({ since, ...session }) => ({ ...session, since: iso(since) }))],
  ...["alerting", "interacting"].map(
    (phase) =>
      [
        phase,
        shown?.[phase] ?? [],
        queue.interacting
          .filter((session) => phaseOf(session) === phase)
          .map(({ sessionId, conversationId, userId, mediaType, since }) => ({
            sessionId,
            conversationId,
            userId,
            mediaType,
            since: iso(since)
          }))
      ] as const
  )
]

/** What tables show in another way than it is. */
export interface Difference {
  readonly entity: string
  readonly facet: string
  readonly shown: unknown
  readonly truth: unknown
}

const compared = (entity: string, pairs: ReturnType<typeof ofAgent>): ReadonlyArray<Difference> =>
  pairs
    .filter(([, shown, truth]) => !isDeepStrictEqual(sorted(shown), sorted(truth)))
    .map(([facet, shown, truth]) => ({ entity, facet, shown, truth }))

/** How many things `differencesOf` compares. */
export const comparedIn = ({ agents, queues }: Truth): number =>
  agents.flatMap((agent) => ofAgent(undefined, agent)).length +
  queues.flatMap((queue) => ofQueue(undefined, queue)).length

/** Everything that the tables show in another way than it is in the contact centre. */
export const differencesOf = (
  { agents, queues }: ReturnType<typeof stateDocument>,
  truth: Truth
): ReadonlyArray<Difference> => {
  const [agentOf, queueOf] = [
    new Map(agents.map((agent) => [agent.agentId, agent])),
    new Map(queues.map((queue) => [queue.queueId, queue]))
  ]
  return [
    ...truth.agents
      // Of whom nothing was told, and whom the API does not list, nobody can know.
      .filter(({ agentId, deactivated }) => !deactivated || agentOf.has(agentId))
      .flatMap((agent) => compared(agent.agentId, ofAgent(agentOf.get(agent.agentId), agent))),
    ...truth.queues.flatMap((queue) => compared(queue.queueId, ofQueue(queueOf.get(queue.queueId), queue)))
  ]
}

/** Every row of projections in use, by their names. */
export const rowsOf = Effect.fnUntraced(function* (names: ReadonlyArray<string>) {
  const { pages } = yield* ProjectionStore
  const rows: Array<Page["rows"][number] & { readonly projection: string }> = []
  for (const projection of projections.filter(({ name }) => names.includes(name)))
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page: Page = yield* pages(generation(projection), { segment: 0, segments: 1, ...(cursor && { cursor }) })
      rows.push(...page.rows.map((row) => ({ ...row, projection: projection.name })))
      cursor = page.cursor
    }
  return rows
})

/** The tables of the projections as one document. */
export const documentOf = Effect.gen(function* () {
  const rows = yield* rowsOf(["agents", "queues"])
  const tableOf = (name: string): Table =>
    Map.groupBy(
      rows.filter(({ projection }) => projection === name),
      ({ entity }) => entity
    )
  return stateDocument(tableOf("agents"), tableOf("queues"))
})
