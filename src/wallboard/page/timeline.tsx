import type { ComponentChildren } from "preact"
import { useState } from "preact/hooks"
import type { AgentDay } from "../agent-day.ts"
import { type Board, nameIn } from "../board.ts"
import type { Quarter } from "../view/day-figures.ts"
import { count, duration } from "../view/numbers.ts"
import { toneOf } from "../view/states.ts"
import { minuteOfDay, useNow } from "./clock.ts"
import { type Band, type Bar, bandsOf, barsOf, beginOf, cut, timesOf } from "./spans.ts"
import { percent, words } from "./words.ts"

// SVG and no library: uPlot draws curves of numbers on a canvas, where bands with text have neither words nor the theme.
const BAND = 22
const LANE = 16
const GAP = 4
const HEIGHT = 84

/** More lines than this are left out: nobody has so many sessions at once. */
const LANES = 6

const PHASES: Readonly<Record<string, string>> = {
  alerting: "warn",
  interacting: "busy",
  session: "busy",
  monitoring: "other",
  wrapup: "dim"
}

interface PieceProps {
  /** Shares of the width. */
  readonly from: number
  readonly width: number
  readonly y: number
  readonly height: number
  readonly tone: string
  readonly text: string
  readonly title: string
  readonly isKnown?: boolean
}

const share = (value: number) => `${(value * 100).toFixed(3)}%`

/** A piece of a line, with as much of its text as there is room for. */
const Piece = ({ from, width, y, height, tone, text, title, isKnown = true }: PieceProps) => (
  <svg class={isKnown ? "" : "unknown"} x={share(from)} y={y} width={share(Math.max(width, 0.0015))} height={height}>
    <title>{title}</title>
    <rect class={`shape-${tone}`} width="100%" height="100%" />
    {width > 0.03 && (
      <text x="4" y={height / 2 + 4}>
        {text}
      </text>
    )}
  </svg>
)

const MINUTE_MS = 60_000
const TICKS_MINUTES = [1, 5, 15, 30, 60, 120, 180, 240, 360]
const MOST_TICKS = 7

/** Whole times, counted from `anchor`, which is one of them. The last one has room for its text. */
const ticksOf = (anchor: number, from: number, to: number): ReadonlyArray<number> => {
  const step = MINUTE_MS * (TICKS_MINUTES.find((minutes) => (to - from) / (minutes * MINUTE_MS) <= MOST_TICKS) ?? 360)
  const first = anchor + Math.ceil((from - anchor) / step) * step
  return Array.from({ length: MOST_TICKS + 1 }, (_, i) => first + i * step).filter((at) => at <= to - (to - from) / 12)
}

const Axis = ({ anchor, from, to }: { readonly anchor: number; readonly from: number; readonly to: number }) => (
  <svg class="axis" width="100%" height="16" aria-hidden="true">
    {ticksOf(anchor, from, to).map((at) => (
      <text key={at} x={share((at - from) / (to - from))} y="13">
        {minuteOfDay(at)}
      </text>
    ))}
  </svg>
)

const barText = ({ phase, session }: Bar, names: Board["names"]): string => {
  const queue = session.queueId === undefined ? "" : ` ${nameIn(names, session.queueId) ?? session.queueId.slice(0, 8)}`
  return `${phase === "interacting" ? "" : `${phase} `}${words(session.medium ?? "session")}${queue}`
}

const Legend = ({ children }: { readonly children: ComponentChildren }) => <p class="legend">{children}</p>

const HOUR_MS = 3_600_000

/** When the last hour began, or where less is known, what is known; at least a minute ago. */
const lastHour = (bands: ReadonlyArray<Band>, begin: number, until: number): number => {
  const known = bands.find(({ state }) => state !== "Unknown")?.from ?? begin
  return Math.min(until - MINUTE_MS, Math.max(begin, until - HOUR_MS, known))
}

/** Whoever looks at the last hour of one agent looks at that of the next one. */
let wantsHour = false

