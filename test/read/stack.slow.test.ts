import { assert, describe, it } from "@effect/vitest"
import { effectClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { Reader } from "../../src/read/index.ts"
import { historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"

const W = 5_000

describe("a reader beside the whole stack", () => {
  it(
    "[P5] reads what has settled and nothing else, with the rights of the policy, from the first event on",
    UNHURRIED,
    async () => {
      const run = await runStack()
      const { captured, clock, stack } = run
      const layer = Reader.layer({ prefix: String(captured.outputs.prefix), ...stack.reader, remember: 0 })
      const read = <A, E>(call: (reader: Reader["Service"]) => Effect.Effect<A, E>) =>
        Effect.runPromise(Reader.use(call).pipe(Effect.provide(Layer.provideMerge(layer, effectClock(clock)))))
      try {
        const history = historyOf(300, { rate: 20 })
        run.feed(history)
        assert.isUndefined((await read((reader) => reader.agents(["nobody"])))[0])
        const ids = new Set<string>()
        let settled = Number.NEGATIVE_INFINITY
        for (let i = 0; i < 12; i++) {
          await run.reach(clock.now() + 1_500)
          for (const { projection, entity } of await run.rows()) if (projection === "agents-v2") ids.add(entity)
          for (const agent of await read((reader) => reader.agents([...ids]))) {
            if (agent === undefined) continue
            assert.isAtMost(Date.parse(agent.asOf), clock.now() - W, "visible before it is a window old")
            // Rows come first, and then the word that they have settled.
            const through =
              agent.settledThrough === undefined ? Number.NEGATIVE_INFINITY : Date.parse(agent.settledThrough)
            assert.isAtMost(through, clock.now() - W)
            assert.strictEqual(agent.inWindow, Date.parse(agent.asOf) > through)
            assert.isTrue(through >= settled, "what has settled stays so")
            settled = through
          }
        }
        assert.isTrue(Number.isFinite(settled))
        await run.settle()
        await run.reach(clock.now() + 60_000)
        assert.isAbove(ids.size, 5)
        const queueIds = new Set(
          (await run.rows()).filter(({ projection }) => projection === "queues-v2").map(({ entity }) => entity)
        )
        for (const id of queueIds) {
          const queue = await read((reader) => reader.queue(id, { join: true }))
          const row = (await run.rows()).find(({ entity, row }) => entity === id && row === "state")
          for (const [column, value] of Object.entries(row?.columns ?? {}))
            assert.deepStrictEqual<unknown>(queue?.[column as "members"], value)
          if (queue !== undefined) assert.isFalse(queue.inWindow)
        }
        assert.deepStrictEqual(stack.denied(), [])
      } finally {
        await stack.stop()
      }
    }
  )
})
