import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import {
  comparable,
  DIRECTORY_HOLDS,
  DIRECTORY_INDEXES,
  DIRECTORY_KINDS,
  type DirectoryEntry,
  type DirectoryScope,
  GONE_MS,
  isDirectoryId,
  isMissing,
  kept,
  LISTED,
  latestOf,
  leavesOut,
  listedAs,
  listedPrefix,
  listOf,
  MOST_PAGE_ENTRIES,
  PAGE_ENTRIES,
  REFRESH_MS,
  supersedes,
  withTeam
} from "../../src/domain/directory.ts"

describe("names as they are compared", () => {
  it.prop(
    "what begins with a text begins with it as well when both are written to be compared",
    [Arbitrary.schema(Schema.String), Arbitrary.schema(Schema.String)],
    // Two halves of one character, "\ud800" and "\udc00", make another text together: no text that people type ends in a half.
    ([begin, rest]) =>
      assert.isTrue(comparable(begin.toWellFormed() + rest.toWellFormed()).startsWith(comparable(begin)))
  )

  it("has one sigma, wherever it stands", () => assert.strictEqual(comparable("ΣΑΣ"), "σασ"))

  it("takes half a character for what it is shown as", () => {
    assert.strictEqual(comparable("a\ud800"), comparable("a\ufffd"))
    assert.isFalse(comparable("\ud800" + "\udc00").startsWith(comparable("\ud800")))
  })

  it.each([
    ["Zoë", "ZOE"],
    ["  Ana\u00a0\tMaria ", "ana maria"],
    ["ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"],
    ["İpek", "ipek"],
    ["Groß", "GROSS"],
    ["한", "\u1112\u1161\u11ab"]
  ])("%s is found as %s", (one, other) => assert.strictEqual(comparable(one), comparable(other)))

  it("sorts by a key that a table takes, however long a name is", () => {
    const key = listedAs({ kind: "wrapupCodes", id: "w-1", at: 0, name: "😀".repeat(900) })
    assert.isTrue(isDirectoryId(key))
    assert.isTrue(key.startsWith(listedPrefix("wrapupCodes", "😀")))
  })
})

const agent = (id: string, more: Partial<DirectoryEntry> = {}): DirectoryEntry => ({
  kind: "agents",
  id,
  at: 0,
  ...more
})

describe("the table of names", () => {
  it("has kinds, indexes and attributes that deployed tables have", () => {
    assert.deepStrictEqual(DIRECTORY_KINDS, ["agents", "queues", "wrapupCodes", "presences", "divisions", "teams"])
    assert.deepStrictEqual(DIRECTORY_HOLDS, ["ids", "names", "emails"])
    assert.deepStrictEqual(DIRECTORY_INDEXES, {
      byName: { key: "kind", holds: ["name", "email", "division", "team", "seen"] },
      byDivision: { key: "division", holds: ["name", "email", "team"] },
      byTeam: { key: "team", holds: ["name", "email", "division"] }
    })
    assert.deepStrictEqual([PAGE_ENTRIES, MOST_PAGE_ENTRIES], [100, 500])
    assert.deepStrictEqual([REFRESH_MS, GONE_MS], [24 * 3_600_000, 30 * 24 * 3_600_000])
  })

  it("has a sort key by the name that deployed indexes have", () => assert.strictEqual(LISTED, "listed"))

  it("has ids of one to 1,024 bytes, of whole characters", () => {
    for (const id of ["a", "a".repeat(1_024), "é".repeat(512)]) assert.isTrue(isDirectoryId(id))
    for (const id of ["", "a".repeat(1_025), "é".repeat(513), "\ud800"]) assert.isFalse(isDirectoryId(id))
  })

  it("has a sort key of the kind and the name, or else the id, of which 200 characters count", () => {
    assert.strictEqual(listedPrefix("queues"), "queues#")
    assert.strictEqual(listedAs(agent("A-1", { name: "Zoë  K." })), "agents#zoe k.")
    assert.strictEqual(listedAs(agent("A-1")), "agents#a-1")
    assert.strictEqual(listedAs(agent("A-1", { name: "\u0301" })), "agents#a-1")
    assert.strictEqual(listedAs(agent("A-1", { name: "x".repeat(300) })), `agents#${"x".repeat(200)}`)
  })
})

describe("a list", () => {
  const entries = [
    agent("3", { name: "Bo", division: "d1", team: "t1" }),
    agent("2", { name: "bo", division: "d2", team: "t1" }),
    agent("1", { name: "Cy", division: "d1", team: "t2" }),
    agent("9", { name: "Al" }),
    { ...agent("0", { name: "Bo" }), kind: "queues" as const }
  ]
  it.each([
    [{}, "9 2 3 1"],
    [{ division: "d1" }, "3 1"],
    [{ team: "t1" }, "2 3"],
    [{ name: "B" }, "2 3"],
    [{ division: "d1", team: "t1", name: "bo" }, "3"],
    [{ division: "d2", team: "t2" }, ""]
  ])("that is narrowed by %o is in the order of names, then of ids: %s", (filter, ids) => {
    const listed = (all: typeof entries) => listOf(all, "agents", filter).map(({ id }) => id)
    assert.deepStrictEqual(listed(entries).join(" "), ids)
    assert.deepStrictEqual(listed(entries.toReversed()).join(" "), ids)
  })

  it("that is empty may be so because of divisions that are left out", () => {
    const scope: DirectoryScope = { holds: "names", divisions: ["d1"] }
    assert.isFalse(leavesOut({ ...scope, divisions: [] }, "agents", { division: "d2" }))
    assert.isFalse(leavesOut(scope, "agents", { division: "d1" }))
    assert.isTrue(leavesOut(scope, "agents", { division: "d2" }))
    assert.isTrue(leavesOut(scope, "agents", { division: "d2", team: "t1" }))
    for (const kind of ["agents", "queues", "divisions"] as const) assert.isTrue(leavesOut(scope, kind, {}))
    for (const kind of ["wrapupCodes", "presences", "teams"] as const) assert.isFalse(leavesOut(scope, kind, {}))
    for (const filter of [{ team: "t1" }, { name: "a" }]) assert.isFalse(leavesOut(scope, "agents", filter))
  })
})

