import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { iso } from "../../domain/stamp.ts"
import { diff as compare, type Difference, type DiffReport } from "../../pipeline/diff.ts"
import { requireListed } from "../../pipeline/generations.ts"
import { costOf, costText, keyUnits, scanUnits, sizeOfGeneration } from "../cost.ts"
import { consent, limit, toggle } from "../flags.ts"
import { change, checkConsent } from "../report.ts"
import { CliExit, EXIT, makeProgress, number, Screen, shorten, table, usageError } from "../screen.ts"
import { onTables, type StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"

const meanings: Readonly<Record<Difference["kind"], string>> = {
  onlyInA: "only in the first",
  onlyInB: "only in the second",
  fold: "one event, folded differently",
  event: "set by different events",
  view: "same registers, other columns"
}

const VALUE_WIDTH = 40

const valueText = (side: Difference["a"]): string =>
  side === undefined ? "-" : shorten(JSON.stringify(side.value), VALUE_WIDTH)

const eventText = (side: Difference["a"]): string =>
  side !== undefined && "eventId" in side ? `${side.eventId} at ${iso(side.clock)}` : "-"

const TITLES = ["WHY", "ENTITY", "ROW", "FIELD", "FIRST", "SET BY", "SECOND", "SET BY"]

const rowOf = ({ kind, entity, row, register, column, a, b }: Difference): ReadonlyArray<string> => [
  meanings[kind],
  entity,
  row,
  register ?? (column === undefined ? "-" : `column ${column}`),
  valueText(a),
  eventText(a),
  valueText(b),
  eventText(b)
]

const summary = ({ rows, tombstones, total, kinds }: DiffReport): ReadonlyArray<string> => [
  `${number(rows)} rows compared${tombstones > 0 ? `, ${number(tombstones)} of them closed in both` : ""}: ${total === 0 ? "no difference" : `${number(total)} differences`}`,
  ...Object.entries(kinds).flatMap(([kind, count]) =>
    count > 0 ? [`${number(count).padStart(8)}  ${meanings[kind as Difference["kind"]]}`] : []
  )
]

const planOf = Effect.fnUntraced(function* (stack: StackTarget, a: string, b: string) {
  yield* requireListed(a)
  yield* requireListed(b)
  if (a === b) return yield* usageError(`${a} was given twice: name two generations, as projections status lists them`)
  const [first, second] = [yield* sizeOfGeneration(stack, a), yield* sizeOfGeneration(stack, b)]
  const readUnits = scanUnits(first) + scanUnits(second) + keyUnits(first) + keyUnits(second)
  return costOf(first.items + second.items, readUnits, 0)
})

export const diff = Command.make(
  "diff",
  {
    a: Argument.String("first").pipe(Argument.withDescription("A generation, such as agents-v1")),
    b: Argument.String("second").pipe(Argument.withDescription("The generation to compare it with, such as agents-v2")),
    limit: limit("differences", 20, "Maximum number of differences that are listed; the others are counted"),
    registers: toggle("registers", "Compare what columns are made from, too: also what no reader sees"),
    ...consent
  },
  Effect.fnUntraced(function* (flags) {
    const { a, b, limit, registers, why } = flags
    yield* checkConsent(flags)
    yield* onTables((stack) =>
      change({
        flags,
        plan: planOf(stack, a, b),
        preview: (cost) =>
          Effect.succeed({
            document: { a, b, dryRun: true, cost },
            lines: [`comparing ${a} with ${b} would read ${costText(cost)}`]
          }),
        apply: Effect.fnUntraced(function* ({ items }) {
          const { outputIsTerminal } = yield* Screen
          const progress = yield* makeProgress(Math.max(1, items))
          const work = compare(a, b, { limit, registers, onPage: ({ scanned }) => progress(Math.min(scanned, items)) })
          const use = { stack, command: "diff", filters: filtersOf({ a, b, limit, registers }), why }
          const found = yield* recorded(use, work, (done) => ({
            outcome: done._tag === "Some" && done.value.total === 0 ? "same" : "compared",
            counts: done._tag === "Some" ? { rows: done.value.rows, differences: done.value.total } : { rows: 0 }
          }))
          const { differences, total } = found
          return {
            document: { a, b, dryRun: false, ...found },
            lines: [
              ...summary(found),
              ...(differences.length > 0 ? [table(TITLES, differences.map(rowOf), outputIsTerminal)] : [])
            ],
            notes:
              total > differences.length
                ? [`limited to the first ${number(differences.length)} differences; raise --limit for more`]
                : [],
            end: total > 0 ? new CliExit({ code: EXIT.differs, message: `${a} and ${b} differ` }) : undefined
          }
        }),
        dryRun: "this was a dry run: nothing was read yet; give --yes to do it"
      })
    )
  })
).pipe(
  Command.withDescription(
    "Compares two generations row by row, and names the event behind each difference; a dry run without --yes"
  )
)
