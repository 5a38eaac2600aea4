import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Quarantine, type Quarantined } from "../../src/store/quarantine.ts"
import { ARRIVAL } from "./events.ts"

/** A quarantine under test: `kept` returns what is in it by key. */
export interface QuarantineUnderTest {
  readonly layer: Layer.Layer<Quarantine>
  readonly kept: () => ReadonlyMap<
    string,
    { readonly raw: Uint8Array; readonly reason: string; readonly received: number }
  >
}

const entry = (text: string, received = ARRIVAL, reason = "NotJson"): Quarantined => ({
  raw: Buffer.from(text, "latin1"),
  reason,
  detail: "line 1 → is no JSON",
  received
})

/** What every quarantine does. `make` returns an empty one. */
export const quarantineContract = (name: string, make: () => QuarantineUnderTest) =>
  describe(`${name} keeps the contract of the quarantine`, () => {
    const test = (
      title: string,
      body: (quarantine: Quarantine["Service"], kept: QuarantineUnderTest["kept"]) => Effect.Effect<void, unknown>
    ) =>
      it.live(title, () => {
        const { layer, kept } = make()
        return Quarantine.use((quarantine) => body(quarantine, kept)).pipe(Effect.provide(Layer.fresh(layer)))
      })

    test("[P2] keeps the bytes as they came, with reason and arrival", (quarantine, kept) =>
      Effect.gen(function* () {
        yield* quarantine.put([entry("{\x00\xff\xfe broken")])
        const [[key, object] = []] = [...kept()]
        assert.match(String(key), /^quarantine\/NotJson\/2026-05-06\/\d+-[0-9a-f]{16}$/)
        assert.deepStrictEqual(Buffer.from(object?.raw ?? []).toString("latin1"), "{\x00\xff\xfe broken")
        assert.deepStrictEqual([object?.reason, object?.received], ["NotJson", ARRIVAL])
      }))

    test("[P2] keeps one object for the same entry, and one for each other", (quarantine, kept) =>
      Effect.gen(function* () {
        const entries = [entry("a"), entry("b"), entry("a", ARRIVAL + 1), entry("a", ARRIVAL, "Conflict")]
        yield* quarantine.put([...entries, entry("a")])
        yield* quarantine.put(entries)
        assert.strictEqual(kept().size, 4)
      }))

    test("takes hundreds, none of them, and a reason that is no path", (quarantine, kept) =>
      Effect.gen(function* () {
        yield* quarantine.put([])
        assert.strictEqual(kept().size, 0)
        yield* quarantine.put(Array.from({ length: 300 }, (_, n) => entry(`raw ${n}`)))
        yield* quarantine.put([entry("odd", ARRIVAL, "../up/é")])
        assert.strictEqual(kept().size, 301)
        assert.isTrue([...kept().keys()].every((key) => /^quarantine\/[\w.-]+\/2026-05-06\/[^/]+$/.test(key)))
      }))
  })
