import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { archiveSegment } from "../../../src/pipeline/archive/segment.ts"
import { newSegment, type Pass, type SegmentState } from "../../../src/pipeline/archive/state.ts"
import { Archive } from "../../../src/store/archive.ts"
import { StoreError } from "../../../src/store/store-error.ts"
import { tallyOf } from "../../../src/store/tally.ts"
import { event, makeWeeks, type Weeks } from "./weeks.ts"

const passOf = (more: Partial<Pass> = {}): Pass => ({
  ...{ number: 1, began: 0, segments: 1, write: [], confirm: [], suspects: [] },
  ...more
})

/** What is saved of a segment, in order, and where it ends. `others`: after so many saves another worker has it. */
const work = async (
  weeks: Weeks,
  pass: Pass,
  { begun = newSegment, held = 5, others = 99, segment = 0, saved = () => {} }: { [name: string]: unknown } = {}
) => {
  const saves: Array<SegmentState> = []
  const save = (state: SegmentState) =>
    Effect.sync(() => {
      ;(saved as (state: SegmentState) => void)(state)
      return saves.push(state) <= (others as number)
    })
  const end = await weeks.run(archiveSegment(pass, segment as number, begun as SegmentState, save, held as number))
  return {
    saves,
    end,
    steps: saves.map(
      ({ phase, cursor = "", part, writing }) => `${writing === undefined ? phase : "writing"} ${cursor} ${part}`
    )
  }
}

const sizeOf = (weeks: Weeks, ...keys: ReadonlyArray<string>) =>
  keys.reduce((sum, key) => sum + (weeks.kept().get(key)?.length ?? Number.NaN), 0)

const idsOf = (weeks: Weeks, window: number, lists: ReadonlyArray<string>) =>
  weeks.run(
    Effect.gen(function* () {
      const { objects, read } = yield* Archive
      const all = yield* objects({ window, state: "sealed", sealedAt: 0, items: 0, bytes: 0, lists })
      return (yield* Effect.forEach(all, (one) => read(one))).map((events) => events.map(({ id }) => id))
    })
  )

const [A, B, C, D] = [event("a", 7, 3), event("b", 7, 3), event("c", 7, 4), event("d", 8, 4)]

