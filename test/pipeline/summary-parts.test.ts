import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer } from "effect"
import { queues } from "../../projections/queues.ts"
import type { Delta } from "../../src/domain/delta.ts"
import type { Json } from "../../src/domain/json.ts"
import { type Columns, type EntityRow, generation, isSummarised, STATE_ROW } from "../../src/domain/projection.ts"
import { Projections, SettleWindow } from "../../src/pipeline/folding.ts"
import { liveProjectionsLayer } from "../../src/pipeline/live-projections.ts"
import { projectDeltas } from "../../src/pipeline/project.ts"
import {
  decodeParts,
  digitsFor,
  encodeParts,
  type Parts,
  partOf,
  partsOfAll,
  partsToRead,
  withParts
} from "../../src/pipeline/summary-parts.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { memoryParked } from "../../src/store/memory/parked.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import { type Random, randomOf } from "../../src/testing/random.ts"
import { WINDOW } from "../support/core.ts"
import { seeds } from "../support/seeds.ts"

const QUEUES = generation(queues)
const { of, join } = queues.summary as Required<NonNullable<typeof queues.summary>>
const START = 1_770_000_000_000
const id = (n: number) => `${((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, "0")}-8a53-4d97-b0e6-2c7d9f1a3b58`

const delta = (row: string, register: string, value: Json, clock: number): Delta => ({
  projection: QUEUES,
  entity: "q",
  row,
  register,
  value,
  stamp: { clock: START + clock, published: START + clock, eventId: `e-${clock}` },
  late: false
})

const media = ["VOICE", "CHAT", "MESSAGE"]

/** Something that happens to member or session `n`. */
const happening = (random: Random, clock: number, population: number): Delta => {
  const n = random.below(population)
  switch (random.below(6)) {
    case 0:
      return delta(`member#${id(n)}`, "joined", { joined: random.below(3) > 0 }, clock)
    case 1:
      return delta(`session#${id(n)}`, "acdEnd", null, clock)
    case 2:
      return delta(`session#${id(n)}-a`, "end", null, clock)
    case 3:
      return delta(`session#${id(n)}-a`, "start", { mediaType: media[n % 3] ?? "" }, clock)
    default:
      return delta(`session#${id(n)}`, "acd", { mediaType: media[n % 3] ?? "" }, clock)
  }
}

/** A table whose calls let others go first by chance, and one of which now and then kills whoever makes it. */
const unruly = (inner: ProjectionStore["Service"], random: Random, deaths: { count: number }) =>
  Object.fromEntries(
    Object.entries(inner).map(([name, call]) => [
      name,
      (...args: ReadonlyArray<never>) =>
        Effect.gen(function* () {
          for (let n = random.below(5); n > 0; n--) yield* Effect.yieldNow
          const made = yield* (call as unknown as (...args: ReadonlyArray<never>) => Effect.Effect<unknown>)(...args)
          if (random.below(60) === 0) {
            deaths.count++
            return yield* Effect.die("killed")
          }
          for (let n = random.below(5); n > 0; n--) yield* Effect.yieldNow
          return made
        })
    ])
  ) as unknown as ProjectionStore["Service"]

/** Several writers of one queue at once. Returns its summary, what it is to be by all of its rows, and how finely it was told apart. */
const many = async (seed: number, population: number) => {
  const random = randomOf(seed)
  const rows = memoryProjectionStore()
  const deaths = { count: 0 }
  let clock = 0
  const batch = () => Array.from({ length: 1 + random.below(6) }, () => happening(random, ++clock, population))
  const writer = (batches: ReadonlyArray<ReadonlyArray<Delta>>) =>
    Effect.forEach(
      batches,
      Effect.fnUntraced(function* (deltas) {
        for (let again = false; ; again = true) {
          const exit = yield* Effect.exit(projectDeltas(deltas, again))
          if (Exit.isSuccess(exit)) return
          if (!Cause.hasDies(exit.cause)) return yield* exit
        }
      }),
      { discard: true }
    )
  const writers = Array.from({ length: 5 }, () => writer(Array.from({ length: 40 }, batch)))
  const layer = Layer.mergeAll(
    Layer.effect(
      ProjectionStore,
      Effect.map(ProjectionStore, (inner) => unruly(inner, random, deaths))
    ).pipe(Layer.provide(rows.layer)),
    memoryParked().layer,
    Layer.succeed(Projections, [queues]),
    Layer.succeed(SettleWindow, WINDOW),
    Layer.provideMerge(liveProjectionsLayer, memoryControl().layer)
  )
  await Effect.runPromise(
    Effect.all(writers, { concurrency: "unbounded", discard: true }).pipe(Effect.provide(layer, { local: true }))
  )
  const all = rows.rows(QUEUES, "q")
  const open = all.filter(({ row, registers }) => row !== STATE_ROW && isSummarised(queues, row, registers))
  const state = all.find(({ row }) => row === STATE_ROW)
  const kept = await Effect.runPromise(
    Effect.flatMap(ProjectionStore, (store) => store.summary(QUEUES, "q")).pipe(Effect.provide(rows.layer))
  )
  const asOf = Math.max(...all.filter(({ row }) => row !== STATE_ROW).map((row) => row.asOf))
  return { state, expected: of(open, {}), asOf, deaths: deaths.count, parts: decodeParts(kept.parts, kept.version) }
}

