import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type Returning, SettleReturn, type StreamRecord, StreamSink } from "../../src/store/hand-over.ts"
import { noise } from "./events.ts"

const accepted = { _tag: "accepted" } as const

/** A stream under test: `records` returns what is on it, in order per key. */
export interface StreamUnderTest {
  readonly layer: Layer.Layer<StreamSink>
  readonly records: () => ReadonlyArray<StreamRecord>
}

const shown = (records: ReadonlyArray<StreamRecord>) =>
  records.map(({ key, data }) => `${key} ${Buffer.from(data).toString()}`).sort()

/** What every stream does. `make` returns an empty one. */
export const streamSinkContract = (name: string, make: () => StreamUnderTest) =>
  describe(`${name} keeps the contract of the stream`, () => {
    const test = (
      title: string,
      body: (sink: StreamSink["Service"], records: StreamUnderTest["records"]) => Effect.Effect<void, unknown>
    ) =>
      it.effect(title, () => {
        const { layer, records } = make()
        return StreamSink.use((sink) => body(sink, records)).pipe(Effect.provide(Layer.fresh(layer)))
      })

    test("takes records with their keys and bytes", (sink, records) =>
      Effect.gen(function* () {
        const data = Buffer.from([0, 255, 195, 169])
        assert.deepStrictEqual(yield* sink.put([{ key: "é".repeat(200), data }]), [accepted])
        const [record] = records()
        assert.strictEqual(record?.key, "é".repeat(200))
        assert.deepStrictEqual(Buffer.from(record?.data ?? []), data)
      }))

    test("takes more than one call holds, in number and in size", (sink, records) =>
      Effect.gen(function* () {
        const many = Array.from({ length: 700 }, (_, n) => ({ key: `k${n}`, data: Buffer.from(`${n}`) }))
        assert.deepStrictEqual(yield* sink.put(many), Array(700).fill(accepted))
        assert.deepStrictEqual(shown(records()), shown(many))
      }))

    test("does nothing for nothing", (sink, records) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* sink.put([]), [])
        assert.deepStrictEqual(records(), [])
      }))
  })

/** A settle queue under test: `messages` takes out what can be received at once, with its attempts. */
export interface ReturnUnderTest {
  readonly layer: Layer.Layer<SettleReturn>
  readonly messages: () => ReadonlyArray<Returning>
}

/** What every way back into the settle queue does. `make` returns an empty one. */
export const settleReturnContract = (name: string, make: () => ReturnUnderTest) =>
  describe(`${name} keeps the contract of the way back`, () => {
    it.effect("sends bodies with their attempts, at once, more than one call holds", () => {
      const { layer, messages } = make()
      return SettleReturn.use(
        Effect.fnUntraced(function* ({ send }) {
          const many = Array.from({ length: 37 }, (_, n) => ({ body: `${n}${noise(60_000)}é`, attempts: n }))
          assert.deepStrictEqual(yield* send(many), Array(37).fill(accepted))
          const byAttempts = (a: Returning, b: Returning) => a.attempts - b.attempts
          assert.deepStrictEqual([...messages()].sort(byAttempts), many)
          assert.deepStrictEqual(yield* send([]), [])
        })
      ).pipe(Effect.provide(Layer.fresh(layer)))
    })
  })
