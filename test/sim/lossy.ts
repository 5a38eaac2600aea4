import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import { LOST_END_MS } from "../../projections/session.ts"
import type { Columns } from "../../src/domain/projection.ts"
import { generation } from "../../src/domain/projection.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { makeSimulator } from "../../src/simulator/simulator.ts"
import type { Delivery } from "../../src/simulator/wire.ts"
import { makeCore, WINDOW } from "../support/core.ts"
import { arrivalsOf, START } from "../support/history.ts"
import { indexed, parse, type Session, sessionsOf, toldAt } from "./told.ts"

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
