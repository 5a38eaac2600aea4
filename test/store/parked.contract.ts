import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type Notice, Notices } from "../../src/store/notices.ts"
import { Parked, type ParkedLetter } from "../../src/store/parked.ts"
import { ARRIVAL } from "./events.ts"

/** Parked letters under test: `kept` returns what is there by key. */
export interface ParkedUnderTest {
  readonly layer: Layer.Layer<Parked>
  readonly kept: () => ReadonlyMap<string, Omit<ParkedLetter, "from">>
}

const letter: ParkedLetter = {
  from: "rule",
  body: "{é",
  reason: "NotAnEvent",
  detail: "no id",
  received: ARRIVAL,
  attempts: 3
}

/** What every place for hopeless letters does. `make` returns an empty one. */
export const parkedContract = (name: string, make: () => ParkedUnderTest) =>
  describe(`${name} keeps the contract of parked letters`, () => {
    const test = (
      title: string,
      body: (parked: Parked["Service"], kept: ParkedUnderTest["kept"]) => Effect.Effect<void, unknown>
    ) =>
      it.effect(title, () => {
        const { layer, kept } = make()
        return Parked.use((parked) => body(parked, kept)).pipe(Effect.provide(Layer.fresh(layer)))
      })

    test("keeps the body as it is, with what is known of it", (parked, kept) =>
      Effect.gen(function* () {
        yield* parked.put(letter)
        const [[key, found] = []] = [...kept()]
        assert.match(key ?? "", /^parked\/rule\/\d{4}-\d\d-\d\d\/\d+-[0-9a-f]{16}$/)
        const { from: _, ...rest } = letter
        assert.deepInclude(found, rest)
      }))

    test("keeps one of the same letter, and each of different ones", (parked, kept) =>
      Effect.gen(function* () {
        for (const one of [letter, letter, { ...letter, attempts: 4 }]) yield* parked.put(one)
        assert.strictEqual(kept().size, 1)
        yield* parked.put({ ...letter, received: ARRIVAL + 1 })
        yield* parked.put({ ...letter, body: "{e" })
        yield* parked.put({ ...letter, from: "settle" })
        assert.strictEqual(kept().size, 4)
      }))
  })

/** Notices under test: `sent` returns what people would have got. */
export interface NoticesUnderTest {
  readonly layer: Layer.Layer<Notices>
  readonly sent: () => ReadonlyArray<Notice>
}

/** What every way to people does. */
export const noticesContract = (name: string, make: () => NoticesUnderTest) =>
  describe(`${name} keeps the contract of notices`, () => {
    it.effect("tells people, line by line", () => {
      const { layer, sent } = make()
      const notice = { subject: "dev: 1 message was parked", text: "a & b <c>\n- d\n" }
      return Notices.use(({ publish }) => publish(notice)).pipe(
        Effect.map(() => assert.deepStrictEqual(sent(), [notice])),
        Effect.provide(Layer.fresh(layer))
      )
    })
  })
