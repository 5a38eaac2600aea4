import { assert, describe, it } from "@effect/vitest"
import { iso } from "../../src/domain/stamp.ts"

/** Days are kept, so that each run of the test takes some of its own. */
let days = 16_436

describe("a time as text", () => {
  it("is what a Date makes of it, whatever the day", () => {
    const limit = 8_640_000_000_000_000
    const edges = [0, -1, 1, -0.5, 86_399_999, 86_400_000, 951_782_399_999, 1_709_164_800_000.7, limit, -limit]
    for (const ms of [...edges, -62_167_219_200_001, -62_167_219_200_000, 253_402_300_799_999, 253_402_300_800_000])
      assert.strictEqual(iso(ms), new Date(ms).toISOString(), String(ms))
    // More days than are kept, twice, so that each is also found.
    for (const _ of [1, 2])
      for (let day = 0; day < 5_000; day++) {
        const ms = (days + day) * 86_400_000 + ((day * 7_919_017) % 86_400_000)
        assert.strictEqual(iso(ms), new Date(ms).toISOString())
      }
    days += 5_000
  })

  it("is refused where it is no time", () => {
    for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, 8_640_000_086_400_000])
      assert.throws(() => iso(ms), RangeError)
  })
})
