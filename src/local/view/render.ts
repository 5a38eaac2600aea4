import { byId, byNeed } from "../../wallboard/view/need.ts"
import type { Snapshot } from "../../wallboard/view/snapshot.ts"
import { byInterest } from "../../wallboard/view/states.ts"
import { censusLine } from "./census.ts"
import { lasting, table, tableWidth } from "./table.ts"
import { agentColumns, queueColumns, STATE_WIDTH } from "./tables.ts"
import { clipLine, count, duration, ends, join, type Line, lag, padLine, paint, rate, span, type Tone } from "./text.ts"

export interface Size {
  readonly columns: number
  readonly rows: number
}

const MARGIN = " "
/** From this width on, agents and queues stand side by side. */
const WIDE = 118
const BETWEEN = " │ "
const FIGURE_GAP = "   "
const AGENT_GAP = "  "
/** The part of both lists that queues may take where they stand below the agents: 5 of them on 24 lines. */
const QUEUES_SHARE = 0.45
/** Below this many lines for both lists, none is left empty between them. */
const ROOMY = 14

const headline = ({ run }: Snapshot, width: number): Line =>
  ends(
    [span("Genesys Cloud", "strong"), span(`  ${run.stack}, seed ${run.seed}, ${run.rate}/s`, "dim")],
    [
      ...(run.address === undefined ? [] : [span(run.address, "other"), span("  ")]),
      span(duration(run.elapsed), "strong"),
      span("  Ctrl-C ends", "dim")
    ],
    width
  )

type Figure = readonly [name: string, value: string, tone: Tone]

/** A count that is dim while it is zero, and in its tone from then on. */
const figure = (name: string, value: number, tone: Tone): Figure => [name, count(value), value === 0 ? "dim" : tone]

/** Twelve figures, so that they make whole rows of three, four or six. */
const figuresOf = ({ counters, settleLag, backlog }: Snapshot): ReadonlyArray<Figure> => [
  ["events/s", rate(counters.perSecond), "strong"],
  figure("received", counters.received, "strong"),
  figure("appended", counters.appended, "strong"),
  figure("duplicates", counters.duplicates, "plain"),
  ["lag p50", settleLag === undefined ? "·" : lag(settleLag.p50), "strong"],
  figure("late", counters.late, "warn"),
  figure("revised", counters.revisions, "warn"),
  figure("conflicts", counters.conflicts, "bad"),
  ["lag p99", settleLag === undefined ? "·" : lag(settleLag.p99), "strong"],
  figure("unrouted", counters.unrouted, "plain"),
  ["in transit", `${count(backlog.stream)}+${count(backlog.settleQueue)}`, "plain"],
  figure("quarantined", counters.quarantined, "bad")
]

const figureGrid = (snapshot: Snapshot, width: number): ReadonlyArray<Line> => {
  const figures = figuresOf(snapshot)
  const across = width >= WIDE ? 6 : width >= 76 ? 4 : 3
  const cell = Math.floor((width - (across - 1) * FIGURE_GAP.length) / across)
  const cells = figures.map(([name, value, tone]) => ends([span(name, "dim")], [span(value, tone)], cell, 1))
  return Array.from({ length: figures.length / across }, (_, row) =>
    join(cells.slice(row * across, (row + 1) * across), FIGURE_GAP)
  )
}

/** Agents that are more than the pane is high stand in several columns, with the state alone. */
const agentPane = ({ agents, run }: Snapshot, width: number, height: number): ReadonlyArray<Line> => {
  const title = censusLine([span(`AGENTS ${count(agents.length)}`, "strong")], agents, width)
  const sorted = agents.toSorted(byInterest)
  const columns = agentColumns(agents, run.now)
  const narrow = lasting(agentColumns(agents, run.now, STATE_WIDTH.one))
  const across = Math.floor((width + AGENT_GAP.length) / (tableWidth(narrow) + AGENT_GAP.length))
  if (sorted.length <= height - 2 || across < 2) return [title, ...table(columns, sorted, width, height - 1)]

  const each = Math.max(0, height - 2)
  const parts = Array.from({ length: across }, (_, i) => {
    const rows = i === across - 1 ? sorted.slice(i * each) : sorted.slice(i * each, (i + 1) * each)
    return table(narrow, rows, tableWidth(narrow), height - 1)
  })
  const lines = Array.from({ length: height - 1 }, (_, row) =>
    join(
      parts.map((part) => padLine(part[row] ?? [], tableWidth(narrow))),
      AGENT_GAP
    )
  )
  return [title, ...lines]
}

const queuePane = ({ queues, run }: Snapshot, width: number, height: number): ReadonlyArray<Line> => {
  // Rows keep their places as long as all of them fit.
  const sorted = queues.toSorted(queues.length <= height - 2 ? byId : byNeed)
  const title = [span(`QUEUES ${count(queues.length)}`, "strong")]
  return [title, ...table(queueColumns(queues, run.now, width), sorted, width, height - 1)]
}

const beside = (snapshot: Snapshot, width: number, height: number): ReadonlyArray<Line> => {
  const { agents: all, queues, run } = snapshot
  // Queues may take more than half, down to what one column of agents needs.
  const most = Math.max(Math.floor(width / 2), width - BETWEEN.length - tableWidth(lasting(agentColumns(all, run.now))))
  const right = Math.min(tableWidth(queueColumns(queues, run.now, most)), most)
  const left = width - BETWEEN.length - right
  const agents = agentPane(snapshot, left, height)
  const beside = queuePane(snapshot, right, height)
  return Array.from({ length: height }, (_, i) => [
    ...padLine(agents[i] ?? [], left),
    span(BETWEEN, "dim"),
    ...(beside[i] ?? [])
  ])
}

const below = (snapshot: Snapshot, width: number, height: number): ReadonlyArray<Line> => {
  const gap = height < ROOMY ? 0 : 1
  const forQueues = Math.min(snapshot.queues.length + 2, Math.max(4, Math.floor((height - gap) * QUEUES_SHARE)))
  const forAgents = height - gap - forQueues
  const agents = agentPane(snapshot, width, forAgents)
  const blank = Array.from({ length: forAgents - agents.length + gap }, (): Line => [])
  return [...agents, ...blank, ...queuePane(snapshot, width, forQueues)]
}

/**
 * The whole picture: exactly `size.rows` lines, none wider than `size.columns - 1`, separated by line feeds. Without `colour` there
 * is no escape sequence in it. Made for terminals from 60 x 15 on; a smaller one shows the beginning.
 */
export const render = (snapshot: Snapshot, size: Size, colour: boolean): string => {
  // The last column stays empty: a terminal that has written it is in two minds about where the cursor is.
  const width = Math.max(0, size.columns - 2 * MARGIN.length)
  const rule = size.rows < 20 ? [] : [[span("─".repeat(width), "dim")]]
  const head = [headline(snapshot, width), ...rule, ...figureGrid(snapshot, width), ...rule]
  const height = size.rows - head.length
  const body = height < 8 ? [] : (width >= WIDE ? beside : below)(snapshot, width, height)
  const lines = [...head, ...body]
  return Array.from({ length: size.rows }, (_, i) => {
    const line = clipLine(lines[i] ?? [], width)
    return line.length === 0 ? "" : `${MARGIN}${paint(line, colour)}`
  }).join("\n")
}
