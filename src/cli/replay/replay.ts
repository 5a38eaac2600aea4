import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { ReplayBounds } from "../../pipeline/replay/budget.ts"
import type { Difference, ReplayPlan, SegmentReport } from "../../pipeline/replay/plan.ts"
import { replayAll } from "../../pipeline/replay/replay.ts"
import { archivedBefore, type Cost, costText, sizeOfEvents } from "../cost.ts"
import { type Consent, consent, toggle } from "../flags.ts"
import { change, checkConsent, type Report } from "../report.ts"
import { CliExit, clockText, EXIT, makeProgress, nothing, number, Screen, table, usageError } from "../screen.ts"
import { onTables, type StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded, type Use } from "../uses.ts"
import { type Account, accountLines, accountOf, stoppedEnd } from "./follow.ts"
import {
  daysFor,
  estimate,
  exported,
  type PlanFlags,
  planFlags,
  planOf,
  sizeOfReaders,
  sizesOfSources
} from "./plan.ts"
import { admitExecution, runOnStateMachine } from "./running.ts"

interface ReplayFlags extends PlanFlags, Consent {
  readonly stateMachine: boolean
}

/** A plan with its estimate. */
interface Planned {
  readonly plan: ReplayPlan
  readonly cost: Cost
  readonly seconds: number
}

const plan = Effect.fnUntraced(function* (stack: StackTarget, flags: ReplayFlags, write: boolean) {
  const { subject, stateMachine } = flags
  const readable = `s3://${stack.outputs.exportsBucketName}/`
  if (stateMachine && Option.isSome(flags.exported) && !flags.exported.value.startsWith(readable))
    return yield* usageError(
      stack.outputs.exportsBucketName === ""
        ? "--export: the state machine of this stack reads no exports yet: deploy it first, with pulumi up, or leave --state-machine out"
        : `--export: with --state-machine the export must be in the bucket of the stack: give ${readable}..., or leave --state-machine out to read it in this process`
    )
  if (stateMachine && stack.offline)
    return yield* usageError(
      "--state-machine: nothing executes in this folder while no run has it open; start one with npm start -- --data, or leave the flag out to replay in this process"
    )
  const rows = yield* sizeOfReaders(stack, subject)
  const wanted = yield* planOf(stack, flags, write, rows.items)
  // The stack's own functions never exceed their share, whatever a plan says.
  const { eventsPerSecond: most, rowsPerSecond: mostRows = most } = stack.outputs.replayLimits
  const paced = stateMachine
    ? {
        ...wanted,
        eventsPerSecond: Math.min(wanted.eventsPerSecond, most),
        rowsPerSecond: Math.min(wanted.rowsPerSecond ?? wanted.eventsPerSecond, mostRows)
      }
    : wanted
  if (stateMachine) yield* admitExecution(paced.id)
  const [archived, sources] = [yield* archivedBefore(paced.sealed), yield* sizesOfSources(stack, subject)]
  const estimated = estimate(paced, yield* sizeOfEvents(stack), rows, yield* ReplayBounds, archived, sources)
  const plan = write ? { ...paced, days: daysFor(estimated.seconds, stack.outputs.eventRetentionDays) } : paced
  return { plan, ...estimated } satisfies Planned as Planned
})

const previewOf = ({ plan, cost, seconds }: Planned): Report => {
  const { id, generation, write, eventsPerSecond, rowsPerSecond = eventsPerSecond } = plan
  const rows = write ? ` and ${number(rowsPerSecond)} rows` : ""
  const what = write ? `into ${generation}` : `and compare it with ${generation}`
  return {
    document: { plan, dryRun: true, cost, seconds },
    lines: [
      `${id}: would fold the event store ${what}`,
      `${write ? "at most " : ""}${costText(cost)}, ${clockText(seconds)} at ${number(eventsPerSecond)} events${rows} a second`
    ]
  }
}

