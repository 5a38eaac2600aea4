import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import { LOST_END_MS } from "../../projections/session.ts"
import type { Columns } from "../../src/domain/projection.ts"
import { generation } from "../../src/domain/projection.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { makeSimulator } from "../../src/local/simulator/simulator.ts"
import type { Delivery } from "../../src/local/simulator/wire.ts"
import { makeCore, WINDOW } from "../support/core.ts"
import { arrivalsOf, START } from "../support/history.ts"

export interface LossyDay {
  readonly seed: number
  readonly agents: number
  /** Events a second. */
  readonly rate: number
  readonly hours: number
  readonly lose: number
}

/** How long (ms) after the first event that tells of an end a session may stay open. */
export const BOUND_MS = LOST_END_MS + WINDOW.settle + 60_000

/** How long (ms) what is open may be shown as ended: until the event that refutes it has settled. */
export const FALSE_END_MS = 10_000

const TICK_MS = 10_000

/** An event as the centre published it. `clock` is that of its body, or else its publication. */
interface Published {
  readonly topic: string
  readonly at: number
  readonly clock: number
  readonly published: number
  readonly body: { readonly [field: string]: unknown }
}

const parse = ({ line, at }: Delivery): Published => {
  const { "detail-type": topic, detail } = JSON.parse(line)
  const body = detail.eventBody
  const published = Date.parse(detail.timestamp)
  return { topic, at, body, published, clock: body.eventTime ?? body.currentStateStart ?? published }
}

/** A session of the centre: when it began, was over (`ended`) and was gone, wrap-up included (`gone`). */
interface Session {
  readonly id: string
  readonly kind: "wait" | "user"
  readonly conversationId: string
  readonly queueId: string
  readonly userId: string | undefined
  readonly medium: string
  readonly began: number
  ended: number
  gone: number
}

const DETAIL = "v2.detail.events.conversation.{id}."
const STATE = "v2.detail.events.agent.{id}.state"
const SUMMARY = "v2.users.{id}.conversationsummary"

/** Every session of the day, from all that was published. */
const sessionsOf = (all: ReadonlyArray<Published>): ReadonlyArray<Session> => {
  const sessions = new Map<string, Session>()
  for (const { topic, clock, body } of all) {
    if (topic !== `${DETAIL}acd.start` && topic !== `${DETAIL}user.start`) continue
    sessions.set(String(body.sessionId), {
      id: String(body.sessionId),
      kind: topic === `${DETAIL}acd.start` ? "wait" : "user",
      conversationId: String(body.conversationId),
      queueId: String(body.queueId),
      userId: body.userId === undefined ? undefined : String(body.userId),
      medium: String(body.mediaType),
      began: clock,
      ended: Number.POSITIVE_INFINITY,
      gone: Number.POSITIVE_INFINITY
    })
  }
  for (const { topic, clock, body } of all) {
    const session = sessions.get(String(body.sessionId))
    if (session === undefined) continue
    if (topic === `${DETAIL}acd.end`) session.ended = session.gone = clock
    if (topic === `${DETAIL}user.end`) session.ended = clock
    if (topic === STATE && body.currentState === "TERMINATED") session.gone = clock
  }
  return [...sessions.values()]
}

const LOADS: Readonly<Record<string, string>> = { VOICE: "call", CHAT: "chat", MESSAGE: "message" }

const isWithout = (body: Published["body"], medium: string): boolean => {
  const load = body[LOADS[medium] ?? ""] as Record<string, { active: number; acw: number }>
  return Object.values(load).every(({ active, acw }) => active === 0 && acw === 0)
}

const saysOffline = ({ topic, body }: Published): boolean => {
  if (topic === "v2.users.{id}.presence" && body.primary !== false)
    return (body.presenceDefinition as { systemPresence: string }).systemPresence === "OFFLINE"
  if (topic !== "v2.users.{id}.activity") return false
  const { presenceDefinition } = body.presence as { presenceDefinition: { systemPresence: string } }
  return presenceDefinition.systemPresence === "OFFLINE"
}

/**
 * When (epoch ms) the first event arrived that tells that a session is over; infinite where every one of them was lost. Of a wait: its
 * `acd.end`; the customer's end; that an agent of the queue was connected after it began. Of an agent's session: TERMINATED and `acw`;
 * `user.end`, unless wrap-up has begun; the customer's end, unless wrap-up has begun; the end of the wait without this agent, unless the
 * agent was seen connected; and of an agent who was seen connected, or never alerted, a summary without the medium, 5 s and more after
 * the last that was seen of the session; and that the agent logged off after that.
 */
