import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DISCREPANCY_KINDS, type Discrepancy } from "../../../src/pipeline/audit/discrepancy.ts"
import { generationsInUse } from "../../../src/pipeline/audit/in-use.ts"
import { readAudited, recheck } from "../../../src/pipeline/audit/recheck.ts"
import { StoreError } from "../../../src/store/store-error.ts"
import { auditOnce, GENEROUS } from "../../support/audited-day.ts"
import { makeCore } from "../../support/core.ts"
import { corrupted, lamp, left, pane, rowAt } from "./corrupted.ts"
import { desks, makeSmall, type Small, START, screens } from "./small.ts"

const again = (core: Small, one: Discrepancy) =>
  core.run(Effect.flatMap(generationsInUse, (generations) => recheck(generations, one)))

const corruptionOf = (title: string) => {
  const one = corrupted.find((other) => other.title === title)
  if (one === undefined) throw new Error(`there is no ${title}`)
  return { ...one, first: one.found[0] as Discrepancy }
}

describe("a discrepancy that is looked at again", () => {
  it.each(corrupted)("is as it was, and gone where it is: $title", async ({ corrupt, found }) => {
    const core = await makeSmall()
    for (const one of found) assert.isUndefined(await again(core, one), one.kind)
    await corrupt(core)
    for (const one of found) assert.deepStrictEqual(await again(core, one), one)
  })

  it("is looked at by consistent reads", async () => {
    const asked: Array<unknown> = []
    for (const { corrupt, found } of corrupted) {
      const core = await makeSmall(undefined, {
        rows: (inner) => ({
          ...inner,
          load: (keys, consistent) => {
            asked.push(consistent)
            return inner.load(keys, consistent)
          }
        })
      })
      await corrupt(core)
      asked.length = 0
      for (const one of found) await again(core, one)
      assert.isTrue(asked.every((consistent) => consistent === true))
    }
  })

  it("is gone where it lacks what would tell where it is, or is of a generation that nobody uses", async () => {
    const core = await makeSmall()
    for (const { corrupt } of corrupted.slice(0, 3)) await corrupt(core)
    const received = START + 5_000
    const whole = {
      entity: "d",
      row: "lamp",
      eventId: "none",
      received,
      source: { generation: "desks-v1", entity: "d" }
    }
    for (const kind of DISCREPANCY_KINDS) {
      for (const name of ["entity", "row", "eventId", "received", "source"] as const) {
        const { [name]: _, ...rest } = { kind, generation: "desks-v1", ...whole }
        if (kind === "entryExtra" && name !== "row" && name !== "source")
          assert.isUndefined(await again(core, { ...rest, generation: "desks" }), name)
        if (kind !== "entryExtra") await again(core, rest)
      }
      assert.isUndefined(await again(core, { kind, generation: "desks-v7" }), kind)
      assert.isUndefined(await again(core, { kind, generation: "desks-v1" }), kind)
      if (!kind.startsWith("entry"))
        assert.isUndefined(await again(core, { kind, ...whole, generation: "desks-v7" }), kind)
    }
  })

  it("is gone where there is no index by entity any more", async () => {
    const core = makeCore({ projections: [desks, screens] })
    for (const kind of ["entryMissing", "entryExtra"] as const)
      assert.isUndefined(
        await again(core, { kind, generation: "desks", entity: "d", eventId: "none", received: START })
      )
  })

  it("is gone where its summary was written since", async () => {
    const { corrupt, first } = corruptionOf("a summary that counts wrong")
    const core = await makeSmall()
    await corrupt(core)
    assert.deepStrictEqual(await again(core, first), first)
    await corrupt(core)
    assert.isUndefined(await again(core, first))
  })

  it("is unknown for a minute after the last word of what it follows from has settled", async () => {
    const { corrupt, first } = corruptionOf("a derived register that is gone")
    const edge = 4_000 + 5_000 + 60_000
    for (const [at, expected] of [
      [edge - 1, "unknown"],
      [edge, first]
    ] as const) {
      const core = await makeSmall(undefined, { at })
      assert.isUndefined(await again(core, first))
      await corrupt(core)
      assert.deepStrictEqual<unknown>(await again(core, first), expected)
    }
  })

  it("stays to be looked at while that is so", async () => {
    const { corrupt, first } = corruptionOf("a derived register that is gone")
    const core = await makeSmall(undefined, { at: 60_000 })
    await corrupt(core)
    const bounds = { ...GENEROUS, confirmMs: 0 }
    const lists = async () => {
      const { suspects = [], found = [] } = (await auditOnce(core, bounds)).checkpoint ?? {}
      return [suspects, found].map((list) => list.map(({ kind, seen }) => `${kind} ${seen - START}`).sort())
    }
    assert.deepStrictEqual(await lists(), [["derived 60000", "unexplained 60000"], []])
    core.clock.advanceTo(START + 61_000)
    assert.deepStrictEqual(await lists(), [["derived 60000"], ["unexplained 60000"]])
    core.clock.advanceTo(START + 69_000)
    assert.deepStrictEqual(await lists(), [[], [`${first.kind} 60000`, "unexplained 60000"]])
  })

  it("of an event whose body is gone is no discrepancy", async () => {
    const { corrupt, first } = corruptionOf("an entry of an event that is not stored")
    const isGone = { now: false }
    const error = new StoreError({ store: "event store", operation: "read", reason: "NoSuchKey", retryable: false })
    const core = await makeSmall(undefined, {
      events: (inner) => ({
        ...inner,
        read: (ids) => (isGone.now && ids.includes("none") ? Effect.fail(error) : inner.read(ids))
      })
    })
    await corrupt(core)
    assert.deepStrictEqual(await again(core, first), first)
    isGone.now = true
    assert.isUndefined(await again(core, first))
  })
})

