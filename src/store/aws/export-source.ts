import { createReadStream } from "node:fs"
import { readFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import type { Readable } from "node:stream"
import { GetObjectCommand } from "@aws-sdk/client-s3"
import { Effect, Layer, Result } from "effect"
import { type EventPage, EventSource, type PageRequest } from "../event-source.ts"
import { StoreError } from "../store-error.ts"
import type { Item } from "./attribute.ts"
import { isTombstone } from "./erased-item.ts"
import { bodyKeyOf } from "./event-item.ts"
import { ofTopics, restore } from "./event-source.ts"
import { type DataFile, itemOf, parseManifest } from "./export-format.ts"
import { type Lines, openLines } from "./export-lines.ts"
import { type Fault, failing, storeError, toFault } from "./faults.ts"
import { readText, unlessGone } from "./object-text.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"

/** Items a page, and characters of their lines: either ends it. What they inflate to is in memory at once. */
const PAGE = { items: 1_000, characters: 8_000_000 }

/** How often an object that breaks off is opened again, at the line where it did. */
const REOPENINGS = 3

/** Where an export is read from. */
interface Export {
  /** The text of its `manifest-files.json`. */
  readonly manifest: Effect.Effect<string, Fault>
  /** A data file that the manifest names, gzipped. */
  readonly open: (key: string) => Effect.Effect<Readable, Fault>
  /** A body that does not fit into an item; null where it cannot be had. */
  readonly body: (key: string) => Effect.Effect<string | null, Fault>
}

/** The bucket and the key that `s3://bucket/key` names; undefined for another text. */
export const objectOf = (address: string): { readonly bucket: string; readonly key: string } | undefined => {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? []
  return bucket === undefined || key === undefined ? undefined : { bucket, key }
}

/**
 * A table export in a bucket. `manifest`: the key of its `manifest-files.json`. `overflowBucket`: where the bodies are that are too large
 * for an item, which no export holds.
 */
export interface ExportSettings {
  readonly bucket: string
  readonly manifest: string
  readonly overflowBucket: string
}

/**
 * The event source on a table export (DynamoDB JSON, gzipped) in S3. It costs no read units, and holds the events of the moment of the
 * export. Calls: `GetObject` in both buckets.
 */
export const exportSource = ({ bucket, manifest, overflowBucket }: ExportSettings) =>
  Layer.effect(
    EventSource,
    Effect.gen(function* () {
      const s3 = yield* S3
      return yield* make({
        manifest: readText(s3, bucket)(manifest),
        open: (Key) =>
          retry(
            "GetObject",
            async () => (await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body as Readable
          ),
        body: unlessGone(readText(s3, overflowBucket))
      })
    })
  )

/**
 * The same from a copy on this machine: `manifest` is the path of `manifest-files.json`, with the folder `data` beside it. Bodies that are
 * too large for an item are not there, so that their events are unreadable.
 */
export const exportFolder = (manifest: string) =>
  Layer.effect(
    EventSource,
    make({
      manifest: Effect.tryPromise({ try: () => readFile(manifest, "utf8"), catch: toFault }),
      open: (key) => Effect.sync(() => createReadStream(join(dirname(manifest), "data", basename(key)))),
      body: () => Effect.succeed(null)
    })
  )

const broken = (reason: string) =>
  new StoreError({ store: "event source", operation: "page", reason, retryable: false })

/** A file of a segment, and how many of its lines are behind. */
interface Place {
  readonly file: number
  readonly line: number
}

/** Undefined for the cursor of another source, after which this one would find nothing and seem to be at its end. */
const parseCursor = (cursor = "0:0"): Place | undefined => {
  const [, file, line] = /^(\d+):(\d+)$/.exec(cursor) ?? []
  return file === undefined ? undefined : { file: Number(file), line: Number(line) }
}

const make = Effect.fnUntraced(function* (from: Export) {
  const text = yield* Effect.mapError(from.manifest, (fault) =>
    storeError("event source", "open", fault, `the manifest cannot be read: ${fault.reason}`)
  )
  const files = yield* Effect.try({
    try: () => parseManifest(text),
    catch: () => broken("the manifest is not the manifest-files.json of an export")
  })

  /** Readers by segment, kept between pages: to open a file anew is to inflate it from its beginning. */
  const readers = new Map<string, { readonly file: number; readonly lines: Lines }>()
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const { lines } of readers.values()) lines.close()
    })
  )

  const readerAt = Effect.fnUntraced(function* (owner: string, { key }: DataFile, { file, line }: Place) {
    const kept = readers.get(owner)
    if (kept?.file === file && kept.lines.at() === line) return kept.lines
    kept?.lines.close()
    readers.delete(owner)
    const gzipped = yield* from.open(key)
    const lines = yield* Effect.tryPromise({ try: () => openLines(gzipped, line), catch: toFault })
    readers.set(owner, { file, lines })
    return lines
  })

  /** Items from a place on, and the place after them. */
  const read = Effect.fnUntraced(function* (owner: string, file: DataFile, place: Place, limit: number) {
    const lines = yield* readerAt(owner, file, place)
    return yield* Effect.tryPromise({
      try: async () => {
        const found: Array<string> = []
        for (let characters = 0; found.length < limit && characters < PAGE.characters; ) {
          const line = await lines.next()
          if (line === undefined) return { found, ended: true }
          found.push(line)
          characters += line.length
        }
        return { found, ended: false }
      },
      catch: (error) => {
        lines.close()
        readers.delete(owner)
        return toFault(error)
      }
    })
  })

  const page = Effect.fn("EventSource.page")(function* ({
    segment,
    segments,
    cursor,
    topics,
    limit = PAGE.items
  }: PageRequest) {
    const own = files.filter((_, i) => i % segments === segment)
    const place = parseCursor(cursor)
    if (place === undefined) return yield* broken("the checkpoint is of another source; take another id")
    const file = own[place.file]
    if (file === undefined) return { events: [], unreadable: [], skipped: 0, readUnits: 0 } satisfies EventPage
    const owner = `${segment}/${segments}`
    const { found, ended } = yield* Effect.mapError(
      Effect.retry(read(owner, file, place, Math.min(limit, PAGE.items)), {
        times: REOPENINGS,
        while: ({ retryable }) => retryable
      }),
      (fault) =>
        storeError(
          "event source",
          "page",
          fault,
          `${file.key} cannot be read on from line ${place.line + 1}: ${fault.reason}`
        )
    )
    const items: Array<Item> = []
    for (const [i, text] of found.entries()) {
      const item = yield* Effect.try({
        try: () => itemOf(text),
        catch: () => broken(`line ${place.line + i + 1} of ${file.key} is no item`)
      })
      if (!isTombstone(item)) items.push(item)
    }
    const line = place.line + found.length
    if (ended && line !== file.items)
      return yield* broken(`${file.key} holds ${line} items, and should hold ${file.items}`)
    const wanted = ofTopics(items, topics)
    const results = yield* failing(
      "event source",
      "page"
    )(
      Effect.forEach(
        wanted,
        Effect.fnUntraced(function* (item) {
          const key = bodyKeyOf(item)
          return restore(item, key === undefined ? undefined : yield* from.body(key))
        })
      )
    )
    const next = ended ? { file: place.file + 1, line: 0 } : { file: place.file, line }
    return {
      events: results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : [])),
      unreadable: results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : [])),
      skipped: items.length - wanted.length,
      readUnits: 0,
      ...(next.file < own.length ? { cursor: `${next.file}:${next.line}` } : {})
    } satisfies EventPage
  })

  return EventSource.of({ page })
})
