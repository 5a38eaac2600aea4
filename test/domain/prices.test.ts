import { assert, describe, it } from "@effect/vitest"
import { SCANNED_BYTES_A_UNIT, unitPrices } from "../../src/domain/prices.ts"

describe("units of DynamoDB on demand", () => {
  it("[P9] cost what AWS's price list said of us-east-1 in November 2026", () => {
    assert.closeTo(unitPrices.writeUnit * 1e6, 0.625, 1e-9)
    assert.closeTo(unitPrices.readUnit * 1e6, 0.125, 1e-9)
  })

  it("[P9] read 4 KB consistently, and 8 KB otherwise", () => {
    assert.strictEqual(SCANNED_BYTES_A_UNIT, 2 * 4 * 1_024)
  })
})
