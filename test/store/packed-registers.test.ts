import { createHash } from "node:crypto"
import { deflateRawSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { encodeRow, type Register, type Row } from "../../src/domain/row.ts"
import { packRegisters, unpackRegisters } from "../../src/store/aws/packed-registers.ts"
import { rowDictionary } from "../../src/store/aws/row-dictionary.ts"
import { json, updates } from "../domain/arbitraries.ts"

const uuid = (n: number) => `6b1f4c2e-8a53-4d97-b0e6-${String(n).padStart(12, "0")}`
const AT = 1_778_054_994_640

const register = (value: Register["value"], event = 1, clock = AT): Register => ({
  value,
  stamp: { clock, published: AT, eventId: uuid(event) }
})

/** An agent of whom everything was reported, as a contact centre's events do. */
const agent: Row = new Map([
  ["activeQueues", register({ changed: AT - 60_000, ids: [uuid(90), uuid(91)] }, 2)],
  ...["call", "callback", "chat", "email", "message", "socialExpression", "video"].map(
    (medium) => [`conversations.${medium}`, register({ active: medium === "chat" ? 2 : 0, acw: 0 })] as const
  ),
  ["outOfOffice", register(false, 3, AT - 900_000)],
  ["presence", register({ definitionId: uuid(92), systemPresence: "ON_QUEUE" }, 4, AT - 61_000)],
  ["routingStatus", register("INTERACTING", 2, AT - 70)]
])

/** Bytes beside the registers that leave no room for a text of theirs, and much for bytes. */
const tight = (row: Row) => 1_025 - Buffer.byteLength(encodeRow(row))
const again = (row: Row, others = tight(row)) => encodeRow(unpackRegisters(packRegisters(row, others)))

describe("the registers of a row as an attribute", () => {
  it("are a text while the row fits into a write unit with it, and bytes where those save one", () => {
    const text = encodeRow(agent)
    assert.deepStrictEqual(packRegisters(agent, 1_024 - text.length), { S: text })
    assert.isDefined((packRegisters(agent, 1_025 - text.length) as { B?: Uint8Array }).B)
    // Neither fits, so there is nothing to save.
    assert.deepStrictEqual(packRegisters(agent, 900), { S: text })
  })

  it("[P9] take a third of their text, so that an agent of whom all is known stays within a unit", () => {
    const { B: bytes } = packRegisters(agent, tight(agent)) as { readonly B: Uint8Array }
    assert.isAbove(encodeRow(agent).length, 1_000)
    assert.isBelow(bytes.length, 330)
    assert.isBelow(bytes.length, 0.65 * deflateRawSync(encodeRow(agent)).length)
  })

  it.prop("come back as they were, whatever they are called and hold", [updates, json, Schema.String], (all) => {
    const [list, value, name] = all
    const row: Row = new Map([
      ...list,
      [name, register(value)],
      [`${name} ${uuid(1)}\u0001`, register([uuid(2), value])]
    ])
    assert.strictEqual(again(row, 1_025 - Buffer.byteLength(encodeRow(row))), encodeRow(row))
  })

  it("come back with more ids than bytes can list, ids of other shapes and times before their publication", () => {
    const many: Row = new Map(
      Array.from(
        { length: 300 },
        (_, i) => [`r ${uuid(i)}`, register({ id: uuid(i).toUpperCase() }, i, AT - i)] as const
      )
    )
    assert.strictEqual(again(many), encodeRow(many))
    const odd: Row = new Map([
      ["a", { value: null, stamp: { clock: 0, published: 0, eventId: "not a uuid \u0001\ud800" } }]
    ])
    assert.strictEqual(again(odd), encodeRow(odd))
  })

  it("are read as 0.1.0 wrote them, and refused where nobody did", () => {
    const old = { B: deflateRawSync(encodeRow(agent)) }
    assert.strictEqual(encodeRow(unpackRegisters(old)), encodeRow(agent))
    const { B: bytes } = packRegisters(agent, tight(agent)) as { readonly B: Uint8Array }
    for (const broken of [
      Uint8Array.of(7),
      bytes.slice(0, 40),
      Uint8Array.of(7, 0, ...bytes.slice(2 + 16 * (bytes[1] ?? 0)))
    ])
      assert.throws(() => unpackRegisters({ B: broken }))
    assert.throws(() => unpackRegisters(undefined), "not a packed text")
  })

  it("need the dictionary that was released: change nothing of it, add another with another mark", () => {
    const hash = createHash("sha256").update(rowDictionary()).digest("hex")
    assert.strictEqual(hash, "acf1dae12be4c0775f966cf46b3039ceb92026150d0d1909d928cbae49ad43a3")
  })
})
