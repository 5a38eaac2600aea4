import { SESSION_ENDS, WAIT_END } from "../../../projections/own-ends.ts"
import type { Board } from "../board.ts"
import { duration } from "../view/numbers.ts"
import { causeText, isTopic, originText } from "./cause.ts"
import { timeOfDay } from "./clock.ts"
import { short, valueText } from "./values.ts"

/** What the server says of a field, see `Explanation`. Times are epoch ms. */
export interface Setting {
  readonly eventId: string
  /** When it became so. */
  readonly clock: number
  /** When Genesys sent the event. */
  readonly published?: number
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

/** A facet may be older than the event that says it: an event of a state repeats the presence of an hour ago. */
const OLDER_MS = 1_000

const When = ({ setting }: { readonly setting: Setting }) => {
  const { clock, published } = setting
  return published === undefined || published - clock < OLDER_MS ? (
    <span>
      happened <time>{timeOfDay(clock)}</time>
    </span>
  ) : (
    <span>
      has been so since <time>{timeOfDay(clock)}</time>, repeated by an event of <time>{timeOfDay(published)}</time>
    </span>
  )
}

const Lateness = ({ delayMs, settleWindowMs }: { readonly delayMs: number; readonly settleWindowMs: number }) =>
  delayMs > settleWindowMs ? (
    <strong class="tone-warn">late by {underWay(delayMs - settleWindowMs)}</strong>
  ) : (
    <span>in time</span>
  )

const Cause = ({ setting, settleWindowMs }: { readonly setting: Setting; readonly settleWindowMs: number }) => {
  const { eventId, arrived, delayMs, snapshot } = setting
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
      <When setting={setting} />
      {arrived !== undefined && delayMs !== undefined && (
        <span>
          the event arrived <time>{timeOfDay(arrived)}</time>, {underWay(delayMs)} after it was sent
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
  /** Whether nobody here knows what set it. */
  readonly isEventless: boolean
}

const FieldOf = ({ field, derived, settleWindowMs, names, isEventless }: FieldProps) => {
  const [latest, ...others] = field.setBy
  return (
    <div class="field">
      <dt>{field.column}</dt>
      <dd>
        <span class="is" title={JSON.stringify(field.value)}>
          {valueText(field.value, names)}
        </span>
        {isEventless ? null : latest === undefined ? (
          <div class="cause">{originText(field.column, derived)}</div>
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

const valueOf = ({ fields }: Row, column: string): unknown => fields.find((field) => field.column === column)?.value

/** In what phase a session is, and what ended it, for the line that is always there. */
const phaseText = (row: Row): string => {
  const [phase, endedBy] = [valueOf(row, "phase"), valueOf(row, "endedBy")]
  if (typeof phase !== "string") return ""
  if (phase !== "ended" || typeof endedBy !== "string") return `${phase}, `
  // In a queue an agent's session names the agent, and in the rows of an agent it says whether it is open.
  const isWait = valueOf(row, "userId") === undefined && valueOf(row, "open") === undefined
  const isOwn = isWait ? endedBy === WAIT_END : SESSION_ENDS.has(endedBy)
  return isOwn ? `ended by ${endedBy}, ` : `ended, inferred from ${endedBy}, `
}

/** The rows in the order in which they are asked for: who waits before who is a member. */
const ROWS: ReadonlyArray<(row: Row) => boolean> = [
  ({ row }) => row === "state",
  (row) => valueOf(row, "phase") === "waiting",
  (row) => valueOf(row, "phase") === "alerting",
  (row) => row.row.startsWith("session#") && valueOf(row, "phase") !== "ended",
  ({ row }) => row.startsWith("session#"),
  ({ row }) => row.startsWith("observation#"),
  ({ row }) => !row.startsWith("member#")
]

const placeOf = (row: Row): number => {
  const place = ROWS.findIndex((is) => is(row))
  return place < 0 ? ROWS.length : place
}

/** Among those of a kind, the one that has lasted longest first. */
export const byUse = (a: Row, b: Row): number => {
  const since = (row: Row) => String(valueOf(row, "since") ?? "")
  return placeOf(a) - placeOf(b) || (since(a) < since(b) ? -1 : since(a) > since(b) ? 1 : 0)
}

/** A row with the event behind each of its fields. That of the agent or queue itself is open, the others open on demand. */
export const RowOf = ({
  row,
  settleWindowMs,
  names,
  isEventless
}: {
  readonly row: Row
  readonly settleWindowMs: number
  readonly names: Board["names"]
  readonly isEventless: boolean
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
        <FieldOf
          key={field.column}
          field={field}
          derived={row.derived}
          settleWindowMs={settleWindowMs}
          names={names}
          isEventless={isEventless}
        />
      ))}
    </dl>
  </details>
)
