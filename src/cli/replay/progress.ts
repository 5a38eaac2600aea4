import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { readRun, runKey, stopRun } from "../../pipeline/replay/record.ts"
import type { Execution } from "../../store/executions.ts"
import { audited, requireWhy } from "../audit/audited.ts"
import { usageError } from "../exit.ts"
import { toggle, why } from "../flags.ts"
import { present } from "../report.ts"
import { onTables } from "../stack/stores.ts"
import { number } from "../text.ts"
import { accountLines } from "./account.ts"
import { documentOf, endOf, follow, observe } from "./follow.ts"
import { lastExecution } from "./state-machine.ts"

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
        yield* audited(use, stopRun(id), () => ({ outcome: "stopping", counts: {} }))
        yield* present({
          document: { id, stopping: true },
          lines: [`${id} stops at its next checkpoints, within a minute or two; resume it with the same --id`]
        })
      })
    )
  })
).pipe(Command.withDescription("Stops a replay, wherever it runs; it can be resumed with the same --id"))