describe("a row that is read for an audit", () => {
  it("is all of it, with its expiry where it has one", async () => {
    const core = await makeSmall()
    for (const key of [lamp, left, pane]) {
      const { row: _, ...shown } = rowAt(core, key)
      const held = await core.run(readAudited(key))
      assert.deepStrictEqual<unknown>(held?.row, { entity: key.entity, row: key.row, ...shown, open: key === pane })
      assert.strictEqual(held?.stored.version, shown.version)
    }
    assert.isUndefined(await core.run(readAudited({ ...lamp, row: "none" })))
  })

  it.each([
    [2, true],
    [3, false]
  ])("is read again where it has changed in between, three times in all (%i changes: %s)", async (changes, isRead) => {
    let [reads, left] = [0, changes]
    const core: Small = await makeSmall(undefined, {
      rows: (inner) => ({
        ...inner,
        read: (keys) =>
          Effect.map(inner.read(keys), (rows) => {
            reads++
            return left-- > 0 ? new Map([...rows].map(([key, row]) => [key, { ...row, version: 99 }])) : rows
          })
      })
    })
    assert.strictEqual((await core.run(readAudited(lamp))) !== undefined, isRead)
    assert.strictEqual(reads, 3)
  })

  it("is read consistently, and is none where nothing can be told of it, or it is gone by then", async () => {
    const asked: Array<unknown> = []
    const what = { now: "" }
    const core = await makeSmall(undefined, {
      rows: (inner) => ({
        ...inner,
        load: (keys, consistent) => {
          asked.push(consistent)
          return Effect.map(inner.load(keys, consistent), (rows) =>
            what.now === "unreadable"
              ? new Map(
                  [...rows].map(([key, row]) => [key, { ...row, unreadable: { reason: "x", detail: "" } }] as never)
                )
              : rows
          )
        },
        read: (keys) => (what.now === "gone" ? Effect.succeed(new Map()) : inner.read(keys))
      })
    })
    asked.length = 0
    assert.isDefined(await core.run(readAudited(lamp)))
    assert.deepStrictEqual(asked, [true])
    for (what.now of ["unreadable", "gone"]) assert.isUndefined(await core.run(readAudited(lamp)), what.now)
  })
})
