import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Missing } from "../../../src/pipeline/reconcile/answers.ts"
import { type ByFacet, type Kept, noCounts, type Sweep } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { keep, NOTHING_KEPT } from "../../../src/pipeline/reconcile/kept.ts"
import { acceptMissing, implausible, missingUnit } from "../../../src/pipeline/reconcile/missing.ts"
import { Control } from "../../../src/store/control.ts"
import { place } from "./one-unit.ts"

const DAY = 86_400_000
const ACCEPTED = "reconcile/accepted"

const verdict = (missing: ByFacet, known: ByFacet, kept?: Partial<Kept>) =>
  implausible({
    counts: { ...noCounts, missing, known },
    ...(kept === undefined ? {} : { kept: { ...NOTHING_KEPT, ...kept } })
  })

describe("what is missing", () => {
  it("is believed where it is little, or at most half of what there is", () => {
    const refused = (kind: string, missing: number, known: number) => ({ kind, missing, known })
    for (const [missing, known, over, wanted] of [
      [{ member: 100 }, { member: 100 }, 0, undefined],
      [{ member: 101 }, { member: 201 }, 0, refused("member", 101, 201)],
      [{ member: 101 }, { member: 202 }, 0, undefined],
      [{ member: 30_000 }, { member: 60_000 }, 0, undefined],
      [{ member: 30_000 }, { member: 60_000 }, 1, refused("member", 30_000, 60_000)],
      [{ member: 2 }, { member: 60_000 }, 1, refused("member", 2, 60_000)],
      [{ member: 101 }, {}, 0, refused("member", 101, 0)],
      [{}, {}, 0, undefined]
    ] as ReadonlyArray<[ByFacet, ByFacet, number, unknown]>)
      assert.deepStrictEqual(verdict(missing, known, { over }), wanted, JSON.stringify([missing, known, over]))
    assert.isUndefined(verdict({ member: 1 }, { member: 1 }))
  })

  it("is judged by its kind; of several that are too much, the one of which most is missing is named", () => {
    const known = { session: 120, wait: 1_000, member: 150 }
    assert.strictEqual(verdict({ session: 110, wait: 300, member: 120 }, known)?.kind, "member")
    assert.strictEqual(verdict({ wait: 300, session: 110 }, known)?.kind, "session")
    assert.strictEqual(verdict({ session: 110, wait: 300, member: 120 }, known, { over: 1 })?.kind, "wait")
  })
})

const seen = (sessionId: string, told: Missing["told"]): Missing => ({
  kind: "session",
  told,
  statement: { at: 1_000, facet: { facet: "sessionSeen", userId: "agent-1", sessionId, value: false } }
})

const left = (userId: string, told: Missing["told"]): Missing => ({
  kind: "member",
  told,
  statement: { at: 2_000, facet: { facet: "member", queueId: "queue-1", userId, joined: false } }
})

const sweep = (more: Partial<Sweep>): Sweep => ({
  ...{ began: 7, by: "a test", phase: "missing", chunk: 25, counts: noCounts, totals: {} },
  ...more
})

/** Too much of it, for anybody to believe. */
const lost = { ...noCounts, missing: { member: 300 }, known: { member: 300 } }
const REFUSED = { kind: "member", missing: 300, known: 300 }

