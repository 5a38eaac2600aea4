import { styleText } from "node:util"
import type { Columns } from "../domain/projection.ts"
import { stateText } from "../wallboard/view/states.ts"
import type { FeedResult } from "./feed.ts"
import { UNWRITABLE_PLACE } from "./unwritable-place.ts"

/** Rows shown of a table; `--json` shows all. */
const MOST = 40

const list = (value: unknown): ReadonlyArray<Columns> => (Array.isArray(value) ? value : [])

const aligned = (title: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const shown = rows.slice(0, MOST)
  const widths = title.map((name, i) => Math.max(name.length, ...shown.map((row) => (row[i] ?? "").length)))
  const line = (cells: ReadonlyArray<string>) =>
    `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd()
  const more = rows.length - shown.length
  return [
    styleText("dim", line(title)),
    ...shown.map(line),
    ...(more > 0 ? [styleText("dim", `  +${more} more; --json prints all`)] : [])
  ]
}

const agentRow = (agent: Columns): ReadonlyArray<string> => [
  String(agent.agentId),
  stateText(agent as { readonly state: string; readonly presence?: string }),
  String(agent.since ?? "-"),
  String(agent.presence ?? "?"),
  String(agent.routingStatus ?? "?"),
  String(list(agent.sessions).length),
  String(list(agent.wrapup).length)
]

const queueRow = (queue: Columns): ReadonlyArray<string> => [
  String(queue.queueId),
  String(list(queue.members).length),
  ...["waiting", "alerting", "interacting", "wrapup"].map((phase) => String(list(queue[phase]).length)),
  String(queue.asOf)
]

/** What came of a file, for a person. Ends with a line feed. */
export const resultText = ({ document }: FeedResult): string => {
  const { events, agents, queues } = document
  const accounted = events.appended + events.duplicates + events.conflicts + events.quarantined
  return [
    `${styleText("bold", "Events")}  received ${events.received} = appended ${events.appended} + duplicates ${events.duplicates} + conflicts ${events.conflicts} + quarantined ${events.quarantined}`,
    ...(events.droppedByRule === 0 ? [] : [styleText("yellow", `        dropped by the rule ${events.droppedByRule}`)]),
    ...(events.unrouted === 0 ? [] : [`        ${events.unrouted} of the appended on topics that nothing folds`]),
    ...(accounted === events.received
      ? []
      : [styleText("red", `        the books do not balance: ${accounted} accounted for`)]),
    "",
    styleText("bold", `Agents (${agents.length})`),
    ...aligned(["agent", "state", "since", "presence", "routing", "sessions", "wrapup"], agents.map(agentRow)),
    "",
    styleText("bold", `Queues (${queues.length})`),
    ...aligned(["queue", "members", "waiting", "alerting", "interacting", "wrapup", "as of"], queues.map(queueRow)),
    ""
  ].join("\n")
}

/** Lines that are named one by one. */
const MOST_NAMED = 1_000

/**
 * What did not come through, a sentence each, and what to do about it. Nothing when all did. `data` is the folder that the run keeps; without
 * one its quarantine is gone.
 */
export const leftOutText = ({ leftOut, parked }: Omit<FeedResult, "document">, data: string | undefined): string => {
  const given = Object.entries(parked).filter(([, count]) => count > 0)
  const quarantined = leftOut.filter(({ outcome }) => outcome === "quarantined").length
  const unwritable = given
    .filter(([place]) => place.endsWith(UNWRITABLE_PLACE))
    .reduce((sum, [, count]) => sum + count, 0)
  const lines = (count: number) => (count === 1 ? "1 line" : `${count} lines`)
  return [
    ...leftOut
      .slice(0, MOST_NAMED)
      .map(
        ({ number, outcome, reason, key }) =>
          `line ${number} ${outcome}: ${reason}${key === undefined || data === undefined ? "" : ` (${key})`}`
      ),
    ...(leftOut.length > MOST_NAMED ? [`... and ${lines(leftOut.length - MOST_NAMED)} more`] : []),
    ...given
      .filter(([place]) => !place.endsWith(UNWRITABLE_PLACE))
      .map(([place, count]) => `${count} given up, in ${place}`),
    ...(unwritable === 0
      ? []
      : [
          `${unwritable} stored, of which a table cannot hold everything: ${data === undefined ? "what it cannot hold is gone with this run, --data FOLDER keeps it" : `what it cannot hold is kept in ${data}, npx projections parked list --local ${data}`}`
        ]),
    ...(quarantined === 0
      ? []
      : data === undefined
        ? [`${lines(quarantined)} went to quarantine, which is gone with this run: --data FOLDER keeps it`]
        : [
            `${lines(quarantined)} went to quarantine, kept in ${data}: npx projections quarantine list --local ${data}`
          ])
  ]
    .map((line) => `${line}\n`)
    .join("")
}
