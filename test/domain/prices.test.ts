import { assert, describe, it } from "@effect/vitest"
import {
  ARCHIVE_BYTE_READ,
  EVENT_DOLLARS,
  READ_API_MB,
  readRequestDollars,
  SCANNED_BYTES_A_UNIT,
  STREAM_REQUEST,
  streamHourDollars,
  sweepDollars,
  unitPrices
} from "../../src/domain/prices.ts"

describe("units of DynamoDB on demand", () => {
  it("[P9] cost what AWS's price list said of us-east-1 in November 2026", () => {
    assert.closeTo(unitPrices.writeUnit * 1e6, 0.625, 1e-9)
    assert.closeTo(unitPrices.readUnit * 1e6, 0.125, 1e-9)
  })

  it("[P9] read 4 KB consistently, and 8 KB otherwise", () => {
    assert.strictEqual(SCANNED_BYTES_A_UNIT, 2 * 4 * 1_024)
  })
})

describe("what is priced by the piece", () => {
  it("[P9] is 4 dollars for a million events at most", () => {
    assert.closeTo(EVENT_DOLLARS * 1e6, 4, 1e-9)
  })

  it("is 20 dollars for a terabyte that is read from the archive: retrieval 10, requests of 100 KB each 10", () => {
    assert.closeTo(ARCHIVE_BYTE_READ * 1e12, 10 + 1e7 * (0.001 / 1_000), 1e-9)
  })

  it("is a sweep by what it reads, and by how long its function of half a GB runs", () => {
    const nobody = { agents: 0, queues: 0, members: 0 }
    assert.strictEqual(sweepDollars(nobody, 0), 0)
    assert.closeTo(sweepDollars({ ...nobody, agents: 1e6 }, 0), 3 * 0.125, 1e-9)
    assert.closeTo(sweepDollars({ ...nobody, queues: 1e6 }, 0), 2 * 0.125, 1e-9)
    assert.closeTo(sweepDollars({ ...nobody, members: 1e6 }, 0), 2 * 0.125, 1e-9)
    assert.closeTo(sweepDollars(nobody, 3_600_000), 3_600 * 0.5 * 0.0000133334, 1e-9)
    assert.closeTo(sweepDollars({ agents: 1e6, queues: 1e6, members: 1e6 }, 3_600_000), 7 * 0.125 + 0.02400012, 1e-9)
  })
})

describe("what a ReadApi costs", () => {
  const GB_SECOND = 0.0000133334
  // A request through API Gateway and the invocation of its function.
  const request = 3.7e-6

  it("is for each request API Gateway, the function of half a GB for its time, and what it reads", () => {
    assert.deepStrictEqual(READ_API_MB, { calls: 512, changes: 256 })
    assert.closeTo(readRequestDollars({ ms: 0, readUnits: 0 }), request, 1e-12)
    assert.closeTo(readRequestDollars({ ms: 3_600_000, readUnits: 0 }), request + 1_800 * GB_SECOND, 1e-9)
    assert.closeTo(readRequestDollars({ ms: 0, readUnits: 1e6 }), request + 0.125, 1e-9)
  })

  it("is for an hour of a stream its function of a quarter of a GB, its requests, and what it looks at", () => {
    const looks = (3_600 / 5) * 3 * 0.125e-6
    const idle = { entities: 0, pollSeconds: 1, streamSeconds: 3_600 }
    assert.closeTo(streamHourDollars(idle), 900 * GB_SECOND + request + looks, 1e-10)
    assert.closeTo(streamHourDollars({ ...idle, streamSeconds: 1 }), 900 * GB_SECOND + 3_600 * request + looks, 1e-10)
    const followed = { ...idle, entities: 2_000, pollSeconds: 2 }
    assert.closeTo(streamHourDollars(followed) - streamHourDollars(idle), 1_800 * 1_000 * 0.125e-6, 1e-9)
  })

  it("is 2 cents for 100,000 requests for the records of a stream", () => {
    assert.closeTo(STREAM_REQUEST * 1e5, 0.02, 1e-12)
  })
})
