import { INTERVAL_MS, intervalKey, intervalOf } from "../src/domain/interval.ts"
import type { Json } from "../src/domain/json.ts"
import type { Columns, Projection } from "../src/domain/projection.ts"
import type { Register, Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Event, Spent } from "../src/genesys/event.ts"
import { foldFacets } from "../src/genesys/fold.ts"
import { known } from "./session.ts"

/** How long after its end (ms) an interval is taken for whole: what arrives later revises it. */
export const CLOSES_AFTER_MS = 60_000

/** Five weeks, so that a month can be asked for when it is over. */
const KEPT_SECONDS = 35 * 86_400

/** Between the parts of a row key: the interval, whose fact it is, and the session. */
const WAIT = "#wait#"
const AGENT = "#agent#"

/**
 * An update of the row that a session has in the interval in which something happened. Each fact stands alone in the interval of its own
 * clock, as Genesys counts: https://help.mypurecloud.com/faqs/offered-metric-not-always-equal-answered-plus-abandoned-metrics.
 * A clock that is ahead of the arrival must not make an interval that has not begun.
 */
const inInterval = (
  { published, received }: Event,
  fact: {
    readonly entity: string
    readonly kind: typeof WAIT | typeof AGENT
    readonly sessionId: string
    readonly register: string
    readonly clock: number | undefined
    readonly value: { readonly [field: string]: Json | undefined }
  }
) => {
  const { entity, kind, sessionId, register, clock, value } = fact
  const at = Math.min(clock ?? published, received)
  const late = received >= intervalOf(at) + INTERVAL_MS + CLOSES_AFTER_MS
  return {
    entity,
    row: intervalKey(at) + kind + sessionId,
    register,
    value: known({ ...value, ...(late ? { late } : {}) }),
    clock
  }
}

const valueOf = (register: Register | undefined): Columns => (register?.value ?? {}) as Columns

const at = (name: string, register: Register | undefined): Columns =>
  register === undefined ? {} : { [name]: iso(register.stamp.clock) }

/** The columns of a row, but for those of its key. `late` of any of its facts makes the row revised. */
const columnsOf = (row: Row): Columns => {
  const [offered, ended, wrapup] = ["offered", "ended", "wrapup"].map((name) => row.get(name))
  const { late: first, ...start } = valueOf(offered)
  const { late: second, ...end } = valueOf(ended)
  const { late: third, ...work } = valueOf(wrapup)
  return {
    ...start,
    ...end,
    ...work,
    ...at("offeredAt", offered),
    ...at("endedAt", ended),
    ...at("wrapupAt", wrapup),
    ...(first || second || third ? { late: true } : {})
  }
}

const KEY_LENGTH = intervalKey(0).length

/** What the row key says: the interval, whose session it is, and which. */
const keyColumns = (row: string): Columns => {
  const isWait = row.startsWith(WAIT, KEY_LENGTH)
  return {
    interval: row.slice(0, KEY_LENGTH).replace("Z", ":00.000Z"),
    participant: isWait ? "acd" : "user",
    sessionId: row.slice(KEY_LENGTH + (isWait ? WAIT : AGENT).length)
  }
}

/** A snapshot states waits too, and is none of them. */
const topics = [
  "v2.detail.events.conversation.{id}.acd.start",
  "v2.detail.events.conversation.{id}.acd.end",
  "v2.detail.events.conversation.{id}.user.end",
  "v2.detail.events.conversation.{id}.acw",
  "v2.detail.events.conversation.{id}.wrapup"
]

/**
 * What happened in a queue in each interval of 15 minutes, one partition per queue (`queueId`): facts of single sessions, of which
 * `figuresOf` (`queue-figures.ts`) makes sums. Nothing is counted here, so duplicates, any order and replays end in the same figures.
 * Rows `<interval>#wait#<sessionId>`: a wait was offered or ended then. Rows `<interval>#agent#<sessionId>`: an agent's session or
 * its after-call work ended then. Snapshots tell no time that is exact enough to say in which interval.
 */
export const queueIntervals: Projection<Event> = {
  name: "queue-intervals",
  version: 1,
  key: "queueId",
  topics,
  deltas: foldFacets({
    acdSession: ({ queueId: entity, sessionId, clock, value, mediaType, outcome, answeredBy, waitMs }, event) =>
      entity === undefined || !topics.includes(event.topic)
        ? undefined
        : inInterval(event, {
            entity,
            kind: WAIT,
            sessionId,
            register: value === null ? "ended" : "offered",
            clock,
            value: value === null ? { mediaType, outcome, answeredBy, waitMs } : { mediaType: value.mediaType }
          }),
    userSession: ({ queueId: entity, userId, sessionId, clock, value, mediaType, disconnectType, spent }, event) =>
      entity === undefined || value !== null
        ? undefined
        : inInterval(event, {
            entity,
            kind: AGENT,
            sessionId,
            register: "ended",
            clock,
            value: { userId, mediaType, disconnectType, ...(spent as { readonly [part in keyof Spent]: number }) }
          }),
    // `acw` and `wrapup` tell of one work: whichever is published last says the same.
    wrapup: ({ queueId: entity, sessionId, clock, mediaType, value: { durationMs: wrapupMs } }, event) =>
      entity === undefined
        ? undefined
        : inInterval(event, {
            entity,
            kind: AGENT,
            sessionId,
            register: "wrapup",
            clock,
            value: { mediaType, wrapupMs }
          })
  }),
  view: (row, registers) => ({ ...keyColumns(row), ...columnsOf(registers) }),
  // A fact is over when it is told: it expires.
  closed: () => true,
  tombstoneSeconds: KEPT_SECONDS
}
