import { assert, describe, it } from "@effect/vitest"
import { derive, derivedIn, derivedName } from "../../src/domain/derivation.ts"
import {
  asOf,
  DERIVED,
  decodeRow,
  encodeRow,
  latestIn,
  type Register,
  sameRegister,
  TIMER
} from "../../src/domain/row.ts"
import type { Stamp } from "../../src/domain/stamp.ts"

const stamp = (clock: number, eventId = "e", published = clock): Stamp => ({ clock, published, eventId })
const register = (clock: number, value: Register["value"] = clock, eventId = "e"): Register => ({
  value,
  stamp: stamp(clock, eventId)
})
const row = (entries: Readonly<Record<string, Register>>) => new Map(Object.entries(entries))

describe("the same register", () => {
  it("has the same stamp and the same value", () => {
    assert.isTrue(sameRegister(register(1, { a: 1, b: 2 }), register(1, { b: 2, a: 1 })))
    assert.isFalse(sameRegister(register(1, "a"), register(1, "b")))
    assert.isFalse(sameRegister(register(1, "a"), register(2, "a")))
  })
})

describe("the latest register of a name", () => {
  it("is the one of the greatest stamp, wherever it stands, with or without what tells it apart", () => {
    const later = register(5)
    for (const entries of [
      { start: register(1), "start q": later, "start r": register(3) },
      { "start q": later, "start r": register(3), start: register(1) },
      { "start r": register(3), start: register(1), "start q": later }
    ])
      assert.deepStrictEqual(latestIn(row(entries), "start"), ["start q", later])
    assert.deepStrictEqual(latestIn(row({ other: register(9), start: later }), "start"), ["start", later])
  })

  it("is of that name, and of none that only begins like it", () => {
    assert.isUndefined(latestIn(row({ started: register(1), "x start": register(2) }), "start"))
    assert.isUndefined(latestIn(new Map(), "start"))
  })

  it("is the first by name where stamps are equal, in whatever order they stand", () => {
    for (const names of [
      ["start a", "start b"],
      ["start b", "start a"]
    ])
      assert.strictEqual(latestIn(new Map(names.map((name) => [name, register(1)])), "start")?.[0], "start a")
  })
})

describe("the time of a row", () => {
  it("is the greatest stamp of what happened to it, and neither of a timer nor of what follows from others", () => {
    const own = { a: register(3), b: register(7), c: register(5) }
    assert.deepStrictEqual(asOf(row(own)), stamp(7))
    assert.deepStrictEqual(asOf(row({ ...own, "~follows": register(9), "@timer": register(8) })), stamp(7))
    assert.isUndefined(asOf(row({ "~follows": register(9), "@timer": register(8) })))
    assert.isUndefined(asOf(new Map()))
    assert.deepStrictEqual([DERIVED, TIMER], ["~", "@"], "rows in tables have these names")
  })
})

describe("the text of a row", () => {
  it("names an event once, however many registers it has set, and sorts registers by name", () => {
    const held = row({ b: register(2, "x", "e-1"), a: register(2, [1], "e-1"), c: register(3, null, "e-2") })
    const text = '{"events":[["e-1",2],["e-2",3]],"registers":{"a":[0,2,[1]],"b":[0,2,"x"],"c":[1,3,null]}}'
    assert.strictEqual(encodeRow(held), text)
    assert.deepStrictEqual(new Map([...decodeRow(text)].sort()), new Map([...held].sort()))
  })

  it("keeps two publications of one id apart", () => {
    const twice = new Map([
      ["a", { value: 1, stamp: { clock: 1, published: 1, eventId: "e" } }],
      ["b", { value: 1, stamp: { clock: 1, published: 2, eventId: "e" } }]
    ])
    assert.deepStrictEqual(decodeRow(encodeRow(twice)), twice)
  })
})

describe("what follows from another row", () => {
  const held = row({ a: register(1), "~open": register(2) })

  it("is put in place, replaced and taken away", () => {
    const derived = derive(
      held,
      new Map<string, Register | undefined>([
        ["~open", undefined],
        ["~more", register(4)],
        ["~other", register(5)]
      ]),
      sameRegister
    )
    assert.deepStrictEqual(derived, row({ a: register(1), "~more": register(4), "~other": register(5) }))
    assert.deepStrictEqual(derive(held, new Map([["~open", register(3)]]), sameRegister).get("~open"), register(3))
  })

  it("leaves the same row where it says what stands there already, or nothing of what is not there", () => {
    assert.strictEqual(derive(held, new Map([["~open", register(2)]]), sameRegister), held)
    assert.strictEqual(derive(held, new Map([["~none", undefined]]), sameRegister), held)
  })

  it("has a name of its own for each source where several may say it, and the latest of them counts", () => {
    const derivation = { from: "x", register: "open", reads: () => undefined, rows: () => [] }
    assert.strictEqual(derivedName(derivation, "s-1"), "~open")
    assert.strictEqual(derivedName({ ...derivation, shared: true }, "s-1"), "~open s-1")
    const said = row({ "~open s-1": register(3), "~open s-2": register(4), open: register(9) })
    assert.deepStrictEqual(derivedIn(said, "open"), register(4))
  })
})
