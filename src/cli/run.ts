import { Clock, Effect, type Option } from "effect"
import { checkpointKey, type ReplayRun, readCheckpoint, readRun, runKey, stopRun } from "../pipeline/replay-record.ts"
import { addCounts, dollarsOf, noCounts } from "../pipeline/replay-spending.ts"
import { TableSizes } from "../store/table-sizes.ts"
import { audited, requireWhy } from "./audit.ts"
import { dollars, number } from "./cost.ts"
import { Ended, EXIT, mistake } from "./exit.ts"
import type { SiteOptions } from "./flags.ts"
import { makeProgress } from "./progress.ts"
import { Screen } from "./screen.ts"
import { onTables } from "./tables.ts"

/** Between two looks at the checkpoints of a replay, and without any movement until it is taken for dead. */
const LOOK_EVERY_MS = 5_000
const DEAD_AFTER_MS = 30 * 60_000

/** Control items read at a time. */
const READS_IN_FLIGHT = 16

const find = Effect.fnUntraced(function* (id: string) {
  const { value } = yield* readRun(runKey(id))
  return value ?? (yield* mistake(`no replay ${id} has begun on this stack; replay prints the id that it gives`))
})

/** Where a replay is, over all its segments. Those that nobody has begun have no checkpoint. */
const look = Effect.fnUntraced(function* ({ plan }: ReplayRun) {
  const keys = Array.from({ length: plan.segments }, (_, segment) => checkpointKey(plan.id, segment))
  const held = yield* Effect.forEach(keys, readCheckpoint, { concurrency: READS_IN_FLIGHT })
  const checkpoints = held.flatMap(({ value }) => value ?? [])
  const counts = checkpoints.reduce((sum, checkpoint) => addCounts(sum, checkpoint.counts), noCounts)
  const having = (...states: ReadonlyArray<string>) => checkpoints.filter(({ state }) => states.includes(state)).length
  return {
    segments: { all: plan.segments, done: having("done"), stopped: having("budget", "stopped") },
    counts,
    dollars: dollarsOf(counts)
  }
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
      const { items } = yield* (yield* TableSizes).of(site.outputs.eventTableName)
      const show = yield* makeProgress(Math.max(1, items))
      let found = yield* look(run)
      let moved = yield* Clock.currentTimeMillis
      while (options.follow && found.segments.done + found.segments.stopped < found.segments.all) {
        yield* show(Math.min(found.counts.scanned, items))
        yield* Effect.sleep(LOOK_EVERY_MS)
        const now = yield* look(run)
        const at = yield* Clock.currentTimeMillis
        if (JSON.stringify(now) !== JSON.stringify(found)) moved = at
        if (at - moved > DEAD_AFTER_MS)
          return yield* mistake(
            `${options.id} has not moved for half an hour: look at what runs it, and start it again`
          )
        found = now
      }
      const { segments, counts } = found
      if (options.json) screen.print(JSON.stringify({ plan: run.plan, ...found }, undefined, 2))
      else {
        screen.print(
          `${options.id}: ${number(segments.done)} of ${number(segments.all)} segments done, ${number(segments.stopped)} stopped`
        )
        screen.print(
          `${number(counts.scanned)} events read, ${number(counts.rows)} rows written, ${number(counts.parked)} parked; ${number(counts.readUnits)} read units, ${number(counts.writeUnits)} write units, ${dollars(found.dollars)}`
        )
      }
      if (options.follow && segments.stopped > 0)
        return yield* new Ended({ code: EXIT.partly, message: `${options.id} stopped: the same --id goes on` })
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
