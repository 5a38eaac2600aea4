import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { generation } from "../../domain/projection.ts"
import { iso } from "../../domain/stamp.ts"
import {
  archivedIn,
  type ExplainedRow,
  type Explanation,
  explain as explainNow,
  type Setting,
  withArchived
} from "../../pipeline/explain.ts"
import { Projections } from "../../pipeline/folding.ts"
import { readersOf } from "../../pipeline/generations.ts"
import { Archive } from "../../store/archive.ts"
import { eventsIn, objectsOfPublished } from "../../store/archived-events.ts"
import { costOf, costOfObjects, costText } from "../cost.ts"
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
  const { clock, arrived, archived, delayMs, eventId, snapshot } = setting
  const where = archived === undefined ? "not stored" : `in the archive since ${iso(archived).slice(0, 10)}`
  const when = arrived === undefined ? "" : ` of ${iso(arrived).slice(11, 16)}`
  return [
    iso(clock),
    arrived === undefined ? where : iso(arrived),
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

const DAY_MS = 86_400_000

/**
 * As the rows are now. It reads those of one entity alone, and with `--archive` the objects that may hold its events that have left the table.
 * That is a dry run without `--yes`.
 */
const explainPresent = Effect.fnUntraced(function* (
  stack: StackTarget,
  { generation, id, closed, why }: Pick<Question, "generation" | "id" | "closed" | "why">,
  flags: Consent & { readonly archive: boolean }
) {
  const use = { stack, command: "explain", filters: filtersOf({ generation, id, closed, archive: flags.archive }), why }
  const found = yield* recorded(use, explainNow(generation, id, closed), () => ({ outcome: "explained", counts: {} }))
  const gone = archivedIn(found)
  const archive = yield* Effect.serviceOption(Archive)
  const report = yield* reportOf(stack, found, "", closed)
  if (gone.size === 0 || Option.isNone(archive)) return yield* present(report)
  if (!flags.archive) return yield* present({ ...report, notes: [`${goneText(gone.size)}: give --archive to look`] })
  const latest = stack.outputs.eventRetentionDays * DAY_MS
  yield* change({
    flags,
    plan: objectsOfPublished([...gone.values()], latest),
    preview: (objects) => {
      const cost = costOfObjects(objects)
      return Effect.succeed({
        ...report,
        document: { ...found, dryRun: true, cost },
        notes: [`${goneText(gone.size)}: --archive would read ${costText(cost)}`]
      })
    },
    apply: Effect.fnUntraced(function* (objects) {
      const events = yield* eventsIn(objects, gone)
      return {
        ...(yield* reportOf(stack, withArchived(found, events), "", closed)),
        notes: [`read the archive: ${costText(costOfObjects(objects))}`]
      }
    }),
    dryRun: "the archive was not read: give --yes to do it"
  }).pipe(Effect.provideService(Archive, archive.value))
})

const goneText = (count: number) =>
  `${number(count)} ${count === 1 ? "event has" : "events have"} left the table for the archive, or ${count === 1 ? "was" : "were"} erased`

/** As they were. A scan is a dry run without `--yes`. */
const explainPast = Effect.fnUntraced(function* (stack: StackTarget, question: Question, flags: Consent) {
  const { generation, id, at, arrived, closed } = question
  const reading = yield* readingOf(stack, question, { entity: id, ...(arrived ? { until: at } : {}) })
  const as = `, ${arrived ? "from what had arrived by" : "as it was at"} ${iso(at)}`
  const apply = Effect.gen(function* () {
    const { found, notes } = yield* explainAt(stack, question, reading)
    return { ...(yield* reportOf(stack, found, as, closed)), notes }
  })
  if (reading._tag === "index" && reading.cost === undefined) return yield* present(yield* apply)
  const [cost, line] =
    reading._tag === "index"
      ? [reading.cost, "by the index: some events of this entity are in the archive, of which this would read at most"]
      : [reading.cost, `${reading.because}: this would read the whole event store,`]
  yield* change({
    flags,
    plan: Effect.void,
    preview: () =>
      Effect.succeed({
        document: { generation, entity: id, dryRun: true, cost },
        lines: [`${line} ${costText(cost ?? costOf(0, 0, 0))}`]
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
  archive: toggle(
    "archive",
    "Look in the archive when events arrived that have left the event table; without --yes, say what that costs"
  ),
  closed: toggle("closed", "Also show closed rows, such as sessions that have ended"),
  ...consent,
  yes: toggle(
    "yes",
    "Read what costs: the archive, or with --at the whole event store; without it, say what that costs"
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
    const { what, id, arrived, scan, archive, closed, why } = flags
    const moment = Option.getOrUndefined(flags.at)
    for (const [flag, given] of Object.entries({ arrived, scan }))
      if (given && moment === undefined)
        return yield* usageError(`--${flag} needs --at: give the time as well, such as --at 2026-05-06T10:00:00Z`)
    if (archive && moment !== undefined)
      return yield* usageError("--archive explains what is now: leave it out, because --at reads the archive by itself")
    yield* checkConsent(flags)
    yield* onTables(
      Effect.fnUntraced(function* (stack) {
        const generation = yield* generationOf(what)
        const question = { generation, id, arrived, scan, closed, why }
        if (moment === undefined) yield* explainPresent(stack, question, flags)
        else yield* explainPast(stack, { ...question, at: moment.at, given: moment.text }, flags)
      })
    )
  })
).pipe(
  Command.withDescription(
    "Shows every field of an entity with the event that set it, its event time, arrival and delay"
  )
)
