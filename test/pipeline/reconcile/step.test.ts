import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Projections } from "../../../src/pipeline/folding.ts"
import { noCounts, PHASES, type Phase, type Sweep } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { MOST_PAGES, step } from "../../../src/pipeline/reconcile/step.ts"
import { place } from "./one-unit.ts"

const sweep = (phase: Phase, more: Partial<Sweep> = {}): Sweep => ({
  ...{ began: 7, by: "a test", phase, chunk: 2, counts: noCounts, totals: {} },
  ...more
})

const page = { asked: 5, items: [], total: 9 }

/** An organisation of nobody, whose lists say that there are nine. */
const nobody = (next?: string) => {
  const read = () => Effect.succeed({ ...page, ...(next === undefined ? {} : { next }) })
  return {
    ...{ users: read, queues: read, presences: read, wrapUpCodes: read, divisions: read },
    former: () => read,
    statuses: () => Effect.succeed({ asked: 5, items: [] }),
    observations: () => Effect.succeed({ asked: 5, items: [] }),
    members: () => Effect.succeed({ ...page, complete: true })
  }
}

const KINDS = ["agents", "queues", "wrapupCodes", "presences", "divisions", "teams"]

describe("a step", () => {
  it.effect("goes from each phase that is done to the next, and tells the directory of a whole sweep alone", () => {
    const { layer, calls } = place({ said: nobody() })
    return Effect.gen(function* () {
      let at: Sweep | undefined = sweep("agents", { pages: 3, next: "3" })
      const phases: Array<Phase> = []
      while (at !== undefined) {
        phases.push(at.phase)
        assert.isFalse(calls.some((call) => call.startsWith("swept")))
        const { next }: { readonly next: Sweep | undefined } = yield* step(at, undefined)
        // Nothing of a phase is left in the next one.
        if (next !== undefined) assert.deepStrictEqual(Object.keys(next).sort(), Object.keys(sweep("agents")).sort())
        at = next
      }
      assert.deepStrictEqual(phases, [...PHASES])
      assert.deepStrictEqual(
        calls.filter((call) => call.startsWith("swept")),
        KINDS.map((kind) => `swept ${kind} 7`)
      )
    }).pipe(Effect.provide(layer))
  })

  for (const [phase, totals] of [
    ["agents", { queues: 4, agents: 9 }],
    ["queues", { queues: 9 }],
    ["inactive", { queues: 4 }],
    ["divisions", { queues: 4 }]
  ] as const)
    it.effect(`goes on with the pages of ${phase}, and knows how many there are where that is said`, () => {
      const { layer } = place({ said: nobody("b") })
      return Effect.gen(function* () {
        const before = sweep(phase, { next: "a", pages: 1, totals: { queues: 4 } })
        const { next } = yield* step(before, undefined)
        assert.deepStrictEqual(next, { ...before, next: "b", pages: 2, totals })
        const { next: first } = yield* step(sweep(phase), undefined)
        assert.strictEqual(first?.pages, 1)
      }).pipe(Effect.provide(layer))
    })

  it.effect("looks at a chunk of the queues of a page after the other, then at the next page", () => {
    const items = ["a", "b", "c"].map((id) => ({ id }))
    const queues = (next?: string) => Effect.succeed({ asked: 5, items, ...(next === undefined ? { next: "2" } : {}) })
    const { layer } = place({ said: { ...nobody(), queues } })
    return Effect.gen(function* () {
      const { next: listed } = yield* step(sweep("queues"), undefined)
      assert.deepStrictEqual(listed, sweep("queues", { pages: 1, next: "2", pending: ["a", "b", "c"] }))
      const first = yield* step(listed ?? assert.fail("the phase is over"), undefined)
      assert.deepStrictEqual(first.next, sweep("queues", { pages: 1, next: "2", pending: ["c"] }))
      assert.strictEqual(first.unit.counts.queues, 2)
      const second = yield* step(first.next ?? assert.fail("the phase is over"), undefined)
      assert.deepStrictEqual(second.next, sweep("queues", { pages: 1, next: "2" }))
      const last = yield* step(sweep("queues", { pages: 1, next: "2" }), undefined)
      assert.deepStrictEqual(last.next, sweep("queues", { pages: 2, pending: ["a", "b", "c"] }))
      const end = yield* step(sweep("queues", { pages: 2, pending: ["a", "b"] }), undefined)
      assert.strictEqual(end.next?.phase, "inactive")
    }).pipe(Effect.provide(layer))
  })

  it.effect("remembers why nothing of what is missing is said", () => {
    const { layer } = place()
    const counts = { ...noCounts, missing: { member: 300 }, known: { member: 300 } }
    const before = sweep("missing", { counts, kept: { items: 1, last: 1, slots: 1, over: 0 } })
    return Effect.gen(function* () {
      yield* TestClock.setTime(86_400_000)
      const { next } = yield* step(before, undefined)
      const refused = { kind: "member", missing: 300, known: 300 }
      assert.deepStrictEqual(next, { ...before, next: "0", pages: 1, refused })
      const { next: after } = yield* step(next ?? assert.fail("the phase is over"), undefined)
      assert.deepStrictEqual(after?.refused, refused)
    }).pipe(Effect.provide(layer))
  })

  for (const [phase, path] of [
    ["agents", "/api/v2/users"],
    ["inactive", "/api/v2/users"],
    ["deleted", "/api/v2/users"],
    ["queues", "/api/v2/routing/queues"],
    ["presences", "/api/v2/presence/definitions"],
    ["wrapupCodes", "/api/v2/routing/wrapupcodes"],
    ["divisions", "/api/v2/authorization/divisions"]
  ] as const)
    it.effect(`gives up ${phase} after a thousand pages, and names the list`, () => {
      const { layer } = place({ said: nobody("b") })
      return Effect.gen(function* () {
        assert.strictEqual(MOST_PAGES, 1_000)
        const { next } = yield* step(sweep(phase, { pages: 999, next: "a" }), undefined)
        const failure = yield* Effect.flip(step(next ?? assert.fail("the list is over"), undefined))
        assert.strictEqual(failure.message.split(" is always")[0], `GET ${path}: there`)
      }).pipe(Effect.provide(layer))
    })

  it.effect("names who is there, and compares nothing, where the stack folds no such projection", () => {
    const items = [{ id: "a", conversations: [] }]
    const read = () => Effect.succeed({ asked: 5, items })
    const former = () => () => Effect.succeed({ asked: 5, items: [{ id: "a", state: "inactive" as const }] })
    const { layer, calls, directory } = place({ said: { users: read, queues: read, former } })
    return Effect.gen(function* () {
      const run = (phase: Phase, more: Partial<Sweep> = {}) => step(sweep(phase, more), undefined)
      assert.strictEqual((yield* run("agents")).unit.counts.agents, 1)
      assert.strictEqual((yield* run("inactive")).unit.counts.former, 1)
      const listed = yield* run("queues")
      assert.deepStrictEqual([listed.unit.counts, listed.next?.phase], [{ ...noCounts, queues: 1 }, "inactive"])
      // A version before this one may have left some to be looked at.
      const left = yield* run("queues", { pending: ["a", "b", "c"] })
      assert.deepStrictEqual([left.unit.counts, left.next?.pending], [noCounts, ["c"]])
      assert.deepStrictEqual(
        directory.held().map(({ kind }) => kind),
        ["agents", "queues"]
      )
      assert.isFalse(calls.some((call) => call.startsWith("load")))
    }).pipe(Effect.provideService(Projections, []), Effect.provide(layer))
  })
})
