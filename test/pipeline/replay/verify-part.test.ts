import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Register } from "../../../src/domain/row.ts"
import type { ReplayPlan, SegmentReport } from "../../../src/pipeline/replay/plan.ts"
import { partOf, verifySegment } from "../../../src/pipeline/replay/verify.ts"
import { ProjectionStore } from "../../../src/store/projection-store.ts"
import { START } from "../../support/history.ts"
import { NOW, noneDone, notes, pageOf, ports, type Said, stored, TOPIC, update } from "./ports.ts"

const { counts: NONE } = noneDone
const VERIFY = { write: false, eventsPerSecond: Number.POSITIVE_INFINITY }

/** A register of the table; so many ms later than the events. */
const register = (at = 0, value = "said", eventId = "e"): Register => ({
  value,
  stamp: { clock: START + at, published: START + at, eventId }
})

type Rows = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Register>>>>>>

interface Case {
  readonly said?: Said
  /** What the table holds, by entity, row and register. */
  readonly held?: Rows
  readonly plan?: Partial<ReplayPlan>
  readonly segment?: number
  readonly projection?: Parameters<typeof notes>[1]
  readonly options?: Parameters<typeof ports>[0]
  readonly done?: boolean
}

/** Verifies one part, of events that all happened at `START`. */
const verified = ({ said = {}, held = {}, plan = {}, segment = 0, projection = {}, options = {}, done }: Case) => {
  const events = Object.keys(said).map((id) => stored(id))
  const made = ports({ pages: [pageOf(events)], ...options })
  const progress: Array<SegmentReport> = []
  const open = {
    ...made.open({ ...VERIFY, ...plan }, done === true ? { state: "done" } : {}),
    ...{ segment, projection: notes(said, projection) }
  }
  const run = Effect.gen(function* () {
    for (const [entity, rows] of Object.entries(held))
      for (const [row, registers] of Object.entries(rows)) {
        const key = { projection: "notes-v1", entity, row, registers: new Map(Object.entries(registers)) }
        yield* ProjectionStore.use(({ save }) =>
          save([{ ...key, columns: {}, asOf: 0, from: undefined, counted: false }])
        )
      }
    return yield* verifySegment(open, (report) => Effect.sync(() => void progress.push(report)))
  })
  return Effect.map(Effect.provide(run, made.layer), (report) => ({ ...report, progress, made }))
}

const one = { e: [update("a")] }
const state = (registers: Readonly<Record<string, Register>>): Rows => ({ a: { state: registers } })

describe("a part of the entities", () => {
  it("is told by the FNV-1a of their names", () => {
    for (const [entity, hash] of [
      ["", 0x811c9dc5],
      ["a", 0xe40c292c],
      ["foobar", 0xbf9cf968]
    ] as const)
      assert.deepStrictEqual([partOf(entity, 2 ** 32), partOf(entity, 7)], [hash, hash % 7])
  })

  it.effect("is compared by one segment, by all events", () => {
    const said = Object.fromEntries(["a", "b", "c", "d"].map((id) => [id, [update(id)]]))
    const held = {
      b: { state: { text: register(0, "said", "b") } },
      x: { state: { text: register() } },
      y: { state: { text: register() } }
    }
    return Effect.gen(function* () {
      const parts = yield* Effect.forEach([0, 1], (segment) => verified({ said, held, segment, plan: { segments: 2 } }))
      const found = parts.map(({ differences }) => differences.map(({ entity, kind }) => `${entity} ${kind}`).sort())
      const ours = (all: ReadonlyArray<string>, part: number) =>
        all.filter((text) => partOf(text.slice(0, 1), 2) === part)
      const wanted = ["a missing", "c missing", "d missing", "x extra", "y extra"]
      assert.deepStrictEqual(found, [ours(wanted, 0), ours(wanted, 1)])
      for (const [part, { counts, made }] of parts.entries()) {
        const entities = ours(["a", "b", "c", "d"], part).length
        assert.deepStrictEqual([counts.scanned, counts.folded, counts.deltas], [4, entities, entities])
        assert.deepStrictEqual(made.requests, [{ segment: 0, segments: 1, limit: 1_000, topics: new Set([TOPIC]) }])
      }
    })
  })
})

