import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { FailedRead } from "../../../src/cli/wallboard/failed-read.ts"
import { hear } from "../../../src/cli/wallboard/hear.ts"
import type { Polling } from "../../../src/cli/wallboard/polling.ts"
import { streaming } from "../../../src/cli/wallboard/rhythm.ts"
import type { StreamReader } from "../../../src/cli/wallboard/streams.ts"

const gone = new FailedRead({ table: "t", reason: "AccessDeniedException", message: "these credentials may not" })

/** Streams that a test breaks, beside a wall that counts how often all is read because of them. */
const site = () => {
  const now = { failure: undefined as FailedRead | undefined, agents: "agents-v2" }
  let read = 0
  const said: Array<string | undefined> = []
  const ask = Effect.suspend(() => (now.failure === undefined ? Effect.succeed([]) : Effect.fail(now.failure)))
  const streams = { pass: ask, open: ask, generations: () => ["agents-v2", "queues-v2"] } as unknown as StreamReader
  const polling = {
    rhythm: streaming,
    hear: () => {},
    tell: () => {},
    again: () => {
      read++
    },
    sources: () => ({ agents: { generation: now.agents }, queues: { generation: "queues-v2" } })
  } as unknown as Polling
  const run = Effect.forkChild(hear(streams, polling, (problem) => Effect.sync(() => void said.push(problem))))
  return { now, said, read: () => read, run }
}

describe("what the wall hears of streams", () => {
  it.effect("is tried ever less often where it fails for long, so that reading all instead has a bound", () =>
    Effect.gen(function* () {
      const { now, said, read, run } = site()
      now.failure = gone
      yield* run
      yield* TestClock.adjust(600_000)
      assert.isAtLeast(read(), 10)
      assert.isAtMost(read(), 13)
      now.failure = undefined
      yield* TestClock.adjust(61_000)
      assert.deepStrictEqual(said, [gone.message, undefined])
      // A failure after a while without one is tried again soon.
      const before = read()
      now.failure = gone
      yield* TestClock.adjust(6_001)
      assert.strictEqual(read(), before + 1)
    })
  )

  it.effect("lacks a generation that was deployed after it began, and that is said once readers use it", () =>
    Effect.gen(function* () {
      const { now, said, run } = site()
      yield* run
      yield* TestClock.adjust(5_000)
      assert.deepStrictEqual(said, [])
      now.agents = "agents-v3"
      yield* TestClock.adjust(5_000)
      assert.deepStrictEqual(said, [
        "no stream tells this wall of agents-v3, which readers use by now, so that it is read every 5 minutes: start the wallboard again"
      ])
    })
  )
})
