import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { SegmentReport } from "../../../src/pipeline/replay/plan.ts"
import { endOf } from "../../../src/pipeline/replay/record.ts"
import { writeSegment } from "../../../src/pipeline/replay/segment.ts"
import { START } from "../../support/history.ts"
import { NOW, noneDone, notes, pageOf, ports, type Said, stored, TOPIC, update } from "./ports.ts"

const { counts: NONE } = noneDone
const UNLIMITED = { eventsPerSecond: Number.POSITIVE_INFINITY }

/** Events `e0`, `e1` and so on, each of which says something of an entity of that name. */
const ids = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `e${from + i}`)
const saying = (all: ReadonlyArray<string>): Said => Object.fromEntries(all.map((id) => [id, [update(id)]]))
const pagesOf = (...sizes: ReadonlyArray<number>) =>
  sizes.map((size, i) =>
    pageOf(
      ids(size, 100 * i).map((id) => stored(id)),
      { readUnits: 2 }
    )
  )
const ALL = saying([...ids(100), ...ids(100, 100), ...ids(100, 200)])

type Ports = ReturnType<typeof ports>

/** Runs a segment to where it stops. `progress`: what was told of it on the way. */
const runOf = (made: Ports, ...of: Parameters<Ports["open"]>) => {
  const progress: Array<SegmentReport> = []
  const run = writeSegment(
    { ...made.open({ ...UNLIMITED, ...of[0] }, of[1], of[2]), projection: notes(ALL) },
    (report) => Effect.sync(() => void progress.push(report))
  )
  return Effect.map(Effect.provide(run, made.layer), (report) => ({ ...report, progress }))
}

const made = (options: Parameters<typeof ports>[0] = {}) => ports({ projection: notes(ALL), ...options })

