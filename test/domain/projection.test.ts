import { assert, describe, it } from "@effect/vitest"
import { reduceDeltas } from "../../src/domain/delta.ts"
import {
  deriveDeltas,
  type FoldableEvent,
  generation,
  isSummarised,
  mergeRow,
  OPEN_INDEX,
  type Projection,
  projectionOf,
  STATE_ROW,
  storageNeeds
} from "../../src/domain/projection.ts"
import { firstGenerations, readersKey } from "../../src/domain/readers.ts"
import { emptyRow } from "../../src/domain/row.ts"
import { settlementOf } from "../../src/domain/settle.ts"
import { derivedSources, followersOf, linksOf, missingSources, sourcesOf, stagesOf } from "../../src/domain/stages.ts"
import { makeTables } from "../../src/domain/tables.ts"
import { lagOf, settledAt, WATERMARK_KEY } from "../../src/domain/watermark.ts"

const WINDOW = { settle: 5_000, skew: 300_000 }
const NOW = 1_000_000_000

type Deltas = ReturnType<Projection<FoldableEvent>["deltas"]>

const projection = (name: string, parts: Partial<Projection<FoldableEvent>> = {}): Projection<FoldableEvent> =>
  ({
    name,
    version: 1,
    key: "id",
    topics: ["t"],
    deltas: () => [],
    view: () => ({}),
    closed: () => false,
    tombstoneSeconds: 60,
    ...parts
  }) as Projection<FoldableEvent>

const event = (parts: Partial<FoldableEvent> = {}): FoldableEvent =>
  ({ id: "e", topic: "t", published: NOW, received: NOW + 100, facets: [], ...parts }) as FoldableEvent

const update = (register: string, more: object = {}) => ({ entity: "x", row: "state", register, value: 1, ...more })
const stating = (...all: ReadonlyArray<object>) => projection("p", { deltas: () => all as unknown as Deltas })

describe("the deltas of an event", () => {
  it("are those of projections that list its topic", () => {
    const deltas = (topic: string) => deriveDeltas([stating(update("a"))], event({ topic }), WINDOW)
    assert.lengthOf(deltas("t"), 1)
    assert.deepStrictEqual(deltas("other"), [])
  })

  it("have the clock of the update, else the publication, and later by what it says", () => {
    const [own, published, later] = deriveDeltas(
      [stating(update("a", { clock: 7 }), update("b"), update("c", { clock: 7, afterMs: 600 }))],
      event(),
      WINDOW
    )
    assert.deepStrictEqual(
      [own, published, later].map((delta) => delta?.stamp.clock),
      [7, NOW, 607]
    )
    assert.strictEqual(own?.projection, "p-v1")
  })

  it("are late one millisecond after they were due", () => {
    const late = (received: number) =>
      deriveDeltas([stating(update("a"))], event({ received }), WINDOW).map((delta) => delta.late)
    assert.deepStrictEqual(late(NOW + 5_000), [false])
    assert.deepStrictEqual(late(NOW + 5_001), [true])
  })

  it("are one for a register, of several at one clock the last that was stated", () => {
    const stated = stating(update("a", { value: "first" }), update("b"), update("a", { value: "last" }))
    assert.deepStrictEqual(
      deriveDeltas([stated], event(), WINDOW).map(({ register, value }) => [register, value]),
      [
        ["a", "last"],
        ["b", 1]
      ]
    )
    const two = deriveDeltas([stating(update("a", { value: "x" }), update("a", { value: "y" }))], event(), WINDOW)
    assert.deepStrictEqual(
      two.map(({ value }) => value),
      ["y"]
    )
    assert.deepStrictEqual(reduceDeltas(two), two)
  })
})

describe("the merge of a row", () => {
  const held = new Map([["a", { value: 1, stamp: { clock: 1, published: 1, eventId: "e" } }]])
  const updates = [["a", { value: 2, stamp: { clock: 2, published: 2, eventId: "f" } }]] as const

  it("is the greater stamp's, register by register, unless the projection has a merge of its own", () => {
    assert.strictEqual(mergeRow({}, "state", held, updates).get("a")?.value, 2)
    const asked: Array<string> = []
    const merge = (row: string, before: typeof held) => {
      asked.push(row)
      return before
    }
    assert.strictEqual(mergeRow({ merge } as unknown as Parameters<typeof mergeRow>[0], "state", held, updates), held)
    assert.deepStrictEqual(asked, ["state"])
  })
})

