import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { iso } from "../../domain/stamp.ts"
import { namesOf, type Person } from "../../genesys/person.ts"
import { type Erased, erase as eraseAll } from "../../pipeline/erase/erase.ts"
import { nextRequest, openRequest } from "../../pipeline/erase/request.ts"
import { TableSizes } from "../../store/table-sizes.ts"
import { archivedBefore, costOf, costText, scanUnits, withArchive } from "../cost.ts"
import { type Consent, consent, toggle } from "../flags.ts"
import { change, checkConsent, type Report } from "../report.ts"
import { makeProgress, partly, Screen, table, usageError } from "../screen.ts"
import { onStack, type StackTarget } from "../stack/stack.ts"
import { recorded } from "../uses.ts"
import { type PersonFlags, person, personOf } from "./person.ts"
import { asEraser } from "./role.ts"
import { onEverything } from "./stores.ts"

interface Flags extends Consent, PersonFlags {
  readonly request: Option.Option<string>
  readonly search: boolean
  readonly index: boolean
}

/** Days after which nothing that was on its way can bring the person back: what a queue of dead letters keeps at most. */
const LAST_DAYS = 14

const NO_REASON = "the use log has no reason for this search: give --why with it to leave one"

const REQUEST = /^[a-z0-9][a-z0-9-]{2,39}$/

interface Plan {
  readonly person: Person
  readonly segments: number
  readonly places: ReadonlyArray<readonly [place: string, cost: ReturnType<typeof costOf>]>
}

/** What a search reads: the event table, unless the index tells; the rows of every generation; and the archive, where there is one. */
const planOf = Effect.fnUntraced(function* (stack: StackTarget, asked: Person, index: boolean) {
  const { of } = yield* TableSizes
  const { eventTableName, projectionTables, replayLimits } = stack.outputs
  const places = [
    ...(index ? [] : [["events", eventTableName] as const]),
    ...Object.entries(projectionTables).map(([generation, { name }]) => [generation, name] as const)
  ]
  const tables = yield* Effect.forEach(
    places,
    Effect.fnUntraced(function* ([place, name]) {
      const size = yield* of(name)
      return [place, costOf(size.items, scanUnits(size), 0)] as const
    })
  )
  const { items, bytes } = yield* archivedBefore(Number.POSITIVE_INFINITY)
  const archive = [["archive", withArchive(costOf(items, 0, 0), bytes)]] as const
  return {
    person: asked,
    segments: Math.min(replayLimits.segments, 16),
    places: [...tables, ...(bytes > 0 ? archive : [])]
  } satisfies Plan as Plan
})

const priceLines = ({ places }: Plan): ReadonlyArray<string> => [
  ...places.map(([place, cost]) => `${place}: ${place === "archive" ? "a read" : "a scan"} of ${costText(cost)}`),
  "and one read of every object in quarantine and among failed batches, of what objects of an archive were before, and of every dead letter",
  "what is found costs one write unit a KB to erase"
]

const priceDocument = ({ places }: Plan) => Object.fromEntries(places)

const countsOf = ({ places }: Erased) => ({
  deleted: places.reduce((sum, { deleted }) => sum + deleted, 0),
  redacted: places.reduce((sum, { redacted }) => sum + redacted, 0)
})

const placesTable = ({ places }: Erased, aligned: boolean) =>
  table(
    ["PLACE", "SEARCHED", "DELETED", "REDACTED"],
    places.map(({ place, searched, deleted, redacted }) => [place, `${searched}`, `${deleted}`, `${redacted}`]),
    aligned
  )

/** Stores that hold the same and that no rights of this stack reach, and what to do there. */
const unreachedOf = ({ outputs }: StackTarget) =>
  outputs.archiveCopyBucketArn === ""
    ? []
    : [
        {
          store: outputs.archiveCopyBucketArn,
          says: "has a copy of the archive in another account, which takes over no deletion: erase it there, as docs/erasure.md says"
        }
      ]

const unreachedNotes = (stack: StackTarget) => unreachedOf(stack).map(({ store, says }) => `${store} ${says}`)

/** What makes a result less than whole. */
const endOf = ({ unreadable }: Erased, index: boolean) =>
  unreadable > 0
    ? partly(`${unreadable} events cannot be read, so nobody knows whom they name: see docs/erasure.md`)
    : index
      ? partly("the index knows only events that change a row of this id: run it again without --index for the others")
      : undefined

