import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { Register } from "../../src/domain/row.ts"
import { compareRows, type Difference, type DiffPage, diff, differences } from "../../src/pipeline/diff.ts"
import type { GenerationRefused } from "../../src/pipeline/generations.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { ProjectionStore, type ReadRow, type RowKey } from "../../src/store/projection-store.ts"

type Values = Readonly<Record<string, readonly [value: unknown, clock: number]>>

const registersOf = (values: Values) =>
  new Map(
    Object.entries(values).map(([name, [value, clock]]) => [
      name,
      { value, stamp: { clock, published: clock + 1, eventId: `e${clock}` } } as Register
    ])
  )
const columnsOf = (values: Values) => Object.fromEntries(Object.entries(values).map(([name, [value]]) => [name, value]))

const row = (values: Values, more: Partial<ReadRow> = {}): ReadRow => ({
  ...{ row: "r", version: 1, asOf: 0, registers: registersOf(values), columns: columnsOf(values) as never },
  ...more
})
const held = (value: unknown, clock: number) => ({ value, eventId: `e${clock}`, clock, published: clock + 1 })
const at = { entity: "e", row: "r" }
const gone = { expiresAt: 9 }

describe("two rows of one key", () => {
  const x = row({ x: [1, 5] })
  const cases: ReadonlyArray<
    readonly [string, ReadRow | undefined, ReadRow | undefined, ReadonlyArray<object>, ReadonlyArray<object>]
  > = [
    ["are the same", x, row({ x: [1, 5] }), [], []],
    ["are there on neither side", undefined, undefined, [], []],
    ["are tombstones", row({ x: [1, 5] }, gone), row({ x: [2, 5] }, gone), [], []],
    ["are a tombstone and none", row({}, gone), undefined, [], []],
    ["are none and a tombstone", undefined, row({}, gone), [], []],
    ["are a tombstone and a row", row({ x: [1, 5] }, gone), x, [], []],
    ["are there on one side", x, undefined, ...twice({ kind: "onlyInA", a: held({ x: 1 }, 5) })],
    ["are there on the other", undefined, x, ...twice({ kind: "onlyInB", b: held({ x: 1 }, 5) })],
    [
      "are a summary on one side",
      row({}, { columns: { n: 1 } }),
      undefined,
      ...twice({ kind: "onlyInA", a: { value: { n: 1 } } })
    ],
    [
      "are folded differently",
      x,
      row({ x: [2, 5] }),
      ...twice({ kind: "fold", register: "x", a: held(1, 5), b: held(2, 5) })
    ],
    [
      "are set by another event",
      x,
      row({ x: [2, 6] }),
      ...twice({ kind: "event", register: "x", a: held(1, 5), b: held(2, 6) })
    ],
    [
      "are set to the same by another event",
      x,
      row({ x: [1, 6] }),
      [],
      [{ kind: "event", register: "x", a: held(1, 5), b: held(1, 6) }]
    ],
    ["lack a register", row({ x: [1, 5], y: [2, 6] }), x, ...twice({ kind: "onlyInA", register: "y", a: held(2, 6) })],
    ["have one more", x, row({ x: [1, 5], y: [2, 6] }), ...twice({ kind: "onlyInB", register: "y", b: held(2, 6) })],
    [
      "differ in several, in the order of their names",
      row({ z: [1, 5], b: [1, 5] }),
      row({ z: [2, 5], a: [1, 5], b: [1, 5] }),
      ...twice(
        { kind: "onlyInB", register: "a", b: held(1, 5) },
        { kind: "fold", register: "z", a: held(1, 5), b: held(2, 5) }
      )
    ],
    [
      "are shown differently",
      row({ x: [1, 5] }, { columns: { x: 1, z: 1, a: { p: 1, q: 2 } } }),
      row({ x: [1, 5] }, { columns: { x: 2, b: 3, a: { q: 2, p: 1 } } }),
      ...twice(
        { kind: "view", column: "b", b: { value: 3 } },
        { kind: "view", column: "x", a: { value: 1 }, b: { value: 2 } },
        { kind: "view", column: "z", a: { value: 1 } }
      )
    ],
    [
      "are shown differently, and set to the same by another event",
      row({ x: [1, 5] }, { columns: { x: 1 } }),
      row({ x: [1, 6] }, { columns: { x: 2 } }),
      [{ kind: "view", column: "x", a: { value: 1 }, b: { value: 2 } }],
      [{ kind: "event", register: "x", a: held(1, 5), b: held(1, 6) }]
    ],
    [
      "differ in what no reader is shown",
      row({ x: [1, 5] }, { columns: {} }),
      row({ x: [2, 5] }, { columns: {} }),
      [],
      [{ kind: "fold", register: "x", a: held(1, 5), b: held(2, 5) }]
    ]
  ]

  it.each(cases)("%s", (_, a, b, shown, all) => {
    const placed = (list: ReadonlyArray<object>) => list.map((one) => ({ ...at, ...one }) as Difference)
    assert.deepStrictEqual(compareRows(at, a, b), placed(shown))
    assert.deepStrictEqual(compareRows(at, a, b, true), placed(all))
  })

  function twice(...list: ReadonlyArray<object>) {
    return [list, list] as const
  }
})

