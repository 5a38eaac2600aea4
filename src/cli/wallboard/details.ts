import { Effect } from "effect"
import { OWN_ENDS } from "../../../projections/own-ends.ts"
import { STATE_ROW } from "../../domain/projection.ts"
import type { Found } from "../../read/source.ts"
import { figuresWith, withEarlier, withToday } from "../../wallboard/agent-today.ts"
import type { RowChange } from "../../wallboard/row-change.ts"
import type { Past } from "../../wallboard/wallboard.ts"
import type { FailedRead } from "./failed-read.ts"
import type { Polling } from "./polling.ts"
import type { Reads } from "./reads.ts"
import { OPENED_EVERY_MS } from "./rhythm.ts"

/** Agents and queues that are remembered at once. */
const MOST_REMEMBERED = 50

/** A row as the page shows it, without the events that set its fields: nobody with the rights of a reader may read these. */
const toRow = (kind: RowChange["kind"], { row, columns, asOf, closed, revised }: Found) => ({
  row,
  asOf: Date.parse(asOf),
  tombstone: closed,
  derived: kind === "queues" && row === STATE_ROW,
  ...(revised === undefined ? {} : { revised: { at: Date.parse(revised.at), lateMs: revised.lateMs } }),
  fields: Object.entries(columns).map(([column, value]) => ({ column, value, setBy: [] }))
})

/** Sessions that a rule has ended are shown, as somebody asks why; others that are over are not. */
const isShown = ({ closed, columns }: Found): boolean =>
  !closed || (columns.endedBy !== undefined && !OWN_ENDS.has(columns.endedBy))

/** Reads what is known of an agent or queue when somebody opens it. */
export const makeDetails = (reads: Reads, polling: Polling, settleWindowMs: number) => {
  const held = new Map<
    string,
    { readonly at: number; readonly rows: ReadonlyArray<Found>; readonly generation: string }
  >()

  const rowsOf = Effect.fnUntraced(function* (kind: "agents" | "queues", id: string) {
    const from = polling.sources()?.[kind]
    if (from === undefined) return undefined
    const key = `${kind}/${id}`
    const known = held.get(key)
    const now = polling.now()
    if (known !== undefined && now - known.at < OPENED_EVERY_MS[kind]) return known
    const [found] = yield* reads.rows(from, [id])
    const next = { at: now, rows: found?.rows ?? [], generation: from.generation }
    if (held.size >= MOST_REMEMBERED) held.clear()
    held.set(key, next)
    return next
  })

  const agentPart = Effect.fnUntraced(function* (id: string, past: Past, rows: ReadonlyArray<Found>) {
    const { today, agentDays } = polling
    const seen = past.days.of(id)
    const figures = today?.ofAgent(id)
    if (agentDays === undefined) return { day: seen, ...figuresWith(figures, undefined) }
    return yield* agentDays.of(id).pipe(
      Effect.map((read) => ({
        day: withToday({ ...seen, sessions: withEarlier(seen.sessions, rows, read.since) }, read),
        ...figuresWith(figures, read)
      })),
      // The rest is worth showing without it.
      Effect.catchTag("FailedRead", ({ message }) =>
        Effect.succeed({ day: seen, ...figuresWith(figures, undefined), dayProblem: message })
      )
    )
  })

  return (past: Past, rule: (queueId: string) => Parameters<NonNullable<Polling["today"]>["of"]>[1]) =>
    (kind: "agents" | "queues", id: string): Effect.Effect<object | undefined, FailedRead> =>
      Effect.gen(function* () {
        const found = yield* rowsOf(kind, id)
        const history = past.history.of(kind, id)
        if (found === undefined || (found.rows.length === 0 && history.length === 0)) return undefined
        const { today } = polling
        const rows = found.rows.filter(isShown).map((row) => toRow(kind, row))
        return {
          generation: found.generation,
          entity: id,
          rows,
          settleWindowMs,
          isEventless: true,
          history,
          ...(kind === "agents"
            ? yield* agentPart(id, past, found.rows)
            : today === undefined
              ? {}
              : { quarters: today.quarters(id, rule(id)), compared: today.compared(id, rule(id), rows) })
        }
      })
}
