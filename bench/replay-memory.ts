import "effect/schema/SchemaJITCompiler/enable"
import { Effect, Layer, Result } from "effect"
import { SettleWindow } from "../src/pipeline/folding.ts"
import { replayAll } from "../src/pipeline/replay/replay.ts"
import { ofTopics, restore } from "../src/store/aws/event-source.ts"
import { EventSource } from "../src/store/event-source.ts"
import { memoryControl } from "../src/store/memory/control.ts"
import { memoryParked } from "../src/store/memory/parked.ts"
import { ProjectionStore } from "../src/store/projection-store.ts"
import { repeated, samples } from "./items.ts"

/** Replays so many generated items into tables that keep nothing, and prints what that took as one line of JSON. */
const events = Number(process.argv[2])

const [SAMPLES, PAGE] = [5_000, 1_000]
const some = samples(SAMPLES)

const source = Layer.succeed(EventSource, {
  page: ({ cursor, topics }) =>
    Effect.sync(() => {
      const from = Number(cursor ?? 0)
      const to = Math.min(from + PAGE, events)
      const items = Array.from({ length: to - from }, (_, i) => {
        const at = from + i
        return repeated(some[at % SAMPLES] as (typeof some)[number], Math.floor(at / SAMPLES))
      })
      const wanted = ofTopics(items, topics)
      return {
        events: wanted.map((item) => Result.getOrThrow(restore(item))),
        unreadable: [],
        skipped: items.length - wanted.length,
        readUnits: 0,
        ...(to < events ? { cursor: String(to) } : {})
      }
    })
})

let rows = 0
const nowhere = Layer.succeed(ProjectionStore, {
  load: () => Effect.succeed(new Map()),
  save: (writes) =>
    Effect.sync(() => {
      rows += writes.length
      return writes.map(() => "written" as const)
    }),
  rows: () => Effect.succeed([]),
  read: () => Effect.succeed(new Map()),
  pages: () => Effect.succeed({ rows: [], readUnits: 0 }),
  open: () => Effect.succeed([]),
  summary: () => Effect.succeed({ version: 0, columns: {}, asOf: 0 }),
  summarise: () => Effect.succeed("written" as const)
})

const layer = Layer.mergeAll(
  source,
  nowhere,
  memoryControl().layer,
  memoryParked().layer,
  Layer.succeed(SettleWindow, { settle: 5_000, skew: 300_000 })
)

const plan = {
  id: "bench",
  generation: "agents-v2",
  scope: {},
  segments: 1,
  write: true,
  park: false,
  eventsPerSecond: 1e9,
  budget: {}
}

const began = performance.now()
await Effect.runPromise(Effect.provide(replayAll(plan), layer))
const seconds = (performance.now() - began) / 1_000
const peakMb = process.resourceUsage().maxRSS / 1_024
process.stdout.write(`${JSON.stringify({ events, seconds, peakMb, rows })}\n`)
