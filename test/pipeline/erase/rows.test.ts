import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { Update } from "../../../src/domain/delta.ts"
import type { Derivation } from "../../../src/domain/derivation.ts"
import type { Projection } from "../../../src/domain/projection.ts"
import type { Register } from "../../../src/domain/row.ts"
import type { Event } from "../../../src/genesys/event.ts"
import { namesOf } from "../../../src/genesys/person.ts"
import { eraseRows } from "../../../src/pipeline/erase/rows.ts"
import { Projections, SettleWindow } from "../../../src/pipeline/folding.ts"
import { Control } from "../../../src/store/control.ts"
import { EventStore } from "../../../src/store/event-store.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"
import { memoryEventStore } from "../../../src/store/memory/event-store.ts"
import { memoryProjectionStore } from "../../../src/store/memory/projection-store.ts"
import { ProjectionStore, rowKey } from "../../../src/store/projection-store.ts"
import { RowEraser } from "../../../src/store/row-eraser.ts"
import { decoded } from "../../store/events.ts"
import { START, statusLine } from "../../support/history.ts"
import { notes } from "../../support/notes.ts"

const ID = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
const OTHER = "7c1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b59"
const names = namesOf({ kind: "agent", value: ID })
const NONE: ReadonlySet<string> = new Set()

type Table = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Register>>>>>>

/** What the event `eventId` has set. */
const by = (eventId: string, value: string): Register => ({ value, stamp: { clock: START, published: START, eventId } })

/** An event about somebody else, with a note. */
const noted = (id: string, note: string, agent = OTHER): Event => {
  const envelope = JSON.parse(statusLine(id, "IDLE", START).replaceAll(ID, agent))
  envelope.detail.eventBody.note = note
  return decoded(envelope, START)
}

const noteOf = ({ envelope }: Event): string =>
  (envelope.detail as unknown as { eventBody: { note: string } }).eventBody.note

const update = (event: Event, more: Partial<Update> = {}): Update => ({
  ...{ entity: "n", row: "one", register: "note", value: noteOf(event), clock: START },
  ...more
})

interface Place {
  readonly events?: ReadonlyArray<Event>
  readonly held?: Table
  readonly projection?: Partial<Projection<Event>>
  readonly others?: ReadonlyArray<Projection<Event>>
  readonly rows?: (inner: ProjectionStore["Service"]) => ProjectionStore["Service"]
  /** Removals that somebody comes before. */
  readonly conflicts?: number
}

/** Erases the person from rows of `notes`, which hold what the notes of events say. */
const site = ({
  events = [],
  held = {},
  projection = {},
  others = [],
  rows: around = (same) => same,
  conflicts = 0
}: Place) => {
  const [table, store] = [memoryProjectionStore(), memoryEventStore()]
  const [read, calls]: [Array<ReadonlyArray<string>>, Array<string>] = [[], []]
  const all = [notes({}, { deltas: (event) => [update(event)], ...projection }), ...others]
  let left = conflicts
  const eraser = Layer.succeed(RowEraser, {
    remove: (keys) =>
      Effect.sync(() =>
        keys.map(({ projection, entity, row, version }) => {
          calls.push(`remove ${entity} ${row}${version === undefined ? "" : ` ${version}`}`)
          if (left-- > 0) return "conflict"
          table.drop(projection, entity, row)
          return "removed"
        })
      )
  })
  const layer = Layer.mergeAll(
    eraser,
    Layer.effect(
      EventStore,
      Effect.map(EventStore, (inner) => ({
        ...inner,
        read: (ids) => {
          read.push(ids)
          return inner.read(ids)
        }
      }))
    ).pipe(Layer.provide(store.layer)),
    Layer.effect(
      ProjectionStore,
      Effect.map(ProjectionStore, (inner) =>
        around({
          ...inner,
          load: (keys, consistent) => {
            calls.push(`load ${keys.map(({ entity, row }) => `${entity} ${row}`).join(" ")}${consistent ? " now" : ""}`)
            return inner.load(keys, consistent)
          },
          save: (writes) => {
            calls.push(`save ${writes.map(({ entity, row }) => `${entity} ${row}`).join(" ")}`)
            return inner.save(writes)
          },
          pages: (...args) => Effect.map(inner.pages(...args), (page) => ({ ...page, readUnits: 3 }))
        })
      )
    ).pipe(Layer.provide(table.layer)),
    Layer.effect(
      Control,
      Effect.map(Control, (inner) => ({
        ...inner,
        read: (key) => {
          calls.push(`control ${key}`)
          return inner.read(key)
        }
      }))
    ).pipe(Layer.provide(memoryControl().layer)),
    Layer.succeed(SettleWindow, { settle: 5_000, skew: 300_000 }),
    Layer.succeed(Projections, all)
  )
  const fill = Effect.gen(function* () {
    yield* EventStore.use(({ append }) => append(events))
    const writes = Object.entries(held).flatMap(([entity, rows]) =>
      Object.entries(rows).map(([row, registers]) => ({
        ...{ projection: "notes-v1", entity, row, registers: new Map(Object.entries(registers)) },
        ...{ columns: {}, asOf: 0, from: undefined, counted: row !== "state" }
      }))
    )
    yield* ProjectionStore.use(({ save }) => save(writes))
  }).pipe(Effect.provide(Layer.merge(store.layer, table.layer)))
  const erase = (deleted = NONE, apply = true) =>
    Effect.map(Effect.provide(eraseRows(names, deleted, apply), layer), ([first, ...more]) => ({
      first: first ?? assert.fail("no generation"),
      more
    }))
  return {
    ...{ table, fill, erase, read, calls },
    /** What the rows of an entity hold, by row and register. */
    rows: (entity: string, of = "notes-v1") =>
      Object.fromEntries(
        table
          .rows(of, entity)
          .map(({ row, registers }) => [
            row,
            Object.fromEntries([...registers].map(([name, { value }]) => [name, value]))
          ])
      )
  }
}

