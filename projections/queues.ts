import type { Json } from "../src/domain/json.ts"
import type { Columns, EntityRow, Projection } from "../src/domain/projection.ts"
import type { Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Event } from "../src/genesys/event.ts"
import { foldFacets } from "../src/genesys/fold.ts"
import { auditedClock } from "./audited.ts"
import { connectionsOfQueues } from "./connection.ts"
import { MEMBER, members, membershipOf } from "./membership.ts"
import { inOrder, observationColumns, observed } from "./observation.ts"
import { presumedOfQueues } from "./presumed.ts"
import {
  BY_SNAPSHOT,
  connectionIn,
  known,
  NEVER,
  SEEN,
  sessionIdOf,
  sessionRow,
  snapshotIn,
  userSession,
  userSessionColumns
} from "./session.ts"

/** A session of an agent has other registers than a wait. */
export const isWait = (row: Row): boolean => row.has("acd") || row.has("acdEnd")

interface Wait {
  readonly phase: "waiting" | "ended"
  readonly endedAt?: number
  readonly endedBy?: string
  readonly inferred?: boolean
}

export const waitOf = (row: Row): Wait => {
  const end = row.get("acdEnd")
  if (end !== undefined) return { phase: "ended", endedAt: end.stamp.clock, endedBy: "acd.end" }
  const { endedAt, endedBy } = connectionIn(row)
  const { seenAt, goneAt } = snapshotIn(row)
  // An end that named no queue is the wait's own.
  if (endedBy === "acd.end") return { phase: "ended", endedAt, endedBy }
  if (endedBy !== undefined && endedAt >= seenAt) return { phase: "ended", endedAt, endedBy, inferred: true }
  return goneAt > (row.get("acd")?.stamp.clock ?? NEVER)
    ? { phase: "ended", endedAt: goneAt, endedBy: BY_SNAPSHOT, inferred: true }
    : { phase: "waiting" }
}

const waitColumns = (sessionId: string, row: Row): Columns => {
  const { phase, endedAt, endedBy } = waitOf(row)
  const start = row.get("acd")
  return {
    sessionId,
    phase,
    ...((start?.value ?? {}) as Columns),
    ...(start === undefined ? {} : { since: iso(start.stamp.clock) }),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    ...(endedBy === undefined ? {} : { endedBy })
  }
}

const phaseOf = (row: Row) => (isWait(row) ? waitOf(row) : userSession(row))

const memberColumns = (userId: string, row: Row): Columns => {
  const member = membershipOf(row)
  if (member === undefined) return { userId }
  const { joined, since } = member
  return { userId, joined, ...(since === undefined ? {} : { since: iso(since) }) }
}

const countByMedia = (rows: ReadonlyArray<Columns>): { readonly [media: string]: number } => {
  const counts = new Map<string, number>()
  for (const { mediaType } of rows) {
    const media = typeof mediaType === "string" ? mediaType : "UNKNOWN"
    counts.set(media, (counts.get(media) ?? 0) + 1)
  }
  return inOrder(counts)
}

/** The phases that a queue counts, in the order of a conversation's way through it. */
const counted = ["waiting", "alerting", "interacting", "monitoring", "wrapup"] as const

/**
 * Counted from the sets themselves, so a duplicate or a lost end can never leave a count off by one for good. Members are counted once one
 * was ever reported: that nobody was is not zero.
 */
const summarise = (rows: ReadonlyArray<EntityRow>, before: Columns): Columns => {
  const all = rows.map(({ columns }) => columns)
  const reported = all.filter(({ joined }) => typeof joined === "boolean")
  const sets = counted.map((phase) => [phase, all.filter((columns) => columns.phase === phase)] as const)
  const waits = all.filter(({ phase }) => phase === "waiting")
  // What is absent sorts last.
  const [oldest] = waits.map(({ since }) => since).sort()
  return {
    ...(reported.length === 0 && before.members === undefined
      ? {}
      : { members: reported.filter(({ joined }) => joined).length }),
    ...Object.fromEntries(
      sets.flatMap(
        ([phase, rows]): ReadonlyArray<readonly [string, Json]> => [
          [phase, rows.length],
          [`${phase}ByMedia`, countByMedia(rows)]
        ]
      )
    ),
    ...(oldest === undefined ? {} : { oldestWaitingSince: oldest })
  }
}

const sumOf = (counts: ReadonlyArray<Json | undefined>): number =>
  counts.reduce<number>((sum, count) => sum + (typeof count === "number" ? count : 0), 0)

const sumByMedia = (counts: ReadonlyArray<Json | undefined>): { readonly [media: string]: number } => {
  const sums = new Map<string, number>()
  for (const count of counts)
    for (const [media, n] of Object.entries((count ?? {}) as { readonly [media: string]: number }))
      sums.set(media, (sums.get(media) ?? 0) + n)
  return inOrder(sums)
}

