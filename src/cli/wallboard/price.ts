import { INTERVAL_MS } from "../../domain/interval.ts"
import { STREAM_REQUEST, unitPrices } from "../../domain/prices.ts"
import { dollars, number } from "../screen.ts"
import { AGENT_DAY_EVERY_MS } from "./agent-today.ts"
import { TRAILING_MS, WHOLE_DAY_EVERY_MS } from "./day.ts"
import { NAMES_EVERY_MS, OPENED_EVERY_MS, PASS_EVERY_MS, type Rhythm } from "./rhythm.ts"
import type { Round } from "./rounds.ts"

const MINUTE_MS = 60_000

/** A session of an agent lasts about so long, where nobody counts how many begin. */
const SESSION_MINUTES = 4

type Day = NonNullable<Measured["day"]>

/** What was found out before the wall begins: read units of each part, once, and the pace of the last quarter of an hour. */
export interface Measured {
  readonly round: Round
  /** Of the control table. */
  readonly context: number
  /** Of the directory. */
  readonly names: number
  /** Rows of the last whole quarter of an hour, and those of agents' sessions among them; and how many quarters this day has so far. */
  readonly day?: { readonly rows: number; readonly sessions: number; readonly quarters: number }
  /** An agent whom somebody opens: all rows of the agent, and the day. */
  readonly opened?: { readonly rows: number; readonly day: number }
  /** What all of this took. */
  readonly spent: number
}

/** What the wall costs, in read units and dollars. */
export interface Price {
  readonly unitsAMinute: number
  readonly dollarsADay: number
  /** Calls of `GetRecords`, which DynamoDB Streams bills for. */
  readonly requestsAMinute: number
  /** Once, for the day so far, as if all of it had gone at that pace. */
  readonly unitsOnce: number
  /** At most, for as long as somebody has opened an agent for whom much happens. */
  readonly unitsAMinuteOpened: number
}

/** A row of `queue-intervals` has about a third of a KB. */
const ROWS_A_UNIT = 24

/** A query for each queue, of which half a unit is the least. */
const rowUnits = (rows: number, queues: number): number => queues / 2 + rows / ROWS_A_UNIT

const wholeDayUnits = ({ rows, quarters }: Pick<Day, "rows" | "quarters">, queues: number): number =>
  rowUnits(rows * quarters, queues)

/** A quarter of an hour is read while it fills, so that its mean is half of what it will be; and on for a while after its end. */
const dayUnits = (day: Day, queues: number, { dayMs }: Rhythm): number =>
  (MINUTE_MS / dayMs) * rowUnits(day.rows / 2 + (day.rows * TRAILING_MS) / INTERVAL_MS, queues) +
  (MINUTE_MS / WHOLE_DAY_EVERY_MS) * wholeDayUnits(day, queues)

/** Sessions of agents whose rows are read in a minute. */
const sessionsAMinute = ({ round, day }: Measured, { by, roundMs }: Rhythm): number =>
  by === "streams"
    ? (MINUTE_MS / roundMs) * round.sessions
    : day === undefined
      ? round.sessions / SESSION_MINUTES
      : day.sessions / (INTERVAL_MS / MINUTE_MS)

/** What it costs to read in this rhythm, at the pace of the last quarter of an hour, with so many shards of streams. */
export const priceOf = (measured: Measured, rhythm: Rhythm, shards: number): Price => {
  const { round, context, names, day, opened } = measured
  const unitsAMinute = Math.ceil(
    (MINUTE_MS / rhythm.roundMs) * round.units +
      (MINUTE_MS / rhythm.sourcesMs) * context +
      sessionsAMinute(measured, rhythm) / 2 +
      (MINUTE_MS / NAMES_EVERY_MS) * names +
      (day === undefined ? 0 : dayUnits(day, round.queues, rhythm))
  )
  const requestsAMinute = (MINUTE_MS / PASS_EVERY_MS) * shards
  return {
    unitsAMinute,
    requestsAMinute,
    dollarsADay: 1_440 * (unitsAMinute * unitPrices.readUnit + requestsAMinute * STREAM_REQUEST),
    unitsOnce: day === undefined ? 0 : Math.ceil(wholeDayUnits(day, round.queues)),
    unitsAMinuteOpened:
      opened === undefined
        ? 0
        : Math.ceil((MINUTE_MS / OPENED_EVERY_MS.agents) * opened.rows + (MINUTE_MS / AGENT_DAY_EVERY_MS) * opened.day)
  }
}

const howText = ({ by, roundMs }: Rhythm): string =>
  by === "streams"
    ? "heard from the change streams with the rights of the policies for readers and for changes"
    : `read every ${roundMs / 1_000} s with the rights of the policy for readers`

/** The price in sentences. */
export const priceLines = (
  { round, spent, day }: Measured,
  { unitsAMinute, requestsAMinute, dollarsADay, unitsOnce, unitsAMinuteOpened }: Price,
  rhythm: Rhythm
): ReadonlyArray<string> => [
  `${number(round.agents)} agents and ${number(round.queues)} queues, ${howText(rhythm)}`,
  [
    `about ${number(unitsAMinute)} read units${requestsAMinute === 0 ? "" : ` and ${number(requestsAMinute)} stream requests`} a minute, ${dollars(dollarsADay)} a day`,
    ...(unitsAMinuteOpened === 0 ? [] : [`up to ${number(unitsAMinuteOpened)} more while an agent is open`]),
    ...(day === undefined ? [] : [`up to ${number(unitsOnce)} once for the day so far`]),
    `${number(spent)} were spent to know this`
  ].join("; ")
]