describe("the last phase of a sweep", () => {
  it.effect("is over at once where no sweep has kept anything", () => {
    const { layer, calls } = place()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* missingUnit(sweep({})), { counts: noCounts })
      assert.deepStrictEqual(calls, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("judges first, and asks nobody where all of it may be so", () => {
    const { layer, calls } = place()
    return Effect.gen(function* () {
      const unit = yield* missingUnit(sweep({ kept: { ...NOTHING_KEPT, items: 1, slots: 2 } }))
      assert.deepStrictEqual([unit, calls], [{ counts: noCounts, next: "0" }, []])
    }).pipe(Effect.provide(layer))
  })

  for (const [name, after, refused] of [
    ["nobody has accepted it", undefined, true],
    ["somebody has accepted it less than a day ago", DAY - 1, false],
    ["somebody has accepted it a day ago", DAY, true]
  ] as const)
    it.effect(`${refused ? "refuses" : "believes"} what is too much where ${name}`, () => {
      const { layer } = place()
      return Effect.gen(function* () {
        yield* TestClock.setTime(DAY)
        if (after !== undefined) {
          yield* acceptMissing("an operator")
          yield* TestClock.adjust(after)
        }
        const unit = yield* missingUnit(sweep({ counts: lost, kept: { ...NOTHING_KEPT, slots: 1 } }))
        assert.deepStrictEqual(unit, { counts: noCounts, next: "0", ...(refused ? { refused: REFUSED } : {}) })
      }).pipe(Effect.provide(layer))
    })

  it.effect("says of one item after the other that it is over, and empties it once that is known", () => {
    const { layer, calls, stated, control } = place()
    return Effect.gen(function* () {
      const first = yield* keep(7, undefined, [seen("s1", "corrected"), left("u1", "early"), left("u2", "new")])
      const kept = { ...first, slots: 2 }
      yield* Control.use(({ write }) => write("reconcile/missing/1", { began: 1, missing: [] }, 0))
      calls.splice(0)

      assert.deepStrictEqual(yield* missingUnit(sweep({ kept, next: "0" })), {
        counts: {
          ...noCounts,
          stated: { sessionSeen: 1, member: 2 },
          corrected: { sessionSeen: 1 },
          early: { member: 1 },
          closed: 1
        },
        next: "1"
      })
      assert.deepStrictEqual(calls.splice(0), ["read reconcile/missing/0", "send 3"])
      assert.deepStrictEqual(stated(), [
        { seen: { sessionId: "s1", listed: false } },
        { member: { userId: "u1", joined: false } },
        { member: { userId: "u2", joined: false } }
      ])

      assert.deepStrictEqual(yield* missingUnit(sweep({ kept, next: "1" })), { counts: noCounts, next: "2" })
      assert.deepStrictEqual(calls.splice(0), ["read reconcile/missing/0", "write reconcile/missing/0"])
      assert.deepStrictEqual(yield* missingUnit(sweep({ kept, next: "2" })), { counts: noCounts })
      assert.deepStrictEqual(
        [...control()].map(([key, { value }]) => [key, value]),
        [
          ["reconcile/missing/0", null],
          ["reconcile/missing/1", null]
        ]
      )
      assert.strictEqual(stated().length, 3)
    }).pipe(Effect.provide(layer))
  })

  it.effect("says nothing of what was refused, and empties it all the same", () => {
    const { layer, sent, control } = place()
    return Effect.gen(function* () {
      const kept = yield* keep(7, undefined, [seen("s1", "corrected")])
      const unit = yield* missingUnit(sweep({ kept, refused: REFUSED, next: "0" }))
      assert.deepStrictEqual([unit, sent], [{ counts: noCounts, next: "1" }, []])
      yield* missingUnit(sweep({ kept, refused: REFUSED, next: "1" }))
      assert.strictEqual(control().get("reconcile/missing/0")?.value, null)
    }).pipe(Effect.provide(layer))
  })

  it.effect("says nothing of an item that is none of its own, though it is of this sweep", () => {
    const { layer, sent } = place()
    return Effect.gen(function* () {
      const kept = yield* keep(7, undefined, [seen("s1", "corrected")])
      yield* missingUnit(sweep({ kept: { ...kept, items: 0 }, next: "0" }))
      assert.deepStrictEqual(sent, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("forgets at its end that somebody has accepted something, and no sooner", () => {
    const { layer, calls, control } = place()
    return Effect.gen(function* () {
      yield* TestClock.setTime(9)
      yield* acceptMissing("an operator")
      assert.deepStrictEqual(control().get(ACCEPTED), { value: { at: 9, by: "an operator" }, version: 1 })
      const kept = { ...NOTHING_KEPT, slots: 1 }
      const ofAccepted = () => calls.splice(0).filter((call) => call.endsWith(ACCEPTED))
      ofAccepted()
      yield* missingUnit(sweep({ kept, next: "0" }))
      assert.deepStrictEqual(ofAccepted(), [])
      yield* missingUnit(sweep({ kept, next: "1" }))
      assert.deepStrictEqual(ofAccepted(), [`read ${ACCEPTED}`, `write ${ACCEPTED}`])
      assert.deepStrictEqual(control().get(ACCEPTED), { value: null, version: 2 })
      // Once it is forgotten, or where nobody has said so, there is nothing to write.
      yield* missingUnit(sweep({ kept, next: "1" }))
      assert.deepStrictEqual(ofAccepted(), [`read ${ACCEPTED}`])
      const other = place()
      yield* Effect.provide(missingUnit(sweep({ kept, next: "1" })), other.layer)
      assert.notInclude(other.calls, `write ${ACCEPTED}`)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is somebody else's word where that was given at the same moment", () =>
    Effect.gen(function* () {
      const { _tag } = yield* Effect.flip(acceptMissing("an operator"))
      assert.strictEqual(_tag, "Overtaken")
    }).pipe(Effect.provide(place({ wins: 1 }).layer))
  )
})
