import { Clock, Effect } from "effect"
import { isOpenWork, type Phase } from "../../../projections/session.ts"
import { type Columns, STATE_ROW } from "../../domain/projection.ts"
import type { Found } from "../../read/source.ts"
import type { OpenRow } from "../../read/tables.ts"
import { type HeldRow, makeFollowed } from "../../wallboard/followed.ts"
import type { RowChange } from "../../wallboard/row-change.ts"
import type { Reads, Sources } from "./reads.ts"
import { makeTold } from "./told.ts"

const MEMBER = "member#"
const SESSION = "session#"

/** An agent or queue without a row is asked for again after so long, ms: a directory also lists users who take no conversations. */
const ASK_AGAIN_MS = 300_000

/** Who is shown: these queues, and with them these agents, besides their members and whoever serves them. */
export interface Who {
  readonly queues: ReadonlyArray<string>
  readonly agents: ReadonlyArray<string>
}

/** What a round has found, and the read units of another one that finds the same. */
export interface Round {
  readonly agents: number
  readonly queues: number
  /** That agents have, and that are open. */
  readonly sessions: number
  readonly units: number
}

/** The row `state`, as it stands. */
const stateRow = ({ columns, asOf }: Found): HeldRow => ({ row: STATE_ROW, columns, asOf: Date.parse(asOf) })

/** What an index does not hold of a row, from its key, and of an agent's session from the row itself. */
const queueRow = ({ row, columns }: OpenRow, session: Columns | undefined): Columns =>
  row.startsWith(MEMBER)
    ? { userId: row.slice(MEMBER.length), ...columns }
    : { sessionId: row.slice(SESSION.length), ...session, ...columns }

const isServed = ({ row, columns }: OpenRow): boolean =>
  row.startsWith(SESSION) && columns.phase !== "waiting" && columns.phase !== undefined

/** What never changes of an agent's session. */
const lasting = ({ userId, conversationId, mediaType, direction }: Columns): Columns =>
  Object.fromEntries(
    Object.entries({ userId, conversationId, mediaType, direction }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]]
    )
  )

/** A session as the rows of its agent have it. */
const agentRow = (queueId: string, row: string, asOf: number, columns: Columns): HeldRow => ({
  row,
  asOf,
  columns: { ...columns, queueId, open: isOpenWork(columns.phase as Phase) }
})

/** Whether two rows say the same, of which one may have been read with fewer columns than the other. */
const agrees = ({ columns: one }: HeldRow, { columns: other }: HeldRow): boolean =>
  (["phase", "joined", "mediaType", "since"] as const).every((name) => one[name] === other[name])

/** What a round does not read, and a stream tells: reported figures, and sessions of no queue. */
const isUnread = ({ row, columns }: HeldRow): boolean =>
  row.startsWith("observation#") ||
  (row.startsWith(SESSION) && columns.open !== undefined && columns.queueId === undefined)

/** Rows as a round has read them, over those that are held: where both agree, what is held says more. */
const over = (held: ReadonlyMap<string, HeldRow>, rows: ReadonlyArray<HeldRow>): ReadonlyArray<HeldRow> => [
  ...rows.map((row) => {
    const before = held.get(row.row)
    return before !== undefined && agrees(before, row) ? before : row
  }),
  ...[...held.values()].filter(isUnread)
]

/** Ids that are due: those that have a row, as far as is known, and others now and then. */
const makeAsked = () => {
  const absent = new Map<string, number>()
  return {
    due: (ids: Iterable<string>, now: number, has: (id: string) => boolean = () => false) =>
      [...ids].filter((id) => (absent.get(id) ?? 0) <= now || has(id)),
    answered: (asked: ReadonlyArray<string>, found: { readonly has: (id: string) => boolean }, now: number) => {
      for (const id of asked)
        if (found.has(id)) absent.delete(id)
        else absent.set(id, now + ASK_AGAIN_MS)
    }
  }
}

/**
 * Reads all that is shown, round by round. A round costs half a unit for each agent and for each 4 KB of a queue's open rows, and once half
 * a unit for each session that an agent has begun. Of conversations that came by no queue only the agent's state tells.
 */
