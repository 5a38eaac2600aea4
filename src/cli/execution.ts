import { Effect } from "effect"
import type { ReplayPlan } from "../pipeline/replay/plan.ts"
import { beginRun } from "../pipeline/replay/record.ts"
import { type Execution, Executions } from "../store/executions.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { refusalText } from "./replay-account.ts"

/** The n-th execution of a replay, from 1. AWS takes a name once in 90 days, and a replay goes on for 7. */
const nameOf = (id: string, n: number): string => (n === 1 ? id : `${id}--${n}`)

export interface Named extends Execution {
  readonly name: string
}

/** The last execution of a replay, where it has one, and the number of the next. */
export const lastExecution = Effect.fnUntraced(function* (id: string) {
  const { status } = yield* Executions
  let last: Named | undefined
  for (let next = 1; ; next++) {
    const name = nameOf(id, next)
    const found = yield* status(name)
    if (found === undefined) return { last, next }
    last = { ...found, name }
  }
})

/** Refuses while an execution of the replay runs; else answers the number of the next. */
export const admitExecution = Effect.fnUntraced(function* (id: string) {
  const { last, next } = yield* lastExecution(id)
  if (last?.status === "running")
    return yield* usageError(
      `${id} runs already, as the execution ${last.name}: follow it with projections progress ${id} --follow, or end it with projections stop ${id}`
    )
  return next
})

/**
 * Writes the plan down and starts an execution of it, under a name of its own, which is the answer. Of two that do so at once both start the
 * same one.
 */
export const startExecution = Effect.fnUntraced(function* (plan: ReplayPlan) {
  const { start } = yield* Executions
  const { id, segments } = plan
  const next = yield* admitExecution(id)
  yield* beginRun(plan)
  const input = JSON.stringify({ replayId: id, segments: Array.from({ length: segments }, (_, n) => n) })
  for (let n = next; ; n++) if ((yield* start(nameOf(id, n), input)) === "started") return nameOf(id, n)
})

/** An execution as it is now. One that was started just now may not be known yet, and runs. */
export const executionNow = Effect.fnUntraced(function* (name: string) {
  const { status } = yield* Executions
  const found = yield* status(name)
  return { name, ...(found ?? { status: "running" as const, startedAt: 0 }) } satisfies Named as Named
})

/** How an execution ended that did not end well; undefined for the others. `refused`: what a segment says about it. */
export const failureOf = (id: string, { name, status, error, cause }: Named, refused: string | undefined) => {
  if (status === "succeeded" || status === "running") return undefined
  const reason = [error, cause].filter((text) => text !== undefined && text !== "").join(": ") || "no reason was given"
  if (status === "aborted")
    return new CliExit({ code: EXIT.partly, message: `${id} was aborted (${name}: ${reason}): the same --id goes on` })
  if (refused !== undefined) return usageError(refusalText(refused))
  const how = status === "timedOut" ? "ran out of time" : "failed"
  return usageError(
    `${id} ${how} (${name}: ${reason}): docs/operations.md#replay-failed says where to look; the same --id goes on`
  )
}
