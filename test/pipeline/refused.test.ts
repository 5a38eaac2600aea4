import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { park, updatesOf } from "../../src/pipeline/refused.ts"
import { memoryParked } from "../../src/store/memory/parked.ts"
import { encodeSettlement } from "../../src/store/settle-queue.ts"

const delta = (entity: string, published = 1, more: Partial<Delta> = {}): Delta =>
  ({
    ...{ projection: "p-v1", entity, row: "r", register: "x", value: 1, late: false },
    stamp: { clock: 1, published, eventId: `e-${entity}` },
    ...more
  }) as never

describe("updates that cannot be written", () => {
  const whose = (entity: string) => ({ projection: "p-v1", entity })
  const followed = (entity: string, source: string) => ({ ...whose(entity), source: whose(source) })

  it("are those of an entity, and of all from which something followed for it", () => {
    const deltas = ["a", "b", "c", "d"].map((entity) => delta(entity))
    const of = (entities: ReadonlyArray<string>, ...follows: ReadonlyArray<ReturnType<typeof followed>>) =>
      updatesOf(deltas, entities.map(whose), follows).map(({ entity }) => entity)
    assert.deepStrictEqual(of(["a"]), ["a"])
    assert.deepStrictEqual(of([]), [])
    assert.deepStrictEqual(of(["a"], followed("c", "d")), ["a"])
    assert.deepStrictEqual(of(["a"], followed("a", "b"), followed("b", "c"), followed("d", "a")), ["a", "b", "c"])
    assert.deepStrictEqual(of(["a"], followed("b", "c"), followed("a", "b"), followed("b", "a")), ["a", "b", "c"])
  })

  it.effect("are parked as the messages that they were, once each, and their reasons are logged", () => {
    const parked = memoryParked()
    const lines: Array<string> = []
    return Effect.gen(function* () {
      assert.strictEqual(yield* park([]), 0)
      assert.deepStrictEqual(lines, [])
      const refused = (entity: string, published: number, reason: "KeyEmpty" | "KeyTooLong" = "KeyEmpty") => ({
        ...{ projection: "p-v1", reason, detail: "it is so" },
        deltas: [delta(entity, published), delta(entity, published - 1)]
      })
      assert.strictEqual(yield* park([refused("a", 7), refused("a", 7), refused("b", 9, "KeyTooLong")]), 2)
      assert.deepStrictEqual(
        [...parked.kept().values()].map(({ from, body, reason, detail, received, attempts }) => [
          from,
          body,
          reason,
          detail,
          received,
          attempts
        ]),
        [
          ["project", encodeSettlement(refused("a", 7).deltas), "KeyEmpty", "an update of p-v1: it is so", 7, 1],
          ["project", encodeSettlement(refused("b", 9).deltas), "KeyTooLong", "an update of p-v1: it is so", 9, 1]
        ]
      )
      assert.lengthOf(lines, 1)
      assert.include(lines.join(), "cannot be written, and parked: KeyEmpty, KeyTooLong")
    }).pipe(Effect.provide([parked.layer, linesTo((line) => void lines.push(line))]))
  })
})
