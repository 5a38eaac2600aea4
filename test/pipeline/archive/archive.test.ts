import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { windowStart } from "../../../src/domain/archive-window.ts"
import { newSegment } from "../../../src/pipeline/archive/state.ts"
import { Archive } from "../../../src/store/archive.ts"
import { tallyOf } from "../../../src/store/tally.ts"
import { DAY, event, HOUR, makeWeeks } from "./weeks.ts"

const FIRST = 100
const WEEK = 7 * DAY

/** When a window is archived: an hour after its end. */
const closing = (window: number) => windowStart(window + 1) + HOUR

const report = (more: object) => ({
  ...{ state: "idle", sealed: 0, confirmed: 0, suspects: 0, missing: 0, archiveAge: 0, confirmAge: 0 },
  ...more
})

/** The archiver has begun in `FIRST`, and two events were stored in it. */
const begun = async (options: Parameters<typeof makeWeeks>[1] = {}) => {
  const weeks = makeWeeks(FIRST, options)
  await weeks.tickAt(windowStart(FIRST))
  weeks.stored.push(event("a", FIRST), event("b", FIRST, FIRST * 168 + 1))
  return weeks
}

const listOf = (window: number, part: string) => `lists/${window}/${part}.json`

describe("a tick of the archiver", () => {
  it("begins with the window it is in, and does nothing until an hour after its end", async () => {
    const weeks = makeWeeks(FIRST)
    assert.deepStrictEqual(await weeks.tickAt(windowStart(FIRST) + DAY), report({}))
    assert.deepStrictEqual(weeks.written, [
      ["archive", { next: FIRST, passes: 0, suspects: [], missing: 0, gone: 0 }, 0]
    ])
    const age = { archiveAge: HOUR - 1, confirmAge: HOUR - 1 }
    assert.deepStrictEqual(await weeks.tickAt(closing(FIRST) - 1), report(age))
    assert.lengthOf(weeks.written, 1)
  })

  it("seals a window that has closed, with all that was stored in it", async () => {
    const weeks = await begun()
    const [slots, now] = [{ "100/16800": tallyOf(["a"]), "100/16801": tallyOf(["b"]) }, closing(FIRST)]
    assert.deepStrictEqual(await weeks.tickAt(now), report({ state: "ended", sealed: 1, confirmAge: HOUR }))
    const [window, ...more] = await weeks.windows()
    const bytes = [...weeks.kept()].reduce((sum, [key, { length }]) => sum + (key.startsWith("ev") ? length : 0), 0)
    assert.deepStrictEqual(more, [])
    assert.deepStrictEqual<unknown>(window, {
      ...{ window: FIRST, state: "sealed", sealedAt: now, items: 2, bytes, lists: [listOf(FIRST, "1-0-0")] }
    })
    const pass = { number: 1, began: now, segments: 1, write: [FIRST], confirm: [], suspects: [] }
    const empty = { next: FIRST, passes: 0, suspects: [], missing: 0, gone: 0 }
    const lists = { 100: [listOf(FIRST, "1-0-0")] }
    const leased = { ...newSegment, leasedUntil: now + 16 * 60_000 }
    const read = { ...leased, table: slots, left: { 100: 2 }, readUnits: 3, part: 1, lists, bytes: { 100: bytes } }
    assert.deepStrictEqual<unknown>(weeks.written.slice(1), [
      ["archive", { ...empty, pass }, 1],
      ["archive/1/0", leased, 0],
      ["archive/1/0", { ...leased, writing: 0 }, 1],
      ["archive/1/0", { ...read, phase: "objects" }, 2],
      ["archive/1/0", { ...read, phase: "done", leasedUntil: 0 }, 3],
      ["archive", { ...empty, next: FIRST + 1, passes: 1, ended: now }, 2]
    ])
  })

  it("seals every window that has closed since, in one pass", async () => {
    const weeks = await begun({ segments: 2 })
    weeks.stored.push(event("c", FIRST + 2))
    const done = await weeks.tickAt(closing(FIRST + 2) + 5)
    assert.deepStrictEqual(done, report({ state: "ended", sealed: 3, confirmAge: 2 * WEEK + HOUR + 5 }))
    assert.deepStrictEqual(
      (await weeks.windows()).map(({ window, items, lists, bytes }) => [window, items, lists, bytes > 0]),
      [
        [FIRST, 2, [listOf(FIRST, "1-0-0"), listOf(FIRST, "1-1-0")], true],
        [FIRST + 1, 0, [], false],
        [FIRST + 2, 1, [listOf(FIRST + 2, "1-0-0")], true]
      ]
    )
  })

  it("confirms a window in the next pass, where archive and table hold the same", async () => {
    const weeks = await begun()
    await weeks.tickAt(closing(FIRST))
    const [sealed] = await weeks.windows()
    const now = closing(FIRST + 1)
    const done = await weeks.tickAt(now)
    assert.deepStrictEqual(done, report({ state: "ended", sealed: 2, confirmed: 1, confirmAge: HOUR }))
    assert.deepStrictEqual<unknown>((await weeks.windows())[0], { ...sealed, state: "confirmed", confirmedAt: now })
    assert.deepStrictEqual(weeks.state(), {
      ...{ next: FIRST + 2, passes: 2, suspects: [], missing: 0, gone: 0, ended: now }
    })
    // A window that is confirmed is not read back again.
    await weeks.tickAt(closing(FIRST + 2))
    assert.deepStrictEqual((await weeks.windows())[0], { ...sealed, state: "confirmed", confirmedAt: now } as never)
    assert.deepStrictEqual((weeks.segment(3) as { archive: unknown }).archive, {})
  })

  it("counts a window anew when it is compared, whatever was left of an erasure that came before it was sealed", async () => {
    const weeks = await begun()
    await weeks.tickAt(closing(FIRST))
    const [sealed] = await weeks.windows()
    // Erased from the table and the archive, by a run that was cut off before it could say so of the window.
    weeks.stored.pop()
    const erased = "events/1971/12/02/01/100-1-0-0.jsonl.gz"
    await weeks.run(
      Archive.use(({ objects, replace }) =>
        Effect.gen(function* () {
          const all = yield* objects(sealed ?? assert.fail("no window"))
          const [object] = all.filter(({ key }) => key === erased)
          yield* replace(object ?? assert.fail("no object"), () => Effect.succeed([]))
        })
      )
    )
    weeks.seal(FIRST, sealed?.lists ?? [], { items: 2 })
    await weeks.tickAt(closing(FIRST + 1))
    const bytes = [...weeks.kept()].reduce((sum, [key, { length }]) => sum + (key.startsWith("ev") ? length : 0), 0)
    assert.deepInclude((await weeks.windows())[0], { state: "confirmed", items: 1, bytes })
  })

  it("[P1] names hours that differ, archives what is missing of them at once, and confirms the window after that", async () => {
    const weeks = await begun()
    await weeks.tickAt(closing(FIRST))
    const [sealed] = await weeks.windows()
    weeks.stored.push(event("late", FIRST))
    const found = await weeks.tickAt(closing(FIRST + 1))
    assert.deepStrictEqual(found, report({ state: "ended", sealed: 2, suspects: 1, confirmAge: WEEK + HOUR }))
    assert.deepInclude(weeks.state() as object, { suspects: ["100/16800"] })
    const now = closing(FIRST + 1) + 60_000
    // It ends twice: the first time it is not kept that it has.
    weeks.rule.conflicts = (key, value) => key === "archive" && (value as { passes: number }).passes === 3
    await weeks.tickAt(now)
    weeks.rule.conflicts = () => false
    const mended = await weeks.tickAt(now)
    assert.deepStrictEqual(mended, report({ state: "ended", sealed: 2, confirmed: 2, missing: 1 }))
    const [window] = await weeks.windows()
    const bytes = weeks.kept().get("events/1971/12/02/00/100-3-0-0.jsonl.gz")?.length ?? Number.NaN
    assert.deepStrictEqual<unknown>(window, {
      ...{ ...sealed, state: "confirmed", confirmedAt: now, items: 3, bytes: (sealed?.bytes ?? 0) + bytes },
      lists: [listOf(FIRST, "1-0-0"), listOf(FIRST, "3-0-0")]
    })
    assert.deepInclude(weeks.state() as object, { suspects: [], missing: 1, passes: 3 })
  })
})