const counted = (searched: number, deleted: number, redacted: number, pages = 1) => ({
  ...{ generation: "notes-v1", searched, deleted, redacted, readUnits: 3 * pages }
})

const erased = (place: Place, deleted = NONE) => {
  const made = site(place)
  return Effect.andThen(
    made.fill,
    Effect.map(made.erase(deleted), ({ first }) => ({ ...made, first }))
  )
}

describe("rows of a person", () => {
  const held: Table = {
    [ID]: { one: { note: by("e1", "x") }, two: { note: by("e2", "y") } },
    n: { [`by#${ID}`]: { note: by("e3", "z") }, one: { note: by("e4", "kept") } }
  }

  it.effect("go from every page, each of which is asked for once", () =>
    Effect.gen(function* () {
      const asked: Array<string | undefined> = []
      const { first, rows } = yield* erased({
        held,
        rows: (inner) => ({
          ...inner,
          pages: (of, key) => {
            asked.push(key.cursor)
            return asked.length > 9 ? Effect.die("asked too often") : inner.pages(of, { ...key, limit: 1 })
          }
        })
      })
      assert.deepStrictEqual(first, counted(4, 3, 0, 4))
      assert.deepStrictEqual([rows(ID), rows("n")], [{}, { one: { note: "kept" } }])
      assert.lengthOf(new Set(asked), 4)
    })
  )

  it.effect("go as a whole, by their entity or their name, and others stay as they are", () =>
    Effect.gen(function* () {
      const { first, rows, calls, read } = yield* erased({ held })
      assert.deepStrictEqual(first, counted(4, 3, 0))
      assert.deepStrictEqual([rows(ID), rows("n")], [{}, { one: { note: "kept" } }])
      assert.deepStrictEqual(calls.sort(), [`remove ${ID} one`, `remove ${ID} two`, `remove n by#${ID}`].sort())
      assert.deepStrictEqual(read, [])
    })
  )

  it.effect("are counted by a search, which changes nothing", () => {
    const summary = { reads: () => true, columns: [], of: () => ({ open: 1 }) }
    const made = site({ held: { ...held, m: { one: { note: by("e", ID) } } }, projection: { summary } })
    return Effect.gen(function* () {
      yield* made.fill
      assert.deepStrictEqual((yield* made.erase(NONE, false)).first, counted(5, 3, 1))
      assert.deepStrictEqual([Object.keys(made.rows(ID)), made.calls], [["one", "two"], []])
      assert.deepStrictEqual(made.rows("n").state, undefined)
    })
  })

  it.effect("are found on every page of a table, and in every generation", () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`n${i}`, { one: { note: by("e", ID) } }]))
    const made = site({ held: many, others: [notes({}, { name: "others" })] })
    return Effect.gen(function* () {
      yield* made.fill
      const { first, more } = yield* made.erase(new Set(["e"]))
      assert.deepStrictEqual(first, counted(30, 0, 30, 2))
      assert.deepStrictEqual(more, [{ ...counted(0, 0, 0), generation: "others-v1" }])
    })
  })

  it.effect("that are nothing but a summary go where that names the person", () => {
    const summary = { reads: (row: string) => row !== "state", columns: ["note"], of: () => ({}) }
    const made = site({ projection: { summary } })
    return Effect.gen(function* () {
      const summarised = (entity: string, text: string) =>
        ProjectionStore.use(({ summary, summarise }) =>
          Effect.flatMap(summary("notes-v1", entity), (seen) =>
            summarise("notes-v1", entity, seen, { columns: { text }, asOf: 0 } as never)
          )
        ).pipe(Effect.provide(made.table.layer))
      yield* summarised("m", `of ${ID}`)
      yield* summarised("n", "of nobody")
      assert.deepStrictEqual((yield* made.erase()).first, counted(2, 1, 0))
      assert.include(made.calls, "remove m state")
      assert.notInclude(made.calls, "remove n state")
    })
  })
})

