import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { FailedRead } from "../../../src/cli/wallboard/failed-read.ts"
import { makePolling } from "../../../src/cli/wallboard/polling.ts"
import type { Reads } from "../../../src/cli/wallboard/reads.ts"
import { streaming } from "../../../src/cli/wallboard/rhythm.ts"

const failure = new FailedRead({ table: "t", reason: "ThrottlingException", message: "t could not be read" })

describe("what is wrong with a wall", () => {
  it.effect("with its streams is still said once its tables can be read again", () =>
    Effect.gen(function* () {
      let isBroken = false
      const reads = {
        spent: () => 0,
        list: () => Effect.succeed([]),
        sources: () => Effect.suspend(() => (isBroken ? Effect.fail(failure) : Effect.succeed({}))),
        open: () => Effect.succeed([]),
        rowsAt: () => Effect.succeed([]),
        states: () => Effect.succeed(new Map())
      } as unknown as Reads
      const options = { rhythm: streaming, withAgentDays: false, withDay: false, timeZone: "UTC", onChange: () => {} }
      const polling = yield* makePolling(reads, options)
      const said: Array<string | undefined> = []
      yield* Effect.forkChild(polling.follow((problem) => Effect.sync(() => void said.push(problem))))
      yield* TestClock.adjust(1_000)
      polling.tell("no stream tells this wall of agents-v3")
      isBroken = true
      yield* TestClock.adjust(30_000)
      assert.strictEqual(polling.problem(), failure.message)
      isBroken = false
      yield* TestClock.adjust(60_000)
      assert.deepStrictEqual(said, [failure.message, undefined])
      assert.strictEqual(polling.problem(), "no stream tells this wall of agents-v3")
      polling.tell(undefined)
      assert.isUndefined(polling.problem())
    })
  )
})
