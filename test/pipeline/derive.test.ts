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