/** Runs a plan in this process and records the use. */
const run = Effect.fnUntraced(function* ({ plan, cost }: Planned, use: Use) {
  const total = cost.items
  const progress = yield* makeProgress(Math.max(1, total))
  const reports = new Map<number, SegmentReport>()
  const work = replayAll(plan, (report) => {
    reports.set(report.segment, report)
    const done = [...reports.values()].reduce((sum, { counts }) => sum + counts.scanned, 0)
    return progress(Math.min(done, total))
  })
  const done = yield* recorded(use, work, (finished) => {
    const { state, counts } = accountOf(finished._tag === "Some" ? finished.value : reports.values())
    const { scanned, folded, rows, parked, differences } = counts
    return { outcome: state, counts: { scanned, folded, rows, parked, differences } }
  })
  return accountOf(done)
})

const endOf = ({ id, generation }: ReplayPlan, { state, counts }: Account): CliExit | undefined => {
  if (state !== "done") return stoppedEnd(id, state)
  if (counts.differences > 0)
    return new CliExit({ code: EXIT.differs, message: `${generation} does not match the event store` })
  if (counts.folded > 0) return undefined
  return nothing(
    counts.scanned === 0 ? "the event store is empty: nothing to fold" : "no event is in that scope: nothing to fold"
  )
}

const differenceTable = (differences: ReadonlyArray<Difference>, aligned: boolean) =>
  table(
    ["WHAT", "ENTITY", "ROW", "REGISTERS"],
    differences.map(({ kind, entity, row, registers }) => [kind, entity, row, registers.join(", ")]),
    aligned
  )

const reportOf = Effect.fnUntraced(function* (plan: ReplayPlan, account: Account) {
  const { outputIsTerminal } = yield* Screen
  const { differences } = account
  return {
    document: { plan, dryRun: false, ...account },
    lines: [
      ...accountLines(account, plan),
      ...(differences.length > 0 ? [differenceTable(differences, outputIsTerminal)] : [])
    ],
    end: endOf(plan, account)
  } satisfies Report as Report
})

/** Replays (`write`) or verifies a generation. */
const act = (write: boolean) =>
  Effect.fnUntraced(function* (flags: ReplayFlags) {
    const { subject, since, until, topic, entity, rate, park, stateMachine, exported, why } = flags
    const { maxItems, maxReadUnits, maxWriteUnits, maxDollars } = flags
    yield* checkConsent(flags, write ? "Writing to a generation" : undefined)
    yield* onTables(
      (stack) =>
        change({
          flags,
          plan: plan(stack, flags, write),
          preview: (planned) => Effect.succeed(previewOf(planned)),
          ...(write ? {} : { dryRun: "this was a dry run: nothing was compared yet; give --yes to do it" }),
          apply: Effect.fnUntraced(function* (planned) {
            const { plan } = planned
            const budget = { maxItems, maxReadUnits, maxWriteUnits, maxDollars }
            const scope = { subject, id: plan.id, since, until, topic, entity }
            const filters = filtersOf({ ...scope, rate, park, stateMachine, ...budget })
            const use: Use = { stack, command: write ? "replay" : "verify", filters, why }
            if (stateMachine) return yield* runOnStateMachine(plan, use)
            return yield* reportOf(plan, yield* run(planned, use))
          })
        }),
      // The state machine opens it itself.
      stateMachine ? Option.none() : exported
    )
  })

const generation = (example: string) =>
  Argument.String("generation").pipe(Argument.withDescription(`A generation, such as ${example}`))

export const replay = Command.make(
  "replay",
  {
    subject: generation("agents-v2"),
    ...planFlags,
    exported,
    stateMachine: toggle("state-machine", "Run the replay on the stack's state machine, and follow it to its end"),
    ...consent
  },
  act(true)
).pipe(
  Command.withDescription("Folds the event store into a generation while live traffic goes on; a dry run without --yes")
)

export const verify = Command.make("verify", { subject: generation("agents-v2"), ...planFlags, ...consent }, (flags) =>
  act(false)({ ...flags, exported: Option.none(), stateMachine: false })
).pipe(
  Command.withDescription(
    "Folds the event store and compares the rows of a generation with it; writes nothing; a dry run without --yes"
  )
)
