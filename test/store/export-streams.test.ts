import { Readable } from "node:stream"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { toItem } from "../../src/store/aws/event-item.ts"
import { lineOf } from "../../src/store/aws/export-format.ts"
import { exportSource } from "../../src/store/aws/export-source.ts"
import { EventSource } from "../../src/store/event-source.ts"
import { answering, bodyOf } from "./answering.ts"
import { routingEvent } from "./events.ts"

const whole = { segment: 0, segments: 1, limit: 1 }

/** An export of one file with the events a to d, of which these bytes arrive, and no end. `streams`: each time that it was opened. */
const endless = (bytes = gzipSync([..."abcd"].map((id) => `${lineOf(toItem(routingEvent(id)).item)}\n`).join(""))) => {
  const streams: Array<Readable> = []
  const state = { isThere: true }
  const { on } = answering((_, input) => {
    if ((input as { readonly Key?: string }).Key === "manifest")
      return { Body: bodyOf(JSON.stringify({ dataFileS3Key: "x", itemCount: 4 })) }
    if (!state.isThere) return "NoSuchKey"
    const Body = new Readable({ read() {} })
    Body.push(bytes)
    streams.push(Body)
    return { Body }
  })
  const read = on(exportSource({ bucket: "exports", manifest: "manifest", overflowBucket: "bodies" }))
  return { streams, state, read, open: () => streams.map(({ destroyed }) => !destroyed) }
}

/** The ids of the page at a place. */
const at = (cursor: string) =>
  Effect.map(
    EventSource.use(({ page }) => page({ ...whole, cursor })),
    ({ events }) => events.map(({ id }) => id).join("")
  )

describe("a file of an export that is read from S3", () => {
  it.live("is closed where it is left for another place, and in the end", () =>
    Effect.gen(function* () {
      const { read, open } = endless()
      yield* read(
        Effect.gen(function* () {
          assert.strictEqual(yield* at("0:0"), "a")
          assert.strictEqual(yield* at("0:1"), "b")
          assert.deepStrictEqual(open(), [true])
          assert.strictEqual(yield* at("0:3"), "d")
          assert.deepStrictEqual(open(), [false, true])
        })
      )
      assert.deepStrictEqual(open(), [false, false])
    })
  )

  it.live("is closed where it is no file of an export", () =>
    Effect.gen(function* () {
      const { read, open } = endless(Buffer.from("not gzipped"))
      yield* read(
        Effect.gen(function* () {
          assert.include((yield* Effect.flip(at("0:0"))).reason, "x cannot be read on from line 1")
          assert.deepStrictEqual(open(), [false])
        })
      )
    })
  )

  it.live("is opened anew where it was left for a place that could not be read", () =>
    Effect.gen(function* () {
      const { read, state, open } = endless()
      yield* read(
        Effect.gen(function* () {
          assert.strictEqual(yield* at("0:0"), "a")
          state.isThere = false
          assert.include((yield* Effect.flip(at("0:2"))).reason, "NoSuchKey")
          state.isThere = true
          assert.strictEqual(yield* at("0:1"), "b")
          assert.deepStrictEqual(open(), [false, true])
        })
      )
    })
  )
})
