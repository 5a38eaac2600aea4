import { timeOfDay } from "./clock.ts"
import { rowText, valueText } from "./explained.tsx"

/** What the server says of a change, see `HistoryEntry`. */
export interface Entry {
  readonly at: number
  readonly asOf: number
  readonly row: string
  readonly changes: ReadonlyArray<{ readonly column: string; readonly from?: unknown; readonly to?: unknown }>
}

/** Columns that change together with the one that says it. */
const isBeside = (column: string): boolean => /since$|^oldest/i.test(column)

const told = ({ changes }: Entry): Entry["changes"] => {
  const said = changes.filter(({ column }) => !isBeside(column))
  return said.length === 0 ? changes : said
}

const Moment = ({ entry }: { readonly entry: Entry }) => (
  <li>
    <time>{timeOfDay(entry.at)}</time>
    <div>
      {entry.row !== "state" && <code class="of">{rowText(entry.row)}</code>}
      {told(entry).map(({ column, from, to }) => (
        <p key={column}>
          <span>{column}</span> {from !== undefined && <s>{valueText(from)}</s>} {from !== undefined && "→ "}
          <b>{to === undefined ? "nothing" : valueText(to)}</b>
        </p>
      ))}
      <small>happened {timeOfDay(entry.asOf)}</small>
    </div>
  </li>
)

/** What changed since the run began, the newest first. */
export const Past = ({ history }: { readonly history: ReadonlyArray<Entry> }) =>
  history.length === 0 ? (
    <p class="empty">Nothing has changed since the run began.</p>
  ) : (
    <ol class="past">
      {history.map((entry) => (
        <Moment key={`${entry.at} ${entry.asOf} ${entry.row} ${entry.changes.length}`} entry={entry} />
      ))}
    </ol>
  )
