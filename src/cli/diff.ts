import { Effect, type Option } from "effect"
import { iso } from "../domain/time.ts"
import { diff as compare, type Difference, type DiffReport } from "../pipeline/diff.ts"
import { GenerationRefused, status } from "../pipeline/generations.ts"
import { audited } from "./audit.ts"
import { costOf, costText, keyUnits, number, scanUnits, sizeOfGeneration } from "./cost.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { given, type SiteOptions } from "./flags.ts"
import { makeProgress } from "./progress.ts"
import { Screen, table } from "./screen.ts"
import { onTables } from "./tables.ts"

export interface DiffCommandOptions extends SiteOptions {
  readonly a: string
  readonly b: string
  readonly limit: number
  readonly yes: boolean
  readonly json: boolean
  readonly why: Option.Option<string>
}

const meanings: Readonly<Record<Difference["kind"], string>> = {
  onlyInA: "only in the first",
  onlyInB: "only in the second",
  fold: "one event, folded differently",
  event: "set by different events",
  view: "same registers, other columns"
}

const VALUE_WIDTH = 40

const valueText = (held: Difference["a"]): string => {
  if (held === undefined) return "-"
  const text = JSON.stringify(held.value)
  return text.length > VALUE_WIDTH ? `${text.slice(0, VALUE_WIDTH)}…` : text
}

const eventText = (held: Difference["a"]): string =>
  held !== undefined && "eventId" in held ? `${held.eventId} at ${iso(held.clock)}` : "-"

const rowOf = (difference: Difference): ReadonlyArray<string> => {
  const { kind, entity, row, register, column, a, b } = difference
  const field = register ?? (column === undefined ? "-" : `column ${column}`)
  return [meanings[kind], entity, row, field, valueText(a), eventText(a), valueText(b), eventText(b)]
}

const TITLES = ["WHY", "ENTITY", "ROW", "FIELD", "FIRST", "SET BY", "SECOND", "SET BY"]

const listed = Effect.fnUntraced(function* ({ a, b }: DiffCommandOptions) {
  const generations = yield* status
  for (const subject of [a, b])
    if (!generations.some(({ generation }) => generation === subject))
      return yield* new GenerationRefused({ subject, reason: "unlisted" })
  if (a === b)
    return yield* usageError(`${a} is the same as itself: name two generations, as projections status lists them`)
})

const summary = ({ rows, tombstones, total, kinds }: DiffReport): ReadonlyArray<string> => [
  `${number(rows)} rows compared${tombstones > 0 ? `, ${number(tombstones)} of them closed in both` : ""}: ${total === 0 ? "no difference" : `${number(total)} differences`}`,
  ...Object.entries(kinds).flatMap(([kind, count]) =>
    count > 0 ? [`${number(count).padStart(8)}  ${meanings[kind as Difference["kind"]]}`] : []
  )
]

/** `projections diff`. */
export const diff = Effect.fnUntraced(function* (options: DiffCommandOptions) {
  const { a, b, limit, yes, json, why } = options
  yield* onTables(options, (site) =>
    Effect.gen(function* () {
      const screen = yield* Screen
      yield* listed(options)
      const [first, second] = [yield* sizeOfGeneration(site, a), yield* sizeOfGeneration(site, b)]
      const items = first.items + second.items
      const cost = costOf(items, scanUnits(first) + scanUnits(second) + keyUnits(first) + keyUnits(second), 0)
      if (!yes) {
        if (json) screen.print(JSON.stringify({ a, b, dryRun: true, cost }, undefined, 2))
        else screen.print(`comparing ${a} with ${b} would read ${costText(cost)}`)
        screen.note("this was a dry run: give --yes to do it")
        return
      }
      const progress = yield* makeProgress(Math.max(1, items))
      const work = compare(a, b, { limit, onPage: ({ scanned }) => progress(Math.min(scanned, items)) })
      const use = { site, command: "diff", filters: given({ a, b, limit }), why }
      const report = yield* audited(use, work, (done) => ({
        outcome: done._tag === "Some" && done.value.total === 0 ? "same" : "compared",
        counts: done._tag === "Some" ? { rows: done.value.rows, differences: done.value.total } : { rows: 0 }
      }))
      if (json) screen.print(JSON.stringify({ a, b, dryRun: false, ...report }, undefined, 2))
      else {
        for (const line of summary(report)) screen.print(line)
        if (report.differences.length > 0)
          screen.print(table(TITLES, report.differences.map(rowOf), screen.outputIsTerminal))
        if (report.total > report.differences.length)
          screen.note(`the first ${number(report.differences.length)} differences; for more, raise --limit`)
      }
      if (report.total > 0) return yield* new CliExit({ code: EXIT.differs, message: `${a} and ${b} are not the same` })
    })
  )
})
