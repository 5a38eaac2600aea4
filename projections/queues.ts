import type { Json } from "../src/domain/json.ts"
import type { Columns, EntityRow, Projection } from "../src/domain/projection.ts"
import type { Register, Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Event } from "../src/genesys/event.ts"
import { foldFacets } from "../src/genesys/fold.ts"

const MEMBER = "member#"
const SESSION = "session#"
const OBSERVATION = "observation#"

type Observed = {
  readonly media: string
  readonly metric: string
  readonly qualifier?: string
  readonly stats: { readonly count?: number; readonly [stat: string]: Json | undefined }
}

const isOpen = (register: Register | undefined): boolean => (register?.value ?? null) !== null

const phase = (name: "waiting" | "interacting", register: Register | undefined): Columns => {
  if (register === undefined) return {}
  const { stamp, value } = register
  return value === null
    ? { [name]: false, [`${name}EndedAt`]: iso(stamp.clock) }
    : { [name]: true, since: iso(stamp.clock), ...(value as Columns) }
}

const sessionColumns = (id: string, row: Row): Columns => {
  const wrapup = row.get("wrapup")
  return {
    sessionId: id,
    ...phase("waiting", row.get("waiting")),
    ...phase("interacting", row.get("interacting")),
    ...(wrapup === undefined ? {} : { wrapup: wrapup.value })
  }
}

const memberColumns = (id: string, row: Row): Columns => {
  const joined = row.get("joined")
  return { userId: id, ...(joined === undefined ? {} : { joined: joined.value, since: iso(joined.stamp.clock) }) }
}

const observationColumns = (row: Row): Columns => {
  const stats = row.get("stats")
  if (stats === undefined) return {}
  const { media, metric, qualifier, stats: numbers } = stats.value as unknown as Observed
  return {
    media,
    metric,
    ...(qualifier === undefined ? {} : { qualifier }),
    stats: numbers as Json,
    at: iso(stats.stamp.clock)
  }
}

const countByMedia = (rows: ReadonlyArray<Columns>): { readonly [media: string]: number } => {
  const counts = new Map<string, number>()
  for (const { mediaType } of rows) {
    const media = typeof mediaType === "string" ? mediaType : "UNKNOWN"
    counts.set(media, (counts.get(media) ?? 0) + 1)
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Counted from the sets themselves, so a duplicate or a lost end can never leave a count off by one for good. */
const summarise = (rows: ReadonlyArray<EntityRow>): Columns => {
  const all = rows.map(({ columns }) => columns)
  const waiting = all.filter((columns) => columns.waiting === true)
  const interacting = all.filter((columns) => columns.interacting === true)
  const oldest = waiting.map(({ since }) => since as string).sort()[0]
  return {
    members: all.filter(({ joined }) => joined === true).length,
    waiting: waiting.length,
    waitingByMedia: countByMedia(waiting),
    interacting: interacting.length,
    interactingByMedia: countByMedia(interacting),
    ...(oldest === undefined ? {} : { oldestWaitingSince: oldest })
  }
}

/**
 * What every queue is doing, one partition per queue (`queueId`).
 * Rows `member#<userId>`: who is joined. Rows `session#<id>`: who waits and who is being served; an ended one is a tombstone for a
 * day. Rows `observation#<media>#<metric>`: counts as Genesys reports them. Row `state`: counts derived from the sets.
 */
export const queues: Projection<Event> = {
  name: "queues",
  version: 1,
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
    "v2.audits.entitytype.{id}.entityid.{id}"
  ],
  deltas: foldFacets({
    member: (f) => ({ entity: f.queueId, row: MEMBER + f.userId, register: "joined", value: f.joined }),
    acdSession: (f) => ({
      entity: f.queueId,
      row: SESSION + f.sessionId,
      register: "waiting",
      value: f.value && { ...f.value }
    }),
    userSession: (f) =>
      f.queueId === undefined
        ? undefined
        : {
            entity: f.queueId,
            row: SESSION + f.sessionId,
            register: "interacting",
            value: f.value && { ...f.value, ...(f.userId === undefined ? {} : { userId: f.userId }) }
          },
    wrapup: (f) =>
      f.queueId === undefined
        ? undefined
        : { entity: f.queueId, row: SESSION + f.sessionId, register: "wrapup", value: { ...f.value } },
    observation: (f) => ({
      entity: f.queueId,
      row: `${OBSERVATION}${f.media}#${f.metric}${f.qualifier === undefined ? "" : `#${f.qualifier}`}`,
      register: "stats",
      value: {
        media: f.media,
        metric: f.metric,
        ...(f.qualifier === undefined ? {} : { qualifier: f.qualifier }),
        stats: { ...f.value }
      }
    })
  }),
  view: (row, registers) =>
    row.startsWith(SESSION)
      ? sessionColumns(row.slice(SESSION.length), registers)
      : row.startsWith(MEMBER)
        ? memberColumns(row.slice(MEMBER.length), registers)
        : observationColumns(registers),
  closed: (row, registers) =>
    row.startsWith(SESSION)
      ? !isOpen(registers.get("waiting")) && !isOpen(registers.get("interacting"))
      : row.startsWith(MEMBER) && registers.get("joined")?.value === false,
  tombstoneSeconds: 86_400,
  summary: {
    reads: (row) => row.startsWith(SESSION) || row.startsWith(MEMBER),
    columns: ["interacting", "joined", "mediaType", "since", "waiting"],
    of: summarise
  }
}