describe("what is kept of an entry", () => {
  const whole = agent("1", { name: "Ada\ud800", email: "a\udc00@b", division: "d1", team: "t1" })
  const scope = (holds: DirectoryScope["holds"], ...divisions: ReadonlyArray<string>) => ({ holds, divisions })

  it("is a person's name and address where they may be, in whole characters", () => {
    assert.deepStrictEqual(kept(whole, scope("ids")), agent("1", { division: "d1", team: "t1" }))
    const named = { name: "Ada\ufffd", division: "d1", team: "t1" }
    assert.deepStrictEqual(kept(whole, scope("names")), agent("1", named))
    assert.deepStrictEqual(kept(whole, scope("emails")), agent("1", { ...named, email: "a\ufffd@b" }))
    assert.deepStrictEqual(kept(agent("1"), scope("emails")), agent("1"))
  })

  it("is the name of what is no person, and never an address", () => {
    const queue = { ...agent("1", { name: "Sales", email: "a@b" }), kind: "queues" as const }
    for (const holds of DIRECTORY_HOLDS)
      assert.deepStrictEqual(kept(queue, scope(holds)), { kind: "queues", id: "1", at: 0, name: "Sales" })
  })

  it("is no division or team that can be no key", () => {
    const long = "x".repeat(1_025)
    assert.deepStrictEqual(kept(agent("1", { division: long, team: long }), scope("ids")), agent("1"))
    assert.deepStrictEqual(kept(agent("1", { division: "", team: "" }), scope("ids")), agent("1"))
  })

  it("is nothing of an agent, a queue or a division that is left out, and all else", () => {
    const only = scope("names", "d1")
    for (const kind of ["agents", "queues"] as const) {
      assert.isDefined(kept({ ...whole, kind }, only))
      assert.isUndefined(kept({ ...whole, kind, division: "d2" }, only))
      const { division: _, ...none } = whole
      assert.isUndefined(kept({ ...none, kind }, only))
    }
    assert.isDefined(kept({ kind: "divisions", id: "d1", at: 0 }, only))
    assert.isUndefined(kept({ kind: "divisions", id: "d2", at: 0, division: "d1" }, only))
    for (const kind of ["wrapupCodes", "presences", "teams"] as const)
      assert.isDefined(kept({ kind, id: "x", at: 0 }, only))
  })
})

describe("an entry that is seen again", () => {
  const stored = agent("1", { at: 1_000, name: "Ada", email: "a@b", division: "d1", team: "t1" })

  it("is written where it is later, and says something else or is a day younger", () => {
    assert.isTrue(supersedes(stored, undefined))
    assert.isFalse(supersedes({ ...stored, at: 1_001 }, stored))
    assert.isFalse(supersedes({ ...stored, at: 1_000 + REFRESH_MS - 1 }, stored))
    assert.isTrue(supersedes({ ...stored, at: 1_000 + REFRESH_MS }, stored))
    for (const field of ["name", "email", "division", "team"] as const) {
      assert.isTrue(supersedes({ ...stored, at: 1_001, [field]: "other" }, stored), field)
      assert.isFalse(supersedes({ ...stored, at: 1_000, [field]: "other" }, stored), field)
    }
    assert.isTrue(supersedes({ ...stored, at: 1_001 }, { ...stored, gone: 1_000 }))
    assert.isFalse(supersedes({ ...stored, at: 1_000 }, { ...stored, gone: 1_000 }))
  })

  it("keeps for a day the team that it does not speak of", () => {
    const silent = agent("1", { at: 1_000 + REFRESH_MS - 1, name: "Ada" })
    assert.strictEqual(withTeam(silent, stored).team, "t1")
    assert.notProperty(withTeam({ ...silent, at: 1_000 + REFRESH_MS }, stored), "team")
    assert.strictEqual(withTeam({ ...silent, team: "t2" }, stored).team, "t2")
    assert.notProperty(withTeam(silent, undefined), "team")
    assert.notProperty(withTeam(silent, agent("1", { at: 1_000 })), "team")
  })

  it("is gone once a sweep that began more than a day later has not seen it", () => {
    assert.isFalse(isMissing(stored, 1_000 + REFRESH_MS))
    assert.isTrue(isMissing(stored, 1_001 + REFRESH_MS))
    assert.isFalse(isMissing({ ...stored, gone: 5 }, 1_001 + REFRESH_MS))
  })

  it("counts once by its kind and id, as it was seen last, and of two that were seen at once as it came first", () => {
    const [old, young, other] = [agent("1", { at: 1 }), agent("1", { at: 2 }), agent("2")]
    const queue = { ...old, kind: "queues" as const }
    assert.deepStrictEqual(latestOf([old, young, other, queue]), [young, other, queue])
    assert.deepStrictEqual(latestOf([young, old]), [young])
    const again = { ...young, name: "again" }
    assert.deepStrictEqual(latestOf([young, again]), [young])
  })
})
