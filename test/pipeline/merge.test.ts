import { assert, describe, it } from "@effect/vitest"
import { effectClock, virtualClock } from "aws-in-process/clock"
import { Effect } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import type { Derivation } from "../../src/domain/derivation.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Register } from "../../src/domain/row.ts"
import type { Event } from "../../src/genesys/event.ts"
import type { DerivedUpdate } from "../../src/pipeline/change-row.ts"
import { type Merged, mergeDeltas } from "../../src/pipeline/merge.ts"
import { laterStale, type Stale, summarise } from "../../src/pipeline/summarise.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import type { StoreError } from "../../src/store/store-error.ts"
import { desks, START, saidOf } from "./audit/small.ts"

const delta = (row: string, register: string, value: unknown, clock = 5): Delta =>
  ({
    ...{ projection: "desks-v1", entity: "d", row, register, value, late: false },
    stamp: { clock, published: clock, eventId: `e${clock}` }
  }) as Delta
const register = (value: unknown, clock = 1): Register =>
  ({ value, stamp: { clock, published: clock, eventId: `e${clock}` } }) as Register
const derived = (row: string, name: string, value: Register | undefined): DerivedUpdate => ({
  ...{ projection: "desks-v1", entity: "d", row, register: `~${name}`, of: () => value },
  source: { derivation: {} as Derivation, projection: "p", entity: name, reads: "all" }
})

type Change = (inner: ProjectionStore["Service"]) => Partial<ProjectionStore["Service"]>

/** What each of some merges says, one after the other, on one store. */
const merging = <A, E>(effect: Effect.Effect<A, E, ProjectionStore>, change: Change = () => ({})) => {
  const store = memoryProjectionStore()
  const run = Effect.gen(function* () {
    const inner = yield* ProjectionStore
    return yield* effect.pipe(Effect.provideService(ProjectionStore, { ...inner, ...change(inner) }))
  })
  return Effect.runPromise(Effect.provide(run, store.layer)).then((result) => ({ result, store }))
}

const merge = (
  deltas: ReadonlyArray<Delta>,
  more: { of?: Projection<Event>; derived?: ReadonlyArray<DerivedUpdate>; mend?: boolean; keepUntil?: number } = {}
) => mergeDeltas(deltas, () => more.of ?? desks, more.keepUntil ?? 0, undefined, more.derived ?? [], more.mend ?? false)

const counts = ({ rows, changed, revisions, conflicts }: Merged) => ({ rows, changed, revisions, conflicts })
const heldOf = ({ held }: Merged) => held.map(({ row, updated }) => [row, ...updated].join(" "))

/** Conflicts for so many saves. */
const contended =
  (count: number): Change =>
  (inner) => {
    let left = count
    return {
      save: (writes) => (left-- > 0 ? Effect.succeed(writes.map(() => "conflict" as const)) : inner.save(writes))
    }
  }

