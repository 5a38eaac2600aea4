import { Clock, Effect } from "effect"
import type { Names } from "../../genesys/person.ts"
import { DeadLetters, type Source } from "../../store/dead-letters.ts"
import { EventEraser } from "../../store/event-eraser.ts"
import { EventStore } from "../../store/event-store.ts"
import { SettleReturn, StreamSink } from "../../store/hand-over.ts"
import { KeptObjects, type KeyPage, type ObjectBucket } from "../../store/kept-objects.ts"
import { partitionKeyOf } from "../../store/partition-key.ts"
import { parseRejectedKey } from "../../store/rejected-events.ts"
import { type BytesErased, eraseBatch, eraseBytes } from "./bytes.ts"
import type { Request } from "./request.ts"

/** How to deal with what is held. Without a `request` it is only counted. */
export interface Holding {
  readonly names: Names
  readonly deleted: ReadonlySet<string>
  /** Events of which something is left. */
  readonly redacted: ReadonlySet<string>
  /** `notes`: what an earlier run has left, which was cut off. */
  readonly request?: Pick<Request, "number" | "at"> & Partial<Pick<Request, "notes">>
}

/** What became of what is held in a place. */
export interface PlaceErased {
  readonly place: string
  readonly searched: number
  readonly deleted: number
  readonly redacted: number
}

/** Objects read at a time, and seconds for which letters that were looked at are hidden: long enough to see the others. */
const IN_FLIGHT = 8
const HIDDEN_SECONDS = 60
const LETTERS_A_CALL = 100

/** Where objects are held, and how they are looked into. */
const places: ReadonlyArray<{
  readonly place: string
  readonly bucket: ObjectBucket
  readonly prefix: string
  readonly kind: "event" | "batch" | "record"
}> = [
  { place: "quarantine", bucket: "quarantine", prefix: "quarantine/", kind: "event" },
  { place: "parked", bucket: "quarantine", prefix: "parked/", kind: "event" },
  { place: "redriven", bucket: "quarantine", prefix: "redriven/", kind: "event" },
  { place: "failed batches", bucket: "failures", prefix: "", kind: "batch" },
  { place: "uses of the command", bucket: "quarantine", prefix: "audit/", kind: "record" }
]

/** Notes that events are erased that the store may never have seen. What it has of them is not about the person, or was erased with the rest. */
export const bury = Effect.fnUntraced(function* (
  ids: ReadonlyArray<string>,
  { number, at }: { number: string; at: number }
) {
  if (ids.length === 0) return
  const stored = yield* (yield* EventStore).read(ids)
  const unknown = ids.filter((id) => !stored.has(id))
  yield* (yield* EventEraser).erase(unknown.map((id) => ({ id, at, request: number })))
})

/** A record of the use of the command keeps all but the name. */
const eraseRecord = (names: Names, bytes: Uint8Array): BytesErased | undefined => {
  const text = Buffer.from(bytes).toString()
  return names.in(text) ? { left: Buffer.from(names.cut(text)), ids: [] } : undefined
}

/** Searches what is held in buckets: rejected and parked events, failed batches, and who used the command for whom. */
export const eraseObjects = Effect.fnUntraced(function* ({ names, deleted, request }: Holding) {
  const objects = yield* KeptObjects
  return yield* Effect.forEach(
    places,
    Effect.fnUntraced(function* ({ place, bucket, prefix, kind }) {
      let [searched, gone, redacted] = [0, 0, 0]
      const take = Effect.fnUntraced(function* (key: string) {
        const object = yield* objects.read(bucket, key)
        if (object === undefined) return
        searched++
        const received = parseRejectedKey(key.replace(/^redriven\//, ""))?.received ?? 0
        const erased =
          kind === "record"
            ? eraseRecord(names, object.body)
            : kind === "batch"
              ? eraseBatch(names, deleted, object.body)
              : eraseBytes(names, deleted, object.body, received)
        if (erased === undefined) return
        if (erased.left === undefined) gone++
        else redacted++
        if (request === undefined) return
        yield* bury(erased.ids, request)
        yield* erased.left === undefined
          ? objects.remove(bucket, key)
          : objects.rewrite(bucket, key, { ...object, body: erased.left })
      })
      for (let after: string | undefined = ""; after !== undefined; ) {
        const { keys, more }: KeyPage = yield* objects.keys(bucket, prefix, after)
        yield* Effect.forEach(keys, ({ key }) => take(key), { concurrency: IN_FLIGHT, discard: true })
        after = more ? keys.at(-1)?.key : undefined
      }
      return { place, searched, deleted: gone, redacted } satisfies PlaceErased
    })
  )
})

/**
 * Searches both queues of dead letters. What names the person is taken out; what is left of it goes where redrive would bring it: to the
 * stream, or to the settle queue. Every letter that is looked at is hidden for a minute.
 */
export const eraseLetters = Effect.fnUntraced(function* ({ names, deleted, request }: Holding) {
  const [letters, stream, settle] = [yield* DeadLetters, yield* StreamSink, yield* SettleReturn]

  const giveBack = Effect.fnUntraced(function* (source: Source, left: Uint8Array, attempts: number) {
    const body = Buffer.from(left).toString()
    const [handed] = yield* source === "settle"
      ? settle.send([{ body, attempts }])
      : stream.put([{ key: partitionKeyOf(body) ?? names.person.kind, data: left }])
    return handed?._tag === "accepted"
  })

  const began = yield* Clock.currentTimeMillis
  // Letters that a run before this one had in hand when it was cut off are hidden for as long.
  const hidden = (request?.notes?.size ?? 0) === 0 ? 0 : began + HIDDEN_SECONDS * 1_000

  const sourceOf = Effect.fnUntraced(function* (source: Source, place: string) {
    let [searched, gone, redacted] = [0, 0, 0]
    const until = Math.max(hidden, (yield* Clock.currentTimeMillis) + (HIDDEN_SECONDS * 1_000) / 2)
    for (;;) {
      const found = yield* letters.receive(source, LETTERS_A_CALL, HIDDEN_SECONDS)
      for (const { body, receipt, sent, attempts } of found) {
        searched++
        const erased = eraseBytes(names, deleted, Buffer.from(body), sent)
        if (erased === undefined) continue
        if (erased.left === undefined) gone++
        else redacted++
        if (request === undefined) continue
        yield* bury(erased.ids, request)
        if (erased.left === undefined || (yield* giveBack(source, erased.left, attempts)))
          yield* letters.remove(source, [receipt])
      }
      // Those that were seen first come back soon.
      const now = yield* Clock.currentTimeMillis
      if (now >= until || (found.length === 0 && now >= hidden)) break
      if (found.length === 0) yield* Effect.sleep("1 second")
    }
    return { place, searched, deleted: gone, redacted } satisfies PlaceErased
  })

  return [
    yield* sourceOf("rule", "dead letters of the rule"),
    yield* sourceOf("settle", "dead letters of the settle queue")
  ]
})

/** Removes every export: each is a copy of the event table as it was. */
export const eraseExports = Effect.fnUntraced(function* ({ request }: Holding) {
  const objects = yield* KeptObjects
  let found = 0
  for (let after: string | undefined = ""; after !== undefined; ) {
    const { keys, more }: KeyPage = yield* objects.keys("exports", "", after)
    found += keys.length
    if (request !== undefined)
      yield* Effect.forEach(keys, ({ key }) => objects.remove("exports", key), {
        concurrency: IN_FLIGHT,
        discard: true
      })
    after = more ? keys.at(-1)?.key : undefined
  }
  return { place: "exports", searched: found, deleted: found, redacted: 0 } satisfies PlaceErased
})
