import { Effect, Layer, Result } from "effect"
import { assert, describe, it } from "vitest"
import { decodeEvent } from "../../../src/genesys/decoder.ts"
import { SettleWindow } from "../../../src/pipeline/folding.ts"
import { replayAll } from "../../../src/pipeline/replay/replay.ts"
import { Archive } from "../../../src/store/archive.ts"
import { sealedBefore } from "../../../src/store/cold-source.ts"
import { EventStore } from "../../../src/store/event-store.ts"
import { memoryEventStore } from "../../../src/store/memory/event-store.ts"
import { memoryParked } from "../../../src/store/memory/parked.ts"
import { memoryProjectionStore } from "../../../src/store/memory/projection-store.ts"
import { makeCold } from "../../support/cold.ts"
import { WINDOW } from "../../support/core.ts"
import { arrivalsOf, historyOf } from "../../support/history.ts"
import { GENERATIONS, makeReplays, planOf } from "../../support/replay.ts"

describe("a replay of an archive and the rest of its table", () => {
  it("[P8] makes the rows that a replay of all events makes, reads each event once, and so does a verify", async () => {
    const arrivals = arrivalsOf(historyOf(240, { seed: 7, chaos: 0 }))
    const events = [
      ...new Map(
        arrivals.flatMap(({ raw, received }) => {
          const event = decodeEvent(raw, received)
          return Result.isSuccess(event) ? [[event.success.id, event.success] as const] : []
        })
      ).values()
    ]
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
})