describe("a row that a summary reads", () => {
  const summary = { reads: (row: string) => row === "open", columns: [], remembers: () => false }

  it("is of those that it reads, and open or remembered", () => {
    const is = (parts: object, row = "open") => isSummarised({ closed: () => false, summary, ...parts }, row, emptyRow)
    assert.isTrue(is({}))
    assert.isFalse(is({}, "other"))
    assert.isFalse(is({ closed: () => true }))
    assert.isTrue(is({ closed: () => true, summary: { ...summary, remembers: () => true } }))
    const { remembers: _, ...forgetful } = summary
    assert.isFalse(is({ closed: () => true, summary: forgetful }))
    assert.isFalse(isSummarised({ closed: () => false }, "open", emptyRow))
  })
})

describe("what storage needs", () => {
  it("is summaries, indexes of what is read together, and sources that are read whole", () => {
    const derived = (from: string, all: boolean) =>
      [{ from, register: "r", reads: () => (all ? "all" : undefined), rows: () => [] }] as never
    const needs = storageNeeds([
      projection("a", { derived: derived("b", true) }),
      projection("b", { summary: { reads: () => true, columns: [], of: () => ({}) } }),
      projection("c", { summary: { reads: () => true, columns: [] }, derived: derived("a", false) })
    ])
    assert.deepStrictEqual(needs, { summarised: ["b-v1"], indexed: ["b-v1", "c-v1"], sources: ["b-v1"] })
  })

  it("has the names that deployed tables have", () => {
    assert.deepStrictEqual([STATE_ROW, OPEN_INDEX.name, OPEN_INDEX.key], ["state", "open", "openRow"])
    assert.deepStrictEqual([WATERMARK_KEY, readersKey("agents")], ["watermark", "readers/agents"])
    assert.deepStrictEqual(
      [generation(projection("a-v1", { version: 12 })), projectionOf("a-v1-v12")],
      ["a-v1-v12", "a-v1"]
    )
  })
})

const from = (...names: ReadonlyArray<string>) => ({ derived: names.map((name) => ({ from: name })) as never })
const named = (all: ReadonlyArray<{ readonly name: string }>) => all.map(({ name }) => name)

describe("stages", () => {
  const agents = projection("agents", from("conversations"))
  const conversations = projection("conversations", from("facts", "conversations"))
  const facts = projection("facts")
  const walls = projection("walls", from("agents", "facts"))
  const all = [walls, agents, conversations, facts, projection("alone")]

  it("have what others derive from first, and what derives from itself too", () => {
    assert.deepStrictEqual(stagesOf(all).map(named), [["facts", "alone"], ["conversations"], ["agents"], ["walls"]])
  })

  it("end where two derive from each other", () => {
    assert.lengthOf(stagesOf([projection("a", from("b")), projection("b", from("a"))]).flat(), 2)
  })

  it("link a target to the lowest version that is listed of its source and that will do, wherever it stands", () => {
    const versions = [3, 2, 4, 1].map((version) => projection("agents", { version }))
    const since = projection("walls", { derived: [{ from: "agents", since: 2 }] as never })
    for (const listed of [versions, versions.toReversed()])
      assert.deepStrictEqual(
        linksOf([since, ...listed]).map(({ target, source }) => [target.name, source.version]),
        [["walls", 2]]
      )
    assert.deepStrictEqual(linksOf([since]), [])
  })

  it("know from whose rows something can follow", () => {
    assert.deepStrictEqual(derivedSources(all), ["agents-v1", "conversations-v1", "facts-v1"])
  })

  it("follow from rows that are written, near and far, and end at what is written itself", () => {
    const followers = (...written: ReadonlyArray<Projection<FoldableEvent>>) =>
      followersOf(written, [...all, projection("agents", { version: 2 })]).map(
        ({ target, source }) => `${target.name} from ${generation(source)}`
      )
    assert.deepStrictEqual(followers(facts), [
      "walls from agents-v1",
      "walls from facts-v1",
      "agents from conversations-v1",
      "conversations from facts-v1",
      "conversations from conversations-v1"
    ])
    assert.deepStrictEqual(followers(agents, conversations), ["walls from agents-v1"])
    assert.deepStrictEqual(followers(walls), [])
    assert.deepStrictEqual(followers(projection("agents", { version: 2 })), [])
  })

  it("miss a source that is not listed, or not in a version that will do", () => {
    const since = projection("walls", { derived: [{ from: "agents", since: 3 }, { from: "facts" }] as never })
    const missing = missingSources([since, agents, facts]).map(([one, what]) => [one.name, what])
    assert.deepStrictEqual(missing, [
      ["walls", "agents of version 3 or later"],
      ["agents", "conversations"]
    ])
    assert.lengthOf(missingSources([since, projection("agents", { version: 3 }), facts]), 0)
  })

  it("name as sources what a projection derives from, near and far, and not itself", () => {
    const of = (one: Projection<FoldableEvent>) => named(sourcesOf(one, all))
    assert.deepStrictEqual(of(walls), ["agents", "conversations", "facts"])
    assert.deepStrictEqual(of(agents), ["conversations", "facts"])
    assert.deepStrictEqual(of(conversations), ["facts"])
    assert.deepStrictEqual(of(facts), [])
  })
})

