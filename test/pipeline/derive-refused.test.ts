import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import type { Derivation } from "../../src/domain/derivation.ts"
import type { Projection } from "../../src/domain/projection.ts"
import { linksOf } from "../../src/domain/stages.ts"
import type { Event } from "../../src/genesys/event.ts"
import { applyDeltas } from "../../src/pipeline/derive.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import type { StoreError } from "../../src/store/store-error.ts"
import { saidOf } from "./audit/small.ts"

const delta = (value: unknown, more: Partial<Delta> = {}, clock = 5): Delta =>
  ({
    ...{ projection: "desks-v1", entity: "d", row: "seat", register: "x", value, late: false },
    stamp: { clock, published: clock, eventId: `e${clock}` },
    ...more
  }) as Delta

/** The screen `s` shows the register `x` of every desk. */
const shown: Derivation = {
  ...{ from: "desks", register: "shown", shared: true, reads: () => "all" },
  rows: (_, rows) => [{ entity: "s", row: "pane", of: () => rows.get("seat")?.get("x") }]
}
const desks = saidOf("desks")
const screens = saidOf("screens", { derived: [shown] })
const [lamp, pane] = [
  delta(1, { row: "lamp", register: "on" }, 6),
  delta(1, { projection: "screens-v1", entity: "s", row: "pane", register: "dim" }, 7)
]

const applying = (
  deltas: ReadonlyArray<Delta>,
  projections: ReadonlyArray<Projection<Event>>,
  change: (inner: ProjectionStore["Service"]) => Partial<ProjectionStore["Service"]> = () => ({})
) => {
  const store = memoryProjectionStore()
  const effect = Effect.gen(function* () {
    const inner = yield* ProjectionStore
    return yield* applyDeltas(deltas, projections).pipe(
      Effect.provideService(ProjectionStore, { ...inner, ...change(inner) }),
      Effect.result
    )
  })
  return Effect.runPromise(Effect.provide(effect, store.layer)).then((result) => ({ result, store }))
}

const applied = async (...of: Parameters<typeof applying>) => {
  const { result, store } = await applying(...of)
  if (result._tag === "Failure") throw result.failure
  return { ...result.success, store }
}

const told = (deltas: ReadonlyArray<Delta>) => deltas.map(({ entity, register }) => `${entity} ${register}`)

