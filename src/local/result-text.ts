import { styleText } from "node:util"
import type { Columns } from "../domain/projection.ts"
import type { FeedResult } from "./feed.ts"

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
  String(agent.state),
  String(agent.since ?? "-"),
  String(agent.presence ?? "?"),
  String(agent.routingStatus ?? "?"),
  String(list(agent.sessions).length)
]

const queueRow = (queue: Columns): ReadonlyArray<string> => [
  String(queue.queueId),
  String(list(queue.members).length),
  String(list(queue.waiting).length),
  String(list(queue.interacting).length),
  String(queue.asOf)
]

/** What came of a file, for a person. Ends with a line feed. */
export const resultText = ({ document, parked }: FeedResult): string => {
  const { events, agents, queues } = document
  const accounted = events.appended + events.duplicates + events.conflicts + events.quarantined
  const waiting = Object.entries(parked).filter(([, count]) => count > 0)
  return [
    `${styleText("bold", "Events")}  received ${events.received} = appended ${events.appended} + duplicates ${events.duplicates} + conflicts ${events.conflicts} + quarantined ${events.quarantined}`,
    `        ${events.unrouted} of the appended on topics that nothing folds`,
    ...(accounted === events.received
      ? []
      : [styleText("red", `        the books do not balance: ${accounted} accounted for`)]),
    ...waiting.map(([place, count]) => styleText("yellow", `        ${count} parked in ${place}`)),
    "",
    styleText("bold", `Agents (${agents.length})`),
    ...aligned(["agent", "state", "since", "presence", "routing", "sessions"], agents.map(agentRow)),
    "",
    styleText("bold", `Queues (${queues.length})`),
    ...aligned(["queue", "members", "waiting", "interacting", "as of"], queues.map(queueRow)),
    ""
  ].join("\n")
}
