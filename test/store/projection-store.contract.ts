import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import type { Columns } from "../../src/domain/projection.ts"
import { emptyRow, encodeRow, merge, type Register, type Row } from "../../src/domain/row.ts"
import type { Unwritable } from "../../src/domain/writable.ts"
import {
  type PlacedRow,
  ProjectionStore,
  type RowKey,
  type RowWrite,
  rowKey,
  type StoredRow,
  type Summary
} from "../../src/store/projection-store.ts"
import { ARRIVAL, noise } from "./events.ts"

/** The generations that a layer under test must know, with the name of their partition key. */
export const GENERATIONS = { "agents-v2": "agentId", "queues-v2": "queueId" }

const register = (value: string, clock = ARRIVAL): Register => ({
  value,
  stamp: { clock, published: clock + 1, eventId: `event-${value.slice(0, 8)}` }
})

const key = (row: string, entity = "e-1", projection = "agents-v2"): RowKey => ({ projection, entity, row })

const write = (at: RowKey, registers: Row, columns: Columns, from: StoredRow | undefined = undefined): RowWrite => ({
  ...at,
  registers,
  columns,
  asOf: ARRIVAL,
  from,
  counted: false
})

/** What is read where no summary was ever written. */
const NONE: Summary = { version: 0, columns: {}, asOf: 0 }

const rowOf = (value: string): Row => new Map([["presence", register(value)]])

