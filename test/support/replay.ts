import { effectClock, type VirtualClock, virtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { Context, Effect, Layer } from "effect"
import { generation } from "../../src/domain/projection.ts"
import { SettleWindow } from "../../src/pipeline/folding.ts"
import { type Bounds, ReplayBounds } from "../../src/pipeline/replay/budget.ts"
import type { ReplayPlan, SegmentReport } from "../../src/pipeline/replay/plan.ts"
import { daysOf, openSegment, readRun, runKey } from "../../src/pipeline/replay/record.ts"
import { projectionOf, replayAll, replaySegment } from "../../src/pipeline/replay/replay.ts"
import { Control } from "../../src/store/control.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { EventSource } from "../../src/store/event-source.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import type { memoryEventStore } from "../../src/store/memory/event-store.ts"
import { memoryParked } from "../../src/store/memory/parked.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { type Page, ProjectionStore } from "../../src/store/projection-store.ts"
import { dumpOf, WINDOW } from "./core.ts"
import { delivered as projections } from "./delivered.ts"
import { START } from "./history.ts"

export const GENERATIONS = projections.map(generation)

/** A day after the histories begin: all of them is due. */
export const LATER = START + 86_400_000

/** What a test puts around the ports of a replay. */
export interface Around {
  readonly source?: (inner: EventSource["Service"]) => EventSource["Service"]
  readonly rows?: (inner: ProjectionStore["Service"]) => ProjectionStore["Service"]
  readonly control?: (inner: Control["Service"]) => Control["Service"]
}

const same = <A>(a: A): A => a

export const planOf = (plan: Partial<ReplayPlan> = {}): ReplayPlan => ({
  id: "replay",
  generation: GENERATIONS[0] as string,
  scope: {},
  segments: 1,
  write: true,
  park: false,
  eventsPerSecond: 100_000,
  budget: {},
  ...plan
})

/**
 * Replays of the events of a store into tables in memory, with a clock that moves as soon as all wait for it. Held small, so that short
 * histories are many pages and several flushes.
 */
export const makeReplays = (
  events: ReturnType<typeof memoryEventStore>,
  rows = memoryProjectionStore(),
  clock: VirtualClock = virtualClock(LATER)
) => {
  const stores = { control: memoryControl(), parked: memoryParked(), rows }
  const base = Layer.mergeAll(
    events.source,
    rows.layer,
    stores.control.layer,
    stores.parked.layer,
    Layer.succeed(SettleWindow, WINDOW),
    effectClock(clock)
  )

  const layerOf = ({ source = same, rows = same, control = same }: Around, bounds: Partial<Bounds>, ends: number) =>
    Layer.effectContext(
      Effect.gen(function* () {
        return Context.empty().pipe(
          Context.add(EventSource, source(yield* EventSource)),
          Context.add(ProjectionStore, rows(yield* ProjectionStore)),
          Context.add(Control, control(yield* Control)),
          Context.add(ReplayBounds, { registers: 40, flushMs: 60_000, verifyRows: 10_000, ...bounds }),
          Context.add(Deadline, ends)
        )
      })
    ).pipe(Layer.provideMerge(base))

  /** Runs an effect, and moves the clock for it. */
  const run = async <A, E>(
    effect: Effect.Effect<A, E, Layer.Success<ReturnType<typeof layerOf>>>,
    { around = {}, bounds = {}, ends = Number.POSITIVE_INFINITY }: RunOptions = {}
  ): Promise<A> => {
    let settled = false
    const result = Effect.runPromise(Effect.provide(effect, layerOf(around, bounds, ends), { local: true }))
    const settle = () => {
      settled = true
    }
    result.then(settle, settle)
    await runVirtual(clock, { pending: () => 0, until: () => settled, limit: 30 * 86_400_000 })
    return result
  }

  /** Every row of the tables. */
  const dump = () =>
    run(
      Effect.gen(function* () {
        const { pages } = yield* ProjectionStore
        const dumped: Array<Parameters<typeof dumpOf>[0][number]> = []
        for (const projection of GENERATIONS)
          for (let cursor: string | undefined, more = true; more; ) {
            const page: Page = yield* pages(projection, { segment: 0, segments: 1, ...(cursor && { cursor }) })
            dumped.push(...page.rows.map((row) => ({ projection, ...row })))
            cursor = page.cursor
            more = cursor !== undefined
          }
        return dumpOf(dumped)
      })
    )

  const replay = (plan: Partial<ReplayPlan> = {}, options: RunOptions = {}) => run(replayAll(planOf(plan)), options)

  /** Into all generations. */
  const rebuild = async (plan: Partial<ReplayPlan> = {}, options: RunOptions = {}) => {
    const reports: Array<SegmentReport> = []
    for (const generation of GENERATIONS)
      reports.push(...(await replay({ ...plan, id: `${plan.id ?? "replay"} ${generation}`, generation }, options)))
    return reports
  }

  return { ...stores, clock, run, replay, rebuild, dump }
}

/** One more run of a segment, of a replay that has begun. */
export const resume = Effect.fnUntraced(function* (plan: ReplayPlan, segment: number) {
  const { value: run } = yield* readRun(runKey(plan.id))
  if (run === undefined) throw new Error(`${plan.id} has not begun`)
  return yield* replaySegment(
    yield* openSegment({ ...run, plan: { ...plan, days: daysOf(run.plan) } }, yield* projectionOf(plan), segment)
  )
})

export interface RunOptions {
  readonly around?: Around
  readonly bounds?: Partial<Bounds>
  readonly ends?: number
}

/** The sum of a count over segments. */
export const total = (reports: ReadonlyArray<SegmentReport>, name: keyof SegmentReport["counts"]): number =>
  reports.reduce((sum, { counts }) => sum + counts[name], 0)
