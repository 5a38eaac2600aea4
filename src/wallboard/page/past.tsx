import type { Board } from "../board.ts"
import { timeOfDay } from "./clock.ts"
import { leaves, short, valueText } from "./values.ts"

/** What the server says of a change, see `HistoryEntry`. */
export interface Entry {
  readonly at: number
  readonly asOf: number
  readonly row: string
  readonly changes: ReadonlyArray<{ readonly column: string; readonly from?: unknown; readonly to?: unknown }>
}

/** Columns that change together with the one that says it, or say what the row is. */
const isBeside = (column: string): boolean =>
  /since$|at$|^oldest|^(?:sessionId|conversationId|userId)$|ByMedia/i.test(column)

interface Told {
  readonly column: string
  readonly from?: unknown
  readonly to?: unknown
}

/** What differs inside of what has changed. */
const inside = ({ column, from, to }: Told): ReadonlyArray<Told> => {
  const [before, after] = [leaves(column, from), leaves(column, to)]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => JSON.stringify(before[path]) !== JSON.stringify(after[path]))
    .map((path) => ({ column: path, from: before[path], to: after[path] }))
}

/** What a row loses when it closes goes without saying. */
const told = ({ changes }: Entry): ReadonlyArray<Told> => {
  const said = changes.filter(({ column, to }) => !isBeside(column) && to !== undefined)
  return (said.length === 0 ? changes : said).flatMap(inside)
}

/** No row becomes visible so soon after its event, ms: when it is no older, nobody knows more than when it was seen. */
const SEEN_MS = 1_000

const Moment = ({ entry, names }: { readonly entry: Entry; readonly names: Board["names"] }) => (
  <li>
    <time>{timeOfDay(entry.at)}</time>
    <div>
      {entry.row !== "state" && <code class="of">{short(entry.row, names)}</code>}
      {told(entry).map(({ column, from, to }) => (
        <p key={column}>
          <span>{column}</span> {from !== undefined && <s>{valueText(from, names)}</s>}{" "}
          {from !== undefined && "→\u00a0"}
          <b>{to === undefined ? "nothing" : valueText(to, names)}</b>
        </p>
      ))}
      {entry.at - entry.asOf > SEEN_MS && <small>happened {timeOfDay(entry.asOf)}</small>}
    </div>
  </li>
)

/** What changed since the run began, the newest first. */
export const Past = ({ history, names }: { readonly history: ReadonlyArray<Entry>; readonly names: Board["names"] }) =>
  history.length === 0 ? (
    <p class="empty">Nothing has changed since the start.</p>
  ) : (
    <ol class="past">
      {history.map((entry) => (
        <Moment key={`${entry.at} ${entry.asOf} ${entry.row} ${entry.changes.length}`} entry={entry} names={names} />
      ))}
    </ol>
  )