describe("a verify", () => {
  const all = {}
  const partial = { scope: { topics: [TOPIC] } }
  for (const [name, held, plan, wanted] of [
    ["is as the events say", { text: register() }, all, undefined],
    ["says something else of the same event", { text: register(0, "other") }, all, ["text"]],
    ["is older", { text: register(-1) }, all, ["text"]],
    ["is older, by some topics", { text: register(-1) }, partial, ["text"]],
    ["is newer", { text: register(1) }, all, ["text"]],
    ["is newer, by some topics", { text: register(1) }, partial, undefined],
    ["is newer, by a time", { text: register(1) }, { scope: { since: START } }, undefined],
    ["is newer, up to a time", { text: register(1) }, { scope: { until: NOW } }, undefined],
    ["is newer, by its entity", { text: register(1) }, { scope: { entity: "a" } }, ["text"]],
    ["lacks a register", { other: register() }, all, ["other", "text"]],
    ["lacks a register, by some topics", { other: register() }, partial, ["text"]],
    ["has more", { text: register(), b: register(), a: register() }, all, ["a", "b"]],
    ["has more, by some topics", { text: register(), other: register() }, partial, undefined],
    ["has what follows from other rows", { text: register(), "~from": register() }, all, undefined]
  ] as const)
    it.effect(`finds ${wanted === undefined ? "nothing" : "a difference"} where a row ${name}`, () =>
      Effect.gen(function* () {
        const { differences, counts } = yield* verified({ said: one, held: state(held as never), plan })
        const found = wanted && { entity: "a", row: "state", kind: "different", registers: [...wanted] }
        assert.deepStrictEqual(differences, (found === undefined ? [] : [found]) as never)
        assert.deepStrictEqual([counts.rows, counts.differences], [1, found === undefined ? 0 : 1])
      })
    )

  it.effect("finds rows that are missing, and those that are extra where it sees all events", () =>
    Effect.gen(function* () {
      const held: Rows = { b: { one: { text: register() } }, c: { state: {} } }
      const { differences } = yield* verified({ said: one, held })
      assert.deepStrictEqual(differences, [
        { entity: "b", row: "one", kind: "extra", registers: ["text"] },
        { entity: "a", row: "state", kind: "missing", registers: ["text"] }
      ])
      const some = yield* verified({ said: one, held, plan: { scope: { topics: [TOPIC] } } })
      assert.deepStrictEqual([some.differences.map(({ kind }) => kind), some.counts.rows], [["missing"], 2])
      const entity = yield* verified({ said: one, held, plan: { scope: { entity: "b" } } })
      assert.deepStrictEqual([entity.differences.map(({ entity }) => entity), entity.counts.rows], [["b"], 1])
    })
  )

  it.effect("reads the table to its last page", () => {
    const ids = Array.from({ length: 60 }, (_, i) => `e${i}`)
    const said = Object.fromEntries(ids.map((id) => [id, [update(id)]]))
    const held = Object.fromEntries(ids.map((id) => [id, { state: { text: register(0, "said", id) } }]))
    return Effect.gen(function* () {
      const { counts } = yield* verified({ said, held })
      assert.deepStrictEqual([counts.rows, counts.differences], [60, 0])
    })
  })

  it.effect("leaves out what may still be on its way, by when it was published or when it happened", () => {
    const settled = NOW - START - 305_000
    const of = (clock: number, published: number) => ({
      text: { value: "other", stamp: { clock: START + clock, published: START + published, eventId: "e" } }
    })
    return Effect.gen(function* () {
      for (const [clock, published, unsettled] of [
        [settled, settled, 0],
        [0, settled + 1, 1],
        [settled + 1, 0, 1]
      ] as const) {
        const { counts } = yield* verified({ said: one, held: state(of(clock, published)) })
        assert.deepStrictEqual([counts.unsettled, counts.differences, counts.rows], [unsettled, 1 - unsettled, 1])
      }
    })
  })

  it.effect("does not miss a tombstone that may have been deleted since, and misses any other row", () => {
    const ended = (clock: number) => ({ e: [update("a", { register: "end", clock: START + clock })] })
    const projection = { tombstoneSeconds: 86_400 }
    return Effect.gen(function* () {
      for (const [said, held, wanted] of [
        [ended(-1), {}, undefined],
        [ended(0), {}, "missing"],
        [{ e: [update("a", { clock: START - 1 })] }, {}, "missing"],
        [ended(-1), state({ end: register(-2) }), "different"]
      ] as ReadonlyArray<[Said, Rows, string | undefined]>) {
        const { differences } = yield* verified({ said, held, projection })
        assert.deepStrictEqual(
          differences.map(({ kind }) => kind),
          (wanted === undefined ? [] : [wanted]) as never
        )
      }
    })
  })

  it.effect("names a hundred differences, in 200,000 bytes, and counts all", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`e${i}`, [update(`${i}`)]]))
    const empty = { entity: "0", row: "state", kind: "missing", registers: [""] }
    /** Ten differences of so many bytes together. */
    const large = (bytes: number) => {
      const name = (i: number) => "r".repeat(bytes / 10 - JSON.stringify(empty).length + (i === 9 ? bytes % 10 : 0))
      const updates = Array.from({ length: 10 }, (_, i) => [`e${i}`, [update(`${i}`, { register: name(i) })]])
      return Object.fromEntries(updates)
    }
    return Effect.gen(function* () {
      for (const [said, named, all] of [
        [many(100), 100, 100],
        [many(101), 100, 101],
        [large(200_000), 10, 10],
        [large(200_001), 9, 10]
      ] as const) {
        const { differences, counts } = yield* verified({ said })
        assert.deepStrictEqual([differences.length, counts.differences], [named, all])
      }
    })
  })

  it.effect("holds so many rows, whatever they say, and asks for more segments beyond", () => {
    const said = { a: [update("a"), update("a", { register: "other" }), update("a", { row: "one" })], b: [update("b")] }
    return Effect.gen(function* () {
      const { counts } = yield* verified({ said, options: { bounds: { verifyRows: 3 } } })
      assert.deepStrictEqual([counts.rows, counts.deltas], [3, 4])
      const { message } = yield* Effect.flip(verified({ said, options: { bounds: { verifyRows: 2 } } }))
      assert.strictEqual(message, "replay: more than 2 rows in one segment; raise segments")
    })
  })

  it.effect("counts what it reads, tells how far it is, and keeps what it came to", () => {
    const options = {
      pages: [pageOf([stored("e")], { readUnits: 2, skipped: 3 }), pageOf([], { readUnits: 4, skipped: 1 })],
      rows: (inner: ProjectionStore["Service"]): ProjectionStore["Service"] => ({
        ...inner,
        pages: (...args) => Effect.map(inner.pages(...args), (page) => ({ ...page, readUnits: 8 }))
      })
    }
    return Effect.gen(function* () {
      const { progress, made, dollars: _, ...report } = yield* verified({ said: one, options })
      const counts = { ...NONE, scanned: 5, folded: 1, deltas: 1, rows: 1, differences: 1, readUnits: 14 }
      const differences = [{ entity: "a", row: "state", kind: "missing" as const, registers: ["text"] }]
      assert.deepStrictEqual(report, { segment: 0, state: "done", counts, differences })
      assert.deepStrictEqual(made.saved, [{ ...noneDone, state: "done", counts, differences }])
      assert.deepStrictEqual(
        progress.map(({ state, counts: { scanned, readUnits } }) => [state, scanned, readUnits]),
        [
          ["stopped", 4, 2],
          ["stopped", 5, 6]
        ]
      )
      assert.deepStrictEqual(
        made.requests.map(({ cursor }) => cursor),
        [undefined, "1"]
      )
    })
  })

  it.effect("that is done reads nothing", () =>
    Effect.gen(function* () {
      const { state, made } = yield* verified({ said: one, done: true })
      assert.deepStrictEqual([state, made.requests, made.saved], ["done", [], []])
    })
  )

  it.effect("must end in one run, in its time and its budget, which it asks of before each page", () =>
    Effect.gen(function* () {
      const late = "replay: a verify must end in one run; raise its segments, or give it more time"
      const message = (options: Case["options"]) =>
        Effect.map(Effect.flip(verified({ said: one, options })), ({ message }) => message)
      assert.strictEqual(yield* message({ ends: NOW }), late)
      // Of its time nothing is left for the table.
      assert.strictEqual(yield* message({ ends: NOW + 10, pageMs: 10, pages: [pageOf([])] }), late)
      assert.strictEqual((yield* verified({ said: one, options: { ends: NOW + 1 } })).state, "done")
      const pages = [pageOf([stored("e")], { readUnits: 4 }), pageOf([])]
      for (const [budget, state, reads] of [
        [{ items: 0 }, "budget", 0],
        [{ items: 1 }, "budget", 1],
        [{ readUnits: 5 }, "done", 2]
      ] as const) {
        const report = yield* verified({ said: one, plan: { budget }, options: { pages } })
        assert.deepStrictEqual([report.state, report.made.requests.length], [state, reads])
      }
      const last = yield* verified({
        said: one,
        plan: { budget: { readUnits: 4 } },
        options: { pages: pages.slice(0, 1) }
      })
      assert.deepStrictEqual([last.state, last.counts.rows, last.made.saved], ["budget", 0, []])
    })
  )

  for (const [name, plan, more, waits] of [
    ["of events", {}, {}, [1_500]],
    ["that segments share", { segments: 4 }, {}, [6_000]],
    ["that those share which run at a time", { segments: 4, concurrency: 2 }, {}, [3_000]],
    ["that no more share than there are", { segments: 4, concurrency: 9 }, {}, [6_000]],
    ["of the table, and not of the archive", {}, { cold: true as const }, []]
  ] as const)
    it.effect(`holds a rate ${name}`, () => {
      const page = pageOf([stored("e")], { unreadable: [{ id: "u", topic: "t", reason: "r" }], skipped: 1, ...more })
      return Effect.gen(function* () {
        const options = { pages: [page, pageOf([]), pageOf([stored("e")])], pageMs: 0 }
        const { made } = yield* verified({ said: one, plan: { ...plan, eventsPerSecond: 2, park: true }, options })
        assert.deepStrictEqual(
          made.waits.filter((ms) => ms > 0),
          [...waits]
        )
      })
    })

  it.effect("does not catch up on what was missed by being slow", () =>
    Effect.gen(function* () {
      const pages = [pageOf([stored("e")]), pageOf([stored("e")]), pageOf([])]
      const { made } = yield* verified({ said: one, plan: { eventsPerSecond: 1 }, options: { pages, pageMs: 5_000 } })
      assert.deepStrictEqual(
        made.waits.filter((ms) => ms > 0),
        []
      )
      const soon = yield* verified({ said: one, plan: { eventsPerSecond: 1 }, options: { pages, pageMs: 999 } })
      assert.deepStrictEqual(
        soon.made.waits.filter((ms) => ms > 0),
        [1, 1]
      )
    })
  )
})