describe("a segment", () => {
  it.effect(
    "reads page by page, tells how far it is after each, and writes what they say when it is at its end",
    () => {
      const all = made({ pages: pagesOf(2, 1, 0) })
      return Effect.gen(function* () {
        const { progress, ...report } = yield* runOf(all)
        const counts = { ...NONE, scanned: 3, folded: 3, deltas: 3, rows: 3, readUnits: 6 }
        const dollars = 6 * 0.125e-6
        assert.deepStrictEqual({ ...report, dollars }, { segment: 0, state: "done", counts, dollars, differences: [] })
        assert.deepStrictEqual(
          progress.map(({ state, counts: { scanned, rows } }) => [state, scanned, rows]),
          [
            ["stopped", 2, 0],
            ["stopped", 3, 0],
            ["stopped", 3, 0]
          ]
        )
        assert.deepStrictEqual(all.saved, [{ state: "done", counts, stale: [], differences: [] }])
        const request = { segment: 0, segments: 1, limit: 1_000, topics: new Set([TOPIC]) }
        assert.deepStrictEqual(all.requests, [request, { ...request, cursor: "1" }, { ...request, cursor: "2" }])
        assert.deepStrictEqual(all.rows("e100"), { state: { text: "said" } })
      })
    }
  )

  it.effect("counts what it skips, what it folds to nothing, and what it says in several updates", () => {
    const said: Said = { e0: [update("a"), update("b")], e1: [] }
    const all = ports({ projection: notes(said), pages: [pageOf([stored("e0"), stored("e1")], { skipped: 4 })] })
    return Effect.gen(function* () {
      const { counts } = yield* Effect.provide(
        writeSegment({ ...all.open(UNLIMITED), projection: notes(said) }, () => Effect.void),
        all.layer
      )
      assert.deepStrictEqual(counts, { ...NONE, scanned: 6, folded: 2, deltas: 2, rows: 2 })
    })
  })

  it.effect("goes on from its checkpoint, with what it had counted and what it had put off", () => {
    const all = made({ pages: pagesOf(1, 1, 1) })
    return Effect.gen(function* () {
      const counts = { ...NONE, scanned: 7, rows: 5 }
      const { state, counts: sum } = yield* runOf(all, {}, { cursor: "2", counts })
      assert.deepStrictEqual(
        [state, sum],
        ["done", { ...counts, scanned: 8, folded: 1, deltas: 1, rows: 6, readUnits: 2 }]
      )
      assert.deepStrictEqual(
        all.requests.map(({ cursor }) => cursor),
        ["2"]
      )
    })
  })

  for (const [state, stopping, wanted] of [
    ["done", false, "done"],
    ["done", true, "done"],
    ["budget", true, "stopped"]
  ] as const)
    it.effect(`that is ${state} ${stopping ? "and is to stop " : ""}reads nothing`, () => {
      const all = made({ pages: pagesOf(1) })
      return Effect.gen(function* () {
        const { progress, ...report } = yield* runOf(all, {}, { state }, stopping)
        assert.deepStrictEqual(report, { segment: 0, state: wanted, counts: NONE, dollars: 0, differences: [] })
        assert.deepStrictEqual([all.requests, all.saved, progress], [[], [], []])
      })
    })

  for (const [plan, limits] of [
    [{}, [1_000, 1_000]],
    [{ eventsPerSecond: 10 }, [10, 10]],
    [{ eventsPerSecond: 0.5 }, [1, 1]],
    [{ eventsPerSecond: 2.5 }, [3, 3]],
    [{ eventsPerSecond: 10, segments: 4 }, [3, 3]],
    [{ eventsPerSecond: 10, segments: 4, concurrency: 2 }, [5, 5]],
    [{ eventsPerSecond: 10, segments: 4, concurrency: 9 }, [3, 3]],
    [{ eventsPerSecond: 10, sealed: 3 }, [1_000, 1_000]],
    [{ budget: { items: 5 } }, [5, 3]],
    [{ eventsPerSecond: 2, budget: { items: 5 } }, [2, 2]]
  ] as const)
    it.effect(`asks for as many events as a second may take, a thousand at most: ${JSON.stringify(plan)}`, () => {
      const all = made({ pages: pagesOf(2, 1) })
      return Effect.gen(function* () {
        yield* runOf(all, plan)
        assert.deepStrictEqual(
          all.requests.map(({ limit }) => limit),
          [...limits]
        )
      })
    })

  for (const [name, plan, more, waits] of [
    ["of events", { eventsPerSecond: 2, rowsPerSecond: Number.POSITIVE_INFINITY }, {}, [1_000]],
    [
      "of those that cannot be read, too",
      { ...UNLIMITED, eventsPerSecond: 1, park: true },
      { unreadable: 1, skipped: 2 },
      [4_000]
    ],
    ["of events of the table, and not of the archive", { eventsPerSecond: 2 }, { cold: true }, []],
    ["that segments share", { eventsPerSecond: 8, rowsPerSecond: Number.POSITIVE_INFINITY, segments: 4 }, {}, [1_000]]
  ] as const)
    it.effect(`holds a rate ${name}`, () => {
      const unreadable = Array.from({ length: "unreadable" in more ? 1 : 0 }, () => ({
        id: "u",
        topic: "t",
        reason: "r"
      }))
      const page = pageOf([stored("none")], { unreadable, skipped: "skipped" in more ? more.skipped : 1 })
      const all = made({ pages: [{ ...page, ...("cold" in more ? { cold: true as const } : {}) }, pageOf([])] })
      return Effect.gen(function* () {
        yield* runOf(all, plan)
        assert.deepStrictEqual(
          all.waits.filter((ms) => ms > 0),
          [...waits]
        )
      })
    })

  it.effect("catches up on a minute of reading that a long write has delayed", () => {
    const all = made({ pages: pagesOf(1, 100, 1, 1), bounds: { registers: 1 }, writeMs: 100_000 })
    return Effect.gen(function* () {
      yield* runOf(all, { eventsPerSecond: 1, rowsPerSecond: Number.POSITIVE_INFINITY })
      // A hundred events are read after a write of 100 s: sixty of them in no time.
      assert.deepStrictEqual(
        all.waits.filter((ms) => ms > 0),
        []
      )
      const slow = made({ pages: pagesOf(1, 100, 0), pageMs: 70_000, bounds: { flushMs: 1e9 } })
      yield* runOf(slow, { eventsPerSecond: 1, rowsPerSecond: Number.POSITIVE_INFINITY })
      assert.deepStrictEqual(
        slow.waits.filter((ms) => ms > 0),
        []
      )
      const fast = made({ pages: pagesOf(1, 100, 0), pageMs: 39_999, bounds: { flushMs: 1e9 } })
      yield* runOf(fast, { eventsPerSecond: 1, rowsPerSecond: Number.POSITIVE_INFINITY })
      assert.deepStrictEqual(
        fast.waits.filter((ms) => ms > 0),
        [1]
      )
    })
  })

  it.effect("writes rows at the pace of events where no other is said, as its part of it", () => {
    const all = made({ pages: pagesOf(2) })
    return Effect.gen(function* () {
      yield* runOf(all, { eventsPerSecond: 8, segments: 4, concurrency: 2, park: true })
      // Two events in half a second, and two rows in another.
      assert.deepStrictEqual(all.waits, [500])
      const other = made({ pages: pagesOf(2) })
      yield* runOf(other, { eventsPerSecond: 8, rowsPerSecond: 2, segments: 4, concurrency: 2 })
      assert.deepStrictEqual(other.waits, [1_000, 1_000])
    })
  })
})

