import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { DeadLetters, type Source } from "../../src/store/dead-letters.ts"

/** Dead letters under test, whose time starts at epoch ms 0. `add` gives a message up at a time; `pass` lets time go on to another. */
export interface DeadLettersUnderTest {
  readonly layer: Layer.Layer<DeadLetters>
  readonly add: (source: Source, body: string, at: number, more?: { attempts?: number; cause?: string }) => void
  readonly pass: (now: number) => void
  /** Seconds for which a received letter is hidden: a minute unless the time of the queue is real. */
  readonly hidden?: number
}

/** What all dead letters do. `make` returns empty queues. */
export const deadLettersContract = (name: string, make: () => DeadLettersUnderTest) =>
  describe(`${name} keeps the contract of dead letters`, () => {
    const test = (
      title: string,
      body: (letters: DeadLetters["Service"], under: DeadLettersUnderTest) => Effect.Effect<void, unknown>
    ) =>
      it.effect(title, () => {
        const under = make()
        return DeadLetters.use((letters) => body(letters, under)).pipe(Effect.provide(Layer.fresh(under.layer)))
      })
    const to = (under: DeadLettersUnderTest, now: number) =>
      Effect.andThen(
        TestClock.setTime(now),
        Effect.sync(() => under.pass(now))
      )

    test("answers messages as they are, by queue, with what is known of them", (letters, under) =>
      Effect.gen(function* () {
        yield* to(under, 5_000)
        under.add("rule", '{"é": 1}', 5_000, { cause: "NO_PERMISSIONS" })
        under.add("settle", "b", 5_000, { attempts: 7 })
        const [event, ...others] = yield* letters.receive("rule", 10, 60)
        assert.deepStrictEqual(others, [])
        assert.deepInclude(event, { body: '{"é": 1}', sent: 5_000, receives: 1, attempts: 0, cause: "NO_PERMISSIONS" })
        const [settle] = yield* letters.receive("settle", 10, 60)
        assert.deepInclude(settle, { body: "b", receives: 1, attempts: 7 })
        assert.notProperty(settle, "cause")
      }))

    test("hides what it answered, counts how often it did, and deletes by the last receipt", (letters, under) =>
      Effect.gen(function* () {
        under.add("rule", "a", 0)
        const { hidden = 60 } = under
        const [first] = yield* letters.receive("rule", 10, hidden)
        assert.deepStrictEqual(yield* letters.receive("rule", 10, hidden), [])
        yield* to(under, hidden * 1_000)
        const [second] = yield* letters.receive("rule", 10, 60)
        assert.deepInclude(second, { body: "a", sent: 0, receives: 2 })
        assert.notStrictEqual(second?.receipt, first?.receipt)
        assert.deepStrictEqual(yield* letters.remove("rule", [second?.receipt ?? ""]), new Set())
        yield* to(under, 600_000)
        assert.deepStrictEqual(yield* letters.receive("rule", 10, 60), [])
      }))

    test("answers up to so many, more than one call holds", (letters, under) =>
      Effect.gen(function* () {
        for (let n = 0; n < 60; n++) under.add("settle", `${n}`, 0)
        const some = yield* letters.receive("settle", 37, 60)
        assert.lengthOf(some, 37)
        const rest = yield* letters.receive("settle", 100, 60)
        assert.lengthOf(rest, 23)
        assert.strictEqual(new Set([...some, ...rest].map(({ body }) => body)).size, 60)
        assert.deepStrictEqual(
          yield* letters.remove(
            "settle",
            [...some, ...rest].map(({ receipt }) => receipt)
          ),
          new Set()
        )
        yield* to(under, 600_000)
        assert.deepStrictEqual(yield* letters.receive("settle", 100, 60), [])
      }))
  })