/** What every projection store does. `layer` makes an empty one each time that it is built. */
export const projectionStoreContract = (name: string, layer: Layer.Layer<ProjectionStore>) =>
  describe(`${name} keeps the contract of the projection store`, () => {
    const test = (title: string, body: (store: ProjectionStore["Service"]) => Effect.Effect<void, unknown>) =>
      it.live(title, () => ProjectionStore.use(body).pipe(Effect.provide(Layer.fresh(layer))))

    test("loads what was saved, and nothing for what was not", (store) =>
      Effect.gen(function* () {
        const at = key("state")
        const registers: Row = new Map([
          ["presence", register("ON_QUEUE")],
          ["queues", { ...register("q"), value: ["q1", { deep: null }] }]
        ])
        assert.deepStrictEqual(yield* store.save([write(at, registers, { presence: "ON_QUEUE" })]), ["written"])
        const loaded = yield* store.load([at, at, key("other")])
        const row = loaded.get(rowKey(at))
        assert.strictEqual(loaded.size, 1)
        assert.strictEqual(encodeRow(row?.registers ?? emptyRow), encodeRow(registers))
        assert.deepStrictEqual([row?.version, row?.columns], [1, ["presence"]])
        assert.strictEqual((yield* store.load([])).size, 0)
      }))

    test("shows readers the columns, whatever they are called and hold", (store) =>
      Effect.gen(function* () {
        const columns: Columns = {
          name: "a reserved word",
          status: null,
          count: 0,
          'it\'s "quoted"': true,
          "with space": -1.5,
          tiny: 1e-7,
          large: 2 ** 53,
          list: ["a", 1, [], {}],
          map: { call: { active: 1, acw: 0 } },
          empty: ""
        }
        yield* store.save([{ ...write(key("state"), rowOf("A"), columns), expiresAt: 1_800_000_000 }])
        const [row] = yield* store.rows("agents-v2", "e-1")
        assert.deepStrictEqual(row?.columns, columns)
        assert.deepStrictEqual([row?.asOf, row?.version, row?.expiresAt], [ARRIVAL, 1, 1_800_000_000])
        assert.strictEqual(encodeRow(row?.registers ?? emptyRow), encodeRow(rowOf("A")))
      }))

    test("[P6] keeps when a row was revised, and forgets it with the write that does", (store) =>
      Effect.gen(function* () {
        const [at, revised] = [key("state"), { at: ARRIVAL + 900, lateMs: 60_250 }]
        const held = Effect.map(store.load([at]), (rows) => rows.get(rowKey(at)))
        yield* store.save([write(at, rowOf("A"), { v: "A" })])
        assert.isFalse(Object.hasOwn((yield* held) ?? {}, "revised"))
        yield* store.save([{ ...write(at, rowOf("B"), { v: "B" }, yield* held), revised }])
        const seen = yield* held
        assert.deepStrictEqual([seen?.revised, seen?.columns], [revised, ["v"]])
        const [row] = yield* store.rows("agents-v2", "e-1")
        assert.deepStrictEqual([row?.revised, row?.columns], [revised, { v: "B" }])
        yield* store.save([write(at, rowOf("C"), { v: "C" }, seen)])
        assert.isFalse(Object.hasOwn((yield* store.rows("agents-v2", "e-1"))[0] ?? {}, "revised"))
      }))

    test("[P3] refuses to write over a version that it was not merged from", (store) =>
      Effect.gen(function* () {
        const at = key("state")
        yield* store.save([write(at, rowOf("A"), { v: "A" })])
        const seen = (yield* store.load([at])).get(rowKey(at))
        assert.deepStrictEqual(yield* store.save([write(at, rowOf("B"), { v: "B" }, seen)]), ["written"])
        assert.deepStrictEqual(yield* store.save([write(at, rowOf("C"), { v: "C" }, seen)]), ["conflict"])
        assert.deepStrictEqual(yield* store.save([write(at, rowOf("D"), { v: "D" })]), ["conflict"])
        const gone = { registers: emptyRow, version: 3, columns: [], open: false }
        assert.deepStrictEqual(yield* store.save([write(key("none"), rowOf("E"), {}, gone)]), ["conflict"])
        const rows = yield* store.rows("agents-v2", "e-1")
        assert.deepStrictEqual(
          rows.map(({ row, columns, version }) => [row, columns, version]),
          [["state", { v: "B" }, 2]]
        )
      }))

    test("[P3] writes a summary only over the one that was read", (store) =>
      Effect.gen(function* () {
        const seen = yield* store.summary("queues-v2", "q-1")
        assert.deepStrictEqual([seen.version, seen.columns, seen.asOf], [0, {}, 0])
        const revised = { at: ARRIVAL + 1_000, lateMs: 7 }
        const write = (from: Summary, n: number) =>
          store.summarise("queues-v2", "q-1", from, { columns: { waiting: n }, asOf: ARRIVAL + n, revised })
        assert.strictEqual(yield* write(seen, 1), "written")
        assert.strictEqual(yield* write(seen, 2), "conflict", "somebody wrote since")
        const next = yield* store.summary("queues-v2", "q-1")
        assert.deepStrictEqual(next, { version: 1, columns: { waiting: 1 }, asOf: ARRIVAL + 1, revised })
        assert.strictEqual(
          yield* store.summarise("queues-v2", "q-1", next, { columns: { members: 3 }, asOf: ARRIVAL + 2 }),
          "written"
        )
        const [row] = yield* store.rows("queues-v2", "q-1")
        assert.deepStrictEqual([row?.columns, row?.asOf, row?.revised], [{ members: 3 }, ARRIVAL + 2, undefined])
      }))

    test("[P3] keeps the parts of a summary beside it, however long they are, and forgets them with the write that does", (store) =>
      Effect.gen(function* () {
        const held = store.summary("queues-v2", "q-1")
        const next = { columns: { waiting: 1 }, asOf: ARRIVAL }
        for (const parts of [{ a: [1, { b: null }] }, { long: "session ".repeat(300) }, undefined]) {
          const seen = yield* held
          const more = parts === undefined ? {} : { parts }
          assert.strictEqual(yield* store.summarise("queues-v2", "q-1", seen, { ...next, ...more }), "written")
          const { parts: kept, columns } = yield* held
          assert.deepStrictEqual([kept, columns], [parts, { waiting: 1 }])
          assert.deepStrictEqual((yield* store.rows("queues-v2", "q-1"))[0]?.columns, { waiting: 1 })
        }
      }))

    test("[P3] loses no update of several writers of one row", (store) =>
      Effect.gen(function* () {
        const at = key("state")
        const writer = Effect.fnUntraced(function* (n: number) {
          for (;;) {
            const from = (yield* store.load([at])).get(rowKey(at))
            yield* Effect.yieldNow
            const registers = merge(from?.registers ?? emptyRow, [[`register-${n}`, register(`value-${n}`)]])
            const columns = Object.fromEntries([...registers].map(([name, { value }]) => [name, value]))
            if ((yield* store.save([write(at, registers, columns, from)]))[0] === "written") return
          }
        })
        yield* Effect.forEach([1, 2, 3, 4, 5, 6], writer, { concurrency: "unbounded", discard: true })
        const [row] = yield* store.rows("agents-v2", "e-1")
        assert.strictEqual(row?.version, 6)
        assert.deepStrictEqual(
          Object.keys(row?.columns ?? {}).sort(),
          [1, 2, 3, 4, 5, 6].map((n) => `register-${n}`)
        )
      }))

    test("removes the columns and the expiry that a row no longer has", (store) =>
      Effect.gen(function* () {
        const at = key("session#1")
        yield* store.save([{ ...write(at, rowOf("A"), { since: "t", name: "n", kept: 1 }), expiresAt: 1_800_000_000 }])
        const seen = (yield* store.load([at])).get(rowKey(at))
        yield* store.save([write(at, rowOf("B"), { kept: 2, added: true }, seen)])
        const [row] = yield* store.rows("agents-v2", "e-1")
        assert.deepStrictEqual(row?.columns, { kept: 2, added: true })
        assert.isFalse(Object.hasOwn(row ?? {}, "expiresAt"))
        const again = (yield* store.load([at])).get(rowKey(at))
        assert.deepStrictEqual([...(again?.columns ?? [])].sort(), ["added", "kept"])
        assert.deepStrictEqual(yield* store.save([write(at, rowOf("C"), {}, again)]), ["written"])
        assert.deepStrictEqual((yield* store.rows("agents-v2", "e-1"))[0]?.columns, {})
      }))

    test("refuses a column that would hide what the store keeps itself", (store) =>
      Effect.gen(function* () {
        for (const name of [
          "row",
          "registers",
          "version",
          "expiresAt",
          "asOf",
          "ticket",
          "summarised",
          "summaryParts",
          "openRow",
          "revisedAt"
        ]) {
          const [refused] = yield* store.save([write(key("state"), rowOf("A"), { [name]: 1 })])
          assert.deepInclude(refused, { reason: "ColumnReserved" })
          assert.include((refused as Unwritable).detail, `\`${name}\``)
        }
        const summary = { columns: { ticket: 1 }, asOf: ARRIVAL }
        assert.deepInclude(yield* store.summarise("queues-v2", "q", NONE, summary), { reason: "ColumnReserved" })
        assert.strictEqual((yield* store.rows("agents-v2", "e-1")).length, 0)
      }))

    test("saves and loads hundreds of rows of two generations in one call", (store) =>
      Effect.gen(function* () {
        const keys = Array.from({ length: 260 }, (_, i) =>
          key(`r-${i}`, `e-${i % 7}`, i % 2 ? "queues-v2" : "agents-v2")
        )
        const first = yield* store.save(keys.map((at) => write(at, rowOf(at.row), { row_: at.row })))
        assert.isTrue(first.every((result) => result === "written"))
        const loaded = yield* store.load(keys)
        assert.strictEqual(loaded.size, 260)
        const stale = new Set([3, 77, 259])
        const second = yield* store.save(
          keys.map((at, i) => write(at, rowOf("new"), {}, stale.has(i) ? undefined : loaded.get(rowKey(at))))
        )
        assert.deepStrictEqual(
          second.flatMap((result, i) => (result === "conflict" ? [i] : [])),
          [...stale]
        )
      }))

    test("reads a partition of many pages, and only that one", (store) =>
      Effect.gen(function* () {
        const names = Array.from({ length: 30 }, (_, i) => `session#${String(i).padStart(2, "0")}`)
        const big = (row: string): Row => new Map([["r", register(noise(60_000, row.length + row.charCodeAt(8)))]])
        yield* store.save(names.map((row) => write(key(row, "q-1", "queues-v2"), big(row), { row_: row })))
        yield* store.save([write(key("other", "q-2", "queues-v2"), rowOf("A"), {})])
        const rows = yield* store.rows("queues-v2", "q-1")
        assert.deepStrictEqual(
          rows.map(({ row }) => row),
          names
        )
        for (const { row, registers } of rows) assert.strictEqual(encodeRow(registers), encodeRow(big(row)))
        assert.deepStrictEqual(yield* store.rows("queues-v2", "nobody"), [])
      }))

    test("[P3] finds what is open: rows that count and are no tombstones, with what a summary reads of them", (store) =>
      Effect.gen(function* () {
        const columns = { phase: "waiting", since: "t", mediaType: "VOICE" }
        const session = (n: number, entity = "q-1") => key(`session#${n}`, entity, "queues-v2")
        const counted = { counted: true }
        const tombstone = { counted: true, expiresAt: 1_800_000_000 }
        const open = Effect.map(store.open("queues-v2", "q-1"), (rows) =>
          rows.map(({ row, columns: { phase, since, mediaType } }) => ({
            row,
            columns: { phase, since, mediaType }
          }))
        )
        const seen = (at: RowKey) => Effect.map(store.load([at]), (loaded) => loaded.get(rowKey(at)))
        const save = (at: RowKey, more: Pick<RowWrite, "counted" | "expiresAt">, from?: StoredRow) =>
          Effect.map(store.save([{ ...write(at, rowOf(`${from?.version}`), columns, from), ...more }]), (written) =>
            assert.deepStrictEqual(written, ["written"])
          )
        assert.deepStrictEqual(yield* open, [])
        yield* save(session(1), counted)
        yield* save(session(2), tombstone)
        yield* save(session(3), { counted: false })
        yield* save(session(1, "q-2"), counted)
        yield* store.summarise("queues-v2", "q-1", NONE, { columns: { waiting: 1 }, asOf: ARRIVAL })
        assert.deepStrictEqual(yield* open, [{ row: "session#1", columns }])
        assert.deepStrictEqual([(yield* seen(session(1)))?.open, (yield* seen(session(2)))?.open], [true, false])

        yield* save(session(1), tombstone, yield* seen(session(1)))
        yield* save(session(2), counted, yield* seen(session(2)))
        assert.deepStrictEqual(yield* open, [{ row: "session#2", columns }])
        yield* save(session(1), counted, yield* seen(session(1)))
        yield* save(session(2), { counted: false }, yield* seen(session(2)))
        assert.deepStrictEqual(yield* open, [{ row: "session#1", columns }])
        assert.strictEqual((yield* store.rows("queues-v2", "q-1")).length, 4)
      }))

    test("finds what is open on many pages", (store) =>
      Effect.gen(function* () {
        const names = Array.from({ length: 30 }, (_, i) => `session#${String(i).padStart(2, "0")}`)
        yield* store.save(
          names.map((row, i) => ({
            ...write(key(row, "q-1", "queues-v2"), rowOf(row), { mediaType: noise(60_000, i) }),
            counted: true
          }))
        )
        const open = yield* store.open("queues-v2", "q-1")
        assert.deepStrictEqual(
          open.map(({ row, columns }) => [row, columns.mediaType]),
          names.map((row, i) => [row, noise(60_000, i)])
        )
        const some = yield* store.open("queues-v2", "q-1", "session#1")
        assert.deepStrictEqual(
          some.map(({ row }) => row),
          names.slice(10, 20)
        )
        assert.deepStrictEqual(yield* store.open("queues-v2", "q-1", "session#3"), [])
      }))

    test("[P8] reads a whole table in segments and pages: every row once, with its entity, and no other table", (store) =>
      Effect.gen(function* () {
        const places = Array.from({ length: 60 }, (_, i) => key(`session#${i}`, `q-${i % 9}`, "queues-v2"))
        const big = (row: string): Row => new Map([["r", register(noise(40_000, row.length + row.charCodeAt(8)))]])
        yield* store.save(places.map((at) => write(at, big(at.row), { row_: at.row })))
        yield* store.save([write(key("state"), rowOf("A"), {})])
        yield* store.summarise("queues-v2", "q-1", NONE, { columns: { waiting: 1 }, asOf: ARRIVAL })
        const opened = key("session#open", "q-3", "queues-v2")
        yield* store.save([{ ...write(opened, rowOf("A"), { v: "A" }), counted: true }])
        const pageThrough = Effect.fnUntraced(function* (segments: number, limit?: number) {
          const found: Array<PlacedRow> = []
          let count = 0
          for (let segment = 0; segment < segments; segment++) {
            let cursor: string | undefined
            do {
              const at = {
                segment,
                segments,
                ...(cursor === undefined ? {} : { cursor }),
                ...(limit === undefined ? {} : { limit })
              }
              const page = yield* store.pages("queues-v2", at)
              found.push(...page.rows)
              count++
              cursor = page.cursor
            } while (cursor !== undefined)
          }
          return { found, count }
        })
        const expected = [...[...places, opened].map(({ entity, row }) => `${entity} ${row}`), "q-1 state"].sort()
        for (const segments of [1, 4]) {
          const { found, count } = yield* pageThrough(segments)
          assert.deepStrictEqual(found.map(({ entity, row }) => `${entity} ${row}`).sort(), expected)
          assert.isAbove(count, 1)
          assert.deepStrictEqual(
            found.flatMap(({ row, open }) => (open ? [row] : [])),
            [opened.row]
          )
          for (const { entity, open: _, ...row } of found.slice(0, 5))
            assert.deepStrictEqual(
              [row],
              (yield* store.rows("queues-v2", entity)).filter((r) => r.row === row.row)
            )
        }
        const byTens = yield* pageThrough(1, 10)
        assert.lengthOf(byTens.found, expected.length)
        assert.isAtLeast(byTens.count, 7)
      }))

    test("[P8] reads rows by key as readers see them, derived ones too", (store) =>
      Effect.gen(function* () {
        const [state, session] = [key("state", "q-1", "queues-v2"), key("session#1", "q-1", "queues-v2")]
        yield* store.save([write(session, rowOf("A"), { v: "A" }), write(key("state"), rowOf("B"), { v: "B" })])
        yield* store.summarise("queues-v2", "q-1", NONE, { columns: { waiting: 1 }, asOf: ARRIVAL })
        const absent = [key("state", "q-2", "queues-v2"), key("state", "e-2")]
        const read = yield* store.read([state, session, key("state"), ...absent])
        assert.deepStrictEqual(
          [state, session, key("state"), ...absent].map((at) => read.get(rowKey(at))?.columns),
          [{ waiting: 1 }, { v: "A" }, { v: "B" }, undefined, undefined]
        )
        assert.deepStrictEqual([...(read.get(rowKey(session))?.registers.keys() ?? [])], ["presence"])
        assert.strictEqual((yield* store.read([])).size, 0)
      }))

    test("[P3] replaces a summary as a whole, and shows it as a row", (store) =>
      Effect.gen(function* () {
        const next = (columns: Columns) => ({ columns, asOf: ARRIVAL })
        const write = (columns: Columns) =>
          Effect.flatMap(store.summary("queues-v2", "q-1"), (seen) =>
            store.summarise("queues-v2", "q-1", seen, next(columns))
          )
        assert.strictEqual(yield* write({ waiting: 2, oldest: "t" }), "written")
        assert.strictEqual(yield* write({ waiting: 0, name: "new" }), "written")
        assert.strictEqual(
          yield* store.summarise("queues-v2", "q-1", { ...NONE, version: 1 }, next({ waiting: 1 })),
          "conflict"
        )
        const rows = yield* store.rows("queues-v2", "q-1")
        assert.deepStrictEqual(
          rows.map(({ row, columns, asOf, version }) => ({ row, columns, asOf, version })),
          [{ row: "state", columns: { waiting: 0, name: "new" }, asOf: ARRIVAL, version: 2 }]
        )
        assert.strictEqual((yield* store.summary("queues-v2", "q-2")).version, 0)
      }))

    test("[P3] loses no summary of several writers: each is written over the one before", (store) =>
      Effect.gen(function* () {
        const write = Effect.fnUntraced(function* (n: number) {
          for (;;) {
            const seen = yield* store.summary("queues-v2", "q-1")
            yield* Effect.yieldNow
            const columns = { ...seen.columns, [`by-${n}`]: n }
            if ((yield* store.summarise("queues-v2", "q-1", seen, { columns, asOf: ARRIVAL })) === "written") return
          }
        })
        yield* Effect.forEach([...Array(8).keys()], write, { concurrency: "unbounded", discard: true })
        const state = Option.fromNullishOr((yield* store.rows("queues-v2", "q-1"))[0])
        assert.deepStrictEqual(
          Option.map(state, ({ columns, version }) => [Object.keys(columns).length, version]),
          Option.some([8, 8])
        )
      }))
  })
