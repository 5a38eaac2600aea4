import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { gzipSync } from "node:zlib"
import { paginateScan } from "@aws-sdk/client-dynamodb"
import { PutObjectCommand } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import type { Item } from "../../src/store/aws/attribute.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { eventEraser } from "../../src/store/aws/event-eraser.ts"
import { toItem } from "../../src/store/aws/event-item.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { exportFolder, exportSource } from "../../src/store/aws/export-source.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { EventSource } from "../../src/store/event-source.ts"
import { exportOf } from "../support/export.ts"
import { BUCKET, EVENT_TABLE, makeEngine } from "./engine.ts"
import { eventSourceContract } from "./event-source.contract.ts"
import { noise, routingEvent } from "./events.ts"

/** The source of an export that is made of the table, beside the bodies that do not fit, when the first page is asked for. */
const exported = Layer.effect(
  EventSource,
  Effect.gen(function* () {
    const [client, s3, scope] = [yield* DynamoDb, yield* S3, yield* Effect.scope]
    const made = yield* Effect.cached(
      Effect.gen(function* () {
        const items: Array<Item> = []
        yield* Effect.promise(async () => {
          for await (const page of paginateScan({ client }, { TableName: EVENT_TABLE }))
            items.push(...(page.Items ?? []))
        })
        const { manifest, objects } = exportOf(items, 7)
        for (const [Key, Body] of objects)
          yield* Effect.promise(() => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body })))
        const source = exportSource({ bucket: BUCKET, manifest, overflowBucket: BUCKET })
        return Context.get(yield* Layer.buildWithScope(source, scope), EventSource)
      }).pipe(Effect.provideService(S3, s3))
    )
    return EventSource.of({ page: (request) => Effect.flatMap(made, ({ page }) => page(request)) })
  })
)

const events = { table: EVENT_TABLE, overflowBucket: BUCKET }
const onAws = Layer.mergeAll(eventStore(events), eventEraser(events), exported).pipe(
  Layer.provideMerge(Layer.unwrap(Effect.map(Effect.promise(makeEngine), ({ connect }) => connect())))
)

eventSourceContract("a table export", onAws)

type Page = EventSource["Service"]["page"]

/** Reads an export from a folder, where `spoil` may have changed its files. */
const inFolder = (
  items: ReadonlyArray<Item>,
  body: (page: Page) => Effect.Effect<void, unknown>,
  spoil: (name: string, file: Buffer) => Buffer = (_, file) => file
) =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "export-"))),
      (path) => Effect.promise(() => rm(path, { recursive: true }))
    )
    yield* Effect.promise(() => mkdir(join(folder, "data")))
    for (const [key, file] of exportOf(items, 100).objects) {
      const name = basename(key)
      const path = name.startsWith("manifest") ? name : join("data", name)
      yield* Effect.promise(() => writeFile(join(folder, path), spoil(name, file)))
    }
    const context = yield* Layer.build(exportFolder(join(folder, "manifest-files.json")))
    yield* body(Context.get(context, EventSource).page)
  }).pipe(Effect.scoped)

const items = (n: number) => Array.from({ length: n }, (_, i) => toItem(routingEvent(`event-${i}`)).item)
const failureOf = (page: Page, cursor?: string) =>
  Effect.flip(page({ segment: 0, segments: 1, ...(cursor && { cursor }) }))

describe("an export in a folder", () => {
  it.live("[P8] gives every event once, from a pipe that it keeps open", () =>
    inFolder(items(250), (page) =>
      Effect.gen(function* () {
        const ids: Array<string> = []
        let cursor: string | undefined = "0:0"
        while (cursor !== undefined) {
          const found: Effect.Success<ReturnType<Page>> = yield* page({ segment: 0, segments: 1, cursor, limit: 30 })
          assert.strictEqual(found.readUnits, 0)
          ids.push(...found.events.map(({ id }) => id))
          cursor = found.cursor
        }
        assert.deepStrictEqual(
          ids,
          items(250).map(({ id }) => id?.S)
        )
      })
    )
  )

  it.live("[P8] names an event whose body it does not hold", () =>
    inFolder([toItem(routingEvent("lost", { unknown: noise(900_000) })).item], (page) =>
      Effect.gen(function* () {
        const { events, unreadable } = yield* page({ segment: 0, segments: 1 })
        assert.deepStrictEqual([events, unreadable.map(({ id }) => id)], [[], ["lost"]])
      })
    )
  )

  it.live.each<[string, RegExp, (name: string, file: Buffer) => Buffer]>([
    [
      "a file that is cut off",
      /00000000.json.gz cannot be read on from line 1/,
      (name, file) => (name.endsWith("gz") ? file.subarray(0, -20) : file)
    ],
    [
      "a file that lacks a line",
      /holds 0 items, and should hold 3/,
      (name, file) => (name.endsWith("gz") ? gzipSync("") : file)
    ],
    [
      "a line that is no item",
      /line 1 of .* is no item/,
      (name, file) => (name.endsWith("gz") ? gzipSync("{}\n") : file)
    ],
    [
      "another file for a manifest",
      /not the manifest-files.json/,
      (name, file) => (name.endsWith("gz") ? file : Buffer.from("{}"))
    ]
  ])("[P8] stops at %s", ([, message, spoil]) =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(
        inFolder(items(3), (page) => Effect.flatMap(failureOf(page), Effect.fail), spoil)
      )
      assert.match(String(failure), message)
    })
  )
})
