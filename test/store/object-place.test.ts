import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { changeObject, type ObjectPlace, putOurs } from "../../src/store/object-place.ts"

/** A place that holds these tags one after the other, and takes puts over the last of them alone. `log` is what it is asked for. */
const place = (...tags: ReadonlyArray<string | null>) => {
  const log: Array<string> = []
  const left = [...tags]
  const where = {
    get: (key: string) =>
      Effect.sync(() => {
        log.push(`get ${key}`)
        const tag = left.length > 1 ? left.shift() : left[0]
        return tag == null ? null : { bytes: Buffer.from(tag), tag }
      }),
    put: (key: string, body: Uint8Array, kind: string, over: string | null) =>
      Effect.sync(() => {
        log.push(`put ${key} ${Buffer.from(body)} ${kind} ${over}`)
        return left.length === 1 && left[0] === over
      })
  }
  return { where: where as unknown as ObjectPlace, log }
}

describe("what is one's own", () => {
  const put = (tags: ReadonlyArray<string | null>, stillOurs: Effect.Effect<void, string> = Effect.void) => {
    const { where, log } = place(...tags)
    const asked = Effect.andThen(
      Effect.sync(() => void log.push("ours?")),
      stillOurs
    )
    return Effect.map(Effect.result(putOurs(where, "k", Buffer.from("b"), "list", asked)), () => log)
  }
  const first = "put k b list null"

  it.effect("is put where nothing is", () => Effect.map(put([null]), (log) => assert.deepStrictEqual(log, [first])))

  it.effect("is put over what is there once it was looked at, and again where that changes meanwhile", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* put(["1"]), [first, "get k", "ours?", "put k b list 1"])
      assert.deepStrictEqual(yield* put(["1", "2"]), [
        ...[first, "get k", "ours?", "put k b list 1"],
        ...["get k", "ours?", "put k b list 2"]
      ])
      assert.deepStrictEqual(yield* put(["1", null]), [
        ...[first, "get k", "ours?", "put k b list 1"],
        ...["get k", "ours?", first]
      ])
    })
  )

  it.effect("is not put once it is another's", () =>
    Effect.map(put(["1"], Effect.fail("another's")), (log) => assert.deepStrictEqual(log, [first, "get k", "ours?"]))
  )
})

describe("what is changed", () => {
  const change = (tags: ReadonlyArray<string | null>, to = (text: string): string | undefined => `${text}!`) => {
    const { where, log } = place(...tags)
    const bytes = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text))
    return Effect.as(
      changeObject(where, "k", "events", ({ bytes: held }) => Effect.succeed(bytes(to(Buffer.from(held).toString())))),
      log
    )
  }

  it.effect("is what is there, and what is there by then where somebody else was faster", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* change(["1"]), ["get k", "put k 1! events 1"])
      assert.deepStrictEqual(yield* change(["1", "2"]), [
        ...["get k", "put k 1! events 1"],
        ...["get k", "put k 2! events 2"]
      ])
    })
  )

  it.effect("is nothing where nothing is there, or nothing is to be changed", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* change([null]), ["get k"])
      assert.deepStrictEqual(yield* change(["1"], () => undefined), ["get k"])
    })
  )
})