type Held = readonly [entity: string, row: string, values: Values, expiresAt?: number]

/** Tables `p-v1` and `p-v2`, and what is asked of them. */
const tables = (
  a: ReadonlyArray<Held>,
  b: ReadonlyArray<Held>,
  between: Effect.Effect<unknown, unknown, ProjectionStore> = Effect.void
) => {
  const asked: Array<string> = []
  const named = (keys: ReadonlyArray<RowKey>) =>
    keys.map(({ projection, row }) => `${projection.slice(2)} ${row}`).join()
  const run = <A, E>(effect: Effect.Effect<A, E, ProjectionStore>) =>
    Effect.gen(function* () {
      const store = yield* ProjectionStore
      for (const [projection, rows] of [
        ["p-v1", a],
        ["p-v2", b]
      ] as const)
        for (const [entity, name, values, expiresAt] of rows)
          yield* store.save([
            {
              ...{ projection, entity, row: name, registers: registersOf(values), columns: columnsOf(values) as never },
              ...{ asOf: 0, from: undefined, counted: false, ...(expiresAt && { expiresAt }) }
            }
          ])
      let reads = 0
      return yield* effect.pipe(
        Effect.provideService(ProjectionStore, {
          ...store,
          pages: (of, key) => {
            asked.push(`page ${of.slice(2)} ${key.segment}/${key.segments} ${key.cursor ?? ""}`.trimEnd())
            const { cursor, ...rest } = key
            assert.notProperty(rest, "cursor")
            const page = store.pages(of, { ...key, limit: 1 })
            return Effect.map(page, (one) => ({ ...one, readUnits: 3 }))
          },
          read: (keys) =>
            Effect.gen(function* () {
              asked.push(`read ${named(keys)}`)
              if (reads++ === 1) yield* Effect.orDie(between.pipe(Effect.provideService(ProjectionStore, store)))
              return yield* store.read(keys)
            })
        })
      )
    }).pipe(Effect.provide(memoryProjectionStore().layer, { local: true }), Effect.runPromise)
  return { asked, run }
}

const told = ({ kind, row: name, register, column }: Difference) =>
  [kind, name, register ?? column].filter(Boolean).join(" ")

