import { assert, describe, it } from "vitest"
import { setUp } from "./mapped-stream.ts"
import { START } from "./parts.ts"

describe("stream mapping: memory", () => {
  it("stays flat over five minutes at 1,000 a second", async () => {
    const set = setUp(() => null, { batchSize: 500, maximumBatchingWindowInSeconds: 1, parallelizationFactor: 2 })
    const mapping = set.start()
    let most = 0
    for (let tick = 1; tick <= 300; tick++) {
      set.clock.at(START + tick * 1_000, () => {
        for (let i = 0; i < 1_000; i++) set.put("x", `key${i}`)
        most = Math.max(most, set.stream.shards[0]!.held())
      })
    }
    await set.pass(302_000)
    await set.run(mapping.idle)
    assert.strictEqual(mapping.stats().records, 300_000)
    assert.isBelow(most, 5_000)
  })
})