describe("a pass of the archiver", () => {
  const LEASE = 16 * 60_000
  const lease = (leasedUntil: number) => ({ ...newSegment, leasedUntil })

  it("leaves a segment to the worker who has it, until the lease ends", async () => {
    const weeks = await begun({ segments: 2 })
    const now = closing(FIRST)
    await weeks.put("archive/1/1", lease(now + 1))
    assert.deepStrictEqual(await weeks.tickAt(now), report({ state: "reading", archiveAge: HOUR, confirmAge: HOUR }))
    assert.deepInclude(weeks.segment(1, 0) as object, { phase: "done", leasedUntil: 0 })
    assert.deepStrictEqual(weeks.segment(1, 1), lease(now + 1))
    assert.deepStrictEqual(weeks.calls, ["page 0/2 0"])
    weeks.written.length = 0
    assert.strictEqual((await weeks.tickAt(now + 1)).state, "ended")
    assert.deepStrictEqual(weeks.calls, ["page 0/2 0", "page 1/2 0"])
    assert.notInclude(
      weeks.written.map(([key]) => key),
      "archive/1/0"
    )
    assert.deepStrictEqual(
      (await weeks.windows()).map(({ items }) => items),
      [2]
    )
  })

  it("begins no segment when its time is up, and leaves one that it has not ended to the next at once", async () => {
    const weeks = await begun()
    const now = closing(FIRST)
    weeks.stored.push(event("c", FIRST))
    weeks.rule.ends = now
    assert.strictEqual((await weeks.tickAt(now)).state, "reading")
    assert.isUndefined(weeks.segment(1))
    weeks.rule.ends = now + 1
    assert.strictEqual((await weeks.tickAt(now)).state, "reading")
    assert.deepInclude(weeks.segment(1) as object, { phase: "table", cursor: "2", leasedUntil: 0 })
    weeks.rule.ends = Number.POSITIVE_INFINITY
    assert.strictEqual((await weeks.tickAt(now)).state, "ended")
  })

  it("[P1] stops where another has taken its segment over, and goes on with the next one", async () => {
    const weeks = await begun({ segments: 2 })
    weeks.rule.conflicts = (key) => key === "archive/1/0"
    const now = closing(FIRST)
    assert.strictEqual((await weeks.tickAt(now)).state, "reading")
    assert.deepStrictEqual(weeks.calls, ["page 1/2 0"])
    const other = { ...lease(now + 5), part: 9 }
    weeks.rule.conflicts = (key, value) => {
      if (key !== "archive/1/0" || (value as { phase: string }).phase !== "objects") return false
      weeks.overwrite(key, other)
      weeks.rule.conflicts = () => false
      return false
    }
    assert.strictEqual((await weeks.tickAt(now)).state, "reading")
    weeks.rule.conflicts = () => false
    assert.deepStrictEqual(weeks.segment(1, 0), other)
    assert.strictEqual((await weeks.tickAt(now + 5)).state, "ended")
    assert.deepStrictEqual(
      (await weeks.windows()).map(({ items }) => items),
      [2]
    )
  })

  it("has leased a segment for 16 minutes", async () => {
    const weeks = await begun()
    const now = closing(FIRST)
    weeks.rule.conflicts = (key, value) => key === "archive/1/0" && (value as { phase: string }).phase === "objects"
    await weeks.tickAt(now)
    assert.deepStrictEqual(weeks.segment(1, 0), { ...lease(now + LEASE), writing: 0 })
  })

  it("is nobody's who finds the state written by another", async () => {
    const weeks = await begun()
    weeks.rule.conflicts = (key) => key === "archive"
    const now = closing(FIRST)
    assert.strictEqual((await weeks.tickAt(now)).state, "idle")
    assert.deepStrictEqual(weeks.calls, [])
    weeks.rule.conflicts = (key, value) => key === "archive" && (value as { passes: number }).passes === 1
    assert.strictEqual((await weeks.tickAt(now)).state, "reading")
    assert.deepInclude(weeks.state() as object, { passes: 0, next: FIRST })
    weeks.rule.conflicts = () => false
    assert.strictEqual((await weeks.tickAt(now)).state, "ended")
    assert.deepInclude(weeks.state() as object, { passes: 1, next: FIRST + 1 })
  })
})