describe("a checkpoint", () => {
  it.effect("is moved when as much is gathered as may be held, and only once that is written", () => {
    const all = made({ pages: pagesOf(1, 1, 1), bounds: { registers: 2 } })
    return Effect.gen(function* () {
      yield* runOf(all)
      assert.deepStrictEqual(
        all.saved.map(({ state, cursor, counts: { rows } }) => [state, cursor, rows]),
        [
          ["running", "2", 2],
          ["done", undefined, 3]
        ]
      )
      assert.isFalse(Object.hasOwn(all.saved[1] ?? {}, "cursor"))
    })
  })

  it.effect("is moved after so long, counted from the last one", () => {
    const all = made({ pages: pagesOf(1, 1, 1, 1, 1), pageMs: 500, bounds: { flushMs: 1_000 } })
    return Effect.gen(function* () {
      yield* runOf(all)
      assert.deepStrictEqual(
        all.saved.map(({ cursor }) => cursor),
        ["2", "4", undefined]
      )
    })
  })

  it.effect("is where a replay stops that somebody has stopped meanwhile, with all that was put off", () => {
    const summary = { reads: () => true, columns: [], of: () => ({}) }
    const projection = notes(ALL, { summary })
    const all = ports({ projection, pages: pagesOf(1, 1, 1), bounds: { registers: 1 } })
    return Effect.gen(function* () {
      yield* all.stop
      const report = yield* Effect.provide(
        writeSegment({ ...all.open(UNLIMITED), projection }, () => Effect.void),
        all.layer
      )
      assert.deepStrictEqual([report.state, report.counts.rows, report.counts.summaries], ["stopped", 1, 1])
      assert.deepStrictEqual(
        all.saved.map(({ state, cursor, stale }) => [state, cursor, stale.length]),
        [
          ["running", "1", 1],
          ["stopped", "1", 0]
        ]
      )
    })
  })

  it.effect("says when a budget is spent, and when no time is left to write what is gathered", () => {
    const spent = made({ pages: pagesOf(2, 2, 2) })
    return Effect.gen(function* () {
      const { state, counts } = yield* runOf(spent, { budget: { items: 4 } })
      assert.deepStrictEqual([state, counts.scanned, counts.rows, spent.saved.length], ["budget", 4, 4, 1])
      for (const [ends, wanted, scanned] of [
        [10_000, "done", 2],
        [9_999, "deadline", 0]
      ] as const) {
        const late = made({ pages: pagesOf(2), ends: NOW + ends })
        const report = yield* runOf(late)
        assert.deepStrictEqual([report.state, report.counts.scanned], [wanted, scanned])
      }
      // What is gathered needs a second for each row here.
      const slow = made({ pages: pagesOf(2, 2), ends: NOW + 11_999 })
      const report = yield* runOf(slow, { rowsPerSecond: 1 })
      assert.deepStrictEqual([report.state, report.counts.scanned, slow.saved.at(-1)?.cursor], ["deadline", 2, "1"])
    })
  })

  it.effect("is none after the time for which the replay keeps its tombstones", () => {
    const all = made({ pages: pagesOf(2) })
    return Effect.gen(function* () {
      const { run } = all.open()
      yield* all.take(endOf(run) - NOW - 9_999)
      assert.strictEqual((yield* runOf(all)).state, "deadline")
    })
  })

  it.effect("stays where it was when what was read is not due before the end, and is read again", () => {
    const clock = NOW - START + 600_000
    const said: Said = { e0: [update("a")], e1: [update("b", { afterMs: clock })] }
    const all = ports({ projection: notes(said), pages: [pageOf([stored("e0"), stored("e1")])], ends: NOW + 60_000 })
    return Effect.gen(function* () {
      const open = { ...all.open(UNLIMITED, { cursor: "0", counts: { ...NONE, scanned: 9 } }), projection: notes(said) }
      const report = yield* Effect.provide(
        writeSegment(open, () => Effect.void),
        all.layer
      )
      assert.deepStrictEqual([report.state, report.counts.scanned], ["deadline", 9])
      assert.deepStrictEqual(all.saved, [
        { ...noneDone, state: "deadline", cursor: "0", counts: { ...NONE, scanned: 9 } }
      ])
      assert.deepStrictEqual([all.rows("a"), all.rows("b")], [{ state: { text: "said" } }, {}])
    })
  })
})

