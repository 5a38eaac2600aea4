import { assert, describe, it } from "@effect/vitest"
import { makeRequestHandler, makeS3 } from "aws-in-process"
import { Effect, Layer } from "effect"
import { windowAt, windowColumn, windowOfColumn, windowStart } from "../../src/domain/archive-window.ts"
import { Archive } from "../../src/store/archive.ts"
import { archive } from "../../src/store/aws/archive.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { memoryArchive } from "../../src/store/memory/archive.ts"
import { addTally, noTally, sameTally, tallyOf } from "../../src/store/tally.ts"
import { archiveContract, archived } from "./archive.contract.ts"
import { connectedTo, PRINCIPAL, permissive } from "./permissive.ts"

const BUCKET = "archive"

/** The archive on the S3 of the local engine. */
const onS3 = () => {
  const { clock, activity, authorize } = permissive()
  const s3 = makeS3({ clock, authorize })
  s3.createBucket(BUCKET, { versions: true })
  const handler = makeRequestHandler({ services: { s3: s3.service }, principal: PRINCIPAL, activity })
  const layer = archive({ bucket: BUCKET, storageClass: "GLACIER_IR" }).pipe(
    Layer.provide(S3.layer),
    Layer.provide(connectedTo(handler)),
    Layer.fresh
  )
  const keys = () => s3.listAll(BUCKET).map(({ key }) => key)
  const damage = (Key: string, Body: Uint8Array) =>
    void s3.service("PutObject", { Bucket: BUCKET, Key, Body, Metadata: {} }, PRINCIPAL)
  return { layer, keys, damage, s3 }
}

archiveContract("AWS", onS3)

archiveContract("memory", () => {
  const { layer, kept, put } = memoryArchive()
  return { layer, keys: () => [...kept().keys()], damage: put }
})

describe("the archive", () => {
  it.live("puts events in the class that is configured, and lists in STANDARD", () => {
    const { layer, s3 } = onS3()
    return Effect.gen(function* () {
      const of = yield* Archive
      const object = yield* of.write({ window: 1, hour: 0, part: "0-0" }, [archived("a")])
      yield* of.list(1, "0-0", [object])
      const classes = s3.listAll(BUCKET).map(({ key, storageClass }) => [key.split("/")[0], storageClass])
      assert.deepStrictEqual(classes, [
        ["events", "GLACIER_IR"],
        ["lists", undefined]
      ])
    }).pipe(Effect.provide(layer))
  })

  it.live("in memory shows what it keeps", () => {
    const { layer, kept } = memoryArchive()
    return Effect.gen(function* () {
      yield* Archive.use((of) => of.list(7, "0-0", []))
      assert.deepStrictEqual([...kept().keys()], ["lists/7/0-0.json"])
    }).pipe(Effect.provide(layer))
  })
})

describe("a tally", () => {
  const ids = Array.from({ length: 200 }, (_, n) => `event-${n}`)

  it("adds up to that of the whole, in any order", () => {
    const parts = addTally(tallyOf(ids.slice(90).reverse()), tallyOf(ids.slice(0, 90)))
    assert.isTrue(sameTally(parts, tallyOf(ids)))
    assert.isTrue(sameTally(addTally(noTally, tallyOf(ids)), tallyOf(ids)))
  })

  it("tells a lost id, another id, and one that is there twice", () => {
    const all = tallyOf(ids)
    assert.isFalse(sameTally(tallyOf(ids.slice(1)), all))
    assert.isFalse(sameTally(tallyOf([...ids.slice(1), "other"]), all))
    assert.isFalse(sameTally(tallyOf([...ids.slice(2), "event-2", "event-2"]), all))
  })
})

describe("a window", () => {
  it("is a week, and its column is no other column's", () => {
    const now = Date.UTC(2026, 10, 30, 19)
    assert.isTrue(windowStart(windowAt(now)) <= now && now < windowStart(windowAt(now) + 1))
    assert.strictEqual(windowAt(windowStart(2_970) - 1), 2_969)
    assert.strictEqual(windowOfColumn(windowColumn(2_970)), 2_970)
    for (const other of ["id", "w", "wx1", "w1x", "body", "received"]) assert.isUndefined(windowOfColumn(other))
  })
})