describe("a segment of a pass, in the table", () => {
  it("[P1] archives the windows of the pass by hour, and counts the others", async () => {
    const weeks = makeWeeks(9)
    weeks.stored.push(A, B, C, D, event("e", 6, 2))
    const { end, steps } = await work(weeks, passOf({ write: [7, 8] }))
    const [three, four, eight] = [
      "events/1970/01/01/03/7-1-0-0.jsonl.gz",
      "events/1970/01/01/04/7-1-0-0.jsonl.gz",
      "events/1970/01/01/04/8-1-0-0.jsonl.gz"
    ]
    const lists = ["lists/7/1-0-0.json", "lists/8/1-0-0.json"] as const
    assert.deepStrictEqual([...weeks.kept().keys()].sort(), [three, four, eight, ...lists].sort())
    assert.deepStrictEqual(end, {
      ...{ phase: "done", part: 1, missing: 0, readUnits: 9, leasedUntil: 0, archive: {} },
      lists: { 7: [lists[0]], 8: [lists[1]] },
      bytes: { 7: sizeOf(weeks, three as string, four as string), 8: sizeOf(weeks, eight as string) },
      table: { "7/3": tallyOf(["a", "b"]), "7/4": tallyOf(["c"]), "8/4": tallyOf(["d"]) },
      left: { 6: 1, 7: 3, 8: 1 }
    })
    assert.deepStrictEqual(steps, ["writing  0", "objects  1", "done  1"])
    assert.deepStrictEqual(await idsOf(weeks, 7, [lists[0]]), [["a", "b"], ["c"]])
  })

  it("writes whenever it holds so many, and under another name each time", async () => {
    const weeks = makeWeeks(9)
    const all = ["a", "b", "c", "d", "e"].map((id) => event(id, 7, 3))
    weeks.stored.push(...all)
    const { end, steps } = await work(weeks, passOf({ write: [7] }), { held: 4 })
    assert.deepStrictEqual(steps, ["writing  0", "table 4 1", "writing 4 1", "objects  2", "done  2"])
    assert.deepStrictEqual(end.lists, { 7: ["lists/7/1-0-0.json", "lists/7/1-0-1.json"] })
    assert.deepStrictEqual(await idsOf(weeks, 7, end.lists[7] ?? []), [["a", "b", "c", "d"], ["e"]])
    assert.strictEqual(end.bytes[7], sizeOf(weeks, ...[...weeks.kept().keys()].filter((key) => key.startsWith("ev"))))
    const atOnce = await work(makeWeeks(9), passOf({ write: [7] }), { held: 1 })
    assert.deepStrictEqual(atOnce.steps, ["objects  0", "done  0"])
  })

  it("[P1] goes on after a crash from what was saved, and writes nothing twice", async () => {
    const weeks = makeWeeks(9)
    weeks.stored.push(...["a", "b", "c", "d"].map((id) => event(id, 7, 3)))
    const pass = passOf({ write: [7] })
    const { saves, steps, end } = await work(weeks, pass, { held: 2, others: 1 })
    assert.deepStrictEqual(steps, ["writing  0", "table 2 1"])
    assert.deepStrictEqual(end, saves[1])
    const rest = await work(weeks, pass, { held: 2, begun: saves[1] })
    assert.deepStrictEqual(rest.end.table, { "7/3": tallyOf(["a", "b", "c", "d"]) })
    assert.deepStrictEqual(rest.end.left, { 7: 4 })
    assert.strictEqual(rest.end.readUnits, 6)
    assert.deepStrictEqual(await idsOf(weeks, 7, rest.end.lists[7] ?? []), [
      ["a", "b"],
      ["c", "d"]
    ])
  })

  it("[P1] writes nothing that was erased since it was read, and reads it anew", async () => {
    const weeks = makeWeeks(9)
    weeks.stored.push(A, B)
    const { saves, steps, end } = await work(weeks, passOf({ write: [7] }), {
      saved: ({ writing }: SegmentState) => {
        if (writing === 0) weeks.overwrite("archive/erasures", { count: 1 })
        if (writing === 0) weeks.stored.splice(0, 1)
      }
    })
    assert.deepStrictEqual(steps, ["writing  0", "table  0", "writing  0", "objects  1", "done  1"])
    assert.deepStrictEqual(
      saves.map(({ writing }) => writing),
      [0, undefined, 1, undefined, undefined]
    )
    assert.deepStrictEqual([end.table, end.left, end.readUnits], [{ "7/3": tallyOf(["b"]) }, { 7: 1 }, 3])
    assert.deepStrictEqual(await idsOf(weeks, 7, end.lists[7] ?? []), [["b"]])
  })

  it("[P1] writes nothing where all that it had read was one event, which was erased since", async () => {
    const weeks = makeWeeks(9)
    weeks.stored.push(A)
    const { steps, end } = await work(weeks, passOf({ write: [7] }), {
      saved: ({ writing }: SegmentState) => {
        if (writing !== 0) return
        weeks.overwrite("archive/erasures", { count: 1 })
        weeks.stored.splice(0, 1)
      }
    })
    assert.deepStrictEqual(steps, ["writing  0", "table  0", "objects  0", "done  0"])
    assert.deepStrictEqual([end.table, end.lists, [...weeks.kept().keys()]], [{}, {}, []])
  })

  it("[P1] stops where another takes it over while its objects are being written", async () => {
    const weeks = makeWeeks(9)
    weeks.stored.push(A, B, C)
    // What stands there already is looked at before it is written over.
    const pass = passOf({ write: [7] })
    const first = await work(weeks, pass)
    assert.deepStrictEqual((await work(weeks, pass)).end, first.end)
    const { steps, end } = await work(weeks, pass, { others: 1 })
    assert.strictEqual(end, newSegment)
    assert.deepStrictEqual([...new Set(steps)], ["writing  0"])
    assert.isAtLeast(steps.length, 2)
  })

  it("saves one thing after the other, though it writes objects side by side", async () => {
    const weeks = makeWeeks(9)
    weeks.stored.push(A, B, C, D)
    const pass = passOf({ write: [7, 8] })
    await work(weeks, pass)
    let [under, most, saves] = [0, 0, 0]
    const save = () =>
      Effect.gen(function* () {
        saves++
        most = Math.max(most, ++under)
        yield* Effect.yieldNow
        under--
        return true
      })
    // What stands there already is looked at before it is written over, and so is whose the segment is.
    await weeks.run(archiveSegment(pass, 0, newSegment, save, 9))
    assert.isAtLeast(saves, 5)
    assert.strictEqual(most, 1)
  })

  it("is left to another worker who has it", async () => {
    const weeks = makeWeeks(9)
    weeks.stored.push(A, B, C)
    const lost = await work(weeks, passOf({ write: [7] }), { held: 2, others: 0 })
    assert.deepStrictEqual([lost.steps, lost.end], [["writing  0"], newSegment])
    assert.deepStrictEqual(weeks.calls, ["page 0/1 0"])
    assert.strictEqual(weeks.kept().size, 0)
    const atEnd = await work(weeks, passOf({ write: [7] }), { begun: { ...newSegment, phase: "objects" }, others: 0 })
    assert.deepStrictEqual(atEnd.steps, ["done  0"])
  })

  it("writes what it holds a minute before its time is up, and goes on later", async () => {
    const weeks = makeWeeks(9)
    weeks.stored.push(A, B, C)
    const pass = passOf({ write: [7] })
    weeks.rule.ends = weeks.clock.now() + 59_999
    const { saves, steps, end } = await work(weeks, pass)
    assert.deepStrictEqual([steps, end.lists], [["writing  0", "table 2 1"], { 7: ["lists/7/1-0-0.json"] }])
    assert.deepStrictEqual(end, saves[1])
    const objects = { ...newSegment, phase: "objects" }
    assert.deepStrictEqual(await work(weeks, pass, { begun: objects }), { saves: [], end: objects, steps: [] } as never)
    weeks.rule.ends = weeks.clock.now() + 60_000
    assert.deepStrictEqual((await work(weeks, pass, { begun: end })).steps, ["writing 2 1", "objects  2", "done  2"])
    assert.deepStrictEqual((await work(weeks, pass, { begun: objects })).steps, ["done  0"])
  })
})

