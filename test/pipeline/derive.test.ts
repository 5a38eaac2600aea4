import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import { type Derivation, derivedIn } from "../../src/domain/derivation.ts"
import { generation, type Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { applyDeltas } from "../../src/pipeline/derive.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"

const projection = (name: string, derived: ReadonlyArray<Derivation> = []): Projection<Event> => ({
  ...{ name, version: 1, key: "id", topics: [], derived, tombstoneSeconds: 60 },
  deltas: () => [],
  view: () => ({}),
  closed: () => false
})

const copied: Derivation = {
  from: "source",
  register: "copy",
  reads: (updated) => ({ rows: updated.map(([row]) => row), open: false }),
  rows: (entity, rows) => [{ entity, row: "target", of: () => rows.get("source")?.get("value") }]
}
const [source, target] = [projection("source"), projection("target", [copied])]

const said = (value: number): Delta => ({
  ...{ projection: generation(source), entity: "e", row: "source", register: "value", value, late: false },
  stamp: { clock: value, published: value, eventId: `event-${value}` }
})

describe("what follows from a row", () => {
  it("[P3] [P8] is what the last writer of the row left, also where another wrote between a write and its check", async () => {
    const store = memoryProjectionStore()
    const last = await Effect.runPromise(
      Effect.gen(function* () {
        const inner = yield* ProjectionStore
        const write = (value: number) => applyDeltas([said(value)], [source, target])
        let first = true
        const interrupted: ProjectionStore["Service"] = {
          ...inner,
          save: (writes) =>
            Effect.tap(inner.save(writes), () => {
              if (!first || writes.every((one) => one.projection !== generation(target))) return Effect.void
              first = false
              return Effect.orDie(write(2))
            }).pipe(Effect.provideService(ProjectionStore, inner))
        }
        yield* write(1).pipe(Effect.provideService(ProjectionStore, interrupted))
        assert.isFalse(first)
        return yield* inner.rows(generation(target), "e")
      }).pipe(Effect.provide(store.layer))
    )
    assert.deepStrictEqual(
      last.map(({ registers }) => derivedIn(registers, "copy")?.value),
      [2]
    )
  })
})

/** A row that follows from the entity that it names, unless it says something itself. */
const unlessSaid: Derivation = {
  from: "source",
  register: "copy",
  reads: () => ({ rows: ["source"], open: false }),
  rows: (entity, rows) => {
    const value = rows.get("source")?.get("value")
    return value === undefined ? [] : [{ entity, row: "target", of: (own) => (own.has("value") ? undefined : value) }]
  },
  sourceOf: () => "e"
}

describe("a row that says something itself", () => {
  const own = projection("target", [unlessSaid])
  const saidItself: Delta = { ...said(1), projection: generation(own), row: "target" }

  it.each(["load", "save"] as const)(
    "[P3] [P8] follows from its source as it is, also where that was written between a read of it and the %s of the row",
    async (at) => {
      const store = memoryProjectionStore()
      const rows = await Effect.runPromise(
        Effect.gen(function* () {
          const inner = yield* ProjectionStore
          let first = true
          const between = (isTarget: boolean) =>
            Effect.suspend(() => {
              if (!first || !isTarget) return Effect.void
              first = false
              return Effect.orDie(applyDeltas([said(2)], [source, own]))
            }).pipe(Effect.provideService(ProjectionStore, inner))
          const isOwn = ({ projection: of }: { readonly projection: string }) => of === generation(own)
          const interrupted: ProjectionStore["Service"] = {
            ...inner,
            load: (keys, ...rest) =>
              Effect.andThen(between(at === "load" && keys.every(isOwn)), inner.load(keys, ...rest)),
            save: (writes) => Effect.andThen(between(at === "save" && writes.every(isOwn)), inner.save(writes))
          }
          yield* applyDeltas([saidItself], [source, own]).pipe(Effect.provideService(ProjectionStore, interrupted))
          assert.isFalse(first)
          return yield* inner.rows(generation(own), "e")
        }).pipe(Effect.provide(store.layer))
      )
      assert.deepStrictEqual(
        rows.map(({ registers }) => [...registers.keys()]),
        [["value"]]
      )
    }
  )
})
