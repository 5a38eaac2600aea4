import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { TestClock } from "effect/testing"
import type { Person } from "../../../src/genesys/person.ts"
import { foundIn, foundName, nextRequest, openRequest, segmentName } from "../../../src/pipeline/erase/request.ts"
import { memoryErasureJournal } from "./doubles.ts"

/** No name of hexadecimal digits alone, which the salt and the check could hold by chance. */
const zoe: Person = { kind: "address", value: "Zoe@example.org" }

describe("a request to erase a person", () => {
  it.effect("is noted before anything else, without the person", () => {
    const journal = memoryErasureJournal()
    return Effect.gen(function* () {
      yield* TestClock.setTime(5_000)
      assert.deepStrictEqual(yield* openRequest("7", zoe), { number: "7", at: 5_000, notes: new Map() })
      const { at, salt, check } = journal.notes("7").get("begun") as Record<string, string>
      assert.deepStrictEqual(at as unknown, 5_000)
      assert.match(String(salt), /^[0-9a-f]{32}$/)
      assert.match(String(check), /^[0-9a-f]{64}$/)
      assert.notMatch(JSON.stringify([...journal.notes("7")]), /zoe/i)
    }).pipe(Effect.provide(journal.layer))
  })

  it.effect("goes on with what an earlier run has noted, for the same person and no other", () => {
    const journal = memoryErasureJournal()
    return Effect.gen(function* () {
      yield* TestClock.setTime(5_000)
      yield* openRequest("7", zoe)
      yield* TestClock.setTime(9_000)
      const again = yield* openRequest("7", { ...zoe, value: "zoe@EXAMPLE.org" })
      assert.strictEqual(again?.at, 5_000)
      assert.deepStrictEqual([...(again?.notes.keys() ?? [])], ["begun"])
      assert.isUndefined(yield* openRequest("7", { ...zoe, value: "bob@example.org" }))
      assert.isUndefined(yield* openRequest("7", { ...zoe, kind: "agent" }))
      assert.isDefined(yield* openRequest("8", { ...zoe, kind: "agent" }))
      const salts = ["7", "8"].map((number) => (journal.notes(number).get("begun") as Record<string, string>).salt)
      assert.notStrictEqual(salts[0], salts[1])
    }).pipe(Effect.provide(journal.layer))
  })

  it.effect("has a number of its own", () =>
    Effect.gen(function* () {
      const numbers = yield* Effect.forEach([1, 2, 3], () => nextRequest)
      for (const number of numbers) assert.match(number, /^[0-9a-f]{8}$/)
      assert.strictEqual(new Set(numbers).size, 3)
    })
  )

  it.effect("has any number of eight digits, and a salt of four of them", () => {
    const journal = memoryErasureJournal()
    const drawn = (double: number) => Effect.provideService(Random.Random, { nextDoubleUnsafe: () => double } as never)
    const saltOf = (number: string) => (journal.notes(number).get("begun") as Record<string, string>).salt
    return Effect.gen(function* () {
      for (const [double, digits] of [
        [0, "00000000"],
        [1 / 16, "10000000"],
        [1 - Number.EPSILON / 2, "ffffffff"]
      ] as const) {
        assert.strictEqual(yield* nextRequest.pipe(drawn(double)), digits)
        yield* openRequest(digits, zoe).pipe(drawn(double))
        assert.strictEqual(saltOf(digits), digits.repeat(4))
      }
    }).pipe(Effect.provide(journal.layer))
  })

  it("knows all that was found, each once", () => {
    const notes = new Map<string, object>([
      ["begun", { deleted: ["no"], redacted: ["no"], bodies: ["no"] }],
      ["segment-0-of-1", { searched: 1 }],
      ["found-1", { deleted: ["a", "b"], redacted: ["c"], bodies: [] }],
      ["found-2", { deleted: ["b"], redacted: ["c", "d"], bodies: ["k"] }]
    ])
    assert.deepStrictEqual(foundIn(notes as never), { deleted: ["a", "b"], redacted: ["c", "d"], bodies: ["k"] })
  })

  it("names its notes by what they are of", () => {
    assert.strictEqual(segmentName(1, 4), "segment-1-of-4")
    assert.match(foundName(["a", "b"]), /^found-[0-9a-f]{24}$/)
    assert.strictEqual(foundName(["a", "b"]), foundName(["a", "b"]))
    for (const other of [["a"], ["b", "a"], ["ab"]]) assert.notStrictEqual(foundName(other), foundName(["a", "b"]))
  })
})
