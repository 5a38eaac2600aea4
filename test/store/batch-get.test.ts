import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { batchGetBy } from "../../src/store/aws/batch-get.ts"

describe("items that are got by any client", () => {
  it.effect("are read consistently unless told otherwise", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const get = (...consistent: ReadonlyArray<boolean>) =>
        batchGetBy(
          async (tables) => {
            asked.push(...Object.values(tables).map(({ ConsistentRead }) => ConsistentRead))
            return {}
          },
          [{ table: "t", item: "k" }],
          ...consistent
        )
      yield* get()
      yield* get(true)
      yield* get(false)
      assert.deepStrictEqual(asked, [true, true, false])
    })
  )
})