const toldAt = (session: Session, heard: ReturnType<typeof indexed>): number => {
  const { id, kind, conversationId, queueId, userId, medium, began, ended, gone } = session
  const own = heard.bySession.get(id) ?? []
  const conversation = heard.byConversation.get(conversationId) ?? []
  const customer = conversation.filter(({ topic }) => topic === `${DETAIL}customer.end`)
  const arrivals = (events: ReadonlyArray<Published>) => events.map(({ at }) => at)
  const first = (...times: ReadonlyArray<number>) => Math.max(kind === "wait" ? ended : gone, Math.min(...times))
  const isConnecting = ({ topic, body, clock }: Published) =>
    topic === STATE &&
    (body.currentState === "INTERACT" || body.currentState === "HOLD") &&
    body.queueId === queueId &&
    clock >= began
  if (kind === "wait")
    return first(
      ...arrivals(own.filter(({ topic }) => topic === `${DETAIL}acd.end`)),
      ...arrivals(customer),
      ...arrivals(conversation.filter(isConnecting))
    )
  const segments = own.filter(({ topic, body }) => topic === STATE && body.currentState !== "TERMINATED")
  const last = segments.reduce<Published | undefined>(
    (a, b) => (a !== undefined && a.clock > b.clock ? a : b),
    undefined
  )
  const state = last?.body.currentState
  const wrapsUp = state === "WRAPUP"
  const waits = conversation.filter(
    ({ topic, clock, body }) => topic === `${DETAIL}acd.end` && body.queueId === queueId && clock >= began
  )
  const wasConnected = own.some((event) => isConnecting(event)) || wrapsUp
  const starts = own.filter(({ topic }) => topic === `${DETAIL}user.start`)
  const seen = Math.max(
    0,
    ...[...segments, ...starts].map(({ clock }) => clock),
    ...waits.filter(({ body }) => body.answeredUserId === userId).map(({ clock }) => clock)
  )
  const agent = heard.byAgent.get(String(userId)) ?? []
  return first(
    ...arrivals(own.filter(({ topic, body }) => topic === `${DETAIL}acw` || body.currentState === "TERMINATED")),
    ...(wrapsUp ? [] : arrivals(own.filter(({ topic }) => topic === `${DETAIL}user.end`))),
    ...(wrapsUp ? [] : arrivals(customer)),
    ...(wasConnected ? [] : arrivals(waits.filter(({ body }) => body.answeredUserId !== userId))),
    ...(wasConnected
      ? arrivals(
          agent.filter(
            ({ topic, published, body }) => topic === SUMMARY && published > seen + 5_000 && isWithout(body, medium)
          )
        )
      : []),
    ...arrivals(agent.filter((event) => saysOffline(event) && event.clock > seen))
  )
}

const indexed = (heard: ReadonlyArray<Published>) => {
  const by = (key: (event: Published) => unknown) => Map.groupBy(heard, (event) => String(key(event)))
  return {
    bySession: by(({ body }) => body.sessionId),
    byConversation: by(({ body }) => body.conversationId),
    byAgent: by(({ topic, body }) => (topic === SUMMARY ? body.userId : body.id))
  }
}

const centreOf = ({ seed, agents, rate }: LossyDay, lose: number) =>
  makeSimulator({ seed, agents, queues: 6, rate, chaos: 0, lose, start: START, source: SIMULATED_SOURCE })

/** What is delivered until `end`. */
const deliveriesOf = (day: LossyDay, lose: number, end: number): ReadonlyArray<Delivery> => {
  const centre = centreOf(day, lose)
  const all: Array<Delivery> = []
  for (let one = centre.next(); one.at < end; one = centre.next()) all.push(one)
  return all
}

const OWN_ENDS = new Set(["user.end", "TERMINATED", "acw", "unknown"])

/** A session that is shown in another way than it is. */
export interface Wrong {
  readonly session: Session
  readonly table: string
  readonly columns: Columns
  readonly at: number
  readonly events: ReadonlyArray<string>
}

/**
 * A day of which events were lost, as the tables show it every ten seconds against what the centre knows: `open`, sessions that are open
 * longer than `BOUND_MS` after an event told of their end; `falseEnds`, sessions that were shown as over by inference for longer than
 * `FALSE_END_MS` while they went on; how many sessions there were and were closed by inference; and those of whose end nothing told in time (`untold`), see `toldAt`.
 */
