import { assert, describe, it } from "@effect/vitest"
import { windowStart } from "../../../src/domain/archive-window.ts"
import { DAY, event, HOUR, makeWeeks, type Weeks } from "./weeks.ts"

const FIRST = 100

/** When a window is archived: an hour after its end. */
const closing = (window: number) => windowStart(window + 1) + HOUR

/** When a confirmed window may leave: three weeks after its end. */
const leaving = (window: number) => windowStart(window + 4)

/** Windows of so many events each, all sealed and, but for the last, confirmed. */
const confirmed = async (...counts: ReadonlyArray<number>) => {
  const weeks = makeWeeks(FIRST)
  await weeks.tickAt(windowStart(FIRST))
  for (const [i, count] of counts.entries()) {
    weeks.stored.push(...Array.from({ length: count }, (_, n) => event(`${i}-${n}`, FIRST + i)))
    await weeks.tickAt(closing(FIRST + i))
  }
  weeks.expired.length = 0
  return weeks
}

const known = (weeks: Weeks) => weeks.state() as { gone: number; expiring?: object; passes: number }

/** DynamoDB deletes what may leave. */
const remove = (weeks: Weeks, window: number) => {
  weeks.stored.splice(0, weeks.stored.length, ...weeks.stored.filter((one) => one.window !== window))
}

