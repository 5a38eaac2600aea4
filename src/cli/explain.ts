import { Clock, Effect, Option } from "effect"
import { generation } from "../domain/projection.ts"
import { iso } from "../domain/time.ts"
import { type ExplainedRow, type Explanation, explain, explainPast, type Setting } from "../pipeline/explain.ts"
import { readersOf } from "../pipeline/generations.ts"
import { Projections } from "../pipeline/projections.ts"
import { TableSizes } from "../store/table-sizes.ts"
import { audited } from "./audit.ts"
import { costOf, costText, number, scanUnits } from "./cost.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { given, type SiteOptions } from "./flags.ts"
import { type Indexed, indexOf } from "./indexed.ts"
import { makeProgress } from "./progress.ts"
import { events, Screen, table } from "./screen.ts"
import type { StackTarget } from "./stack-target.ts"
import { onTables } from "./tables.ts"
import { moment, spanText } from "./time.ts"

export interface ExplainOptions extends SiteOptions {
  readonly what: string
  readonly id: string
  readonly at: Option.Option<string>
  readonly arrived: boolean
  readonly scan: boolean
  readonly closed: boolean
  readonly yes: boolean
  readonly json: boolean
  readonly why: Option.Option<string>
}

/** Parts of the event store that are read side by side. */
const SEGMENTS = 4

/** The generation that `agent`, `agents` or `agents-v2` means. */
const generationOf = Effect.fnUntraced(function* (what: string) {
  const listed = yield* Projections
  if (listed.some((p) => generation(p) === what)) return what
  const name = listed.find((p) => p.name === what || p.name === `${what}s`)?.name
  if (name !== undefined) return yield* readersOf(name)
  const names = [...new Set(listed.map((p) => p.name))].join(", ")
  return yield* usageError(`nothing is folded for ${JSON.stringify(what)}: give one of ${names}, or a generation`)
})

const settingCells = (setting: Setting | undefined): ReadonlyArray<string> => {
  if (setting === undefined) return ["-", "-", "-", "-"]
  const { clock, arrived, delayMs, eventId } = setting
  const known = arrived === undefined || delayMs === undefined
  return [iso(clock), known ? "not stored" : iso(arrived), known ? "-" : spanText(delayMs), eventId]
}

/** Characters of a value in a table; `--json` has all. */
const VALUE_WIDTH = 60

const valueText = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return text.length > VALUE_WIDTH ? `${text.slice(0, VALUE_WIDTH)}…` : text
}

const rowsOf = ({ fields }: ExplainedRow) =>
  fields.map(({ column, value, setBy: [latest, ...others] }) => [
    column,
    valueText(value),
    ...settingCells(latest),
    others.length > 0 ? `and ${number(others.length)} more` : ""
  ])

const TITLES = ["FIELD", "VALUE", "EVENT TIME", "ARRIVED", "UNDER WAY", "SET BY", ""]

const present = Effect.fnUntraced(function* ({ generation, entity, rows }: Explanation, title: string) {
  const screen = yield* Screen
  screen.print(`${entity} in ${generation}${title}`)
  for (const row of rows) {
    screen.print("")
    screen.print(`${row.row}${row.derived ? ", derived from the other rows" : ""}${row.tombstone ? ", closed" : ""}`)
    if (row.revised !== undefined)
      screen.print(`revised at ${iso(row.revised.at)} by an update that was ${spanText(row.revised.lateMs)} too late`)
    screen.print(table(TITLES, rowsOf(row), screen.outputIsTerminal))
  }
})

const useOf = (site: StackTarget, own: string, { id, at, arrived, scan, closed, why }: ExplainOptions) => ({
  ...{ site, command: "explain", why },
  filters: given({ generation: own, id, at, arrived, scan, closed })
})

const countsOf = (done: Option.Option<{ readonly scanned: number; readonly folded: number }>) => ({
  outcome: "explained",
  counts: done._tag === "Some" ? { scanned: done.value.scanned, folded: done.value.folded } : { scanned: 0 }
})

