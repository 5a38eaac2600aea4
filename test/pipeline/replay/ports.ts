import { Clock, Context, Duration, Effect, Layer } from "effect"
import type { Projection } from "../../../src/domain/projection.ts"
import type { Event } from "../../../src/genesys/event.ts"
import { Projections, SettleWindow } from "../../../src/pipeline/folding.ts"
import { type Bounds, ReplayBounds } from "../../../src/pipeline/replay/budget.ts"
import type { ReplayPlan } from "../../../src/pipeline/replay/plan.ts"
import { type Checkpoint, type OpenSegment, runKey } from "../../../src/pipeline/replay/record.ts"
import { Control } from "../../../src/store/control.ts"
import { Deadline } from "../../../src/store/deadline.ts"
import { type EventPage, EventSource, type PageRequest, type SourcedEvent } from "../../../src/store/event-source.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"
import { memoryParked } from "../../../src/store/memory/parked.ts"
import { memoryProjectionStore } from "../../../src/store/memory/projection-store.ts"
import { ProjectionStore } from "../../../src/store/projection-store.ts"
import { WINDOW } from "../../support/core.ts"
import { START } from "../../support/history.ts"
import { notes } from "../../support/notes.ts"
import { planOf } from "../../support/replay.ts"

export { notes, type Said, stored, TOPIC, update } from "../../support/notes.ts"

/** When a replay begins here: all that happened at `START` has been due for a day. */
export const NOW = START + 86_400_000

export const pageOf = (events: ReadonlyArray<SourcedEvent>, more: Partial<EventPage> = {}): EventPage => ({
  ...{ events, unreadable: [], skipped: 0, readUnits: 0 },
  ...more
})

export const noneDone: Checkpoint = {
  state: "running",
  counts: {
    ...{ scanned: 0, folded: 0, deltas: 0, rows: 0, summaries: 0, parked: 0, differences: 0, unsettled: 0 },
    ...{ readUnits: 0, writeUnits: 0 }
  },
  stale: [],
  differences: []
}

interface Options {
  /** Pages of events, one after the other; the last has no cursor. */
  readonly pages?: ReadonlyArray<EventPage>
  readonly bounds?: Partial<Bounds>
  readonly ends?: number
  readonly projection?: Projection<Event>
  readonly rows?: (inner: ProjectionStore["Service"]) => ProjectionStore["Service"]
  /** Ms that a page, and a write of rows, takes. */
  readonly pageMs?: number
  readonly writeMs?: number
}

/**
 * What a segment of a replay runs on: pages as a test gives them, stores in memory, and a clock that moves when something takes time and when
 * all wait. The rest looks at what was asked, written, waited for and remembered.
 */
export const ports = (options: Options = {}) => {
  const { pages = [pageOf([])], bounds = {}, ends = Number.POSITIVE_INFINITY, pageMs = 0, writeMs = 0 } = options
  const { projection = notes(), rows: around = (same) => same } = options
  let now = NOW
  const [table, control, parked] = [memoryProjectionStore(), memoryControl(), memoryParked()]
  const waits: Array<number> = []
  const requests: Array<PageRequest> = []
  const written: Array<ReadonlyArray<string>> = []
  const saved: Array<Checkpoint> = []
  const time = Effect.sync(() => now)
  const clock = {
    currentTimeMillisUnsafe: () => now,
    currentTimeMillis: time,
    currentTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    monotonicTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    sleep: (duration: Duration.Duration) =>
      Effect.sync(() => {
        waits.push(Duration.toMillis(duration))
        now += Duration.toMillis(duration)
      })
  } satisfies Clock.Clock
  const take = (ms: number) =>
    Effect.sync(() => {
      now += ms
    })
  const store = Layer.effect(
    ProjectionStore,
    Effect.map(ProjectionStore, (inner) =>
      around({
        ...inner,
        save: (writes) => {
          written.push(writes.map(({ projection, entity, row }) => `${projection} ${entity} ${row}`))
          return Effect.tap(inner.save(writes), take(writeMs))
        }
      })
    )
  ).pipe(Layer.provide(table.layer))
  const layer = Layer.mergeAll(
    store,
    control.layer,
    parked.layer,
    Layer.succeed(EventSource, {
      page: (request) =>
        Effect.suspend(() => {
          requests.push(request)
          const at = Number(request.cursor ?? 0)
          const page = pages[at] ?? pageOf([])
          return Effect.as(take(pageMs), at + 1 < pages.length ? { ...page, cursor: String(at + 1) } : page)
        })
    }),
    Layer.succeed(SettleWindow, WINDOW),
    Layer.succeed(Clock.Clock, clock),
    Layer.succeedContext(
      Context.empty().pipe(
        Context.add(ReplayBounds, { registers: 1_000, flushMs: 60_000, verifyRows: 1_000, ...bounds }),
        Context.add(Deadline, ends),
        Context.add(Projections, [projection])
      )
    )
  )
  const plan = (more: Partial<ReplayPlan> = {}) => planOf({ generation: "notes-v1", ...more })
  return {
    layer,
    control,
    parked,
    table,
    waits,
    requests,
    written,
    saved,
    plan,
    /** Nothing happens for so long. */
    take,
    now: () => now,
    /** A segment of a replay that has come so far. */
    open: (more: Partial<ReplayPlan> = {}, held: Partial<Checkpoint> = {}, stopping = false): OpenSegment => ({
      run: { plan: plan(more), startedAt: NOW, stopping },
      projection,
      segment: 0,
      held: { ...noneDone, ...held },
      save: (checkpoint) => Effect.sync(() => void saved.push(checkpoint))
    }),
    /** Somebody asks the replay to stop. */
    stop: Effect.suspend(() =>
      Control.use(({ write }) =>
        write(runKey("replay"), { plan: JSON.parse(JSON.stringify(plan())), startedAt: NOW, stopping: true }, 0)
      )
    ).pipe(Effect.provide(control.layer), Effect.orDie),
    /** The columns of an entity's rows. */
    rows: (entity: string) =>
      Object.fromEntries(table.rows("notes-v1", entity).map(({ row, columns }) => [row, columns]))
  }
}