describe("a timer", () => {
  const SKEW = 300_000
  const timer = (id: string) => [update(id, { register: "@timer", afterMs: 1_000 })]

  it.effect(
    "that the live path has set is left to it; an older one is waited for, and no other update is left out",
    () => {
      const said: Said = { before: timer("before"), since: timer("since"), text: [update("text")] }
      const at = NOW - START + SKEW
      const events = [stored("before", at - 1), stored("since", at), stored("text", at)]
      const all = ports({ projection: notes(said), pages: [pageOf(events)] })
      return Effect.gen(function* () {
        const { counts } = yield* Effect.provide(
          writeSegment({ ...all.open(UNLIMITED), projection: notes(said) }, () => Effect.void),
          all.layer
        )
        assert.deepStrictEqual([counts.deltas, counts.rows], [3, 2])
        assert.deepStrictEqual(
          ["before", "since", "text"].map((id) => Object.keys(all.rows(id)).length),
          [1, 0, 1]
        )
      })
    }
  )
})

describe("an event that is refused", () => {
  const said: Said = { good: [update("good")], bad: "secret", next: [update("next")] }
  const pages = [pageOf([stored("good")]), pageOf([stored("bad"), stored("next")])]
  const WHY = `event bad (${TOPIC}) is refused: an update of notes-v1: \`deltas\` threw TypeError; fix the fold, or park the event`

  it.effect("ends the replay, is told of in the checkpoint, and leaves there what came before it", () => {
    const all = ports({ projection: notes(said), pages })
    return Effect.gen(function* () {
      const open = { ...all.open(UNLIMITED), projection: notes(said) }
      const { message } = yield* Effect.flip(writeSegment(open, () => Effect.void))
      assert.strictEqual(message, WHY)
      const [kept, ...more] = all.saved
      assert.deepStrictEqual(
        [kept?.state, kept?.cursor, kept?.refused, more],
        ["running", "1", { at: NOW, message }, []]
      )
      assert.deepStrictEqual([all.rows("good"), all.rows("next")], [{ state: { text: "said" } }, {}])
      // Once it is mended, nothing of it is told any more.
      const mended = { ...open, projection: notes({ ...said, bad: [] }), held: kept ?? assert.fail("nothing was kept") }
      yield* writeSegment(mended, () => Effect.void)
      assert.deepStrictEqual(
        all.saved.slice(1).map(({ state, refused }) => [state, refused]),
        [
          ["running", undefined],
          ["done", undefined]
        ]
      )
    }).pipe(Effect.provide(all.layer))
  })

  it.effect("is parked where that is asked for, and counted", () => {
    const all = ports({ projection: notes(said), pages })
    return Effect.gen(function* () {
      const open = { ...all.open({ ...UNLIMITED, park: true }), projection: notes(said) }
      const { state, counts } = yield* writeSegment(open, () => Effect.void)
      assert.deepStrictEqual(
        [state, counts],
        ["done", { ...NONE, scanned: 3, folded: 2, deltas: 2, rows: 2, parked: 1 }]
      )
      assert.strictEqual(all.parked.kept().size, 1)
      assert.deepStrictEqual(all.saved.length, 1)
    }).pipe(Effect.provide(all.layer))
  })

  it.effect("leaves no summary behind of what came before it", () => {
    const projection = notes(said, { summary: { reads: () => true, columns: [], of: () => ({}) } })
    const all = ports({ projection, pages })
    return Effect.gen(function* () {
      yield* Effect.flip(writeSegment({ ...all.open(UNLIMITED), projection }, () => Effect.void))
      const [kept] = all.saved
      assert.deepStrictEqual([kept?.stale, kept?.counts.summaries], [[], 1])
    }).pipe(Effect.provide(all.layer))
  })

  it.effect("is told of in the checkpoint as well where its update cannot be written", () => {
    const view = () => {
      throw new TypeError("secret")
    }
    const projection = notes(said, { view })
    const all = ports({ projection, pages: [pageOf([stored("good")])] })
    return Effect.gen(function* () {
      const open = { ...all.open(UNLIMITED), projection }
      const { message } = yield* Effect.flip(writeSegment(open, () => Effect.void))
      assert.strictEqual(
        message,
        "event good is refused: an update of notes-v1: `view` threw TypeError; fix the fold, or park the event"
      )
      assert.deepStrictEqual(all.saved, [{ ...noneDone, refused: { at: NOW, message } }])
    }).pipe(Effect.provide(all.layer))
  })
})