/** As it was, by a scan of the whole event store, so that it says first what that costs. Undefined where it did only that. */
const byScan = Effect.fnUntraced(function* (
  site: StackTarget,
  own: string,
  at: number,
  options: ExplainOptions,
  why: string
) {
  const { id, arrived, closed, yes, json } = options
  const screen = yield* Screen
  const size = yield* (yield* TableSizes).of(site.outputs.eventTableName)
  const cost = costOf(size.items, scanUnits(size), 0)
  if (!yes) {
    if (json) screen.print(JSON.stringify({ generation: own, entity: id, dryRun: true, cost }, undefined, 2))
    else screen.print(`${why}: this would read the whole event store, ${costText(cost)}`)
    screen.note("nothing was read yet: give --yes to do it")
    return undefined
  }
  const progress = yield* makeProgress(Math.max(1, size.items))
  const work = explainPast(own, id, {
    ...(arrived ? { arrived: at } : { at }),
    segments: SEGMENTS,
    tombstones: closed,
    onPage: ({ scanned }) => progress(Math.min(scanned, size.items))
  })
  return yield* audited(useOf(site, own, options), work, countsOf)
})

/** As it was, by what the index lists. Says afterwards what that has cost, and from when on the index knows. */
const byIndex = Effect.fnUntraced(function* (
  site: StackTarget,
  own: string,
  at: number,
  options: ExplainOptions,
  { index, from }: Indexed
) {
  const { id, arrived, closed } = options
  const screen = yield* Screen
  const work = explainPast(own, id, { ...(arrived ? { arrived: at } : { at }), index, tombstones: closed })
  const found = yield* audited(useOf(site, own, options), work, countsOf)
  screen.note(`read ${events(found.scanned)} by the index: ${costText(costOf(found.scanned, found.readUnits, 0))}`)
  if (from === undefined) return found
  screen.note(`of what arrived before ${iso(from)} the index does not know all: --scan reads the whole event store`)
  return { ...found, indexedFrom: iso(from) }
})

const past = Effect.fnUntraced(function* (site: StackTarget, own: string, at: number, options: ExplainOptions) {
  if (options.scan) return yield* byScan(site, own, at, options, "without the index by entity")
  const indexed = yield* indexOf(site, own)
  return yield* typeof indexed === "string"
    ? byScan(site, own, at, options, indexed)
    : byIndex(site, own, at, options, indexed)
})

/** `projections explain`. */
export const explainEntity = Effect.fnUntraced(function* (options: ExplainOptions) {
  const { what, id, arrived, scan, closed, json, why } = options
  const at = yield* Option.match(options.at, {
    onNone: () => Effect.undefined,
    onSome: (text) => Effect.flatMap(Clock.currentTimeMillis, (now) => moment("--at", text, now))
  })
  if (arrived && at === undefined)
    return yield* usageError("--arrived says what --at means: give the time as well, as --at 2026-05-06T10:00:00Z")
  if (scan && at === undefined)
    return yield* usageError("--scan says how the past is read: give the time as well, as --at 2026-05-06T10:00:00Z")
  yield* onTables(options, (site) =>
    Effect.gen(function* () {
      const screen = yield* Screen
      const own = yield* generationOf(what)
      const use = { site, command: "explain", filters: given({ generation: own, id, closed }), why }
      const found =
        at === undefined
          ? yield* audited(use, explain(own, id, closed), () => ({ outcome: "explained", counts: {} }))
          : yield* past(site, own, at, options)
      if (found === undefined) return
      const title = at === undefined ? "" : `, ${arrived ? "from what had arrived by" : "as it was at"} ${iso(at)}`
      if (json) screen.print(JSON.stringify({ ...found, dryRun: false }, undefined, 2))
      else if (found.rows.length > 0) yield* present(found, title)
      if (found.rows.length === 0)
        return yield* new CliExit({
          code: EXIT.nothing,
          message: `${own} has nothing about ${id}${title}: look for the id, or for a later time${closed ? "" : ", or for closed rows with --closed"}`
        })
    })
  )
})