describe("what follows from deltas", () => {
  it("is merged with them, and each is told by the deltas that bring it about", async () => {
    const { store, causesOf, refused, rows, changed, conflicts } = await applied(
      [delta(1), lamp, pane],
      [desks, screens]
    )
    assert.deepStrictEqual([...(store.rows("screens-v1", "s")[0]?.registers.keys() ?? [])].sort(), ["dim", "~shown d"])
    assert.deepStrictEqual([refused, rows, changed, conflicts], [[], 3, 3, 0])
    const whose = (projection: string, entity: string) => told(causesOf([{ projection, entity }]))
    assert.deepStrictEqual(whose("screens-v1", "s"), ["d x", "d on", "s dim"])
    assert.deepStrictEqual(whose("desks-v1", "d"), ["d x", "d on"])
    assert.deepStrictEqual(whose("screens-v1", "other"), [])
  })

  it("is merged in one write with the updates of its row, also where it follows from two stages", async () => {
    const from = (name: string): Derivation => ({
      ...{ from: name, register: `of ${name}`, shared: true, reads: () => "all" },
      rows: () => [{ entity: "w", row: "wall", of: () => delta(1) }]
    })
    const walls = saidOf("walls", { derived: [from("desks"), from("screens")] })
    const own = delta(1, { projection: "walls-v1", entity: "w", row: "wall", register: "y" })
    const { store, rows, lags } = await applied([delta(1), own], [desks, screens, walls])
    assert.deepStrictEqual([...(store.rows("walls-v1", "w")[0]?.registers.keys() ?? [])].sort(), [
      ...["y", "~of desks d", "~of screens s"]
    ])
    assert.deepStrictEqual([rows, lags.length], [3, 2])
  })

  it("is looked up where nothing changed, unless it follows for rows that a replay writes", async () => {
    const both = [desks, screens]
    const links = linksOf(both)
    const rowsOf = async (more: Effect.Effect<{ readonly rows: number }, unknown, ProjectionStore>, first = true) => {
      const before = first ? applyDeltas([delta(1)], [desks]) : Effect.void
      const run = Effect.andThen(before, more)
      return (await Effect.runPromise(Effect.provide(run, memoryProjectionStore().layer))).rows
    }
    assert.strictEqual(await rowsOf(applyDeltas([delta(1)], both)), 1)
    const replayed = applyDeltas([delta(1)], both, { live: [desks], followers: links })
    assert.strictEqual(await rowsOf(replayed), 0)
    assert.strictEqual(await rowsOf(replayed, false), 2)
  })

  it("names the rules by which rows were closed, of all stages", async () => {
    const closing = (name: string, derived: ReadonlyArray<Derivation>) =>
      saidOf(name, {
        derived,
        inferredEnd: (_, row) => (row.size > 0 ? `by ${name}` : undefined),
        closed: (_, row) => row.size > 0
      })
    const { inferred } = await applied([delta(1)], [closing("desks", []), closing("screens", [shown])])
    assert.deepStrictEqual(inferred, ["by desks", "by screens"])
  })

  it("is refused with what brings it about where it cannot be written, once, and all else goes on", async () => {
    const poisoned = saidOf("screens", {
      derived: [shown],
      view: (_, row) => {
        if (row.has("~shown d")) throw new TypeError("quotes a value")
        return {}
      }
    })
    const { refused, store } = await applied([delta(1), lamp, pane], [desks, poisoned])
    assert.deepStrictEqual(
      refused.map(({ projection, detail, deltas }) => [projection, detail, ...told(deltas)]),
      [["screens-v1", "`view` threw TypeError", "d x", "d on"]]
    )
    assert.deepStrictEqual([...(store.rows("screens-v1", "s")[0]?.registers.keys() ?? [])], ["dim"])
  })

  it("is refused by itself where an update of an event is to blame", async () => {
    const { refused } = await applied([delta(1, { row: "" }), delta(1, { row: "", register: "y" }), lamp], [desks])
    assert.deepStrictEqual(
      refused.map(({ reason, deltas }) => [reason, ...told(deltas)]),
      [["KeyEmpty", "d x", "d y"]]
    )
  })

  it("is refused by itself for each row that cannot be written", async () => {
    const { refused } = await applied([delta(1, { row: "" }), delta(1, { row: "", entity: "f" }), lamp], [desks])
    assert.deepStrictEqual(
      refused.map(({ deltas }) => told(deltas)),
      [["d x"], ["f x"]]
    )
  })

  it("is refused by the row that wants it where its derivation throws", async () => {
    const boom = (): never => {
      throw new TypeError("quotes a value")
    }
    const wanting = saidOf("screens", { derived: [{ ...shown, sourceOf: () => "d", rows: boom }] })
    const { refused } = await applied([pane], [desks, wanting])
    assert.deepStrictEqual(
      refused.map(({ projection, detail, deltas }) => [projection, detail, ...told(deltas)]),
      [["desks-v1", "`derived.rows` threw TypeError", "s dim"]]
    )
  })

  /** Somebody else changes the desk after each write of the screen, so many times. */
  const unsettled = (times: number) => (inner: ProjectionStore["Service"]) => {
    let changes = 0
    return {
      save: (writes: Parameters<typeof inner.save>[0]) =>
        Effect.tap(inner.save(writes), () =>
          writes.some(({ projection }) => projection === "screens-v1") && changes < times
            ? Effect.orDie(
                Effect.provideService(
                  applyDeltas([delta(100 + ++changes, {}, 100 + changes)], [desks]),
                  ProjectionStore,
                  inner
                )
              )
            : Effect.void
        )
    }
  }

  it("is read again until it agrees with its source, and that has bounds", async () => {
    const { store } = await applied([delta(1)], [desks, screens], unsettled(19))
    assert.strictEqual(store.rows("screens-v1", "s")[0]?.registers.get("~shown d")?.value, 119)
    const { result } = await applying([delta(1)], [desks, screens], unsettled(20))
    const { message, retryable } = (result as { failure: StoreError }).failure
    assert.strictEqual(message, "projection store: project: sources still change after 20 rounds")
    assert.isTrue(retryable)
  })
})