describe("a merge", () => {
  it("says what it changed, whose summaries are stale, and what others must be told", async () => {
    const deltas = [delta("seat#1", "x", 1, 5), delta("seat#1", "y", 1, 7), delta("lamp", "on", 1, 9)]
    const { result } = await merging(
      Effect.gen(function* () {
        return [
          yield* merge(deltas),
          yield* merge(deltas),
          yield* merge(deltas, { mend: true }),
          yield* merge([delta("seat#1", "x", 2, 6), delta("seat#1", "y", 0, 6)])
        ]
      })
    )
    const [first, again, mended, later] = result as unknown as readonly [Merged, Merged, Merged, Merged]
    assert.deepStrictEqual(counts(first), { rows: 2, changed: 3, revisions: 0, conflicts: 0 })
    assert.deepStrictEqual(heldOf(first), ["seat#1 x y", "lamp on"])
    const stale = { projection: "desks-v1", entity: "d", latest: 7, revised: undefined, touched: new Set(["seat#1"]) }
    assert.deepStrictEqual([...first.stale.values()], [stale])
    assert.deepStrictEqual(counts(again), { rows: 0, changed: 0, revisions: 0, conflicts: 0 })
    assert.deepStrictEqual([heldOf(again), again.stale.size], [["seat#1", "lamp"], 0])
    assert.deepStrictEqual(heldOf(mended), ["seat#1 x y", "lamp on"])
    assert.deepStrictEqual(
      [first, mended].map(({ held }) => held.map(({ changed }) => changed)),
      [
        [true, true],
        [false, false]
      ]
    )
    assert.deepStrictEqual([...mended.stale.values()], [stale])
    assert.deepStrictEqual([counts(later).changed, heldOf(later)], [1, ["seat#1 x"]])
  })

  it("names the rule by which a row was closed that no event closed", async () => {
    const of = saidOf("desks", {
      inferredEnd: (_, row) => (row.has("left") ? "a rule" : undefined),
      closed: (_, row) => row.has("left")
    })
    const { result } = await merging(merge([delta("a", "left", 1), delta("b", "x", 1)], { of }))
    assert.deepStrictEqual(result.inferred, ["a rule"])
  })

  it("loads what may be a moment old at first, and surely what is derived or was refused", async () => {
    const loads: Array<string> = []
    const rows = [delta("a", "x", 1)]
    await merging(merge(rows, { derived: [derived("b", "s", register(1))] }), (inner) => ({
      ...contended(1)(inner),
      load: (keys, consistent) => {
        loads.push(`${keys.map(({ row }) => row).join()} ${consistent}`)
        return inner.load(keys, consistent)
      }
    }))
    assert.deepStrictEqual(loads, ["b true", "a false", "a,b true"])
  })

  it("tries again where others write the same rows, 20 times in all, and then says so", async () => {
    const { result } = await merging(merge([delta("a", "x", 1)]), contended(19))
    assert.deepStrictEqual(counts(result), { rows: 1, changed: 1, revisions: 0, conflicts: 19 })
    const failed = await merging(Effect.flip(merge([delta("a", "x", 1)])), contended(20))
    const { message, retryable } = failed.result as StoreError
    assert.strictEqual(message, "projection store: project: still contended after 20 rounds")
    assert.isTrue(retryable)
  })

  it("takes no answer for a conflict", async () => {
    let saves = 0
    const { result } = await merging(merge([delta("a", "x", 1)]), (inner) => ({
      save: (writes) => (saves++ === 0 ? Effect.succeed([]) : inner.save(writes))
    }))
    assert.strictEqual(result.conflicts, 1)
  })

  it("tells how long timely updates took, and counts late ones that changed what stood there", async () => {
    const late = { ...delta("a", "x", 2, 6), late: true }
    const { result } = await merging(
      Effect.all([merge([delta("a", "x", 1), delta("a", "y", 1, 9)]), merge([late])]).pipe(
        Effect.provide(effectClock(virtualClock(START)))
      )
    )
    assert.deepStrictEqual(
      result.map(({ lags, revisions }) => [lags, revisions]),
      [
        [[START - 5, START - 9], 0],
        [[], 1]
      ]
    )
  })

  it("tells again what stood there, unless it is told not to, and writes nothing then", async () => {
    const saves: Array<number> = []
    const plain = mergeDeltas([delta("a", "x", 1)], () => desks)
    const { result } = await merging(Effect.all([plain, plain]), (inner) => ({
      save: (writes) => {
        saves.push(writes.length)
        return inner.save(writes)
      }
    }))
    assert.deepStrictEqual(result.map(heldOf), [["a x"], ["a x"]])
    assert.deepStrictEqual(saves, [1])
  })

  it("tells nothing of a row that it left as it was, whatever its projection takes in", async () => {
    const of = saidOf("desks", { merge: (_, held) => held })
    const { result } = await merging(merge([delta("a", "x", 1)], { of }))
    assert.deepStrictEqual(heldOf(result), ["a"])
  })
})

describe("a derived register", () => {
  it("is not looked at again where it stood there", async () => {
    const update = derived("a", "s", register(1))
    const { result } = await merging(Effect.andThen(merge([], { derived: [update] }), merge([], { derived: [update] })))
    assert.deepStrictEqual([result.rows, result.rederive], [0, []])
  })

  it("is looked at again where it was written, and where that is not sure", async () => {
    const update = derived("a", "s", register(1))
    const { result } = await merging(
      Effect.gen(function* () {
        const first = yield* merge([], { derived: [update] })
        return [first, yield* merge([delta("a", "x", 1)], { derived: [update] })] as const
      })
    )
    const [first, second] = result
    assert.deepStrictEqual(
      first.rederive.map(({ register: name, into }) => [name, [...into.keys()]]),
      [["~s", ["~s"]]]
    )
    assert.deepStrictEqual(second.rederive, [])
    // Ours may have been written, and another over it, before we were told that it was not.
    const unsure =
      (writes: boolean): Change =>
      (inner) => {
        let saves = 0
        return {
          save: (all) =>
            saves++ > 0
              ? inner.save(all)
              : Effect.map(writes ? inner.save(all) : Effect.succeed([]), () => all.map(() => "conflict" as const))
        }
      }
    const lost = await merging(merge([], { derived: [update] }), unsure(true))
    assert.deepStrictEqual(
      lost.result.rederive.map(({ register: name }) => name),
      ["~s"]
    )
    assert.deepStrictEqual([lost.result.rows, heldOf(lost.result)], [0, ["a ~s"]])
    const again = await merging(
      Effect.andThen(merge([], { derived: [update] }), merge([delta("a", "x", 1)], { derived: [update] })),
      (inner) => {
        let saves = 0
        return {
          save: (all) => (saves++ === 1 ? Effect.succeed(all.map(() => "conflict" as const)) : inner.save(all))
        }
      }
    )
    assert.deepStrictEqual(
      again.result.rederive.map(({ register: name }) => name),
      ["~s"]
    )
  })
})

