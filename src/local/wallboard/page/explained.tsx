import { duration } from "../../view/numbers.ts"
import type { Board } from "../board.ts"
import { causeText, isTopic } from "./cause.ts"
import { timeOfDay } from "./clock.ts"
import { short, valueText } from "./values.ts"

/** What the server says of a field, see `Explanation`. Times are epoch ms. */
export interface Setting {
  readonly eventId: string
  readonly clock: number
  readonly topic?: string
  readonly arrived?: number
  readonly delayMs?: number
  readonly snapshot?: true
}

export interface Field {
  readonly column: string
  readonly value: unknown
  readonly setBy: ReadonlyArray<Setting>
}

export interface Row {
  readonly row: string
  readonly asOf: number
  readonly derived: boolean
  readonly revised?: { readonly at: number; readonly lateMs: number }
  readonly fields: ReadonlyArray<Field>
}

const underWay = (ms: number): string => (ms < 60_000 ? `${(ms / 1_000).toFixed(2)} s` : duration(ms))

const Lateness = ({ delayMs, settleWindowMs }: { readonly delayMs: number; readonly settleWindowMs: number }) =>
  delayMs > settleWindowMs ? (
    <strong class="tone-warn">late by {underWay(delayMs - settleWindowMs)}</strong>
  ) : (
    <span>in time</span>
  )

const Cause = ({ setting, settleWindowMs }: { readonly setting: Setting; readonly settleWindowMs: number }) => {
  const { eventId, clock, arrived, delayMs, snapshot } = setting
  return (
    <div class="cause">
      <span class="topic">
        {causeText(setting)}
        {snapshot === true && arrived !== undefined && (
          <>
            {" of "}
            <time>{timeOfDay(arrived)}</time>
          </>
        )}
      </span>
      <span>
        happened <time>{timeOfDay(clock)}</time>
      </span>
      {arrived !== undefined && delayMs !== undefined && (
        <span>
          arrived <time>{timeOfDay(arrived)}</time> after {underWay(delayMs)}
          {/* A sweep asks when it asks, and is never late. */}
          {snapshot !== true && (
            <>
              {", "}
              <Lateness delayMs={delayMs} settleWindowMs={settleWindowMs} />
            </>
          )}
        </span>
      )}
      {!isTopic(eventId) && <code class="event">{eventId}</code>}
    </div>
  )
}

interface FieldProps {
  readonly field: Field
  /** Whether the row is counted from others. */
  readonly derived: boolean
  readonly settleWindowMs: number
  readonly names: Board["names"]
}

const FieldOf = ({ field, derived, settleWindowMs, names }: FieldProps) => {
  const [latest, ...others] = field.setBy
  return (
    <div class="field">
      <dt>{field.column}</dt>
      <dd>
        <span class="is" title={JSON.stringify(field.value)}>
          {valueText(field.value, names)}
        </span>
        {latest === undefined ? (
          <div class="cause">{derived ? "counts no row below" : "follows from the name of the row"}</div>
        ) : (
          <Cause setting={latest} settleWindowMs={settleWindowMs} />
        )}
        {others.length > 0 && (
          <details>
            <summary>and {others.length} more</summary>
            {others.map((setting) => (
              <Cause key={setting.eventId} setting={setting} settleWindowMs={settleWindowMs} />
            ))}
          </details>
        )}
      </dd>
    </div>
  )
}

/** What is asked for first; the others in the order of their names. */
const FIRST = [
  "state",
  "since",
  "presence",
  "routingStatus",
  "phase",
  "endedBy",
  "waiting",
  "oldestWaitingSince",
  "alerting",
  "interacting",
  "wrapup",
  "members"
]

const byInterest = (a: Field, b: Field): number => {
  const [one, other] = [FIRST.indexOf(a.column), FIRST.indexOf(b.column)].map((i) => (i < 0 ? FIRST.length : i))
  return (one ?? 0) - (other ?? 0) || (a.column < b.column ? -1 : 1)
}

/** Ends of an agent's session that an event of its own told. */
const OWN_ENDS = new Set(["user.end", "TERMINATED", "acw"])

const valueOf = ({ fields }: Row, column: string): unknown => fields.find((field) => field.column === column)?.value

/** In what phase a session is, and what ended it, for the line that is always there. */
const phaseText = (row: Row): string => {
  const [phase, endedBy] = [valueOf(row, "phase"), valueOf(row, "endedBy")]
  if (typeof phase !== "string") return ""
  if (phase !== "ended" || typeof endedBy !== "string") return `${phase}, `
  // In a queue an agent's session names the agent, and in the rows of an agent it says whether it is open.
  const isWait = valueOf(row, "userId") === undefined && valueOf(row, "open") === undefined
  const isOwn = isWait ? endedBy === "acd.end" : OWN_ENDS.has(endedBy)
  return isOwn ? `ended by ${endedBy}, ` : `ended, inferred from ${endedBy}, `
}

/** A row with the event behind each of its fields. That of the agent or queue itself is open, the others open on demand. */
export const RowOf = ({
  row,
  settleWindowMs,
  names
}: {
  readonly row: Row
  readonly settleWindowMs: number
  readonly names: Board["names"]
}) => (
  <details class="row" open={row.row === "state"}>
    <summary>
      <b>{short(row.row, names)}</b>{" "}
      <span>
        {phaseText(row)}
        {row.derived ? "derived from the rows below, " : ""}as of {timeOfDay(row.asOf)}
        {row.revised !== undefined && (
          <strong class="tone-warn">
            , revised {timeOfDay(row.revised.at)}, {underWay(row.revised.lateMs)} too late
          </strong>
        )}
      </span>
    </summary>
    <dl>
      {row.fields.toSorted(byInterest).map((field) => (
        <FieldOf key={field.column} field={field} derived={row.derived} settleWindowMs={settleWindowMs} names={names} />
      ))}
    </dl>
  </details>
)
