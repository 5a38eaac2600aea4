import { Effect, Layer, Result } from "effect"
import { assert, describe, it } from "vitest"
import { decodeEvent } from "../../../src/genesys/decoder.ts"
import { SettleWindow } from "../../../src/pipeline/folding.ts"
import { replayAll } from "../../../src/pipeline/replay/replay.ts"
import { Archive, type ArchiveObject } from "../../../src/store/archive.ts"
import { coldSource, sealedBefore } from "../../../src/store/cold-source.ts"
import { EventSource } from "../../../src/store/event-source.ts"
import { EventStore } from "../../../src/store/event-store.ts"
import { memoryEventStore } from "../../../src/store/memory/event-store.ts"
import { memoryParked } from "../../../src/store/memory/parked.ts"
import { memoryProjectionStore } from "../../../src/store/memory/projection-store.ts"
import { makeCold } from "../../support/cold.ts"
import { WINDOW } from "../../support/core.ts"
import { arrivalsOf, historyOf } from "../../support/history.ts"
import { GENERATIONS, makeReplays, planOf } from "../../support/replay.ts"

const eventsOf = (count: number) => [
  ...new Map(
    arrivalsOf(historyOf(count, { seed: 7, chaos: 0 })).flatMap(({ raw, received }) => {
      const event = decodeEvent(raw, received)
      return Result.isSuccess(event) ? [[event.success.id, event.success] as const] : []
    })
  ).values()
]

/** A table of which all has left. */
const nothing = Layer.succeed(EventSource, {
  page: () => Effect.succeed({ events: [], unreadable: [], skipped: 0, readUnits: 0 })
})

describe("a replay of an archive and the rest of its table", () => {
  it("[P8] makes the rows that a replay of all events makes, reads each event once, and so does a verify", async () => {
    const events = eventsOf(240)
    const whole = memoryEventStore()
    await Effect.runPromise(EventStore.use((store) => store.append(events)).pipe(Effect.provide(whole.layer)))
    const expected = makeReplays(whole)
    await expected.rebuild()

    const cold = await makeCold()
    await cold.tick()
    const part = Math.ceil(events.length / 7)
    for (let week = 0; week < 7; week++) {
      await cold.run(EventStore.use((store) => store.append(events.slice(week * part, (week + 1) * part))))
      await cold.weeks(1)
    }
    const inTable = (await cold.inTable()).length
    assert.isTrue(inTable > 0 && inTable < events.length)
    const sealed = sealedBefore(await cold.run(Archive.use((archive) => archive.windows)))
    assert.isDefined(sealed)

    const rows = memoryProjectionStore()
    const ports = Layer.mergeAll(rows.layer, memoryParked().layer, Layer.succeed(SettleWindow, WINDOW))
    for (const generation of GENERATIONS)
      for (const write of [true, false]) {
        const plan = planOf({
          id: `${generation} ${write}`,
          generation,
          write,
          segments: write ? 4 : 1,
          ...(sealed === undefined ? {} : { sealed })
        })
        const reports = await cold.run(replayAll(plan).pipe(Effect.provide(ports)))
        const sum = (name: "scanned" | "differences") => reports.reduce((total, { counts }) => total + counts[name], 0)
        assert.strictEqual(sum("scanned"), events.length, plan.id)
        assert.strictEqual(sum("differences"), 0, plan.id)
      }
    assert.deepStrictEqual(await makeReplays(whole, rows).dump(), await expected.dump())
  })

  it("[P8] makes the rows of what is left, where an erasure rewrites objects that it is about to read", async () => {
    const all = eventsOf(120)
    const left = all.filter((_, n) => n % 3 !== 0)
    const ids = new Set(left.map(({ id }) => id))
    const whole = memoryEventStore()
    await Effect.runPromise(EventStore.use((store) => store.append(left)).pipe(Effect.provide(whole.layer)))
    const expected = makeReplays(whole)
    await expected.rebuild()

    const cold = await makeCold()
    await cold.tick()
    await cold.run(EventStore.use((store) => store.append(all)))
    await cold.weeks(2)
    /** Whatever a list names is rewritten as soon as it was read for the first time. */
    const erased = Layer.effect(
      Archive,
      Effect.map(Archive, (inner) => {
        const seen = new Set<string>()
        const rewrite = (object: ArchiveObject) =>
          seen.size === seen.add(object.key).size
            ? Effect.void
            : inner.replace(object, (events) => Effect.succeed(events.filter(({ id }) => ids.has(id))))
        return Archive.of({
          ...inner,
          objects: (window) => Effect.tap(inner.objects(window), (found) => Effect.forEach(found, rewrite))
        })
      })
    )
    const rows = memoryProjectionStore()
    const ports = Layer.mergeAll(rows.layer, memoryParked().layer, Layer.succeed(SettleWindow, WINDOW))
    const source = Layer.provide(coldSource(nothing), erased)
    const plans = GENERATIONS.map((generation) => planOf({ id: generation, generation, segments: 4 }))
    const reports = await cold.run(
      Effect.forEach(plans, (plan) => replayAll(plan)).pipe(Effect.provide(Layer.mergeAll(ports, source)))
    )
    const scanned = reports.map((segments) => segments.reduce((sum, { counts }) => sum + counts.scanned, 0))
    assert.deepStrictEqual(new Set(scanned), new Set([left.length]))
    assert.deepStrictEqual(await makeReplays(whole, rows).dump(), await expected.dump())
  })
})