describe("a row of somebody else", () => {
  const kept = { kept: by("e0", "kept") }

  it.effect("loses what names the person, or comes from events of which nothing is left", () =>
    Effect.gen(function* () {
      const registers = {
        ...kept,
        [`by ${ID}`]: by("e1", "x"),
        value: by("e2", `of ${ID}`),
        gone: by("gone", "y"),
        [`~of ${ID}`]: by("e3", "z")
      }
      const { first, rows, calls, read } = yield* erased({ held: { n: { one: registers } } }, new Set(["gone"]))
      assert.deepStrictEqual([first, rows("n")], [counted(1, 0, 1), { one: { kept: "kept" } }])
      assert.deepStrictEqual(calls, ["load n one now", "save n one"])
      // Of an event that is gone nobody asks.
      assert.deepStrictEqual(read, [["e1", "e2", "e3"]])
    })
  )

  it.effect("asks for no event where all behind it are gone", () =>
    Effect.gen(function* () {
      const { read, rows } = yield* erased(
        { held: { n: { one: { ...kept, note: by("gone", ID) } } } },
        new Set(["gone"])
      )
      assert.deepStrictEqual([read, rows("n")], [[], { one: { kept: "kept" } }])
    })
  )

  for (const [name, event, note] of [
    ["says what is left of the event behind it, found by the search or not yet", noted("e1", `by ${ID}`), "by erased"],
    ["says what the event behind it says now", noted("e1", "by erased"), "by erased"],
    ["says nothing of an event that is about the person", noted("e1", "x", ID), undefined],
    ["says nothing of an event that is not stored", undefined, undefined]
  ] as const)
    it.effect(name, () =>
      Effect.gen(function* () {
        const held = { n: { one: { ...kept, note: by("e1", `by ${ID}`) } } }
        const { rows } = yield* erased({ events: event === undefined ? [] : [event], held })
        assert.deepStrictEqual(rows("n"), { one: { kept: "kept", ...(note === undefined ? {} : { note }) } })
      })
    )

  it.effect("takes of the event behind it what that says of the row, and nothing that names the person still", () =>
    Effect.gen(function* () {
      const deltas = (event: Event) => [
        update(event, { row: "two", register: "elsewhere" }),
        update(event, { register: `by ${ID}` }),
        update(event)
      ]
      const held = { n: { one: { ...kept, note: by("e1", ID) } } }
      const { rows } = yield* erased({ events: [noted("e1", "calm")], held, projection: { deltas } })
      assert.deepStrictEqual(rows("n").one, { kept: "kept", note: "calm" })
    })
  )

  for (const [name, registers, projection] of [
    ["nothing is left in it", { note: by("e1", ID) }, {}],
    ["only what follows from other rows is left in it", { note: by("e1", ID), "~from": by("e2", "x") }, {}],
    ["it cannot be merged without the person", { ...kept, note: by("e1", ID) }, { merge: () => assert.fail("secret") }],
    [
      "merging it brings the person back",
      { ...kept, note: by("e1", ID) },
      { merge: () => new Map([...Object.entries(kept), ["note", by("e1", ID)]]) }
    ],
    ["it cannot be viewed without the person", { ...kept, note: by("e1", ID) }, { view: () => assert.fail("secret") }]
  ] as const)
    it.effect(`goes where ${name}`, () =>
      Effect.gen(function* () {
        const { first, rows, calls } = yield* erased({ held: { n: { one: registers } }, projection } as Place)
        assert.deepStrictEqual([first, rows("n")], [counted(1, 0, 1), {}])
        assert.deepStrictEqual(calls, ["load n one now", "remove n one 1"])
      })
    )

  it.effect("stays with something of its own beside what follows from other rows", () =>
    Effect.gen(function* () {
      const held = { n: { one: { ...kept, note: by("e1", ID), "~from": by("e2", "x") } } }
      assert.deepStrictEqual((yield* erased({ held })).rows("n"), { one: { kept: "kept", "~from": "x" } })
    })
  )

  it.effect("is left alone where somebody else has removed or mended it meanwhile, or where nobody can read it", () =>
    Effect.gen(function* () {
      const held = { n: { one: { ...kept, note: by("e1", ID) } } }
      const row = { version: 1, columns: [], open: false, registers: new Map(Object.entries(kept)) }
      for (const found of [
        new Map(),
        new Map([["", row]]),
        new Map([
          ["", { ...row, registers: new Map([["note", by("e1", ID)]]), unreadable: { reason: "x", detail: "y" } }]
        ])
      ]) {
        const rows = (inner: ProjectionStore["Service"]): ProjectionStore["Service"] => ({
          ...inner,
          load: (keys, now) =>
            Effect.as(inner.load(keys, now), new Map([...found].map(([, one]) => [rowKeyOf(keys), one])) as never)
        })
        const { calls } = yield* erased({ held, rows })
        assert.deepStrictEqual(calls, ["load n one now"])
      }
    })
  )
})

