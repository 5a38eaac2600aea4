import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  beginRun,
  checkpointKey,
  endOf,
  keepUntil,
  LEAST_DAYS,
  openSegment,
  readCheckpoint,
  readRun,
  runKey,
  stopRun,
  toReport
} from "../../../src/pipeline/replay/record.ts"
import { Control } from "../../../src/store/control.ts"
import { NOW, noneDone, notes, ports } from "./ports.ts"

const DAY = 86_400_000
const { plan } = ports()
const run = (days?: number) => ({ plan: plan(days === undefined ? {} : { days }), startedAt: NOW, stopping: false })

/** A control table where somebody else writes first, so many times. */
const contended = (layer: ReturnType<typeof ports>["layer"], others: number) => {
  let left = others
  return Effect.provideServiceEffect(
    Control,
    Effect.map(Control, (inner) => ({
      ...inner,
      write: (...args: Parameters<typeof inner.write>) =>
        left-- > 0 ? Effect.succeed("conflict" as const) : inner.write(...args)
    })).pipe(Effect.provide(layer))
  )
}

describe("a replay", () => {
  it("may run until a day after it can be resumed last, and keeps its tombstones to the end of that day", () => {
    assert.strictEqual(LEAST_DAYS, 7)
    assert.strictEqual(endOf(run()), NOW + 8 * DAY)
    assert.strictEqual(endOf(run(2)), NOW + 3 * DAY)
    assert.strictEqual(keepUntil(run(2)), Math.ceil((NOW + 3 * DAY) / DAY) * 86_400)
    assert.deepStrictEqual([runKey("r"), checkpointKey("r", 3)], ["replay/r", "replay/r/3"])
  })

  it.effect("begins once, and goes on as its plan says then, for the days that it said first", () => {
    const made = ports()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* beginRun(plan({ days: 2 })), run(2))
      yield* made.take(5)
      yield* stopRun("replay")
      assert.isTrue((yield* readRun("replay/replay")).value?.stopping)
      const again = yield* beginRun(plan({ days: 9, eventsPerSecond: 5 }))
      assert.deepStrictEqual(again, { ...run(2), plan: plan({ days: 2, eventsPerSecond: 5 }) })
      assert.deepStrictEqual((yield* readRun("replay/replay")).value, again)
    }).pipe(Effect.provide(made.layer))
  })

  it.effect("is another one where its plan reads or writes something else", () => {
    const { layer } = ports()
    return Effect.gen(function* () {
      yield* beginRun(plan({ scope: { since: 1 } }))
      for (const more of [
        { generation: "notes-v2" },
        { scope: {} },
        { scope: { since: 1, topics: ["t"] } },
        { segments: 2 },
        { write: false },
        { source: "export" },
        { sealed: 4 }
      ]) {
        const { message } = yield* Effect.flip(beginRun(plan({ scope: { since: 1 }, ...more })))
        assert.strictEqual(message, "replay: replay is the id of another replay; take another id")
      }
    }).pipe(Effect.provide(layer))
  })

  it.effect("that writes is not resumed when its days are over; a verify is", () => {
    const made = ports()
    return Effect.gen(function* () {
      yield* beginRun(plan({ days: 2 }))
      yield* beginRun(plan({ id: "verify", days: 2, write: false }))
      yield* made.take(2 * DAY)
      yield* beginRun(plan())
      yield* made.take(1)
      const reason = "replay: replay began more than 2 days ago; begin anew under another id"
      assert.strictEqual((yield* Effect.flip(beginRun(plan()))).message, reason)
      // A worker may have begun before.
      assert.strictEqual((yield* Effect.flip(openSegment(run(2), notes(), 0))).message, reason)
      yield* beginRun(plan({ id: "verify", write: false }))
    }).pipe(Effect.provide(made.layer))
  })

  it.effect("is read again where somebody else writes at the same moment, by who begins it and who stops it", () => {
    const { layer } = ports()
    return Effect.gen(function* () {
      assert.isFalse(yield* stopRun("replay"))
      yield* beginRun(plan()).pipe(contended(layer, 2))
      assert.isTrue(yield* stopRun("replay").pipe(contended(layer, 2)))
      assert.isTrue((yield* readRun("replay/replay")).value?.stopping)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is none where its key holds something else", () => {
    const { layer } = ports()
    return Effect.gen(function* () {
      yield* Control.use(({ write }) => write("replay/replay", { plan: "none" }, 0))
      const { message } = yield* Effect.flip(readRun("replay/replay"))
      assert.strictEqual(message, "replay: replay/replay holds no record of a replay; take another id")
    }).pipe(Effect.provide(layer))
  })
})

describe("a segment", () => {
  it.effect("begins with nothing, remembers how far it is, and goes on from there", () => {
    const { layer } = ports()
    return Effect.gen(function* () {
      const first = yield* openSegment(run(), notes(), 3)
      assert.deepStrictEqual(first.held, noneDone)
      const kept = {
        ...noneDone,
        state: "budget" as const,
        cursor: "c",
        stale: [["entity", 7] as const],
        differences: [{ entity: "e", row: "state", kind: "extra" as const, registers: ["text"] }],
        refused: { at: 9, message: "why" }
      }
      yield* first.save(noneDone)
      yield* first.save(kept)
      assert.deepStrictEqual((yield* readCheckpoint("replay/replay/3")).value, kept)
      assert.deepStrictEqual((yield* openSegment(run(), notes(), 3)).held, kept)
    }).pipe(Effect.provide(layer))
  })

  it.effect("keeps any state that one may have, and each kind of difference", () => {
    const { layer } = ports()
    return Effect.gen(function* () {
      const { save } = yield* openSegment(run(), notes(), 0)
      for (const state of ["done", "budget", "deadline", "stopped", "running"] as const)
        for (const kind of ["missing", "extra", "different"] as const) {
          const kept = { ...noneDone, state, differences: [{ entity: "e", row: "r", kind, registers: [] }] }
          yield* save(kept)
          assert.deepStrictEqual((yield* readCheckpoint("replay/replay/0")).value, kept)
        }
      yield* Control.use(({ write }) => write("replay/other/0", { ...noneDone, state: "unheard of" } as never, 0))
      assert.include((yield* Effect.flip(readCheckpoint("replay/other/0"))).message, "holds no record of a replay")
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "is moved by one worker: what another has written ends the rest, but not an own write whose answer was lost",
    () => {
      const { layer } = ports()
      return Effect.gen(function* () {
        const [one, other] = [yield* openSegment(run(), notes(), 0), yield* openSegment(run(), notes(), 0)]
        const done = { ...noneDone, state: "done" as const }
        const why = "replay: segment 0 of replay is replayed by somebody else as well"
        yield* one.save(done)
        // The same text at the next version: whoever wrote it, it is so.
        yield* other.save(done)
        yield* other.save(noneDone)
        assert.strictEqual((yield* Effect.flip(one.save(done))).message, why)
        yield* other.save(done)
        // The same text again, but after two other writes.
        assert.strictEqual((yield* Effect.flip(one.save(done))).message, why)
      }).pipe(Effect.provide(layer))
    }
  )

  it("reports what it has come to", () => {
    const counts = { ...noneDone.counts, writeUnits: 1e6 }
    const differences = [{ entity: "e", row: "r", kind: "extra" as const, registers: [] }]
    const { dollars, ...report } = toReport(2, "budget", { ...noneDone, counts, differences })
    assert.deepStrictEqual(report, { segment: 2, state: "budget", counts, differences })
    assert.closeTo(dollars, 0.625, 1e-9)
  })
})
