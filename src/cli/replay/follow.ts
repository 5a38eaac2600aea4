import { Clock, Effect } from "effect"
import { addCounts, dollarsOf, noCounts, type ReplayCounts } from "../../pipeline/replay/budget.ts"
import type { Difference, ReplayPlan } from "../../pipeline/replay/plan.ts"
import {
  type Checkpoint,
  checkpointKey,
  type ReplayRun,
  readCheckpoint,
  readRun,
  runKey
} from "../../pipeline/replay/record.ts"
import { type Execution, Executions } from "../../store/executions.ts"
import { sizeOfEvents } from "../cost.ts"
import { type CliExit, dollars, makeProgress, number, partly, Screen, usageError } from "../screen.ts"
import type { StackTarget } from "../stack/stack.ts"

/** All segments together. `state`: `done`, or the state of the first segment that is not. */
export interface Account {
  readonly state: Checkpoint["state"]
  readonly counts: ReplayCounts
  readonly dollars: number
  readonly differences: ReadonlyArray<Difference>
}

export const accountOf = (segments: Iterable<Pick<Checkpoint, "state" | "counts" | "differences">>): Account => {
  const all = [...segments]
  const counts = all.reduce((sum, segment) => addCounts(sum, segment.counts), noCounts)
  return {
    state: all.find(({ state }) => state !== "done")?.state ?? "done",
    counts,
    dollars: dollarsOf(counts),
    differences: all.flatMap(({ differences }) => differences)
  }
}

const whyStopped: Readonly<Record<Exclude<Account["state"], "done">, string>> = {
  budget: "the budget is spent: resume it with the same --id and a higher limit",
  deadline: "the time was up: resume it with the same --id",
  running: "some segments have not begun: resume it with the same --id",
  stopped: "it was asked to stop: resume it with the same --id"
}

/** How a replay ended that stopped before its end. Undefined for one that is done. */
export const stoppedEnd = (id: string, state: Account["state"]) =>
  state === "done" ? undefined : partly(`${id} stopped: ${whyStopped[state]}`)

/** What to do about an event that a fold refuses; `refused` is what the pipeline says about it. */
export const refusalText = (refused: string): string => `${refused} with --park; then resume it with the same --id`

/** Results in lines. */
export const accountLines = (
  { counts, dollars: price }: Account,
  { write, generation }: ReplayPlan
): ReadonlyArray<string> => [
  `${number(counts.scanned)} events read, ${number(counts.folded)} of them folded${counts.parked > 0 ? `, ${number(counts.parked)} parked` : ""}`,
  write
    ? `${number(counts.rows)} rows and ${number(counts.summaries)} summaries written to ${generation}`
    : `${number(counts.rows)} rows of ${generation} compared: ${counts.differences === 0 ? "all match the event store" : `${number(counts.differences)} differ`}${counts.unsettled > 0 ? `; ${number(counts.unsettled)} left out, because they changed just now` : ""}`,
  `${number(counts.readUnits)} read units, ${number(counts.writeUnits)} write units, ${dollars(price)}`
]

/** How often the checkpoints of a replay are read. */
const LOOK_EVERY_MS = 5_000

/** After so long without any movement a replay counts as dead. */
const DEAD_AFTER_MS = 30 * 60_000

/** Control items read at a time. */
const READS_IN_FLIGHT = 16

/** An execution of a replay, and its name. */
export interface NamedExecution extends Execution {
  readonly name: string
}

/** An execution as it is now. One that was started just now may not be known yet, and counts as running. */
const executionNow = Effect.fnUntraced(function* (name: string) {
  const { status } = yield* Executions
  const found = yield* status(name)
  return { name, ...(found ?? { status: "running" as const, startedAt: 0 }) } satisfies NamedExecution as NamedExecution
})