/** What an agent did: states as bands, the phases of sessions as bars. The whole of it, or the last hour. */
export const AgentTimeline = ({ day, names }: { readonly day: AgentDay; readonly names: Board["names"] }) => {
  const [isHour, setHour] = useState(wantsHour)
  const until = useNow()
  const begin = beginOf(day, until)
  const all = bandsOf(day.states, until)
  const from = isHour ? lastHour(all, begin, until) : begin
  const place = (at: number) => (at - from) / (until - from)
  const bands = cut(all, from)
  const bars = cut(barsOf(day.sessions, until), from)
  const lanes = Math.min(LANES, Math.max(0, ...bars.map(({ lane }) => lane + 1)))
  const times = timesOf(bands).map(([state, ms]) => `${duration(ms)} ${state}`)
  const span = (one: { readonly from: number; readonly to: number }) =>
    `${minuteOfDay(one.from)} to ${minuteOfDay(one.to)}, ${duration(one.to - one.from)}`
  if (bands.length === 0 && bars.length === 0) return <p class="empty">Nothing has changed since the start.</p>
  return (
    <figure class="timeline">
      {until - begin > HOUR_MS && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            wantsHour = !isHour
            setHour(wantsHour)
          }}
        >
          {isHour ? "Show the whole day" : "Show the last hour"}
        </button>
      )}
      <svg
        width="100%"
        height={BAND + lanes * (LANE + GAP) + GAP}
        role="img"
        aria-label={`States and ${count(day.sessions.length)} sessions since ${minuteOfDay(from)}: ${times.join(", ")}`}
      >
        {bands.map((band) => (
          <Piece
            key={`${band.from}`}
            from={place(band.from)}
            width={place(band.to) - place(band.from)}
            y={0}
            height={BAND}
            tone={toneOf(band.state)}
            text={band.state}
            title={`${band.state}, ${span(band)}`}
            isKnown={band.state !== "Unknown"}
          />
        ))}
        {bars
          .filter(({ lane }) => lane < LANES)
          .map((bar) => (
            <Piece
              key={`${bar.session.sessionId} ${bar.phase} ${bar.to}`}
              from={place(bar.from)}
              width={place(bar.to) - place(bar.from)}
              y={BAND + GAP + bar.lane * (LANE + GAP)}
              height={LANE}
              tone={PHASES[bar.phase] ?? "odd"}
              text={barText(bar, names)}
              title={`${bar.phase} ${barText(bar, names)}, ${span(bar)}`}
            />
          ))}
      </svg>
      <Axis anchor={day.since ?? 0} from={from} to={until} />
    </figure>
  )
}

const quarterText = (quarter: Quarter): string =>
  [
    `${minuteOfDay(quarter.from)}: ${count(quarter.offered)} offered, ${count(quarter.answered)} answered, ${count(quarter.abandoned)} abandoned`,
    ...(quarter.serviceLevel === undefined ? [] : [`service level ${percent(quarter.serviceLevel)}`]),
    ...(quarter.revised ? ["revised"] : [])
  ].join(", ")

/** What happened in a queue in each quarter of an hour: answered below, abandoned above. */
export const QueueTimeline = ({ quarters: shown }: { readonly quarters: ReadonlyArray<Quarter> }) => {
  if (shown.every(({ offered, answered, abandoned }) => offered + answered + abandoned === 0))
    return <p class="empty">Nothing has happened here today.</p>
  const most = Math.max(1, ...shown.map(({ answered, abandoned }) => answered + abandoned))
  const high = (number: number) => (number / most) * HEIGHT
  const last = shown.at(-1)
  return (
    <figure class="timeline">
      <svg
        width="100%"
        height={HEIGHT}
        role="img"
        aria-label={`Quarters of an hour. ${shown.map(quarterText).join("; ")}`}
      >
        {shown.map((quarter, i) => (
          <svg key={quarter.from} x={share(i / shown.length)} width={share(0.94 / shown.length)} height={HEIGHT}>
            <title>{quarterText(quarter)}</title>
            <rect class="shape-busy" y={HEIGHT - high(quarter.answered)} width="100%" height={high(quarter.answered)} />
            <rect
              class="shape-bad"
              y={HEIGHT - high(quarter.answered + quarter.abandoned)}
              width="100%"
              height={Math.max(0, high(quarter.abandoned) - 1)}
            />
          </svg>
        ))}
      </svg>
      <Axis anchor={shown[0]?.from ?? 0} from={shown[0]?.from ?? 0} to={(last?.from ?? 0) + 900_000} />
      <Legend>
        <span class="tone-busy">below: answered</span>
        <span class="tone-bad">above: abandoned</span>
        <span>{last === undefined ? "" : `now ${quarterText(last)}`}</span>
      </Legend>
    </figure>
  )
}
