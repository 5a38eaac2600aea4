import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { Derivation } from "../../src/domain/derivation.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import {
  GenerationRefused,
  planPromotion,
  planRetirement,
  planRollback,
  promote,
  type Refusal,
  retire,
  rollback
} from "../../src/pipeline/generations.ts"
import { Control } from "../../src/store/control.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { desks, saidOf } from "./audit/small.ts"

const version = (number: number, more: Partial<Projection<Event>> = {}): Projection<Event> => ({
  ...desks,
  version: number,
  ...more
})

const from = (name: string, since = 1): Derivation => ({
  ...{ from: name, since, register: "x", reads: () => "all" },
  rows: () => []
})

/** Decisions on these generations. `before`: what somebody else does before the write of this number. */
const started = (listed: ReadonlyArray<Projection<Event>> = [version(1), version(2), version(3)]) => {
  const control = memoryControl()
  const writes: Array<string> = []
  const rule: { conflictAt?: number } = {}
  const layer = Layer.effect(
    Control,
    Effect.map(Control, ({ read, write }) => ({
      read,
      write: (key: string, value: Parameters<typeof write>[1], at: number) => {
        writes.push(key)
        return writes.length === rule.conflictAt ? Effect.succeed("conflict" as const) : write(key, value, at)
      }
    }))
  ).pipe(Layer.provide(control.layer))
  const run = <A, E>(effect: Effect.Effect<A, E, Control>) =>
    Effect.runPromise(Effect.provide(effect, Layer.merge(layer, Layer.succeed(Projections, listed))))
  const refused = async <A>(effect: Effect.Effect<A, unknown, Control>) => {
    const { subject, reason } = (await run(Effect.flip(effect))) as GenerationRefused
    return `${subject} ${reason}`
  }
  return { run, refused, writes, rule, held: (key: string) => control.held().get(key)?.value }
}

describe("a decision that is refused", () => {
  const sentences: Readonly<Record<Refusal, string>> = {
    unlisted: "is not folded; projections/index.ts does not list it",
    retired: "is retired and receives no updates; list it as a new version and replay that",
    inUse: "is the active generation; promote another first",
    onlyOne: "is the only live generation; list and promote another first",
    isSource:
      "is what other projections derive from, and no other live generation will do; list one of a version that they take first",
    noPrevious: "has no previous generation to roll back to; nothing was promoted yet",
    unlike: "belongs to another projection; compare two generations of one projection",
    contended: "is being changed by somebody else right now; check the status and try again"
  }
  it.each(Object.entries(sentences))("says why, and what to do: %s", (reason, sentence) => {
    assert.strictEqual(
      new GenerationRefused({ subject: "g-v1", reason: reason as Refusal }).message,
      `g-v1 ${sentence}`
    )
  })

  it("is so where somebody else writes first, and what was written of it is taken back", async () => {
    const promotion = started()
    promotion.rule.conflictAt = 1
    assert.strictEqual(await promotion.refused(promote("desks-v2", "m")), "desks-v2 contended")
    assert.isUndefined(promotion.held("readers/desks"))

    const marking = started()
    marking.rule.conflictAt = 1
    assert.strictEqual(await marking.refused(retire("desks-v2", "m")), "desks-v2 contended")
    assert.deepStrictEqual(marking.writes, ["retired/desks-v2"])

    const fencing = started()
    fencing.rule.conflictAt = 2
    assert.strictEqual(await fencing.refused(retire("desks-v2", "m")), "desks-v2 contended")
    assert.deepStrictEqual(fencing.writes, ["retired/desks-v2", "readers/desks", "retired/desks-v2"])
    assert.isNull(fencing.held("retired/desks-v2"))
    // What was taken back can be decided again.
    assert.isTrue((await fencing.run(retire("desks-v2", "m"))).changed)
  })

  it("is so where readers would go back to what is not listed any more", async () => {
    const { run, refused, writes } = started()
    await run(Control.use(({ write }) => write("readers/desks", { generation: "desks-v2", previous: "desks-v0" }, 0)))
    writes.length = 0
    assert.strictEqual(await refused(rollback("desks", "m")), "desks-v0 unlisted")
    assert.deepStrictEqual(writes, [])
  })

  it("is so where others derive from it and from no other that is fed", async () => {
    const needs = (since: number) => saidOf("screens", { derived: [from("desks", since)] })
    const retired = (...listed: ReadonlyArray<Projection<Event>>) => started(listed).refused(retire("desks-v2", "m"))
    assert.strictEqual(await retired(version(1), version(2), needs(2)), "desks-v2 isSource")
    const other = started([version(1), version(2), version(3), needs(2)])
    assert.isTrue((await other.run(retire("desks-v2", "m"))).changed)
    const first = started([version(1), version(2), needs(1)])
    assert.isTrue((await first.run(retire("desks-v2", "m"))).changed)
    // What it lacks itself does not count, and what others lack anyway holds up nobody.
    const lacking = version(2, { derived: [from("nothing")] })
    assert.strictEqual(await retired(version(1), lacking, needs(2)), "desks-v2 isSource")
    const anyway = started([version(1), version(2), saidOf("screens", { derived: [from("nothing")] })])
    assert.isTrue((await anyway.run(retire("desks-v2", "m"))).changed)
  })
})

describe("a decision that is planned", () => {
  it("says whether it changes anything, and writes nothing until it is made", async () => {
    const { run, writes } = started()
    const { apply: _, ...promotion } = await run(planPromotion("desks-v2"))
    const decision = { name: "desks", generation: "desks-v2", current: "desks-v1", changes: true }
    assert.deepStrictEqual(promotion, decision)
    const { apply: __, ...retirement } = await run(planRetirement("desks-v2"))
    assert.deepStrictEqual(retirement, decision)
    assert.deepStrictEqual(writes, [])
    await run(promote("desks-v2", "m"))
    const { apply: ___, ...back } = await run(planRollback("desks"))
    assert.deepStrictEqual(back, { name: "desks", generation: "desks-v1", current: "desks-v2", changes: true })
  })

  it("changes nothing where all is so already, and returns what holds", async () => {
    const { run, writes, held } = started()
    assert.isFalse((await run(planPromotion("desks-v1"))).changes)
    assert.deepStrictEqual(await run(promote("desks-v1", "m")), { generation: "desks-v1", changed: false })
    assert.deepStrictEqual(writes, [])
    await run(promote("desks-v2", "maria"))
    const readers = held("readers/desks") as object
    assert.deepInclude(readers, { generation: "desks-v2", previous: "desks-v1", by: "maria" })
    assert.deepStrictEqual<unknown>(await run(promote("desks-v2", "otto")), { ...readers, changed: false })
    await run(retire("desks-v3", "maria"))
    const decision = await run(planRetirement("desks-v3"))
    assert.isFalse(decision.changes)
    assert.lengthOf(writes, 3)
    assert.deepInclude(await run(retire("desks-v3", "otto")), { by: "maria", changed: false })
    assert.lengthOf(writes, 3)
  })
})