describe("updates that cannot be written", () => {
  const poisoned = saidOf("desks", {
    view: (_, row) => {
      if ([...row.values()].some(({ value }) => value === "bad")) throw new TypeError("quotes a value")
      return {}
    }
  })

  it("stand alone in the end, whichever they are, and all others are merged", async () => {
    const names = ["a", "b", "c", "d", "e"]
    const follows = ["p", "q", "r"]
    for (const bad of [["a"], ["e"], ["c", "d"], ["~p"], ["~r"], ["b", "~q"]]) {
      const valueOf = (name: string) => (bad.includes(name) ? "bad" : 1)
      const { result, store } = await merging(
        merge(
          names.map((name, i) => delta("row", name, valueOf(name), 5 + i)),
          { of: poisoned, derived: follows.map((name) => derived("row", name, register(valueOf(`~${name}`)))) }
        )
      )
      const refused = result.refused.flatMap(({ deltas, derived: all }) =>
        [...deltas, ...all].map((one) => one.register)
      )
      assert.deepStrictEqual(refused.sort(), [...bad].sort())
      const [row] = store.rows("desks-v1", "d")
      const written = [...names, ...follows.map((name) => `~${name}`)].filter((name) => !bad.includes(name))
      assert.deepStrictEqual([...(row?.registers.keys() ?? [])].sort(), written.sort())
      assert.isTrue(result.refused.every(({ detail }) => detail === "`view` threw TypeError"))
    }
  })

  it("stand alone where nothing but what is derived is merged", async () => {
    const all = [derived("row", "p", register("bad")), derived("row", "q", register(1))]
    const { result, store } = await merging(merge([], { of: poisoned, derived: all }))
    assert.deepStrictEqual(
      result.refused.map(({ derived: alone }) => alone.map((one) => one.register)),
      [["~p"]]
    )
    assert.deepStrictEqual([...(store.rows("desks-v1", "d")[0]?.registers.keys() ?? [])], ["~q"])
  })

  it("are told apart by the store too, and what another may have written over is told of", async () => {
    const refusing =
      (conflicts: number): Change =>
      (inner) => {
        let left = conflicts
        return {
          save: (writes) => {
            if (left-- > 0) return Effect.succeed(writes.map(() => "conflict" as const))
            if (writes.some(({ registers }) => registers.has("big")))
              return Effect.succeed(writes.map(() => ({ reason: "RowTooLarge", detail: "it is so" }) as const))
            return inner.save(writes)
          }
        }
      }
    const there = delta("a", "x", 1)
    for (const [conflicts, told] of [
      [0, "a"],
      [1, "a x"]
    ] as const) {
      const { result } = await merging(
        Effect.gen(function* () {
          const inner = yield* ProjectionStore
          yield* merge([there])
          return yield* merge([there, delta("a", "big", 1)]).pipe(
            Effect.provideService(ProjectionStore, { ...inner, ...refusing(conflicts)(inner) })
          )
        })
      )
      assert.deepStrictEqual(
        result.refused.map(({ deltas, reason }) => [reason, ...deltas.map((one) => one.register)]),
        [["RowTooLarge", "big"]]
      )
      assert.deepStrictEqual([result.rows, heldOf(result)], [0, [told]])
    }
  })

  it("are all of a row whose key is none, or of which nothing can be told", async () => {
    const keyless = await merging(merge([delta("", "x", 1), delta("r".repeat(2_000), "x", 1), delta("a", "x", 1)]))
    assert.deepStrictEqual(
      keyless.result.refused.map(({ reason, deltas }) => [reason, deltas.length]),
      [
        ["KeyEmpty", 1],
        ["KeyTooLong", 1]
      ]
    )
    assert.strictEqual(keyless.result.rows, 1)
    let loads = 0
    const unreadable = await merging(merge([delta("a", "x", 1), delta("a", "y", 1)]), (inner) => ({
      load: (keys, consistent) => {
        loads++
        return Effect.map(
          inner.load(keys, consistent),
          () =>
            new Map(
              keys.map(({ projection, entity, row }) => [
                `${projection.length}:${projection}${entity.length}:${entity}${row}`,
                {
                  registers: new Map(),
                  version: 0,
                  columns: [],
                  open: false,
                  unreadable: { reason: "RowUnreadable", detail: "odd" }
                } as never
              ])
            )
        )
      }
    }))
    assert.deepStrictEqual(
      unreadable.result.refused.map(({ reason, detail, deltas }) => [reason, detail, deltas.length]),
      [["RowUnreadable", "odd", 2]]
    )
    assert.strictEqual(loads, 1)
  })
})

