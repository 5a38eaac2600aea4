import { Clock, Duration, Effect, Layer, Logger } from "effect"
import { canonical } from "../domain/json.ts"
import { generation } from "../domain/projection.ts"
import { encodeRow } from "../domain/row.ts"
import type { Event } from "../genesys/event.ts"
import { appendBatch } from "../pipeline/append.ts"
import { Projections, SettleWindow } from "../pipeline/folding.ts"
import { projectMessages } from "../pipeline/project-messages.ts"
import { replayAll } from "../pipeline/replay/replay.ts"
import { memoryControl } from "../store/memory/control.ts"
import { memoryEventStore } from "../store/memory/event-store.ts"
import { memoryParked } from "../store/memory/parked.ts"
import { memoryProjectionStore } from "../store/memory/projection-store.ts"
import { memoryQuarantine } from "../store/memory/quarantine.ts"
import { memorySettleQueue } from "../store/memory/settle-queue.ts"
import { ProjectionStore } from "../store/projection-store.ts"
import { columnsText } from "./broken.ts"
import { WINDOW, type WithSources } from "./fold.ts"

/** A clock that stands, and jumps to the end of whatever is waited for. */
const jumpingClock = (start: number): Layer.Layer<never> => {
  let now = start
  const millis = () => now
  const nanos = () => BigInt(Math.floor(now)) * 1_000_000n
  return Layer.succeed(Clock.Clock, {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.suspend(() => {
        now += Duration.toMillis(duration)
        return Effect.yieldNow
      })
  })
}

/** Far enough after all arrivals that every message is due. */
const A_DAY = 86_400_000

/**
 * Append, project and replay of a stack, with one projection and its sources, on stores in memory. `start` is when the first event arrives (epoch ms);
 * each arrives a second after the one before.
 */
export const makePipeline = (projections: WithSources, start: number) => {
  const [projection] = projections
  const stores = {
    events: memoryEventStore(),
    rows: memoryProjectionStore(),
    queue: memorySettleQueue(),
    control: memoryControl(),
    parked: memoryParked(),
    quarantine: memoryQuarantine()
  }
  let arrived = 0
  const layer = Layer.mergeAll(
    stores.events.layer,
    stores.events.source,
    stores.rows.layer,
    stores.queue.layer,
    stores.control.layer,
    stores.parked.layer,
    stores.quarantine.layer,
    Layer.succeed(Projections, projections),
    Layer.succeed(SettleWindow, WINDOW),
    jumpingClock(start + A_DAY),
    Logger.layer([])
  )
  const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof layer>>): Promise<A> =>
    Effect.runPromise(Effect.provide(effect, layer, { local: true }))

  const encoder = new TextEncoder()
  const arrivalOf = ({ envelope }: Event) => ({
    raw: encoder.encode(JSON.stringify(envelope)),
    received: start + arrived++ * 1_000
  })

  return {
    /** One batch of append. */
    deliver: (events: ReadonlyArray<Event>) => run(appendBatch(events.map(arrivalOf))),
    /** All messages that wait, in one batch of project. */
    settle: () => run(projectMessages(stores.queue.take(Number.POSITIVE_INFINITY), false)),
    /** What waits is lost, as if project had never run. */
    loseMessages: () => void stores.queue.take(Number.POSITIVE_INFINITY),
    /** Everything that is stored, folded anew. */
    replay: (id: string) =>
      run(
        replayAll({
          id,
          generation: generation(projection),
          scope: {},
          segments: 1,
          write: true,
          park: false,
          eventsPerSecond: 1_000_000,
          budget: {}
        })
      ),
    /** Every row as text, by entity and row: registers with their stamps, columns, and the time of the last change. */
    rows: (): Promise<ReadonlyMap<string, string>> =>
      run(
        Effect.gen(function* () {
          const { pages } = yield* ProjectionStore
          const rows = new Map<string, string>()
          for (let cursor: string | undefined, more = true; more; ) {
            const page = yield* pages(generation(projection), {
              segment: 0,
              segments: 1,
              ...(cursor === undefined ? {} : { cursor })
            })
            for (const { entity, row, registers, columns, asOf } of page.rows)
              rows.set(
                canonical([entity, row]),
                `row ${row} of ${entity}\n${columnsText(columns, "  ")}\n  as of ${asOf}, by ${encodeRow(registers)}`
              )
            cursor = page.cursor
            more = cursor !== undefined
          }
          return rows
        })
      )
  }
}

export type Pipeline = ReturnType<typeof makePipeline>