export const makeRounds = (reads: Reads, onChange: (change: RowChange) => void) => {
  const [agents, queues] = [makeFollowed("agents", onChange), makeFollowed("queues", onChange)]
  const [askedAgents, askedQueues] = [makeAsked(), makeAsked()]
  const told = { agents: makeTold(), queues: makeTold() }
  /** What the rows of agents' sessions that are open say, by the queue and the row. */
  let sessions = new Map<string, Columns>()
  const seenQueues = new Set<string>()
  let shown: ReadonlySet<string> = new Set()

  const readSessions = Effect.fnUntraced(function* (
    from: Sources["queues"],
    opened: ReadonlyArray<{ readonly id: string; readonly rows: ReadonlyArray<OpenRow> }>
  ) {
    const open = opened.flatMap(({ id, rows }) => rows.filter(isServed).map(({ row }) => ({ entity: id, row })))
    const keyOf = ({ entity, row }: (typeof open)[number]) => `${entity}/${row}`
    const found = yield* reads.rowsAt(
      from,
      open.filter((key) => !sessions.has(keyOf(key)))
    )
    const known = new Map([...sessions, ...found.map((one) => [keyOf(one), lasting(one.columns)] as const)])
    sessions = new Map(
      open.flatMap((key) => {
        const columns = known.get(keyOf(key))
        return columns === undefined ? [] : [[keyOf(key), columns] as const]
      })
    )
  })

  return {
    agents,
    queues,
    /** Takes what a stream has told of a row, at a time (epoch ms). A round that goes on meanwhile, and has read before, does not undo it. */
    tell: (kind: "agents" | "queues", entity: string, row: HeldRow, at: number): void => {
      told[kind].add(entity, row, at)
      const followed = kind === "agents" ? agents : queues
      followed.wrote(entity, row)
    },
    /** Whether an agent was read with the last round, or has been told of since. */
    isShown: (agentId: string): boolean => shown.has(agentId) || agents.rowsOf(agentId).size > 0,
    round: Effect.fnUntraced(function* (sources: Sources, who: Who) {
      const began = reads.spent()
      const beginning = yield* Clock.currentTimeMillis
      for (const one of [told.agents, told.queues]) one.begin(beginning)
      const opened = yield* reads.open(sources.queues, who.queues)
      const openUnits = reads.spent() - began
      yield* readSessions(sources.queues, opened)
      const now = yield* Clock.currentTimeMillis

      const unseen = askedQueues.due(
        who.queues.filter((id) => !seenQueues.has(id)),
        now
      )
      const queueStates = yield* reads.states(sources.queues, unseen)
      askedQueues.answered(unseen, queueStates, now)
      for (const id of queueStates.keys()) seenQueues.add(id)

      const ofQueues = told.queues.merger()
      const working = new Map<string, Array<HeldRow>>()
      const ids = new Set(who.agents)
      for (const { id, rows } of opened) {
        const held = rows.map(({ row, columns }): HeldRow => {
          const full = queueRow({ row, columns }, sessions.get(`${id}/${row}`))
          const { userId, joined, phase } = full
          if (typeof userId === "string" && (joined === true || phase !== undefined)) ids.add(userId)
          if (typeof userId === "string" && phase !== undefined)
            working.set(userId, [...(working.get(userId) ?? []), agentRow(id, row, now, full)])
          return { row, columns: full, asOf: now }
        })
        if (held.length > 0 || seenQueues.has(id))
          queues.replace(
            id,
            ofQueues.into(id, over(queues.rowsOf(id), [{ row: STATE_ROW, columns: {}, asOf: now }, ...held])),
            now
          )
      }

      const asked = askedAgents.due(ids, now, (id) => agents.rowsOf(id).has(STATE_ROW))
      const before = reads.spent()
      const states = yield* reads.states(sources.agents, asked)
      const stateUnits = asked.length === 0 ? 0 : ((reads.spent() - before) * states.size) / asked.length
      askedAgents.answered(asked, states, now)
      const ofAgents = told.agents.merger()
      for (const id of ids) {
        const state = states.get(id)
        const worked = over(agents.rowsOf(id), working.get(id) ?? []).filter(({ row }) => row !== STATE_ROW)
        const read = [...(state === undefined ? [] : [stateRow(state)]), ...worked]
        agents.replace(id, ofAgents.into(id, read), now)
      }
      shown = ids
      agents.keep(new Set([...ids, ...ofAgents.entities]))
      queues.keep(new Set([...who.queues, ...told.queues.merger().entities]))
      const done: Round = {
        agents: agents.list().length,
        queues: queues.list().length,
        sessions: sessions.size,
        units: openUnits + stateUnits
      }
      return done
    })
  }
}

export type Rounds = ReturnType<typeof makeRounds>