describe("a window whose time has come", () => {
  it("[P1] may leave once it is confirmed and three weeks are over, not a millisecond before", async () => {
    const weeks = await confirmed(1, 1, 1)
    await weeks.tickAt(leaving(FIRST) - 1)
    assert.deepStrictEqual(weeks.expired, [undefined])
    assert.isUndefined(known(weeks).expiring)
    await weeks.tickAt(leaving(FIRST))
    assert.deepStrictEqual(weeks.expired, [undefined, FIRST])
    assert.deepStrictEqual(known(weeks).expiring, { window: FIRST, since: leaving(FIRST) })
    // It is told again at each tick, and since when stays.
    await weeks.tickAt(leaving(FIRST) + 5)
    assert.deepStrictEqual(weeks.expired, [undefined, FIRST, FIRST])
    assert.deepStrictEqual(known(weeks).expiring, { window: FIRST, since: leaving(FIRST) })
  })

  it("[P1] waits for one before it that is not confirmed", async () => {
    const weeks = await confirmed(1, 1, 1)
    const [first] = await weeks.windows()
    await weeks.seal(FIRST, first?.lists ?? [], { items: 1 })
    weeks.stored.push(event("late", FIRST))
    await weeks.tickAt(leaving(FIRST + 1))
    assert.deepStrictEqual(weeks.expired, [undefined])
  })

  it("[P1] stays where it is not confirmed any more", async () => {
    const weeks = await confirmed(1, 1, 1)
    await weeks.tickAt(leaving(FIRST))
    const [first] = await weeks.windows()
    await weeks.seal(FIRST, first?.lists ?? [], { items: 1 })
    await weeks.tickAt(leaving(FIRST) + 1)
    assert.isUndefined(weeks.expired.at(-1))
    assert.notProperty(weeks.state(), "expiring")
  })

  it("is not named by one of whom another has written the state meanwhile", async () => {
    const weeks = await confirmed(1, 1, 1)
    const other = { ...(weeks.state() as object), passes: 77 }
    weeks.rule.conflicts = (key) => {
      if (key === "archive") weeks.overwrite(key, other)
      weeks.rule.conflicts = () => false
      return false
    }
    await weeks.tickAt(closing(FIRST + 3))
    assert.deepStrictEqual<unknown>(weeks.state(), other)
  })

  it("is not named while the table takes an hour to change, and is as soon as it has", async () => {
    const weeks = await confirmed(1, 1, 1)
    weeks.rule.says = "changing"
    await weeks.tickAt(leaving(FIRST))
    assert.isUndefined(known(weeks).expiring)
    weeks.rule.says = "set"
    await weeks.tickAt(leaving(FIRST) + 9)
    assert.deepStrictEqual(known(weeks).expiring, { window: FIRST, since: leaving(FIRST) + 9 })
    weeks.rule.says = "changing"
    await weeks.tickAt(leaving(FIRST) + 10)
    assert.isUndefined(known(weeks).expiring)
  })

  it("is skipped where nothing was stored in it", async () => {
    const weeks = await confirmed(0, 1, 1)
    await weeks.tickAt(leaving(FIRST))
    assert.deepStrictEqual(weeks.expired, [undefined])
    await weeks.tickAt(leaving(FIRST + 1))
    assert.deepStrictEqual(weeks.expired, [undefined, FIRST + 1])
  })

  it("is gone when a pass that began after it was named counts none of it, and then the next may leave", async () => {
    const weeks = await confirmed(1, 1, 1)
    await weeks.tickAt(leaving(FIRST))
    await weeks.tickAt(closing(FIRST + 3))
    assert.deepStrictEqual(known(weeks).expiring, { window: FIRST, since: leaving(FIRST), left: 1 })
    assert.strictEqual(known(weeks).gone, 0)
    remove(weeks, FIRST)
    await weeks.tickAt(closing(FIRST + 4))
    assert.strictEqual(known(weeks).gone, FIRST + 1)
    assert.deepStrictEqual(known(weeks).expiring, { window: FIRST + 1, since: closing(FIRST + 4) })
    assert.strictEqual(weeks.expired.at(-1), FIRST + 1)
    remove(weeks, FIRST + 1)
    await weeks.tickAt(closing(FIRST + 5))
    assert.deepStrictEqual(known(weeks).expiring, { window: FIRST + 2, since: closing(FIRST + 5) })
  })

  it.each([
    [-1, { gone: 0, expiring: { window: FIRST, since: leaving(FIRST), left: 0 } }],
    [0, { gone: FIRST + 1, expiring: undefined }]
  ])("[P1] is taken for gone by a pass that began %i ms after it was named, or not", async (after, expected) => {
    const weeks = await confirmed(1, 1)
    await weeks.tickAt(leaving(FIRST))
    for (const window of [FIRST, FIRST + 1]) remove(weeks, window)
    const pass = { number: 9, began: leaving(FIRST) + after, segments: 1, write: [], confirm: [], suspects: [] }
    await weeks.put("archive", { ...(weeks.state() as object), pass })
    await weeks.tickAt(leaving(FIRST) + 1)
    const { gone, expiring } = known(weeks)
    assert.deepStrictEqual<unknown>({ gone, expiring }, expected)
  })

  it("is counted two days after the last count where the next one waits for it, and else with the next week", async () => {
    const weeks = await confirmed(1, 1, 1, 1, 1)
    const counted = closing(FIRST + 4)
    const state = async (ms: number) => (await weeks.tickAt(ms)).state
    assert.strictEqual(await state(counted + 2 * DAY - 1), "idle")
    assert.strictEqual(await state(counted + 2 * DAY), "ended")
    assert.strictEqual(await state(counted + 4 * DAY - 1), "idle")
    const alone = await confirmed(1, 1, 1, 1)
    assert.strictEqual((await alone.tickAt(closing(FIRST + 3) + 3 * DAY)).state, "idle")
  })

  it("is counted two days after it was named, not before", async () => {
    const weeks = await confirmed(1, 1, 1, 1, 1)
    weeks.rule.says = "changing"
    const counted = closing(FIRST + 5)
    await weeks.tickAt(counted)
    // Nothing is named, so that there is nothing to count.
    assert.strictEqual((await weeks.tickAt(counted + 3 * DAY)).state, "idle")
    weeks.rule.says = "set"
    await weeks.tickAt(counted + 3 * DAY + 1)
    assert.strictEqual((await weeks.tickAt(counted + 5 * DAY)).state, "idle")
    assert.strictEqual((await weeks.tickAt(counted + 5 * DAY + 1)).state, "ended")
  })

  it("[P1] may leave again where the table was recovered to a time before it had left", async () => {
    const weeks = await confirmed(1, 1, 1)
    await weeks.tickAt(leaving(FIRST))
    remove(weeks, FIRST)
    await weeks.tickAt(closing(FIRST + 3))
    assert.strictEqual(known(weeks).gone, FIRST + 1)
    weeks.stored.push(event("0-0", FIRST))
    await weeks.tickAt(closing(FIRST + 4))
    assert.strictEqual(known(weeks).gone, FIRST)
    assert.strictEqual(weeks.expired.at(-1), FIRST)
  })
})
