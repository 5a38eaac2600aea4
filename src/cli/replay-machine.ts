import { Effect, type Option } from "effect"
import type { ReplayPlan } from "../pipeline/replay/plan.ts"
import { readRun, runKey } from "../pipeline/replay/record.ts"
import { audited, type Use } from "./audit.ts"
import { number } from "./cost.ts"
import { startExecution } from "./execution.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { documentOf, endOf, follow } from "./follow.ts"
import { resultText } from "./replay-account.ts"
import { Screen } from "./screen.ts"
import type { StackTarget } from "./stack-target.ts"

interface ThereOptions extends Pick<Use, "filters"> {
  readonly why: Option.Option<string>
  readonly json: boolean
}

/** Starts a replay on the stack's state machine, and looks on until it is over. Whoever stops looking on does not stop it. */
export const runThere = Effect.fnUntraced(function* (site: StackTarget, plan: ReplayPlan, options: ThereOptions) {
  const { filters, why, json } = options
  const { id } = plan
  const screen = yield* Screen
  const use = { site, command: "replay", filters, why }
  const name = yield* audited(use, startExecution(plan), (started) => ({
    outcome: started._tag === "Some" ? `started ${started.value}` : "not started",
    counts: {}
  }))
  screen.note(
    `the execution ${name} of ${number(plan.segments)} segments has started; Ctrl-C stops looking on, and not the replay`
  )
  const { value: run } = yield* readRun(runKey(id))
  if (run === undefined) return yield* usageError(`the plan of ${id} is gone from the control table`)
  const found = yield* follow(site, run, name).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() =>
        screen.note(
          `${id} goes on as the execution ${name}: projections progress ${id} --follow looks on, projections stop ${id} ends it, and this command with --id ${id} takes it up again`
        )
      )
    )
  )
  const ended = endOf(id, found)
  if (json) screen.print(JSON.stringify({ ...documentOf(run, found), dryRun: false }, undefined, 2))
  else for (const line of resultText(found.account, plan)) screen.print(line)
  if (ended !== undefined) return yield* ended
  if (found.account.counts.folded === 0)
    return yield* new CliExit({ code: EXIT.nothing, message: "there was nothing to fold in that scope" })
  screen.note(`the execution ${name} has succeeded`)
})
