import { duration } from "../../view/numbers.ts"
import { timeOfDay } from "./clock.ts"

/** What the server says of a field, see `Explanation`. Times are epoch ms. */
export interface Setting {
  readonly eventId: string
  readonly clock: number
  readonly topic?: string
  readonly arrived?: number
  readonly delayMs?: number
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
  readonly fields: ReadonlyArray<Field>
}

export const valueText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/g

/** `v2.users.{id}.activity` says as much as the whole topic: the id is that of the row. */
const topicText = (topic: string): string => topic.replace(ID, "{id}")

const underWay = (ms: number): string => (ms < 60_000 ? `${(ms / 1_000).toFixed(2)} s` : duration(ms))

const Lateness = ({ delayMs, settleWindowMs }: { readonly delayMs: number; readonly settleWindowMs: number }) =>
  delayMs > settleWindowMs ? (
    <strong class="tone-warn">late by {underWay(delayMs - settleWindowMs)}</strong>
  ) : (
    <span>in time</span>
  )

const Cause = ({ setting, settleWindowMs }: { readonly setting: Setting; readonly settleWindowMs: number }) => {
  const { eventId, clock, topic, arrived, delayMs } = setting
  return (
    <div class="cause">
      <span class="topic">{topic === undefined ? "not in the event store" : topicText(topic)}</span>
      <span>
        happened <time>{timeOfDay(clock)}</time>
      </span>
      {arrived !== undefined && delayMs !== undefined && (
        <span>
          arrived <time>{timeOfDay(arrived)}</time> after {underWay(delayMs)},{" "}
          <Lateness delayMs={delayMs} settleWindowMs={settleWindowMs} />
        </span>
      )}
      <code class="event">{eventId}</code>
    </div>
  )
}

const FieldOf = ({ field, settleWindowMs }: { readonly field: Field; readonly settleWindowMs: number }) => {
  const [latest, ...others] = field.setBy
  return (
    <div class="field">
      <dt>{field.column}</dt>
      <dd>
        <span class="is">{valueText(field.value)}</span>
        {latest === undefined ? (
          <div class="cause">follows from the name of the row</div>
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

/** `session#0af3…` */
export const rowText = (row: string): string => row.replace(ID, (id) => `${id.slice(0, 8)}…`)

/** A row with the event behind each of its fields. That of the agent or queue itself is open, the others open on demand. */
export const RowOf = ({ row, settleWindowMs }: { readonly row: Row; readonly settleWindowMs: number }) => (
  <details class="row" open={row.row === "state"}>
    <summary>
      <b>{rowText(row.row)}</b>{" "}
      <span>
        {row.derived ? "derived from the rows below, " : ""}as of {timeOfDay(row.asOf)}
      </span>
    </summary>
    <dl>
      {row.fields.map((field) => (
        <FieldOf key={field.column} field={field} settleWindowMs={settleWindowMs} />
      ))}
    </dl>
  </details>
)