describe("what a verify cannot fold", () => {
  const said: Said = { e: [update("a")], bad: "secret" }
  const threw = `event bad (${TOPIC}) is refused: an update of notes-v1: \`deltas\` threw TypeError; fix the fold, or park the event`

  it.effect("ends each of its parts, unless it is parked, by the first of them alone", () =>
    Effect.gen(function* () {
      for (const segment of [0, 1]) {
        const { message } = yield* Effect.flip(verified({ said, segment, plan: { segments: 2 } }))
        assert.strictEqual(message, threw)
        const { counts, made, state } = yield* verified({ said, segment, plan: { segments: 2, park: true } })
        assert.deepStrictEqual([state, counts.parked, made.parked.kept().size], ["done", 1 - segment, 1 - segment])
      }
    })
  )

  it.effect("is an update as well that cannot be merged", () => {
    const merge = () => {
      throw new TypeError("secret")
    }
    return Effect.gen(function* () {
      const { message } = yield* Effect.flip(verified({ said: one, projection: { merge } }))
      assert.strictEqual(
        message,
        "event e is refused: an update of notes-v1: `merge` threw TypeError; fix the fold, or park the event"
      )
      const { counts, made, differences } = yield* verified({ said, projection: { merge }, plan: { park: true } })
      assert.deepStrictEqual([counts.parked, made.parked.kept().size, differences], [2, 2, []])
    })
  })
})