/** Where a replay is, over all its segments, and its execution, where it has one. A segment that has not begun has no checkpoint. */
export const observe = Effect.fnUntraced(function* ({ plan }: ReplayRun, name: string | undefined) {
  // The execution first: when it is over, it has written its checkpoints.
  const execution = name === undefined ? undefined : yield* executionNow(name)
  const keys = Array.from({ length: plan.segments }, (_, segment) => checkpointKey(plan.id, segment))
  const { value: run } = yield* readRun(runKey(plan.id))
  const read = yield* Effect.forEach(keys, readCheckpoint, { concurrency: READS_IN_FLIGHT })
  const checkpoints = read.flatMap(({ value }) => value ?? [])
  const account = accountOf(checkpoints)
  const having = (...states: ReadonlyArray<string>) => checkpoints.filter(({ state }) => states.includes(state)).length
  const refused = checkpoints
    .flatMap(({ refused }) => refused ?? [])
    .find(({ at }) => at >= (execution?.startedAt ?? 0))
  const begun = checkpoints.length === plan.segments
  return {
    segments: { all: plan.segments, done: having("done"), stopped: having("budget", "stopped") },
    // What has not begun is not done.
    account: begun || account.state !== "done" ? account : { ...account, state: "running" as const },
    execution,
    stopping: run?.stopping ?? false,
    refused: refused?.message
  }
})

export type Observed = Effect.Success<ReturnType<typeof observe>>

/** With an execution, when that is over; without one, when each segment is done or stopped, or an event is refused. */
const isOver = ({ execution, segments: { all, done, stopped }, refused }: Observed): boolean =>
  execution === undefined ? done + stopped === all || refused !== undefined : execution.status !== "running"

const dead = (id: string, { execution }: Observed) =>
  usageError(
    execution === undefined
      ? `${id} has not moved for half an hour: look at what runs it, and start it again`
      : `${id} has not moved for half an hour, though it runs: see docs/operations.md#replay-stuck`
  )

/** Observes a replay, with a progress bar, until it is over. */
export const follow = Effect.fnUntraced(function* (stack: StackTarget, run: ReplayRun, name: string | undefined) {
  const { items } = yield* sizeOfEvents(stack)
  let found = yield* observe(run, name)
  const show = yield* makeProgress(Math.max(1, items), found.account.counts.scanned)
  let moved = yield* Clock.currentTimeMillis
  while (!isOver(found)) {
    yield* show(Math.min(found.account.counts.scanned, items))
    yield* Effect.sleep(LOOK_EVERY_MS)
    const now = yield* observe(run, name)
    const at = yield* Clock.currentTimeMillis
    if (JSON.stringify(now) !== JSON.stringify(found)) moved = at
    if (at - moved > DEAD_AFTER_MS) return yield* dead(run.plan.id, found)
    found = now
  }
  const { errorIsTerminal, redraw } = yield* Screen
  if (errorIsTerminal) redraw("")
  return found
})

/** How an execution ended that has not succeeded; undefined for the others. `refused`: what a segment says about it. */
const failureOf = (id: string, { name, status, error, cause }: NamedExecution, refused: string | undefined) => {
  if (status === "succeeded" || status === "running") return undefined
  const reason = [error, cause].filter((text) => text !== undefined && text !== "").join(": ") || "no reason was given"
  if (status === "aborted") return partly(`${id} was aborted (${name}: ${reason}): resume it with the same --id`)
  if (refused !== undefined) return usageError(refusalText(refused))
  const how = status === "timedOut" ? "timed out" : "failed"
  return usageError(
    `${id} ${how} (${name}: ${reason}): see docs/operations.md#replay-failed, then resume it with the same --id`
  )
}

/** How a replay that is over has ended, where it is not done. */
export const endOf = (
  id: string,
  { execution, refused, stopping, segments, account }: Observed
): CliExit | undefined => {
  const failure = execution && failureOf(id, execution, refused)
  if (failure !== undefined) return failure
  if (refused !== undefined) return usageError(refusalText(refused))
  if (segments.done === segments.all || account.state === "done") return undefined
  return stoppedEnd(id, stopping ? "stopped" : account.state)
}

/** As a JSON document. */
export const documentOf = ({ plan }: ReplayRun, { segments, account, execution, refused }: Observed) => {
  const { counts, dollars } = account
  const shown = execution && (({ startedAt: _, ...rest }: NamedExecution) => rest)(execution)
  return { plan, segments, counts, dollars, ...(shown && { execution: shown }), ...(refused && { refused }) }
}
