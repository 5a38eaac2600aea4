import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Scaling, type Warm } from "../../store/scaling.ts"
import { type Consent, consent, number, root } from "../flags.ts"
import { change, checkConsent } from "../report.ts"
import { Screen, table, number as text, usageError } from "../screen.ts"
import { onScaling } from "../stack/scaling.ts"
import type { StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"
import { Sizing } from "./sizing.ts"
import { STEPS_A_DAY, shardSteps } from "./steps.ts"

interface Flags extends Consent {
  readonly peak: Option.Option<number>
  readonly shards: Option.Option<number>
}

/** How often AWS is asked whether it has finished. */
const ASK_AGAIN = "5 seconds"

interface TablePlan {
  readonly name: string
  readonly from: Warm
  readonly to: Warm
}

interface Plan {
  readonly from: number
  /** The numbers of shards on the way; none where the stream is as large as it should be. */
  readonly steps: ReadonlyArray<number>
  /** Tables that take less than they should. */
  readonly tables: ReadonlyArray<TablePlan>
}

const atLeast = (a: Warm, b: Warm): Warm => ({
  writes: Math.max(a.writes, b.writes),
  reads: Math.max(a.reads, b.reads)
})

/** What the flags and the outputs of the stack ask for, against what is there. */
const planOf = Effect.fnUntraced(function* ({ outputs }: StackTarget, flags: Flags) {
  const scaling = yield* Scaling
  const sizing = yield* Sizing
  if (Object.keys(outputs.load).length === 0)
    return yield* usageError("the stack has no output load: deploy this version of it first, with npx pulumi up")
  const sizes = sizing.of(outputs.load, Option.getOrUndefined(flags.peak))
  const { size: from, changing } = yield* scaling.shards
  if (changing) return yield* usageError("AWS is changing the stream already: run this again when it has finished")
  const to = Option.getOrElse(flags.shards, () => sizes.shards)
  const wanted: ReadonlyArray<readonly [string, Warm]> = [
    [outputs.eventTableName, sizes.eventTable],
    ...Object.values(outputs.projectionTables).map(({ name }) => [name, sizes.projectionTable] as const),
    ...(outputs.entityIndexName === "" || sizes.entityTable === undefined
      ? []
      : [[outputs.entityIndexName, sizes.entityTable] as const])
  ]
  const tables = yield* Effect.forEach(wanted, ([name, least]) =>
    Effect.map(scaling.warm(name), ({ size }) => ({ name, from: size, to: atLeast(size, least) }))
  )
  return {
    from,
    steps: shardSteps(from, to),
    tables: tables.filter((one) => one.to.writes > one.from.writes || one.to.reads > one.from.reads)
  } satisfies Plan as Plan
})

const warmText = ({ writes, reads }: Warm): string => `${text(writes)} write, ${text(reads)} read`

/** What would be done, or was. */
const reportOf = Effect.fnUntraced(function* (plan: Plan, dryRun: boolean) {
  const { outputIsTerminal } = yield* Screen
  const rows = [
    ...(plan.steps.length === 0 ? [] : [["stream", `${plan.from} shards`, plan.steps.map(text).join(", then ")]]),
    ...plan.tables.map(({ name, from, to }) => [name, warmText(from), warmText(to)])
  ]
  return {
    document: { ...plan, dryRun },
    lines: [
      rows.length === 0
        ? "the stream and the tables are as large as they should be"
        : table(["WHAT", "FROM", "TO"], rows, outputIsTerminal)
    ],
    notes:
      plan.steps.length > STEPS_A_DAY
        ? [`AWS takes ${STEPS_A_DAY} steps in 24 hours: the stream needs ${plan.steps.length}; run this again tomorrow`]
        : []
  }
})

const apply = Effect.fnUntraced(function* ({ from, steps, tables }: Plan) {
  const scaling = yield* Scaling
  const { note } = yield* Screen
  const until = <E, R>(finished: Effect.Effect<boolean, E, R>) =>
    Effect.gen(function* () {
      while (!(yield* finished)) yield* Effect.sleep(ASK_AGAIN)
    })
  for (const { name, to } of tables) {
    yield* scaling.raise(name, to)
    note(`${name}: ${warmText(to)} units/s are on their way`)
  }
  let before = from
  for (const shards of steps.slice(0, STEPS_A_DAY)) {
    yield* scaling.resize(shards)
    yield* until(Effect.map(scaling.shards, ({ size, changing }) => !changing && size === shards))
    note(`stream: ${text(before)} to ${text(shards)} shards`)
    before = shards
  }
  for (const { name, to } of tables)
    yield* until(
      Effect.map(
        scaling.warm(name),
        ({ size, changing }) => !changing && size.writes >= to.writes && size.reads >= to.reads
      )
    )
})

export const scale = Command.make(
  "scale",
  {
    peak: number("peak", "events per second", { min: 1, max: 100_000, whole: true }).pipe(
      Flag.optional,
      Flag.withDescription("The peak to be ready for; without it the peak that the stack was deployed with")
    ),
    shards: number("shards", "shards", { min: 1, max: 10_000, whole: true }).pipe(
      Flag.optional,
      Flag.withDescription("As many shards, instead of those that follow from the peak")
    ),
    ...consent
  },
  Effect.fnUntraced(function* (flags: Flags) {
    yield* checkConsent(flags, "Changing the size of a stack")
    if (Option.isSome((yield* root).local))
      return yield* usageError("--local: a run on one machine has no size to change; name a deployed stack")
    return yield* onScaling((stack) =>
      change({
        flags,
        plan: planOf(stack, flags),
        preview: (plan) => reportOf(plan, true),
        apply: Effect.fnUntraced(function* (plan: Plan) {
          const { peak, shards, why } = flags
          const use = { stack, command: "scale", filters: filtersOf({ peak, shards }), why }
          const nothing = plan.steps.length === 0 && plan.tables.length === 0
          yield* recorded(use, apply(plan), (done) => ({
            outcome: done._tag === "None" ? "not finished" : nothing ? "unchanged" : "changed",
            counts: {}
          }))
          return yield* reportOf(plan, false)
        }),
        dryRun: "this was a dry run: nothing was changed; give --yes and --why to do it"
      })
    )
  })
).pipe(
  Command.withDescription(
    "Makes the stream and the warm throughput of tables ready for a peak, step by step; a dry run without --yes"
  )
)
