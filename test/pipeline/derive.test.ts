import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import type { Delta } from "../../src/domain/delta.ts"
import { type Derivation, derivedIn } from "../../src/domain/derivation.ts"
import { deriveDeltas, generation, type Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { applyDeltas } from "../../src/pipeline/derive.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import type { StoreError } from "../../src/store/store-error.ts"
import { call, SECOND } from "../projections/call.ts"
import { AGENT, event, QUEUE } from "../projections/support.ts"

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

describe("a row that closes", () => {
  it("[P3] [P4] loses what had followed from it while it was open, also where both were written at the same moment", async () => {
    const stack = [agents, queues, conversations]
    const deltasOf = (...events: ReadonlyArray<Event>) =>
      events.flatMap((one) => deriveDeltas(stack, one, { settle: 5_000, skew: 300_000 }))
    const idle = event(
      "v2.users.{id}.conversationsummary",
      AGENT,
      { call: { contactCenter: { active: 0, acw: 0 } } },
      100 * SECOND
    )
    const [before, presumes, ends] = [
      deltasOf(call.starts("s", 10), call.segment("INTERACT", "s", 12)),
      deltasOf(idle),
      deltasOf(call.segment("TERMINATED", "s", 90))
    ]
    const fold = (of: Effect.Effect<unknown, StoreError, ProjectionStore>) => {
      const store = memoryProjectionStore()
      return Effect.runPromise(
        Effect.andThen(
          of,
          ProjectionStore.use(({ rows }) =>
            Effect.all([rows(generation(agents), AGENT), rows(generation(queues), QUEUE)])
          )
        ).pipe(Effect.provide(store.layer))
      )
    }
    const expected = await fold(applyDeltas([...before, ...presumes, ...ends], stack))
    const found = await fold(
      Effect.gen(function* () {
        const inner = yield* ProjectionStore
        yield* applyDeltas(before, stack)
        let first = true
        const interrupted: ProjectionStore["Service"] = {
          ...inner,
          save: (writes) => {
            const isPresumed = writes.some(({ registers }) =>
              [...registers.keys()].some((name) => name === "~presumed")
            )
            if (!first || !isPresumed) return inner.save(writes)
            first = false
            return Effect.andThen(
              Effect.orDie(applyDeltas(ends, stack)).pipe(Effect.provideService(ProjectionStore, inner)),
              inner.save(writes)
            )
          }
        }
        yield* applyDeltas(presumes, stack).pipe(Effect.provideService(ProjectionStore, interrupted))
        assert.isFalse(first)
      })
    )
    const registers = (all: typeof found) =>
      all.map((rows) => rows.map(({ row, registers }) => [row, new Map([...registers].sort())]))
    assert.deepStrictEqual(registers(found), registers(expected))
    assert.isTrue(expected[0].some(({ registers }) => registers.has("terminated")))
  })
})