describe("two tables", () => {
  const a: ReadonlyArray<Held> = [
    ["e", "both", { x: [1, 5] }],
    ["e", "left", { x: [1, 5] }],
    ["e", "other", { x: [1, 5] }],
    ["e", "over", { x: [1, 5] }, 9]
  ]
  const b: ReadonlyArray<Held> = [
    // Set to the same by another event, which no reader is shown.
    ["e", "both", { x: [1, 6] }],
    ["e", "other", { x: [2, 5] }],
    ["e", "right", { x: [1, 5] }],
    ["e", "late", { x: [1, 5] }, 9]
  ]

  it("are compared row by row, and back for what the way there could not see", async () => {
    const { asked, run } = tables(a, b)
    const pages = await run(Stream.runCollect(differences("p-v1", "p-v2")))
    assert.deepStrictEqual(
      pages.map(({ differences: found, ...counts }) => [...Object.values(counts), ...found.map(told)].join(" ")),
      [
        "1 1 0 3",
        "1 1 0 3 onlyInA left",
        "1 1 0 3 fold other x",
        "1 1 1 3",
        "1 0 0 3",
        "1 1 1 3",
        "1 0 0 3",
        "1 1 0 3 onlyInB right"
      ]
    )
    const cursor = (name: string) => `["e","${name}"]`
    assert.deepStrictEqual(asked, [
      ...["page v1 0/1", "read v2 both"],
      ...[`page v1 0/1 ${cursor("both")}`, "read v2 left", "read v1 left,v2 left"],
      ...[`page v1 0/1 ${cursor("left")}`, "read v2 other", "read v1 other,v2 other"],
      ...[`page v1 0/1 ${cursor("other")}`, "read v2 over"],
      ...["page v2 0/1", "read v1 both"],
      ...[`page v2 0/1 ${cursor("both")}`, "read v1 late"],
      ...[`page v2 0/1 ${cursor("late")}`, "read v1 other"],
      ...[`page v2 0/1 ${cursor("other")}`, "read v1 right", "read v1 right,v2 right"]
    ])
  })

  it("are reported with all counts, and the first differences of all", async () => {
    const { run } = tables(a, b)
    const heard: Array<number> = []
    const report = await run(
      diff("p-v1", "p-v2", { limit: 2, onPage: ({ total }) => Effect.sync(() => void heard.push(total)) })
    )
    const { differences: listed, ...counts } = report
    assert.deepStrictEqual(counts, {
      ...{ scanned: 8, rows: 6, tombstones: 2, readUnits: 24, total: 3 },
      kinds: { onlyInA: 1, onlyInB: 1, fold: 1, event: 0, view: 0 }
    })
    assert.deepStrictEqual(listed.map(told), ["onlyInA left", "fold other x"])
    assert.deepStrictEqual(heard, [0, 1, 2, 2, 2, 2, 2, 3])
  })

  it("are of one projection, or compared with nothing", async () => {
    const { asked, run } = tables(a, b)
    const { subject, reason } = (await run(Effect.flip(diff("p-v1", "q-v2", { limit: 1 })))) as GenerationRefused
    assert.deepStrictEqual([subject, reason, asked], ["q-v2", "unlike", []])
  })

  it("are read in shares, of which each is read of both", async () => {
    const { asked, run } = tables([], [])
    const empty = await run(diff("p-v1", "p-v2", { limit: 1, segments: 2 }))
    assert.deepStrictEqual(asked, ["page v1 0/2", "page v2 0/2", "page v1 1/2", "page v2 1/2"])
    assert.deepInclude(empty, { scanned: 0, rows: 0, tombstones: 0, readUnits: 12, total: 0, differences: [] })
  })

  it("do not differ where one was written between two reads of both", async () => {
    const catchUp = ProjectionStore.use((store) =>
      store.save([
        {
          ...{ projection: "p-v2", entity: "e", row: "left", registers: registersOf({ x: [1, 5] }), columns: { x: 1 } },
          ...{ asOf: 0, from: undefined, counted: false }
        }
      ])
    )
    const { run } = tables([["e", "left", { x: [1, 5] }]], [], catchUp)
    const [page] = (await run(Stream.runCollect(differences("p-v1", "p-v2")))) as ReadonlyArray<DiffPage>
    assert.deepStrictEqual(page?.differences, [])
  })
})
