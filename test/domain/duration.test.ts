import { assert, describe, it } from "@effect/vitest"
import { durationMs } from "../../src/domain/duration.ts"

describe("a duration as a person writes it", () => {
  it.each([
    ["5", 5_000],
    ["5s", 5_000],
    ["5m", 300_000],
    ["90", 90_000],
    ["90s", 90_000],
    ["2h", 7_200_000]
  ])("%s is %i ms", (text, ms) => assert.strictEqual(durationMs(text), ms))

  it.each(["", "0", "0s", "-5", "5.5", "5 m", "5min", "5d", "1e3", "soon"])("%j is none", (text) =>
    assert.isUndefined(durationMs(text))
  )
})
