import { assert, describe, it } from "@effect/vitest"
import { costOf, scanUnits } from "../../src/cli/cost.ts"

const scanCost = (items: number, bytes: number) => costOf(items, scanUnits({ items, bytes, counted: false }), 0)

describe("the cost of a scan", () => {
  it("[P9] is a read unit for every 8 KB of the store", () => {
    const { dollars, ...rest } = scanCost(1_000_000, 819_200_000)
    assert.deepStrictEqual(rest, { items: 1_000_000, readUnits: 100_000, writeUnits: 0 })
    assert.approximately(dollars, 0.0125, 1e-9)
    assert.deepStrictEqual(scanCost(0, 0), { items: 0, readUnits: 0, writeUnits: 0, dollars: 0 })
  })
})