export const erase = Command.make(
  "erase",
  {
    ...person,
    request: Flag.String("request").pipe(
      Flag.filter(
        (text) => REQUEST.test(text),
        () => "3 to 40 small letters, digits and dashes, and no name of anybody"
      ),
      Flag.optional,
      Flag.withDescription("Number of the request, under which a run that was cut off goes on; by default a new one")
    ),
    search: toggle(
      "search",
      "Search everything now, and count what would be erased; erases nothing, and needs no --why"
    ),
    index: toggle("index", "Find events by the index by entity alone: cheap, and not all of them"),
    ...consent
  },
  Effect.fnUntraced(function* (flags: Flags) {
    yield* checkConsent(flags, "Erasing a person")
    const asked = yield* personOf(flags)
    if (flags.search && flags.yes) return yield* usageError("--search writes nothing: leave it out, or --yes")
    const isIndexed = asked.kind === "agent" || asked.kind === "conversation"
    if (flags.index && !isIndexed)
      return yield* usageError("--index knows agents and conversations alone: leave it out, to search all events")
    const number = Option.isSome(flags.request) ? flags.request.value : yield* nextRequest
    yield* onStack(
      Effect.fnUntraced(function* (stack) {
        if (flags.index && stack.outputs.entityIndexName === "")
          return yield* usageError(`${stack.name} has no index by entity: leave out --index, to search all events`)
        const screen = yield* Screen
        const target = flags.yes || flags.search ? yield* asEraser(stack, number) : stack

        const run = (plan: Plan, apply: boolean) =>
          Effect.gen(function* () {
            const request = apply ? yield* openRequest(number, asked) : undefined
            if (apply && request === undefined)
              return yield* usageError(`the request ${number} is about somebody else: give another --request`)
            const total = plan.places.find(([place]) => place === "events")?.[1].items ?? 0
            const progress = yield* makeProgress(Math.max(1, total))
            return yield* eraseAll({
              names: namesOf(asked),
              segments: plan.segments,
              index: flags.index,
              directory: stack.outputs.directoryTableName !== "",
              ...(request && { request }),
              onEvents: ({ searched }) => progress(Math.min(searched, total)),
              onPlace: (place) => Effect.sync(() => screen.redraw(`searching ${place}`))
            })
          })

        /** Under the record of its use, which names nobody. */
        const working = (plan: Plan, apply: boolean) =>
          recorded(
            {
              stack,
              command: "erase",
              filters: { request: number, by: asked.kind, ...(flags.index && { index: true }) },
              why: flags.why
            },
            run(plan, apply),
            (done) => ({
              outcome: apply ? "erased" : "searched",
              counts: Option.isSome(done) ? countsOf(done.value) : {}
            })
          )

        const report = (plan: Plan, erased: Erased, apply: boolean, notes: ReadonlyArray<string> = []): Report => ({
          document: {
            request: number,
            by: asked.kind,
            dryRun: !apply,
            ...countsOf(erased),
            places: erased.places,
            unreadable: erased.unreadable,
            unreached: unreachedOf(stack),
            cost: priceDocument(plan)
          },
          lines: [placesTable(erased, screen.outputIsTerminal)],
          notes: [...unreachedNotes(stack), ...notes],
          end: endOf(erased, flags.index)
        })

        return yield* onEverything(
          target,
          change({
            flags,
            plan: planOf(stack, asked, flags.index),
            dryRun: flags.search
              ? "this was a search: nothing was erased; give --yes and --why in place of --search to erase"
              : "this was a dry run: nothing was erased; give --yes and --why to erase",
            preview: Effect.fnUntraced(function* (plan) {
              if (flags.search)
                return report(plan, yield* working(plan, false), false, Option.isSome(flags.why) ? [] : [NO_REASON])
              return {
                document: {
                  request: number,
                  by: asked.kind,
                  dryRun: true,
                  unreached: unreachedOf(stack),
                  cost: priceDocument(plan)
                },
                lines: priceLines(plan),
                notes: [
                  ...unreachedNotes(stack),
                  "--search finds what would be erased, for this price, and writes nothing"
                ]
              } satisfies Report as Report
            }),
            apply: Effect.fnUntraced(function* (plan) {
              for (const line of priceLines(plan)) screen.note(line)
              screen.note(`request ${number}: if it is cut off, run it again with --request ${number}`)
              const erased = yield* working(plan, true)
              const until = iso((yield* Effect.clockWith((clock) => clock.currentTimeMillis)) + LAST_DAYS * 86_400_000)
              return report(plan, erased, true, [
                "what was on its way may come in yet: run it again after a day, and once more after",
                `${until.slice(0, 10)}; docs/erasure.md lists what is kept where until when, and what Genesys has`
              ])
            })
          })
        )
      })
    )
  })
).pipe(Command.withDescription("Erases a person from everything that the stack keeps"))
