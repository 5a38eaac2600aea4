import { Effect, type Option } from "effect"
import { readRun, runKey, stopRun } from "../pipeline/replay/record.ts"
import type { Execution } from "../store/executions.ts"
import { audited, requireWhy } from "./audit.ts"
import { number } from "./cost.ts"
import { lastExecution } from "./execution.ts"
import { usageError } from "./exit.ts"
import type { SiteOptions } from "./flags.ts"
import { documentOf, endOf, follow, look } from "./follow.ts"
import { resultText } from "./replay-account.ts"
import { Screen } from "./screen.ts"
import { onTables } from "./tables.ts"

const words: Readonly<Record<Execution["status"], string>> = {
  running: "runs",
  succeeded: "has succeeded",
  failed: "has failed",
  timedOut: "ran out of time",
  aborted: "was aborted"
}

const find = Effect.fnUntraced(function* (id: string) {
  const { value } = yield* readRun(runKey(id))
  return value ?? (yield* usageError(`no replay ${id} has begun on this stack; replay prints the id that it gives`))
})

export interface ProgressOptions extends SiteOptions {
  readonly id: string
  readonly follow: boolean
  readonly json: boolean
}

/** `projections progress`. */
export const progress = (options: ProgressOptions) =>
  onTables(options, (site) =>
    Effect.gen(function* () {
      const screen = yield* Screen
      const run = yield* find(options.id)
      const { last } = yield* lastExecution(options.id)
      const found = yield* options.follow ? follow(site, run, last?.name) : look(run, last?.name)
      const { segments, account, execution } = found
      if (options.json) screen.print(JSON.stringify(documentOf(run, found), undefined, 2))
      else {
        const as = execution === undefined ? "" : `; the execution ${execution.name}: ${words[execution.status]}`
        screen.print(
          `${options.id}: ${number(segments.done)} of ${number(segments.all)} segments done, ${number(segments.stopped)} stopped${as}`
        )
        for (const line of resultText(account, run.plan)) screen.print(line)
      }
      const ended = endOf(options.id, found)
      if (options.follow && ended !== undefined) return yield* ended
      const over = found.refused !== undefined || (execution !== undefined && execution.status !== "running")
      if (over && ended !== undefined) screen.note(ended.message)
    })
  )

export interface StopOptions extends SiteOptions {
  readonly id: string
  readonly why: Option.Option<string>
}

/** `projections stop`. */
export const stop = (options: StopOptions) =>
  onTables(options, (site) =>
    Effect.gen(function* () {
      const { id, why } = options
      yield* requireWhy(why, "stops a replay")
      yield* find(id)
      yield* audited({ site, command: "stop", filters: { id }, why }, stopRun(id), () => ({
        outcome: "stopping",
        counts: {}
      }))
      ;(yield* Screen).print(`${id} stops at its next checkpoints, within a minute or two; the same --id goes on`)
    })
  )