describe("a segment that confirms a window", () => {
  it("[P1] archives of suspect hours what the archive lacks, by its id", async () => {
    const weeks = makeWeeks(9)
    const list = await weeks.listed("1-0-0", A, C)
    await weeks.seal(7, [list])
    await weeks.seal(8, [await weeks.listed("1-0-1", D)])
    weeks.stored.push(A, B, event("f", 7, 5), D)
    const { end } = await work(weeks, passOf({ number: 2, confirm: [7], suspects: ["7/3"] }))
    assert.deepInclude(end, {
      ...{ phase: "done", missing: 1, part: 1, lists: { 7: ["lists/7/2-0-0.json"] }, left: { 7: 3, 8: 1 } },
      table: { "7/3": tallyOf(["a", "b"]), "7/5": tallyOf(["f"]) },
      archive: { "7/3": tallyOf(["a"]), "7/4": tallyOf(["c"]) }
    })
    // Ids are compared in suspect hours alone; what is confirmed is read back.
    const [three, four] = ["03", "04"].map((hour) => `read events/1970/01/01/${hour}/7-1-0-0.jsonl.gz`)
    const pages = ["page 0/1 0", "page 0/1 2"]
    assert.deepStrictEqual(weeks.calls, ["objects 7", three, ...pages, "objects 7", three, four])
    assert.deepStrictEqual(await idsOf(weeks, 7, ["lists/7/2-0-0.json"]), [["b"]])
  })

  it("does not compare ids again when it has been through the table", async () => {
    const weeks = makeWeeks(9)
    await weeks.seal(7, [await weeks.listed("1-0-0", A)])
    await work(weeks, passOf({ suspects: ["7/3"] }), { begun: { ...newSegment, phase: "objects" } })
    assert.deepStrictEqual(weeks.calls, [])
  })

  it("[P1] archives the events of a suspect object that is cut off again, and empties it", async () => {
    const weeks = makeWeeks(9)
    const list = await weeks.listed("1-0-0", A, B)
    await weeks.seal(7, [list])
    const key = "events/1970/01/01/03/7-1-0-0.jsonl.gz"
    weeks.kept().set(key, (weeks.kept().get(key) as Uint8Array).slice(0, 30))
    weeks.stored.push(A, B)
    const { end } = await work(weeks, passOf({ number: 2, confirm: [7], suspects: ["7/3"] }))
    assert.deepInclude(end, { missing: 2, archive: {} })
    assert.deepStrictEqual(await idsOf(weeks, 7, [list, "lists/7/2-0-0.json"]), [[], ["a", "b"]])
  })

  it("reads its share of the lists, one at a time in the order of their names, and goes on after the last", async () => {
    const weeks = makeWeeks(9)
    const names = ["1-2-0", "1-4-0", "1-0-0", "1-3-0", "1-1-0"]
    const lists = await Promise.all(names.map((part, i) => weeks.listed(part, event(part, 7, i))))
    await weeks.seal(6, [await weeks.listed("1-0-0", event("six", 6, 1))])
    await weeks.seal(7, lists)
    const pass = passOf({ segments: 2, confirm: [7] })
    const [first, second] = [await work(weeks, pass), await work(weeks, pass, { segment: 1 })]
    const steps = (...of: ReadonlyArray<number>) => of.map((n) => `objects lists/7/1-${n}-0.json 0`)
    assert.deepStrictEqual(first.steps, ["objects  0", ...steps(0, 1, 2), "done  0"])
    assert.deepStrictEqual(second.steps, ["objects  0", ...steps(3, 4), "done  0"])
    const tallies = (...hours: ReadonlyArray<number>) =>
      Object.fromEntries(hours.map((hour) => [`7/${hour}`, tallyOf([names[hour] ?? ""])]))
    assert.deepStrictEqual(first.end.archive, tallies(0, 2, 4))
    assert.deepStrictEqual(second.end.archive, tallies(1, 3))
    const again = await work(weeks, pass, { begun: first.saves[1] })
    assert.deepStrictEqual(again.steps, first.steps.slice(2))
    assert.deepStrictEqual(again.end, first.end)
  })

  it("[P1] takes an object that cannot be read for empty, and waits for one that cannot be had now", async () => {
    const weeks = makeWeeks(9)
    await weeks.seal(7, [await weeks.listed("1-0-0", A, C)])
    weeks.kept().set("events/1970/01/01/03/7-1-0-0.jsonl.gz", new Uint8Array([1]))
    const { end } = await work(weeks, passOf({ confirm: [7] }))
    assert.deepStrictEqual(end.archive, { "7/4": tallyOf(["c"]) })
    const busy = new StoreError({ store: "archive", operation: "read", reason: "busy", retryable: true })
    const failed = await weeks.run(
      Effect.gen(function* () {
        const inner = yield* Archive
        return yield* archiveSegment(passOf({ confirm: [7] }), 0, newSegment, () => Effect.succeed(true)).pipe(
          Effect.provideService(Archive, { ...inner, read: () => Effect.fail(busy) }),
          Effect.flip
        )
      })
    )
    assert.strictEqual(failed, busy)
  })
})
