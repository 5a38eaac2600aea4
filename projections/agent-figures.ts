import type { Columns } from "../src/domain/projection.ts"
import { effectiveState } from "../src/genesys/presence.ts"
import type { SessionSums } from "./queue-figures.ts"

/** What an agent did in some time. Times are in ms; words are in the spelling of events (`ON_QUEUE`). */
export interface AgentFigures extends Omit<SessionSums, "handleMs" | "wrapupMs"> {
  /** How long each presence lasted. Genesys calls it `tSystemPresence`. */
  readonly presenceMs: { readonly [presence: string]: number }
  /** How long each routing status lasted. Genesys calls it `tAgentRoutingStatus`. */
  readonly routingStatusMs: { readonly [status: string]: number }
  /**
   * How long each state lasted that a supervisor reads, of presence and routing status together; `Unknown` while one of them that matters
   * was not known. All together are the time that was asked for, as far as it is over.
   */
  readonly stateMs: { readonly [state: string]: number }
}

/** A time in which nothing changed, from and to in epoch ms. What was not known then is absent. */
export interface AgentSpan {
  readonly from: number
  readonly to: number
  readonly state: string
  readonly presence?: string
  readonly routingStatus?: string
}

type Facet = "presence" | "routingStatus"

interface Change {
  readonly at: number
  readonly facet: Facet
  readonly word: string
}

const changesIn = (rows: ReadonlyArray<Columns>, facet: Facet): ReadonlyArray<Change> =>
  rows.flatMap((columns) =>
    Object.entries((columns[facet] ?? {}) as Columns).map(([at, word]) => ({
      at: Date.parse(at),
      facet,
      word: String(word)
    }))
  )

const FACETS: ReadonlyArray<Facet> = ["presence", "routingStatus"]

/** Whether rows tell both a presence and a routing status. */
export const tellsBoth = (rows: ReadonlyArray<Columns>): boolean =>
  FACETS.every((facet) => rows.some((columns) => columns[facet] !== undefined))

const isSame = (a: AgentSpan | undefined, b: AgentSpan): a is AgentSpan =>
  a !== undefined && a.presence === b.presence && a.routingStatus === b.routingStatus

/**
 * What an agent was in, from one time until another (epoch ms), without a gap. `rows` of `agent-intervals` in any order, of that time and
 * of some time before: a state lasts until the next one begins.
 */
export const spansOf = (rows: ReadonlyArray<Columns>, from: number, to: number): ReadonlyArray<AgentSpan> => {
  if (to <= from) return []
  const changes = FACETS.flatMap((facet) => changesIn(rows, facet)).sort((a, b) => a.at - b.at)
  const now: { [facet in Facet]?: string } = {}
  const spans: Array<AgentSpan> = []
  const add = (begin: number, end: number) => {
    const span = { from: begin, to: end, state: effectiveState(now).state, ...now }
    const last = spans.at(-1)
    if (isSame(last, span)) spans[spans.length - 1] = { ...last, to: end }
    else spans.push(span)
  }
  let begin = from
  for (const { at, facet, word } of changes) {
    if (at >= to) break
    if (at > begin) {
      add(begin, at)
      begin = at
    }
    now[facet] = word
  }
  add(begin, to)
  return spans
}

/** How long the parts of spans lasted that lie between two times, by a word of them. */
const timeBy = (
  spans: ReadonlyArray<AgentSpan>,
  word: Facet | "state",
  from: number,
  to: number
): { readonly [word: string]: number } => {
  const sums = new Map<string, number>()
  for (const span of spans) {
    const [name, lasted] = [span[word], Math.min(span.to, to) - Math.max(span.from, from)]
    if (name !== undefined && lasted > 0) sums.set(name, (sums.get(name) ?? 0) + lasted)
  }
  return Object.fromEntries(sums)
}

const sumOf = (rows: ReadonlyArray<Columns>, name: string): number =>
  rows.reduce((sum, { [name]: value = 0 }) => sum + Number(value), 0)

/**
 * What an agent did from one time until another (epoch ms): `spans` by `spansOf`, of that time or a longer one, and `rows` of
 * `agent-intervals` of that time.
 */
export const agentFiguresOf = (
  rows: ReadonlyArray<Columns>,
  spans: ReadonlyArray<AgentSpan>,
  from: number,
  to: number
): AgentFigures => ({
  presenceMs: timeBy(spans, "presence", from, to),
  routingStatusMs: timeBy(spans, "routingStatus", from, to),
  stateMs: timeBy(spans, "state", from, to),
  handled: sumOf(rows, "handled"),
  notAnswered: sumOf(rows, "notAnswered"),
  transferred: sumOf(rows, "transferred"),
  talkMs: sumOf(rows, "talkMs"),
  heldMs: sumOf(rows, "heldMs")
})
