import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { projectMessages } from "../../src/pipeline/project-messages.ts"
import { type ProjectionStore, rowKey } from "../../src/store/projection-store.ts"
import { makeCore, modelOf } from "../support/core.ts"
import { arrivalsOf, historyOf } from "../support/history.ts"

const END = Date.UTC(2030, 0)
const HISTORY = arrivalsOf(historyOf(600, { seed: 11, agents: 6, queues: 2, rate: 2 })).slice(-60)

type Store = ProjectionStore["Service"]

/** A table that tells of each call before it is made. */
const watched =
  (before: (call: keyof Store) => Effect.Effect<void>) =>
  (inner: Store): Store =>
    Object.fromEntries(
      Object.entries(inner).map(([name, call]) => [
        name,
        (...of: ReadonlyArray<never>) =>
          Effect.andThen(
            before(name as keyof Store),
            (call as unknown as (...of: ReadonlyArray<never>) => never)(...of)
          )
      ])
    ) as never

/** A run in which the function is killed at its call number `at` of the table, and gets its messages again. */
const killedAt = async (at: number) => {
  let [calls, killed] = [0, false]
  const core = makeCore({
    rows: watched(() =>
      Effect.suspend(() => {
        calls++
        killed ||= calls === at
        return killed ? Effect.die(new Error("killed")) : Effect.void
      })
    )
  })
  for (let from = 0; from < HISTORY.length; from += 30) await core.deliver(HISTORY.slice(from, from + 30))
  const bodies = core.queue.take(END)
  for (let from = 0; from < bodies.length; from += 5) {
    const some = bodies.slice(from, from + 5)
    const { failed } = await core.settle(some)
    killed = false
    if (failed.length > 0) await core.settle(failed.map((i) => some[i] ?? ""))
  }
  return { core, calls }
}

describe("a batch of project that was left half done", () => {
  it("[P2] [P3] ends in the same rows when it comes again, wherever it was killed", { timeout: 120_000 }, async () => {
    const { core, calls } = await killedAt(0)
    const expected = modelOf(core.events.stored())
    assert.deepStrictEqual(core.dump(), expected)
    assert.isAbove(calls, 40)
    for (let at = 1; at <= calls; at++) assert.deepStrictEqual((await killedAt(at)).core.dump(), expected, `call ${at}`)
  })

  it("[P2] [P3] is looked after at once where its write was answered by a refusal, and another wrote over it", {
    timeout: 120_000
  }, async () => {
    const answered = async (at: number) => {
      let saves = 0
      const core = makeCore({
        rows: (inner) => ({
          ...inner,
          save: (writes) =>
            Effect.gen(function* () {
              saves++
              const results = yield* inner.save(writes)
              if (saves !== at) return results
              const stored = yield* inner.load(writes, true)
              yield* inner.save(
                writes.flatMap((write) => {
                  const from = stored.get(rowKey(write))
                  return from === undefined ? [] : [{ ...write, from }]
                })
              )
              return results.map(() => "conflict" as const)
            })
        })
      })
      for (let from = 0; from < HISTORY.length; from += 30) await core.deliver(HISTORY.slice(from, from + 30))
      const bodies = core.queue.take(END)
      for (let from = 0; from < bodies.length; from += 5)
        await core.run(projectMessages(bodies.slice(from, from + 5), false))
      return { core, saves }
    }
    const { core, saves } = await answered(0)
    const expected = modelOf(core.events.stored())
    assert.deepStrictEqual(core.dump(), expected)
    assert.isAbove(saves, 10)
    for (let at = 1; at <= saves; at++) assert.deepStrictEqual((await answered(at)).core.dump(), expected, `save ${at}`)
  })

  it("[P9] is looked after then only: what comes first and changes nothing is at an end once it is read", async () => {
    const calls: Array<string> = []
    const core = makeCore({ rows: watched((call) => Effect.sync(() => void calls.push(call))) })
    await core.deliver(HISTORY)
    const bodies = core.queue.take(END)
    await core.settle(bodies)
    const asked = async (mend: boolean) => {
      calls.length = 0
      await core.run(projectMessages(bodies, mend))
      return new Set(calls)
    }
    const [first, again] = [await asked(false), await asked(true)]
    for (const call of ["save", "summary", "open", "rows"]) assert.isFalse(first.has(call), call)
    for (const call of ["summary", "open", "rows"]) assert.isTrue(again.has(call), call)
  })
})