describe("a summary", () => {
  const stale = (more: Partial<Stale> = {}): Stale => ({ projection: "desks-v1", entity: "d", latest: 5, ...more })
  const all = (...list: ReadonlyArray<Stale>) => new Map(list.map((one) => [`${one.projection}:${one.entity}`, one]))

  it("is stale by the later of two words, and of all rows that both touched", () => {
    const both = (a: Partial<Stale>, b: Partial<Stale>) => [...laterStale(all(stale(a)), all(stale(b))).values()]
    const of = (...rows: ReadonlyArray<string>) => ({ touched: new Set(rows) })
    assert.deepStrictEqual(both({ latest: 7, ...of("a") }, of("b")), [
      stale({ latest: 7, ...of("a", "b"), revised: undefined })
    ])
    assert.deepStrictEqual(both(of("a"), { latest: 9 })[0]?.touched, undefined)
    assert.deepStrictEqual(both({}, of("b"))[0]?.touched, undefined)
    const revised = { at: 3, lateMs: 1 }
    assert.deepStrictEqual(both({ revised }, {})[0]?.revised, revised)
    assert.deepStrictEqual(
      [...laterStale(new Map(), all(stale(of("a")))).values()],
      [stale({ ...of("a"), revised: undefined })]
    )
    const old = stale({ latest: -1 })
    assert.deepStrictEqual([...laterStale(new Map(), all(old)).values()][0]?.latest, 0)
  })

  const summarising = (change?: Change, of: Projection<Event> | undefined = desks) =>
    merging(
      Effect.andThen(
        merge([delta("seat#1", "x", 3)]),
        summarise(all(stale({ latest: 5 })), () => of)
      ),
      change
    )

  it("is written once more after each change of a row, and by nobody who finds it written since", async () => {
    const { result, store } = await summarising()
    assert.deepStrictEqual(result, { summaries: 1, refused: [] })
    const state = () => store.rows("desks-v1", "d").find(({ row }) => row === "state")
    assert.deepInclude(state(), { columns: { count: 1, sum: 3 }, asOf: 5, version: 1 })
    let conflicts = 0
    let version = 0
    const lost = await summarising((inner) => ({
      summarise: (...of) =>
        Effect.gen(function* () {
          if (conflicts++ > 0) return yield* inner.summarise(...of)
          // Another has written the same.
          yield* inner.summarise(...of)
          version++
          return "conflict" as const
        })
    }))
    assert.deepStrictEqual([conflicts, version, lost.result.summaries], [1, 1, 1])
  })

  it("is tried again where others write it, 40 times in all, and then that is said", async () => {
    const busy =
      (count: number): Change =>
      (inner) => {
        let left = count
        return { summarise: (...of) => (left-- > 0 ? Effect.succeed("conflict" as const) : inner.summarise(...of)) }
      }
    assert.strictEqual((await summarising(busy(39))).result.summaries, 1)
    const failed = await merging(Effect.flip(summarise(all(stale()), () => desks)), busy(40))
    const { message, retryable } = failed.result as StoreError
    assert.strictEqual(message, "projection store: summarise: still contended after 40 rounds")
    assert.isTrue(retryable)
  })

  it("is refused where it cannot be derived or written, and none is where the projection makes none", async () => {
    const summary = (of: () => object) =>
      saidOf("desks", { summary: { reads: () => true, columns: [], of: of as never } })
    const refusal = async (of: Projection<Event>) => {
      const { result } = await summarising(undefined, of)
      return [result.summaries, ...result.refused.map(({ reason }) => reason)]
    }
    const boom = () => {
      throw new Error("boom")
    }
    assert.deepStrictEqual(await refusal(summary(boom)), [0, "ProjectionThrew"])
    assert.deepStrictEqual(await refusal(summary(() => ({ "": 1 }))), [0, "ValueInvalid"])
    assert.deepStrictEqual(await refusal(summary(() => ({ version: 1 }))), [0, "ColumnReserved"])
    const none = await summarising(undefined, saidOf("desks"))
    assert.deepStrictEqual([none.result.refused, none.store.rows("desks-v1", "d").length], [[], 1])
  })
})
