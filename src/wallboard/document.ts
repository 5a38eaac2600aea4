import type { Json } from "../domain/json.ts"
import { type Columns, STATE_ROW } from "../domain/projection.ts"
import { iso } from "../domain/stamp.ts"

/** A row as it stands in a projection table: its sort key, its plain columns, and the clock of its greatest stamp in epoch ms. */
export interface TableRow {
  readonly row: string
  readonly columns: Columns
  readonly asOf: number
}

/** The rows of a table by entity. */
export type Table = ReadonlyMap<string, ReadonlyArray<TableRow>>

/** Copies the named columns that are there; a facet never seen stays absent. */
const pick = (columns: Columns, names: ReadonlyArray<string>): Columns =>
  Object.fromEntries(names.flatMap((name) => (name in columns ? [[name, columns[name] ?? null]] : [])))

const by =
  (name: string) =>
  (a: Columns, b: Columns): number =>
    String(a[name]) < String(b[name]) ? -1 : 1

const latest = (rows: ReadonlyArray<TableRow>): string => iso(Math.max(...rows.map(({ asOf }) => asOf)))

const mapValues = (object: Columns, of: (value: Columns) => Columns): Columns =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, of(value as Columns)]))

const AGENT_FACETS = [
  "state",
  "since",
  "presence",
  "presenceSince",
  "routingStatus",
  "routingStatusSince",
  "outOfOffice",
  "userState",
  "activeQueueIds"
]
const SESSION = ["sessionId", "conversationId", "queueId", "mediaType", "since"]

/** The sets of sessions of a queue, by their phase, each with the columns that it shows. */
const PHASES: ReadonlyArray<readonly [phase: string, columns: ReadonlyArray<string>]> = [
  ["waiting", ["sessionId", "conversationId", "mediaType", "since"]],
  ...["alerting", "interacting", "monitoring", "wrapup"].map(
    (phase) => [phase, ["sessionId", "conversationId", "userId", "mediaType", "since"]] as const
  )
]

/** Sessions of `agents-v1` and `queues-v1`, which readers use until the next generation is promoted, say no phase. */
const phaseOf = ({ phase, waiting, interacting, open }: Columns): Json | undefined =>
  phase ?? (waiting === true ? "waiting" : interacting === true || open === true ? "interacting" : undefined)

const withPhase = (columns: Columns): Columns => {
  const phase = phaseOf(columns)
  return phase === undefined ? columns : { ...columns, phase }
}

const sessions = (rows: ReadonlyArray<TableRow>, among: (columns: Columns) => boolean, names: ReadonlyArray<string>) =>
  rows
    .filter(({ row, columns }) => row !== STATE_ROW && among(columns))
    .map(({ columns }) => pick(withPhase(columns), names))
    .sort(by("sessionId"))

/** An agent by its rows, of which there is at least one. */
export const agentDocument = (agentId: string, rows: ReadonlyArray<TableRow>): Columns => {
  const state = rows.find(({ row }) => row === STATE_ROW)?.columns ?? { state: "Unknown" }
  const { conversations } = state
  return {
    agentId,
    ...pick(state, AGENT_FACETS),
    ...(conversations === undefined
      ? {}
      : { conversations: mapValues(conversations as Columns, (load) => pick(load, ["active", "acw"])) }),
    sessions: sessions(rows, ({ open }) => open === true, [...SESSION, "phase"]),
    wrapup: sessions(rows, ({ phase }) => phase === "wrapup", SESSION),
    asOf: latest(rows)
  }
}

type Observations = { readonly [name: string]: Columns }

/** In `queues-v1` each metric and qualifier has a row of its own. */
const observationsOf = ({ metrics, metric, qualifiers, qualifier, stats, at }: Columns): Observations =>
  (metrics ?? qualifiers ?? { [String(qualifier ?? metric)]: { stats, at } }) as Observations

const observations = (rows: ReadonlyArray<TableRow>): Columns => {
  const media = new Map<string, Array<readonly [string, Columns]>>()
  for (const { row, columns } of rows) {
    if (!row.startsWith("observation#")) continue
    const metrics = media.get(String(columns.media)) ?? []
    media.set(String(columns.media), metrics)
    const isQualified = columns.qualifiers !== undefined || columns.qualifier !== undefined
    const prefix = isQualified ? `${columns.metric}#` : ""
    for (const [name, { stats, ...when }] of Object.entries(observationsOf(columns)))
      metrics.push([prefix + name, { ...(stats as Columns), ...when }])
  }
  const sorted = <T>(entries: Iterable<readonly [string, T]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted(media).map(([name, metrics]) => [name, Object.fromEntries(sorted(metrics))]))
}

/** A queue by its rows, likewise. */
export const queueDocument = (queueId: string, rows: ReadonlyArray<TableRow>): Columns => {
  const all = rows.filter(({ row }) => row !== STATE_ROW).map(({ columns }) => withPhase(columns))
  const having = (column: string, value: Json, names: ReadonlyArray<string>, id: string) =>
    all
      .filter((columns) => columns[column] === value)
      .map((columns) => pick(columns, names))
      .sort(by(id))
  return {
    queueId,
    members: having("joined", true, ["userId", "joined", "since"], "userId"),
    ...Object.fromEntries(PHASES.map(([phase, names]) => [phase, having("phase", phase, names, "sessionId")])),
    observations: observations(rows),
    asOf: latest(rows)
  }
}

const entities = (table: Table, of: (id: string, rows: ReadonlyArray<TableRow>) => Columns): ReadonlyArray<Columns> =>
  [...table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, rows]) => of(id, rows))

/** Agents and queues as one plain document: arrays sorted by id, times in ISO with milliseconds. */
export const stateDocument = (agents: Table, queues: Table) => ({
  agents: entities(agents, agentDocument),
  queues: entities(queues, queueDocument)
})

/** Agents and queues as the tables hold them. */
export type StateDocument = ReturnType<typeof stateDocument>
