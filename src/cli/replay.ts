import { Effect, Option } from "effect"
import { ReplayBounds } from "../pipeline/replay/budget.ts"
import type { Difference, ReplayPlan, SegmentReport } from "../pipeline/replay/plan.ts"
import { stopRun } from "../pipeline/replay/record.ts"
import { replayAll } from "../pipeline/replay/replay.ts"
import { TableSizes } from "../store/table-sizes.ts"
import { audited, requireWhy } from "./audit.ts"
import { costText, number } from "./cost.ts"
import { admitExecution } from "./execution.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { given } from "./flags.ts"
import { clockText, makeProgress } from "./progress.ts"
import { accountOf, resultText, whyStopped } from "./replay-account.ts"
import { runThere } from "./replay-machine.ts"
import { estimate, planOf, type ReplayOptions, sizeOfReaders } from "./replay-plan.ts"
import { Screen, table } from "./screen.ts"
import type { StackTarget } from "./stack-target.ts"
import { onTables } from "./tables.ts"

const differenceRows = (differences: ReadonlyArray<Difference>) =>
  differences.map(({ kind, entity, row, registers }) => [kind, entity, row, registers.join(", ")])

/** What was asked for, as the audit shows it. */
const filtersOf = (plan: ReplayPlan, options: ReplayOptions & { readonly stateMachine?: boolean }) => {
  const { subject, since, until, topic, entity, rate, park, stateMachine = false } = options
  const { maxItems, maxReadUnits, maxWriteUnits, maxDollars } = options
  const budget = { maxItems, maxReadUnits, maxWriteUnits, maxDollars }
  return given({ subject, id: plan.id, since, until, topic, entity, rate, park, stateMachine, ...budget })
}

const runHere = Effect.fnUntraced(function* (
  site: StackTarget,
  plan: ReplayPlan,
  options: ReplayOptions,
  total: number
) {
  const progress = yield* makeProgress(Math.max(1, total))
  const reports = new Map<number, SegmentReport>()
  const work = replayAll(plan, (report) => {
    reports.set(report.segment, report)
    const done = [...reports.values()].reduce((sum, { counts }) => sum + counts.scanned, 0)
    return progress(Math.min(done, total))
  })
  const use = { site, command: plan.write ? "replay" : "verify", filters: filtersOf(plan, options), why: options.why }
  const done = yield* audited(use, work, (finished) => {
    const { state, counts } = accountOf(finished._tag === "Some" ? finished.value : reports.values())
    const { scanned, folded, rows, parked, differences } = counts
    return { outcome: state, counts: { scanned, folded, rows, parked, differences } }
  })
  return accountOf(done)
})

/** Asks a replay to stop, wherever it runs. */
const stopping = Effect.fnUntraced(function* (options: ReplayOptions) {
  const { subject, why } = options
  if (Option.isNone(options.id)) return yield* usageError("--stop ends one replay: name it with --id")
  const id = options.id.value
  yield* onTables(options, (site) =>
    Effect.gen(function* () {
      const use = { site, command: "replay", filters: given({ subject, id, stop: true }), why }
      const known = yield* audited(use, stopRun(id), () => ({ outcome: "asked to stop", counts: {} }))
      if (!known) return yield* new CliExit({ code: EXIT.nothing, message: `there is no replay ${id}` })
      const { print } = yield* Screen
      print(`${id} stops at its next checkpoints; the same --id goes on`)
    })
  )
})

const act = (write: boolean) =>
  Effect.fnUntraced(function* (options: ReplayOptions & { readonly stateMachine?: boolean; readonly stop?: boolean }) {
    const { subject, yes, dryRun, json, stateMachine = false, exported = Option.none(), stop = false } = options
    if (stop) return yield* stopping(options)
    if (stateMachine && Option.isSome(exported))
      return yield* usageError("--state-machine reads the table and --export does not: give one of them")
    if (yes && dryRun) return yield* usageError("--yes does it and --dry-run does not: give one of them")
    if (yes && write) yield* requireWhy(options.why, "writes to a generation")
    yield* onTables(
      options,
      (site) =>
        Effect.gen(function* () {
          const screen = yield* Screen
          if (stateMachine && site.offline)
            return yield* usageError(
              "--state-machine: no run holds this folder, so nothing would execute; begin one with npm start -- --data, or leave it out and the replay runs here"
            )
          const rows = yield* sizeOfReaders(site, subject)
          const wanted = yield* planOf(site, options, write, rows.items)
          const { eventsPerSecond } = site.outputs.replayLimits
          // Its functions hold to their share whatever a plan says.
          const plan = stateMachine
            ? { ...wanted, eventsPerSecond: Math.min(wanted.eventsPerSecond, eventsPerSecond) }
            : wanted
          if (stateMachine) yield* admitExecution(plan.id)
          const store = yield* (yield* TableSizes).of(site.outputs.eventTableName)
          const { cost, seconds } = estimate(plan, store, rows, yield* ReplayBounds)
          if (!yes) {
            if (json) screen.print(JSON.stringify({ plan, dryRun: true, cost, seconds }, undefined, 2))
            else {
              screen.print(
                `${plan.id}: ${write ? `would fold the event store into ${subject}` : `would fold the event store and compare it with ${subject}`}`
              )
              screen.print(
                `${write ? "at most " : ""}${costText(cost)}, ${clockText(seconds)} at ${number(plan.eventsPerSecond)} events a second`
              )
            }
            screen.note("this was a dry run: nothing was written; give --yes to do it")
            return
          }
          if (stateMachine) return yield* runThere(site, plan, { ...options, filters: filtersOf(plan, options) })
          const account = yield* runHere(site, plan, options, cost.items)
          if (json) screen.print(JSON.stringify({ plan, dryRun: false, ...account }, undefined, 2))
          else {
            for (const line of resultText(account, plan)) screen.print(line)
            if (account.differences.length > 0)
              screen.print(
                table(
                  ["WHAT", "ENTITY", "ROW", "REGISTERS"],
                  differenceRows(account.differences),
                  screen.outputIsTerminal
                )
              )
          }
          if (account.state !== "done")
            return yield* new CliExit({
              code: EXIT.partly,
              message: `${plan.id} stopped: ${whyStopped[account.state]}`
            })
          if (account.counts.differences > 0)
            return yield* new CliExit({ code: EXIT.differs, message: `${subject} is not what the event store says` })
          if (account.counts.folded === 0)
            return yield* new CliExit({
              code: EXIT.nothing,
              message:
                account.counts.scanned === 0
                  ? "the event store is empty: there was nothing to fold"
                  : "no event of the store is in that scope: there was nothing to fold"
            })
        }),
      exported
    )
  })

/** `projections replay`. */
export const replay = act(true)

/** `projections verify`. */
export const verify = act(false)
