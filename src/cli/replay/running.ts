import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import type { ReplayPlan } from "../../pipeline/replay/plan.ts"
import { beginRun, readRun, runKey, stopRun } from "../../pipeline/replay/record.ts"
import { type Execution, Executions } from "../../store/executions.ts"
import { toggle, why } from "../flags.ts"
import { present, type Report, requireWhy } from "../report.ts"
import { nothing, number, Screen, usageError } from "../screen.ts"
import { onTables } from "../stack/stack.ts"
import { recorded, type Use } from "../uses.ts"
import { accountLines, documentOf, endOf, follow, type NamedExecution, observe } from "./follow.ts"

/** The n-th execution of a replay, from 1. AWS takes a name once in 90 days. */
const nameOf = (id: string, n: number): string => (n === 1 ? id : `${id}--${n}`)

/** The last execution of a replay, where it has one, and the number of the next. */
export const lastExecution = Effect.fnUntraced(function* (id: string) {
  const { status } = yield* Executions
  let last: NamedExecution | undefined
  for (let next = 1; ; next++) {
    const name = nameOf(id, next)
    const found = yield* status(name)
    if (found === undefined) return { last, next }
    last = { ...found, name }
  }
})

/** Refuses while an execution of the replay runs; else returns the number of the next. */
export const admitExecution = Effect.fnUntraced(function* (id: string) {
  const { last, next } = yield* lastExecution(id)
  if (last?.status === "running")
    return yield* usageError(
      `${id} runs already, as the execution ${last.name}: follow it with projections progress ${id} --follow, or end it with projections stop ${id}`
    )
  return next
})

/** Stores the plan and starts an execution of it, whose name it returns. Two callers at the same time start the same execution. */
const startExecution = Effect.fnUntraced(function* (plan: ReplayPlan) {
  const { start } = yield* Executions
  const { id, segments } = plan
  const next = yield* admitExecution(id)
  yield* beginRun(plan)
  const input = JSON.stringify({ replayId: id, segments: Array.from({ length: segments }, (_, n) => n) })
  for (let n = next; ; n++) if ((yield* start(nameOf(id, n), input)) === "started") return nameOf(id, n)
})

/** Starts a replay on the stack's state machine, and follows it until it is over. Interrupting this does not stop the replay. */
export const runOnStateMachine = Effect.fnUntraced(function* (plan: ReplayPlan, use: Use) {
  const { id } = plan
  const { note } = yield* Screen
  const name = yield* recorded(use, startExecution(plan), (started) => ({
    outcome: started._tag === "Some" ? `started ${started.value}` : "not started",
    counts: {}
  }))
  note(
    `the execution ${name} of ${number(plan.segments)} segments has started; Ctrl-C stops following it, not the replay`
  )
  const { value: run } = yield* readRun(runKey(id))
  if (run === undefined) return yield* usageError(`the plan of ${id} is gone from the control table`)
  const found = yield* follow(use.stack, run, name).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() =>
        note(
          `${id} goes on as the execution ${name}: projections progress ${id} --follow follows it, projections stop ${id} stops it, and this command with --id ${id} resumes it`
        )
      )
    )
  )
  const end =
    endOf(id, found) ??
    (found.account.counts.folded === 0 ? nothing("no event is in that scope: nothing to fold") : undefined)
  return {
    document: { ...documentOf(run, found), dryRun: false },
    lines: accountLines(found.account, plan),
    notes: end === undefined ? [`the execution ${name} has succeeded`] : [],
    end
  } satisfies Report as Report
})

const words: Readonly<Record<Execution["status"], string>> = {
  running: "is running",
  succeeded: "has succeeded",
  failed: "has failed",
  timedOut: "has timed out",
  aborted: "was aborted"
}

const find = Effect.fnUntraced(function* (id: string) {
  const { value } = yield* readRun(runKey(id))
  return value ?? (yield* usageError(`no replay ${id} has begun on this stack; replay prints the id that it gives`))
})

const id = { id: Argument.String("id").pipe(Argument.withDescription("Id of a replay, as replay prints it")) }

export const progress = Command.make(
  "progress",
  { ...id, follow: toggle("follow", "Look every few seconds until the replay is over") },
  (flags) =>
    onTables(
      Effect.fnUntraced(function* (stack) {
        const { id } = flags
        const run = yield* find(id)
        const { last } = yield* lastExecution(id)
        const found = yield* flags.follow ? follow(stack, run, last?.name) : observe(run, last?.name)
        const { segments, account, execution } = found
        const as = execution === undefined ? "" : `; the execution ${execution.name} ${words[execution.status]}`
        const title = `${id}: ${number(segments.done)} of ${number(segments.all)} segments done, ${number(segments.stopped)} stopped${as}`
        const end = endOf(id, found)
        const over = found.refused !== undefined || (execution !== undefined && execution.status !== "running")
        yield* present({
          document: documentOf(run, found),
          lines: [title, ...accountLines(account, run.plan)],
          // Only who follows a replay to its end gets its exit code.
          ...(flags.follow ? { end } : { notes: over && end !== undefined ? [end.message] : [] })
        })
      })
    )
).pipe(Command.withDescription("Shows how far a replay is, wherever it runs"))

export const stop = Command.make(
  "stop",
  { ...id, ...why },
  Effect.fnUntraced(function* ({ id, why }) {
    yield* requireWhy(why, "Stopping a replay")
    yield* onTables(
      Effect.fnUntraced(function* (stack) {
        yield* find(id)
        const use = { stack, command: "stop", filters: { id }, why }
        yield* recorded(use, stopRun(id), () => ({ outcome: "stopping", counts: {} }))
        yield* present({
          document: { id, stopping: true },
          lines: [`${id} stops at its next checkpoints, within a minute or two; resume it with the same --id`]
        })
      })
    )
  })
).pipe(Command.withDescription("Stops a replay, wherever it runs; it can be resumed with the same --id"))