const open = (row: string, columns: Columns = {}): EntityRow => ({ row, columns })

describe("a summary in parts", () => {
  it("[P3] is that of all rows in the end, whoever writes at once and whoever is killed", {
    timeout: 120_000
  }, async () => {
    let killed = 0
    for (const seed of seeds(8))
      for (const [population, digits] of [
        [8, 0],
        [160, 1]
      ] as const) {
        const { state, expected, asOf, deaths, parts } = await many(seed, population)
        assert.deepStrictEqual(state?.columns, expected, `seed ${seed}, ${population}`)
        assert.strictEqual(state?.asOf, asOf)
        assert.strictEqual(parts?.digits, digits)
        killed += deaths
      }
    assert.isAbove(killed, 0)
  })

  it("is told apart by the kind of row, and by one character more where there are many rows", () => {
    assert.deepStrictEqual(
      ["session#6b", "member#f", "odd", "session#"].map((row) => partOf(row, 0)),
      ["session#", "member#", "odd", "session#"]
    )
    assert.deepStrictEqual(
      ["session#6b", "member#f", "odd", "session#"].map((row) => partOf(row, 1)),
      ["session#6", "member#f", "odd", "session#"]
    )
    assert.deepStrictEqual(
      [
        [65, 0],
        [64, 0],
        [64, 1],
        [31, 1],
        [40, undefined]
      ].map(([n, before]) => digitsFor(n ?? 0, before)),
      [1, 0, 1, 0, 0]
    )
  })

  it("[P9] reads the parts of the rows that were touched, and everything where that costs no more", () => {
    const parts = (digits: number, ...rows: ReadonlyArray<number>): Parts => ({
      digits,
      parts: new Map(
        rows.map((n, i) => [
          digits === 0 ? (["member#", "session#"][i] ?? "") : `session#${i}`,
          { rows: n, columns: {} }
        ])
      )
    })
    const large = parts(1, 30, 30, 30)
    assert.deepStrictEqual(partsToRead(large, new Set(["session#1a", "session#1b"])), ["session#1"])
    assert.deepStrictEqual(partsToRead(large, new Set(["session#9"])), ["session#9"])
    assert.deepStrictEqual(partsToRead(parts(0, 15, 20), new Set(["session#1"])), ["session#"])
    for (const [held, touched] of [
      [undefined, new Set(["session#1"])],
      [large, undefined],
      [large, new Set(["session#0", "session#1", "session#2"])],
      [parts(0, 60, 60), new Set(["session#1"])],
      [parts(1, 3, 3), new Set(["session#1"])]
    ] as const)
      assert.isUndefined(partsToRead(held, touched))
  })

  it("is kept for one version of the summary: whoever knows nothing of parts makes them void", () => {
    const parts = partsOfAll(
      of,
      [open("member#1", { joined: true }), open("session#2", { phase: "waiting" })],
      undefined
    )
    assert.deepStrictEqual(decodeParts(encodeParts(parts, 7), 7), parts)
    assert.isUndefined(decodeParts(encodeParts(parts, 7), 8))
    assert.isUndefined(decodeParts(undefined, 0))
  })

  it("remembers that there were rows where none are left, also when it is told apart in another way", () => {
    const joined = (columns: Columns, parts: Parts) =>
      join(
        [...parts.parts.values()].map((one) => one.columns),
        columns
      )
    const first = partsOfAll(of, [open("member#1", { joined: true })], undefined)
    const none = withParts(of, first, new Map([["member#", []]]))
    assert.strictEqual(joined({}, none).members, 0)
    assert.strictEqual(joined({}, partsOfAll(of, [], none)).members, 0)
    const waits = Array.from({ length: 70 }, (_, i) => open(`session#${i}`, { phase: "waiting", since: `t${i}` }))
    const finer = partsOfAll(of, waits, none)
    assert.strictEqual(finer.digits, 1)
    assert.deepStrictEqual([joined({ members: 0 }, finer).members, joined({}, finer).members], [0, undefined])
    assert.deepStrictEqual(joined({}, finer), of(waits, {}))
  })
})