describe("tables in memory", () => {
  const value = (clock: number) => ({ value: clock, stamp: { clock, published: clock, eventId: "e" } })
  const delta = (name: string, clock: number) => ({
    projection: `${name}-v1`,
    entity: "x",
    row: "state",
    register: "a",
    ...value(clock),
    late: false
  })
  const follows = (source: string, limit: number) =>
    [
      {
        from: source,
        register: "b",
        reads: () => "all",
        rows: (entity: string, rows: ReadonlyMap<string, ReadonlyMap<string, { readonly value: unknown }>>) => [
          {
            entity,
            row: "state",
            of: () => {
              const held = rows.get("state")
              const last = Number(held?.get("~b")?.value ?? held?.get("a")?.value ?? 0)
              return value(Math.min(limit, last + 1))
            }
          }
        ]
      }
    ] as never
  const shown = (tables: ReturnType<typeof makeTables>, name: string) =>
    tables.rows(`${name}-v1`).get("x")?.get("state")?.get("~b")?.value

  it("follow from their sources alone, until nothing follows any more", () => {
    const tables = makeTables([
      projection("target", { derived: follows("source", 50) }),
      projection("source"),
      projection("other")
    ])
    tables.merge([delta("source", 3), delta("other", 30), delta("unlisted", 1)])
    tables.derive()
    assert.strictEqual(shown(tables, "target"), 4)
    assert.isUndefined(shown(tables, "source"))
    assert.strictEqual(tables.rows("unlisted-v1").size, 0)
  })

  it("may follow from their own rows, as long as that comes to an end", () => {
    const settles = makeTables([projection("own", { derived: follows("own", 12) })])
    settles.merge([delta("own", 3)])
    settles.derive()
    assert.strictEqual(shown(settles, "own"), 12)
    const never = makeTables([projection("own", { derived: follows("own", 1_000) })])
    never.merge([delta("own", 3)])
    assert.throws(() => never.derive(), /^own-v1: what follows never settles$/)
    const both = ["a", "b"].map((name) => projection(name, { derived: follows(name, 1_000) }))
    const two = makeTables(both)
    two.merge([delta("a", 3), delta("b", 3)])
    assert.throws(() => two.derive(), /^a-v1, b-v1: what follows never settles$/)
  })

  it("give one generation nothing of another of the same projection", () => {
    const second = projection("own", { version: 2, derived: follows("own", 12) })
    const tables = makeTables([projection("own"), second])
    tables.merge([delta("own", 3)])
    tables.derive()
    assert.isUndefined(tables.rows("own-v2").get("x"))
  })
})

describe("the watermark", () => {
  it("is never beyond what is due, and its lag is what is missing to that", () => {
    const level = (through: number) => ({ through, windowMs: 5_000 })
    assert.strictEqual(settledAt(level(90_000), 100_000), 90_000)
    assert.strictEqual(settledAt(level(99_000), 100_000), 95_000)
    assert.strictEqual(lagOf(level(90_000), 100_000), 5_000)
    assert.strictEqual(lagOf(level(99_000), 100_000), 0)
  })

  it("moves with a heartbeat up to what was due when it was sent", () => {
    assert.deepStrictEqual(settlementOf(100_000, WINDOW), { due: 100_000, deltas: [], through: 95_000 })
  })
})

describe("what readers begin with", () => {
  it.each([[[3, 2]], [[2, 3]], [[3, 2, 4]], [[4, 3, 2]]])(
    "is the lowest version that is listed of each projection, in whatever order: %j",
    (versions) => {
      const listed = [...versions.map((version) => ({ name: "agents", version })), { name: "queues", version: 1 }]
      assert.deepStrictEqual(Object.fromEntries(firstGenerations(listed)), { agents: "agents-v2", queues: "queues-v1" })
    }
  )
})