export const lossyDay = async (day: LossyDay) => {
  const end = START + day.hours * 3_600_000
  const [whole, left] = [deliveriesOf(day, 0, end), deliveriesOf(day, day.lose, end)]
  const all = whole.map(parse)
  const delivered = new Set(left.map(({ line }) => line))
  const lost = new Set(all.filter((_, i) => !delivered.has(whole[i]!.line)))
  const heard = indexed(left.map(parse))
  const sessions = sessionsOf(all)
  const told = new Map(sessions.map((session) => [session, toldAt(session, heard)]))
  const goneAt = ({ kind, ended, gone }: Session) => (kind === "wait" ? ended : gone)
  const tables = [generation(agents), generation(queues)]

  const core = makeCore()
  const find = (() => {
    let rows = new Map<string, ReadonlyMap<string, Columns>>()
    return {
      refresh: () => {
        rows = new Map()
      },
      of: (table: string, entity: string, id: string): Columns | undefined => {
        const key = `${table} ${entity}`
        const found =
          rows.get(key) ?? new Map(core.rows.rows(table, entity).map(({ row, columns }) => [row, columns] as const))
        rows.set(key, found)
        return found.get(`session#${id}`)
      }
    }
  })()
  const shown = ({ id, userId, queueId }: Session) =>
    tables.flatMap((table, i) => {
      const entity = i === 0 ? userId : queueId
      const columns = entity === undefined ? undefined : find.of(table, entity, id)
      return columns === undefined ? [] : [{ table, columns }]
    })
  const story = (session: Session) =>
    all
      .filter(
        ({ body }) =>
          body.sessionId === session.id ||
          body.conversationId === session.conversationId ||
          (session.userId !== undefined && (body.userId === session.userId || body.id === session.userId))
      )
      .filter(({ clock }) => clock > session.began - 60_000 && clock < session.began + 1_800_000)
      .map((event) =>
        [
          lost.has(event) ? "LOST" : "    ",
          new Date(event.clock).toISOString().slice(11, 23),
          event.topic.split(".").slice(-2).join("."),
          event.body.sessionId === session.id ? "own" : "",
          event.body.currentState ?? event.body.acdOutcome ?? ""
        ].join(" ")
      )
      .slice(0, 40)

  const open: Array<Wrong> = []
  const falseEnds: Array<Wrong> = []
  const since = new Map<string, number>()
  let next = 0
  for (let now = START + TICK_MS; now <= end + BOUND_MS + TICK_MS; now += TICK_MS) {
    const batch: Array<Delivery> = []
    for (; next < left.length && left[next]!.at <= now; next++) batch.push(left[next]!)
    core.clock.advanceTo(now)
    if (batch.length > 0) await core.deliver(arrivalsOf(batch))
    const bodies = core.queue.take(now)
    if (bodies.length > 0) await core.settle(bodies)
    find.refresh()
    const isLast = now > end + BOUND_MS
    for (const session of sessions) {
      if (session.began > now) continue
      const due = (told.get(session) as number) + BOUND_MS
      if (due <= now && (isLast || due > now - TICK_MS))
        for (const { table, columns } of shown(session))
          if (columns.phase !== "ended") open.push({ session, table, columns, at: now, events: story(session) })
      // What is after the end of the day nobody knows.
      if (now > end || goneAt(session) < now - 60_000) continue
      for (const { table, columns } of shown(session)) {
        const key = `${table} ${session.id}`
        const isFalse = session.ended > now && columns.phase === "ended" && !OWN_ENDS.has(String(columns.endedBy))
        if (!isFalse) since.delete(key)
        else if (!since.has(key)) since.set(key, now)
        else if (now - (since.get(key) as number) === FALSE_END_MS)
          falseEnds.push({ session, table, columns, at: now, events: story(session) })
      }
    }
  }
  const over = sessions.filter((session) => goneAt(session) < end - BOUND_MS)
  const inferred = over.filter((session) =>
    shown(session).some(
      ({ columns }) =>
        columns.phase === "ended" &&
        !(session.kind === "wait" ? columns.endedBy === "acd.end" : OWN_ENDS.has(String(columns.endedBy)))
    )
  )
  return {
    lost: lost.size,
    published: all.length,
    sessions: over.length,
    inferred: inferred.length,
    untold: over.filter((session) => (told.get(session) as number) > goneAt(session) + BOUND_MS),
    open,
    falseEnds
  }
}
