import { Clock, Effect } from "effect"
import { checkpointKey, type ReplayRun, readCheckpoint, readRun, runKey } from "../pipeline/replay/record.ts"
import { TableSizes } from "../store/table-sizes.ts"
import { executionNow, failureOf, type Named } from "./execution.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { makeProgress } from "./progress.ts"
import { accountOf, refusalText, whyStopped } from "./replay-account.ts"
import { Screen } from "./screen.ts"
import type { StackTarget } from "./stack-target.ts"

/** Between two looks at the checkpoints of a replay, and without any movement until it is taken for dead. */
const LOOK_EVERY_MS = 5_000
const DEAD_AFTER_MS = 30 * 60_000

/** Control items read at a time. */
const READS_IN_FLIGHT = 16

/** Where a replay is, over all its segments, and the execution that runs it, where one does. Segments that nobody has begun have no checkpoint. */
export const look = Effect.fnUntraced(function* ({ plan }: ReplayRun, named: string | undefined) {
  // First of all: what is over has written its checkpoints.
  const execution = named === undefined ? undefined : yield* executionNow(named)
  const keys = Array.from({ length: plan.segments }, (_, segment) => checkpointKey(plan.id, segment))
  const { value: now } = yield* readRun(runKey(plan.id))
  const held = yield* Effect.forEach(keys, readCheckpoint, { concurrency: READS_IN_FLIGHT })
  const checkpoints = held.flatMap(({ value }) => value ?? [])
  const account = accountOf(checkpoints)
  const having = (...states: ReadonlyArray<string>) => checkpoints.filter(({ state }) => states.includes(state)).length
  const refused = checkpoints
    .flatMap(({ refused }) => refused ?? [])
    .find(({ at }) => at >= (execution?.startedAt ?? 0))
  return {
    segments: { all: plan.segments, done: having("done"), stopped: having("budget", "stopped") },
    // What nobody has begun is not done.
    account:
      checkpoints.length === plan.segments || account.state !== "done"
        ? account
        : { ...account, state: "running" as const },
    execution,
    stopping: now?.stopping ?? false,
    refused: refused?.message
  }
})

export type Sight = Effect.Success<ReturnType<typeof look>>

/** An execution says itself when it is over; without one, a replay is over when each segment is done or stopped, or one is refused. */
const isOver = ({ execution, segments: { all, done, stopped }, refused }: Sight): boolean =>
  execution === undefined ? done + stopped === all || refused !== undefined : execution.status !== "running"

const dead = (id: string, { execution }: Sight) =>
  usageError(
    execution === undefined
      ? `${id} has not moved for half an hour: look at what runs it, and start it again`
      : `${id} has not moved for half an hour, and runs: docs/operations.md#replay-stuck says what to do`
  )

/** Looks on, with a bar, until a replay is over. Answers what is to be seen then. */
export const follow = Effect.fnUntraced(function* (site: StackTarget, run: ReplayRun, named: string | undefined) {
  const { items } = yield* (yield* TableSizes).of(site.outputs.eventTableName)
  let found = yield* look(run, named)
  const show = yield* makeProgress(Math.max(1, items), found.account.counts.scanned)
  let moved = yield* Clock.currentTimeMillis
  while (!isOver(found)) {
    yield* show(Math.min(found.account.counts.scanned, items))
    yield* Effect.sleep(LOOK_EVERY_MS)
    const now = yield* look(run, named)
    const at = yield* Clock.currentTimeMillis
    if (JSON.stringify(now) !== JSON.stringify(found)) moved = at
    if (at - moved > DEAD_AFTER_MS) return yield* dead(run.plan.id, found)
    found = now
  }
  const { errorIsTerminal, redraw } = yield* Screen
  if (errorIsTerminal) redraw("")
  return found
})

/** How a replay that is over has ended, where not well. */
export const endOf = (id: string, { execution, refused, stopping, segments, account }: Sight): CliExit | undefined => {
  const failure = execution && failureOf(id, execution, refused)
  if (failure !== undefined) return failure
  if (refused !== undefined) return usageError(refusalText(refused))
  if (segments.done === segments.all || account.state === "done") return undefined
  const why = whyStopped[stopping ? "stopped" : account.state]
  return new CliExit({ code: EXIT.partly, message: `${id} stopped: ${why}` })
}

/** As scripts see it. */
export const documentOf = ({ plan }: ReplayRun, { segments, account, execution, refused }: Sight) => {
  const { counts, dollars } = account
  const shown = execution && (({ startedAt: _, ...rest }: Named) => rest)(execution)
  return { plan, segments, counts, dollars, ...(shown && { execution: shown }), ...(refused && { refused }) }
}
