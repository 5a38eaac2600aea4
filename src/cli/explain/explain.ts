import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { generation } from "../../domain/projection.ts"
import { iso } from "../../domain/stamp.ts"
import { type ExplainedRow, type Explanation, explain as explainNow, type Setting } from "../../pipeline/explain.ts"
import { Projections } from "../../pipeline/folding.ts"
import { readersOf } from "../../pipeline/generations.ts"
import { costText } from "../cost.ts"
import { namesOf } from "../directory/store.ts"
import { type Consent, consent, time, toggle } from "../flags.ts"
import { change, checkConsent, present, type Report } from "../report.ts"
import { nothing, number, printable, Screen, shorten, spanText, table, usageError } from "../screen.ts"
import { onTables, type StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"
import { explainAt, type Question, readingOf } from "./past.ts"

/** The generation that `agent`, `agents` or `agents-v2` means. */
const generationOf = Effect.fnUntraced(function* (what: string) {
  const listed = yield* Projections
  if (listed.some((p) => generation(p) === what)) return what
  const name = listed.find((p) => p.name === what || p.name === `${what}s`)?.name
  if (name !== undefined) return yield* readersOf(name)
  const names = [...new Set(listed.map((p) => p.name))].join(", ")
  return yield* usageError(`there is no projection ${JSON.stringify(what)}: give one of ${names}, or a generation`)
})

const settingCells = (setting: Setting | undefined): ReadonlyArray<string> => {
  if (setting === undefined) return ["-", "-", "-", "-"]
  const { clock, arrived, delayMs, eventId, snapshot } = setting
  const when = arrived === undefined ? "" : ` of ${iso(arrived).slice(11, 16)}`
  return [
    iso(clock),
    arrived === undefined ? "not stored" : iso(arrived),
    delayMs === undefined ? "-" : spanText(delayMs),
    snapshot === true ? `snapshot${when}: ${eventId}` : eventId
  ]
}

/** Characters of a value in the table; `--json` has the whole value. */
const VALUE_WIDTH = 60

const cellsOf = ({ fields }: ExplainedRow) =>
  fields.map(({ column, value, setBy: [latest, ...others] }) => [
    column,
    shorten(typeof value === "string" ? value : JSON.stringify(value), VALUE_WIDTH),
    ...settingCells(latest),
    others.length > 0 ? `and ${number(others.length)} more` : ""
  ])

const TITLES = ["FIELD", "VALUE", "EVENT TIME", "ARRIVED", "DELAY", "SET BY", ""]

const linesOf = (
  { generation, entity, rows }: Explanation,
  name: string | undefined,
  as: string,
  aligned: boolean
): ReadonlyArray<string> => [
  `${name === undefined ? entity : `${printable(name)}, ${entity},`} in ${generation}${as}`,
  ...rows.flatMap((row) => [
    "",
    `${row.row}${row.derived ? ", derived from the other rows" : ""}${row.tombstone ? ", closed" : ""}`,
    ...(row.revised === undefined
      ? []
      : [`revised at ${iso(row.revised.at)} by an update that came ${spanText(row.revised.lateMs)} too late`]),
    table(TITLES, cellsOf(row), aligned)
  ])
]

/** What the entity is called, where the directory knows such entities and this one. */
const nameOf = Effect.fnUntraced(function* (stack: StackTarget, { generation: of, entity }: Explanation) {
  const listed: string | undefined = (yield* Projections).find((p) => generation(p) === of)?.name
  const kind = listed === "agents" || listed === "queues" ? listed : undefined
  return kind === undefined ? undefined : (yield* namesOf(stack, kind, [entity])).get(entity)
})

/** `as`: as of when, as the title says it. */
const reportOf = Effect.fnUntraced(function* (stack: StackTarget, found: Explanation, as: string, closed: boolean) {
  const { outputIsTerminal } = yield* Screen
  const name = yield* nameOf(stack, found)
  const empty = found.rows.length === 0
  const kind = /^(agents|queues)-/.exec(found.generation)?.[1]
  const where = kind === undefined ? "" : `, which projections list ${kind} shows beside each name`
  const hint = `check the id${where}, or try a later time${closed ? "" : ", or --closed for closed rows"}`
  return {
    document: { ...found, dryRun: false },
    lines: empty ? [] : linesOf(found, name, as, outputIsTerminal),
    end: empty ? nothing(`${found.generation} has no rows of ${found.entity}${as}: ${hint}`) : undefined
  } satisfies Report as Report
})

/** As the rows are now. It reads those of one entity alone. */
const explainPresent = Effect.fnUntraced(function* (
  stack: StackTarget,
  { generation, id, closed, why }: Pick<Question, "generation" | "id" | "closed" | "why">
) {
  const use = { stack, command: "explain", filters: filtersOf({ generation, id, closed }), why }
  const found = yield* recorded(use, explainNow(generation, id, closed), () => ({ outcome: "explained", counts: {} }))
  yield* present(yield* reportOf(stack, found, "", closed))
})

/** As they were. A scan is a dry run without `--yes`. */
const explainPast = Effect.fnUntraced(function* (stack: StackTarget, question: Question, flags: Consent) {
  const { generation, id, at, arrived, closed } = question
  const reading = yield* readingOf(stack, question)
  const as = `, ${arrived ? "from what had arrived by" : "as it was at"} ${iso(at)}`
  const apply = Effect.gen(function* () {
    const { found, notes } = yield* explainAt(stack, question, reading)
    return { ...(yield* reportOf(stack, found, as, closed)), notes }
  })
  if (reading._tag === "index") return yield* present(yield* apply)
  const { because, cost } = reading
  yield* change({
    flags,
    plan: Effect.void,
    preview: () =>
      Effect.succeed({
        document: { generation, entity: id, dryRun: true, cost },
        lines: [`${because}: this would read the whole event store, ${costText(cost)}`]
      }),
    apply: () => apply,
    dryRun: "nothing was read yet: give --yes to do it"
  })
})

const flags = {
  at: time("at").pipe(
    Flag.withDescription(
      "Explain what was true at this event time; reads the whole event store unless the stack has an entity index"
    )
  ),
  arrived: toggle("arrived", "With --at: explain what readers saw at that time, from what had arrived by then"),
  scan: toggle("scan", "With --at: read the whole event store, also for events from before there was an entity index"),
  closed: toggle("closed", "Also show closed rows, such as sessions that have ended"),
  ...consent,
  yes: toggle(
    "yes",
    "With --at: read the whole event store where there is no entity index; without it, say what that costs"
  )
}

export const explain = Command.make(
  "explain",
  {
    what: Argument.String("projection").pipe(
      Argument.withDescription(
        "agent, queue or another projection, as readers see it; or a generation, such as agents-v2"
      )
    ),
    id: Argument.String("id").pipe(Argument.withDescription("Id of the entity, such as the agent or the queue")),
    ...flags
  },
  Effect.fnUntraced(function* (flags) {
    const { what, id, arrived, scan, closed, why } = flags
    const moment = Option.getOrUndefined(flags.at)
    for (const [flag, given] of Object.entries({ arrived, scan }))
      if (given && moment === undefined)
        return yield* usageError(`--${flag} needs --at: give the time as well, such as --at 2026-05-06T10:00:00Z`)
    yield* checkConsent(flags)
    yield* onTables(
      Effect.fnUntraced(function* (stack) {
        const generation = yield* generationOf(what)
        const question = { generation, id, arrived, scan, closed, why }
        if (moment === undefined) yield* explainPresent(stack, question)
        else yield* explainPast(stack, { ...question, at: moment.at, given: moment.text }, flags)
      })
    )
  })
).pipe(
  Command.withDescription(
    "Shows every field of an entity with the event that set it, its event time, arrival and delay"
  )
)
