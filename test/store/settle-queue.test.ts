import { assert, describe, it } from "@effect/vitest"
import type { Delta } from "../../src/domain/delta.ts"
import { delaySeconds } from "../../src/store/aws/settle-queue.ts"
import { decodeSettlement, deltaBytes, encodeSettlement, MAX_MESSAGE_BYTES } from "../../src/store/settle-queue.ts"
import { ARRIVAL } from "./events.ts"

const delta: Delta = {
  projection: "agents-v2",
  entity: "a",
  row: "state",
  register: "presence",
  value: { systemPresence: "BUSY" },
  stamp: { clock: ARRIVAL, published: ARRIVAL + 1, eventId: "e" },
  late: false
}

describe("a settle message", () => {
  it("gives back what it was made of", () => {
    const deltas = [delta, { ...delta, late: true, value: null }]
    assert.deepStrictEqual(decodeSettlement(encodeSettlement(deltas)), { deltas })
    assert.deepStrictEqual(decodeSettlement(encodeSettlement([], ARRIVAL)), { deltas: [], through: ARRIVAL })
    assert.strictEqual(encodeSettlement([]), '{"v":1,"deltas":[]}')
  })

  it("is refused where it is none of this format", () => {
    const wire = (JSON.parse(encodeSettlement([delta])) as { deltas: ReadonlyArray<ReadonlyArray<unknown>> }).deltas[0]
    const clockless = wire?.with(5, "soon")
    for (const [body, why] of [
      ["null", "not a settle message of format 1"],
      ["{}", "not a settle message of format 1"],
      ['{"v":2,"deltas":[]}', "not a settle message of format 1"],
      ['{"v":1,"deltas":{}}', "not a settle message of format 1"],
      ['{"v":1,"deltas":[],"through":"soon"}', "not a time"],
      ['{"v":1,"deltas":[{}]}', "not a delta"],
      ['{"v":1,"deltas":[{"length":9,"5":1}]}', "not a delta"],
      [`{"v":1,"deltas":[${JSON.stringify(wire?.slice(0, 8))}]}`, "not a delta"],
      [`{"v":1,"deltas":[${JSON.stringify(clockless)}]}`, "not a delta"]
    ] as const)
      assert.throws(() => decodeSettlement(body), why)
    assert.throws(() => decodeSettlement("no json"))
  })

  it("holds no character that SQS refuses, and gives all back", () => {
    const odd = { ...delta, value: "\ufffe\uffff\u0000\ud800 \u{1f4de}" }
    const body = encodeSettlement([odd])
    assert.notMatch(body, /[\ufffe\uffff]/)
    assert.include(body, "\\ufffe\\uffff\\u0000\\ud800 \u{1f4de}")
    assert.deepStrictEqual(decodeSettlement(body).deltas, [odd])
  })

  it("is as large as its deltas say, in bytes of UTF-8, and has 64 KB of them at most", () => {
    const deltas = [delta, { ...delta, value: "\u20ac" }, delta]
    const [empty, whole] = [encodeSettlement([]), encodeSettlement(deltas)].map((text) => Buffer.byteLength(text))
    // A separator follows each of them but the last.
    const sum = deltas.reduce((bytes, one) => bytes + deltaBytes(one), 0)
    assert.strictEqual((whole ?? 0) - (empty ?? 0), sum - 1)
    assert.strictEqual(MAX_MESSAGE_BYTES, 65_536)
  })

  it("is delayed by whole seconds until it is due, as far as SQS can", () => {
    for (const [after, seconds] of [
      [-5_000, 0],
      [0, 0],
      [1, 1],
      [1_000, 1],
      [1_001, 2],
      [900_000, 900],
      [3_600_000, 900]
    ] as const)
      assert.strictEqual(delaySeconds(ARRIVAL + after, ARRIVAL), seconds, `${after}`)
  })
})