const rowKeyOf = (
  keys: ReadonlyArray<{ readonly projection: string; readonly entity: string; readonly row: string }>
) => {
  const [key] = keys
  return key === undefined ? "" : rowKey(key)
}

describe("a row that others write at the same time", () => {
  const held = { n: { one: { kept: by("e0", "kept"), note: by("e1", ID) } } }
  /** Saves that come too late, so many times. */
  const late = (times: number) => {
    let left = times
    return (inner: ProjectionStore["Service"]): ProjectionStore["Service"] => ({
      ...inner,
      save: (writes) => (left-- > 0 ? Effect.succeed(writes.map(() => "conflict" as const)) : inner.save(writes))
    })
  }

  it.effect("is read and written again, twenty times at most", () =>
    Effect.gen(function* () {
      const { rows, calls } = yield* erased({ held, rows: late(19) })
      assert.deepStrictEqual(rows("n"), { one: { kept: "kept" } })
      assert.strictEqual(calls.filter((call) => call.startsWith("load")).length, 20)
      const { message, ...failure } = yield* Effect.flip(erased({ held, rows: late(20) }))
      assert.strictEqual(message, "projection store: rewrite: still contended after 20 rounds")
      assert.strictEqual((failure as { retryable?: boolean }).retryable ?? true, true)
    })
  )

  it.effect("is removed again as well", () =>
    Effect.gen(function* () {
      const alone = { n: { one: { note: by("e1", ID) } } }
      const { rows, calls } = yield* erased({ held: alone, conflicts: 2 })
      assert.deepStrictEqual(rows("n"), {})
      assert.strictEqual(calls.filter((call) => call === "remove n one 1").length, 3)
    })
  )
})

describe("what follows from rows of which a person was taken", () => {
  const open = (rows: ReadonlyArray<{ readonly columns: { readonly [name: string]: unknown } }>) => ({
    notes: rows.map(({ columns }) => String(columns.note ?? columns["~note"])).sort()
  })
  const summary = { reads: (row: string) => row !== "state", columns: ["note"], of: open } as never

  it.effect("is derived anew: the summary of each entity but the person", () =>
    Effect.gen(function* () {
      const held: Table = {
        [ID]: { one: { note: by("e1", "x") } },
        n: { [`by#${ID}`]: { note: by("e2", "y") }, two: { note: by("e3", "kept") } }
      }
      const { table } = yield* erased({ held, projection: { summary } })
      const states = [ID, "n"].map((entity) => table.rows("notes-v1", entity).find(({ row }) => row === "state"))
      assert.deepStrictEqual(
        states.map((state) => state && [Object.keys(state.columns), state.asOf]),
        [undefined, [["notes"], 0]]
      )
    })
  )

  it.effect("is in rows of others what the row says now, and in the summaries of those", () => {
    const follows: Derivation = {
      from: "notes",
      register: "followed",
      reads: (updated) => ({ rows: [...new Set(updated.map(([row]) => row))], open: false }),
      rows: (entity, rows) =>
        [...rows].map(([row, registers]) => ({ entity: `of ${entity}`, row, of: () => registers.get("note") }))
    }
    const others = notes(
      {},
      {
        name: "others",
        derived: [follows],
        summary: { ...(summary as object), of: (rows: ReadonlyArray<unknown>) => ({ open: rows.length }) } as never
      }
    )
    const made = site({
      events: [noted("e1", `by ${ID}`)],
      held: { n: { one: { note: by("e1", `by ${ID}`) } } },
      others: [others]
    })
    return Effect.gen(function* () {
      yield* made.fill
      yield* made.erase()
      assert.deepStrictEqual(made.rows("n"), { one: { note: "by erased" } })
      const { one } = made.rows("of n", "others-v1")
      assert.deepStrictEqual(Object.values(one ?? {}), ["by erased"])
      const state = made.table.rows("others-v1", "of n").find(({ row }) => row === "state")
      assert.deepStrictEqual(state?.columns, { open: 1 })
    })
  })

  it.effect("is not asked for where nothing was folded again", () =>
    Effect.gen(function* () {
      const { calls } = yield* erased({ held: { n: { one: { kept: by("e0", "kept"), note: by("e1", ID) } } } })
      assert.deepStrictEqual(calls, ["load n one now", "save n one"])
    })
  )
})