/** The summary of all rows, from summaries of some of them each. */
const join = (summaries: ReadonlyArray<Columns>, before: Columns): Columns => {
  const of = (column: string) => summaries.map((summary) => summary[column])
  const [oldest] = of("oldestWaitingSince").sort()
  return {
    ...(before.members === undefined && of("members").every((members) => members === undefined)
      ? {}
      : { members: sumOf(of("members")) }),
    ...Object.fromEntries(
      counted.flatMap(
        (phase): ReadonlyArray<readonly [string, Json]> => [
          [phase, sumOf(of(phase))],
          [`${phase}ByMedia`, sumByMedia(of(`${phase}ByMedia`))]
        ]
      )
    ),
    ...(oldest === undefined ? {} : { oldestWaitingSince: oldest })
  }
}

/**
 * What every queue is doing, one partition per queue (`queueId`).
 * Rows `member#<userId>`: who is joined. Rows `session#<id>`: who waits, is alerted, is served or in wrap-up; an ended one is a tombstone
 * for a day. Rows `observation#<media>` and `observation#<media>#<metric>`: counts as Genesys reports them. Row `state`: counts derived from the sets.
 */
export const queues: Projection<Event> = {
  name: "queues",
  version: 2,
  key: "queueId",
  topics: [
    "v2.routing.queues.{id}.users",
    "v2.analytics.queues.{id}.observations",
    "v2.analytics.queues.{id}.activity",
    "v2.detail.events.agent.{id}.state",
    "v2.detail.events.conversation.{id}.acd.start",
    "v2.detail.events.conversation.{id}.acd.end",
    "v2.detail.events.conversation.{id}.user.start",
    "v2.detail.events.conversation.{id}.user.end",
    "v2.detail.events.conversation.{id}.acw",
    "v2.detail.events.conversation.{id}.wrapup",
    "v2.audits.entitytype.{id}.entityid.{id}",
    "snapshot.agents.{id}",
    "snapshot.queues.{id}"
  ],
  deltas: foldFacets({
    member: ({ queueId: entity, userId, joined, clock, audited }) => {
      const update = { entity, row: MEMBER + userId, register: "joined" }
      if (!audited || clock === undefined) return { ...update, value: { joined }, clock }
      // Nobody else tells of a removal, and a member who is back comes back with the next list: so it counts from its entry.
      return { ...update, value: { joined, loggedAt: clock }, clock: joined ? auditedClock(clock) : clock }
    },
    acdSession: ({ queueId: entity, conversationId, sessionId, value }) =>
      entity === undefined
        ? undefined
        : {
            entity,
            row: sessionRow(sessionId),
            register: value === null ? "acdEnd" : "acd",
            value: value === null ? null : { ...value, conversationId }
          },
    userSession: ({ queueId: entity, userId, sessionId, value }) =>
      entity === undefined
        ? undefined
        : {
            entity,
            row: sessionRow(sessionId),
            register: value === null ? "end" : "start",
            value: value === null ? null : known({ ...value, userId })
          },
    // A hold is no phase of its own, and a queue that is told of each would write twice for nothing.
    segment: ({ queueId: entity, userId, sessionId, value }) =>
      entity === undefined || value.state.toUpperCase() === "HOLD"
        ? undefined
        : {
            entity,
            row: sessionRow(sessionId),
            register: value.state.toUpperCase() === "TERMINATED" ? "terminated" : "segment",
            value: known({ ...value, userId })
          },
    // As in `agents`.
    sessionSeen: ({ queueId: entity, conversationId, sessionId, value }) =>
      entity === undefined || conversationId !== undefined
        ? undefined
        : { entity, row: sessionRow(sessionId), register: SEEN, value },
    wrapup: ({ queueId: entity, sessionId, value }) =>
      entity === undefined
        ? undefined
        : { entity, row: sessionRow(sessionId), register: "wrapup", value: { ...value } },
    observation: observed
  }),
  derived: [connectionsOfQueues, presumedOfQueues, members],
  view: (row, registers) => {
    const sessionId = sessionIdOf(row)
    if (sessionId !== undefined)
      return isWait(registers) ? waitColumns(sessionId, registers) : userSessionColumns(sessionId, registers)
    return row.startsWith(MEMBER)
      ? memberColumns(row.slice(MEMBER.length), registers)
      : observationColumns(row, registers)
  },
  closed: (row, registers) =>
    sessionIdOf(row) === undefined
      ? row.startsWith(MEMBER) && membershipOf(registers)?.joined !== true
      : phaseOf(registers).phase === "ended",
  inferredEnd: (_, registers) => {
    const { inferred, endedBy } = phaseOf(registers)
    return inferred ? endedBy : undefined
  },
  tombstoneSeconds: 86_400,
  summary: {
    reads: (row) => sessionIdOf(row) !== undefined || row.startsWith(MEMBER),
    // Who has left is counted among those who were reported.
    remembers: (row) => row.startsWith(MEMBER),
    columns: ["joined", "mediaType", "phase", "since"],
    of: summarise,
    join
  }
}
