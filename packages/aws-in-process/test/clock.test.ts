import { readFile } from "node:fs/promises"
import { Clock, Duration, Effect, ManagedRuntime, Schedule } from "effect"
import { assert, describe, it } from "vitest"
import { effectClock, realClock, virtualClock } from "../src/clock.ts"
import { makeTimers } from "../src/core/timers.ts"
import { runVirtual } from "../src/run-virtual.ts"
import { makeTime, START } from "./parts.ts"

describe("timers", () => {
  it("answer by time, then by order of setting, whatever was cancelled", () => {
    const timers = makeTimers()
    const expected: Array<readonly [number, number]> = []
    const fired: Array<readonly [number, number]> = []
    let state = 12345
    for (let i = 0; i < 2_000; i++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      const time = state % 97
      const cancel = timers.set(time, () => fired.push([time, i]))
      if (state % 3 === 0) cancel()
      else expected.push([time, i])
    }
    expected.sort((a, b) => a[0] - b[0] || a[1] - b[1])
    assert.strictEqual(timers.size(), expected.length)
    for (let task = timers.takeDue(97); task !== undefined; task = timers.takeDue(97)) task()
    assert.deepStrictEqual(fired, expected)
  })
})

describe("virtual clock", () => {
  it("tells whole milliseconds, whatever fraction a task was set for", () => {
    const clock = virtualClock(START)
    const told: Array<number> = []
    for (const fraction of [0.2, 1.5, 2]) clock.at(START + fraction, () => told.push(clock.now() - START))
    clock.advanceTo(START + 10)
    assert.deepStrictEqual(told, [1, 2, 2])
  })

  it("runs each task at its own instant, also those set on the way", () => {
    const clock = virtualClock(START)
    const seen: Array<string> = []
    const note = (name: string) => () => seen.push(`${name}@${clock.now() - START}`)
    clock.at(START + 20, note("b"))
    clock.at(START + 10, () => {
      note("a")()
      clock.at(START + 15, note("a2"))
      clock.at(START + 5, note("overdue"))
    })
    clock.at(START + 20, note("c"))
    clock.at(START + 12, note("cancelled"))()
    assert.strictEqual(clock.nextTimer(), START + 10)
    clock.advanceTo(START + 25)
    assert.deepStrictEqual(seen, ["a@10", "overdue@10", "a2@15", "b@20", "c@20"])
    assert.strictEqual(clock.now(), START + 25)
    assert.strictEqual(clock.nextTimer(), undefined)
    clock.advanceTo(START)
    assert.strictEqual(clock.now(), START + 25)
  })
})

describe("real clock", () => {
  it("runs tasks in order, not early, and not when cancelled", async () => {
    const clock = realClock()
    const start = clock.now()
    const seen: Array<string> = []
    await new Promise<void>((resolve) => {
      clock.at(start + 20, () => {
        seen.push("c")
        assert.isAtLeast(clock.now(), start + 20)
        resolve()
      })
      clock.at(start + 5, () => seen.push("a"))
      clock.at(start + 5, () => seen.push("b"))
      clock.at(start + 10, () => seen.push("never"))()
    })
    assert.deepStrictEqual(seen, ["a", "b", "c"])
  })
})

describe("runVirtual", () => {
  it("lets work of one instant end before time moves", async () => {
    const { clock, activity, elapsed, run } = makeTime()
    const seen: Array<number> = []
    clock.at(START + 1_000, () => seen.push(-1))
    const work = activity.track(
      (async () => {
        for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
        await new Promise((resolve) => setTimeout(resolve, 15))
        seen.push(elapsed())
        await activity.sleep(clock, 2_000)
        seen.push(elapsed())
      })()
    )
    await run(() => seen.length === 3)
    await work
    assert.deepStrictEqual(seen, [0, -1, 2_000])
  })

  it("waits for a chain of turns that touches nothing", async () => {
    const { clock, elapsed, run } = makeTime()
    let done: number | undefined
    clock.at(START + 500, () => {})
    void (async () => {
      for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve))
      done = elapsed()
    })()
    await run(() => done !== undefined)
    assert.strictEqual(done, 0)
  })

  it("waits for files, also those that are read by promise, as the SDK reads its configuration", async () => {
    const { clock, elapsed, run } = makeTime()
    let done: number | undefined
    clock.at(START + 1_000, () => {})
    void (async () => {
      for (let i = 0; i < 50; i++) await readFile(import.meta.filename)
      done = elapsed()
    })()
    await run(() => done !== undefined)
    assert.strictEqual(done, 0)
  })

  it("is not kept busy by another run in the same process, nor keeps that busy", async () => {
    const times = [makeTime(), makeTime()]
    await Promise.all(times.map(({ pass }) => pass(60_000)))
    assert.deepStrictEqual(
      times.map(({ elapsed }) => elapsed()),
      [60_000, 60_000]
    )
  })

  it("says what is waiting when nothing can happen any more, and when the limit is over", async () => {
    const clock = virtualClock(START)
    const options = { pending: () => 0, until: () => false, limit: 10_000 }
    const message = (run: Promise<void>) =>
      run.then(
        () => "",
        (error: Error) => error.message
      )
    const stuck = await message(runVirtual(clock, { ...options, waiting: () => "3 messages" }))
    assert.match(stuck, /no timer is left at 2026-01-05T09:00:00.000Z .*waiting: 3 messages/)
    const again = () => void clock.at(clock.now() + 1_000, again)
    again()
    assert.match(await message(runVirtual(clock, options)), /not done within 10000 ms/)
  })
})

describe("effectClock", () => {
  it("puts sleeps, schedules and time-outs of Effect on engine time", async () => {
    const { clock, elapsed, run } = makeTime()
    const runtime = ManagedRuntime.make(effectClock(clock))
    const program = Effect.gen(function* () {
      yield* Effect.sleep("90 seconds")
      const slept = elapsed()
      const times: Array<number> = []
      yield* Effect.sync(() => times.push(elapsed())).pipe(
        Effect.repeat({ schedule: Schedule.spaced("10 seconds"), times: 2 })
      )
      const late = yield* Effect.never.pipe(Effect.timeoutOption("1 hour"))
      const nanos = yield* Clock.currentTimeNanos
      return { slept, times, late: late._tag, now: yield* Clock.currentTimeMillis, nanos }
    })
    const answer = runtime.runPromise(program)
    let done = false
    void answer.finally(() => {
      done = true
    })
    await run(() => done, { limit: Duration.toMillis("2 hours") })
    const end = START + 90_000 + 20_000 + 3_600_000
    assert.deepStrictEqual(await answer, {
      slept: 90_000,
      times: [90_000, 100_000, 110_000],
      late: "None",
      now: end,
      nanos: BigInt(end) * 1_000_000n
    })
    assert.strictEqual(clock.nextTimer(), undefined)
  })

  it("takes back the timer of an interrupted sleep", async () => {
    const { clock, run } = makeTime()
    const runtime = ManagedRuntime.make(effectClock(clock))
    let done = false
    void runtime.runPromise(Effect.race(Effect.sleep("1 second"), Effect.sleep("1 day"))).finally(() => {
      done = true
    })
    await run(() => done)
    assert.strictEqual(clock.nextTimer(), undefined)
  })

  it("works on real time too", async () => {
    const clock = realClock()
    const start = clock.now()
    await Effect.runPromise(Effect.sleep("15 millis").pipe(Effect.provide(effectClock(clock))))
    assert.isAtLeast(clock.now() - start, 15)
  })
})
