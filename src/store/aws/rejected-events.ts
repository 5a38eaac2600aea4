import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand
} from "@aws-sdk/client-s3"
import { Effect, Layer } from "effect"
import { iso } from "../../domain/stamp.ts"
import {
  type OpenedEvent,
  type Place,
  parseRejectedKey,
  type RejectedEvent,
  RejectedEvents,
  retiredKey,
  type Selection
} from "../rejected-events.ts"
import { type Fault, failing } from "./faults.ts"
import { retry } from "./retry.ts"
import { headerSafe, S3 } from "./s3.ts"

/** Objects asked for at a time. */
const OBJECTS_IN_FLIGHT = 8

/** Objects in a page of a list. */
const PAGE = 1_000

/** The character after the slash: from a folder's name with it on, what follows is not in the folder. */
const PAST_FOLDER = "0"

const metadataOf = ({ reason, detail, received, attempts }: OpenedEvent) => ({
  reason: headerSafe(reason),
  received: String(received),
  detail: headerSafe(detail),
  ...(attempts === undefined ? {} : { attempts: String(attempts) })
})

type Metadata = Readonly<Record<string, string>> | undefined

/** What metadata says of an event; where it does not, what the key says. */
const notesOf = (key: string, metadata: Metadata): Omit<OpenedEvent, "raw"> => {
  const named = parseRejectedKey(key)
  const attempts = Number(metadata?.attempts ?? Number.NaN)
  return {
    reason: metadata?.reason ?? named?.group ?? "",
    detail: metadata?.detail ?? "",
    received: named?.received ?? Number(metadata?.received ?? 0),
    ...(Number.isFinite(attempts) ? { attempts } : {})
  }
}

const unlessGone = <A>(effect: Effect.Effect<A, Fault>): Effect.Effect<A | undefined, Fault> =>
  Effect.catchIf(
    effect,
    ({ reason }) => reason === "NoSuchKey" || reason === "NotFound",
    () => Effect.undefined
  )

/** Held events on S3. Calls: `ListBucket`, `GetObject` (also for metadata), and to retire `PutObject` and `DeleteObject`. */
export const rejectedEvents = (Bucket: string) =>
  Layer.effect(
    RejectedEvents,
    Effect.gen(function* () {
      const s3 = yield* S3

      const keysAfter = (Prefix: string, StartAfter: string, MaxKeys: number) =>
        retry("ListObjectsV2", (abortSignal) =>
          s3.send(new ListObjectsV2Command({ Bucket, Prefix, StartAfter, MaxKeys }), { abortSignal })
        ).pipe(
          Effect.map(({ Contents = [], IsTruncated = false }) => ({
            objects: Contents.map(({ Key = "", Size = 0 }) => ({ key: Key, size: Size })),
            more: IsTruncated
          }))
        )

      /** The folders of a place, found by jumping over the content of each. */
      const groups = Effect.fnUntraced(function* (place: Place) {
        const found: Array<string> = []
        for (let after = `${place}/`; ; ) {
          const { objects } = yield* keysAfter(`${place}/`, after, 1)
          const group = objects[0]?.key.split("/")[1]
          if (group === undefined) return found
          found.push(group)
          after = `${place}/${group}${PAST_FOLDER}`
        }
      })

      const toHeld = Effect.fnUntraced(function* (object: { readonly key: string; readonly size: number }) {
        const { key, size } = object
        const named = parseRejectedKey(key)
        if (named === undefined) return undefined
        const { place, group, received } = named
        if (place === "quarantine") return { key, reason: group, received, size }
        const head = yield* unlessGone(
          retry("HeadObject", (abortSignal) => s3.send(new HeadObjectCommand({ Bucket, Key: key }), { abortSignal }))
        )
        return head === undefined
          ? undefined
          : { key, reason: notesOf(key, head.Metadata).reason, from: group, received, size }
      })

      /** The oldest of one folder, one more than asked for when there is one. Keys are in the order of arrival. */
      const ofGroup = Effect.fnUntraced(function* (place: Place, group: string, selection: Selection) {
        const { reason, since = 0, until = Number.POSITIVE_INFINITY, limit } = selection
        const folder = `${place}/${group}/`
        const found: Array<RejectedEvent> = []
        for (let after = `${folder}${iso(since).slice(0, 10)}/`; ; ) {
          const { objects, more } = yield* keysAfter(folder, after, PAGE)
          const inTime = objects.filter(({ key }) => {
            const received = parseRejectedKey(key)?.received ?? -1
            return received >= since && received < until
          })
          const events = yield* Effect.forEach(inTime, toHeld, { concurrency: OBJECTS_IN_FLIGHT })
          for (const event of events)
            if (event !== undefined && (reason === undefined || event.reason === reason)) found.push(event)
          const last = objects.at(-1)?.key
          const passed = (parseRejectedKey(last ?? "")?.received ?? 0) >= until
          if (!more || last === undefined || passed || found.length > limit) return found
          after = last
        }
      })

      const list = Effect.fn("RejectedEvents.list")(
        function* (place: Place, selection: Selection) {
          const { reason, limit } = selection
          const folders = place === "quarantine" && reason !== undefined ? [reason] : yield* groups(place)
          const found = yield* Effect.forEach(folders, (group) => ofGroup(place, group, selection))
          const events = found.flat().sort((a, b) => a.received - b.received || (a.key < b.key ? -1 : 1))
          return { events: events.slice(0, limit), more: events.length > limit }
        },
        failing("rejected events", "list")
      )

      const open = Effect.fn("RejectedEvents.open")(
        function* (Key: string) {
          const got = yield* unlessGone(
            retry("GetObject", async (abortSignal) => {
              const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal })
              return { raw: (await Body?.transformToByteArray()) ?? new Uint8Array(), Metadata }
            })
          )
          return got === undefined ? undefined : { raw: got.raw, ...notesOf(Key, got.Metadata) }
        },
        failing("rejected events", "open")
      )

      const retire = Effect.fn("RejectedEvents.retire")(
        function* (Key: string, event: OpenedEvent, at: number) {
          yield* retry("PutObject", (abortSignal) =>
            s3.send(
              new PutObjectCommand({
                Bucket,
                Key: retiredKey(Key),
                Body: event.raw,
                ContentType: "application/octet-stream",
                Metadata: { ...metadataOf(event), redriven: iso(at) }
              }),
              { abortSignal }
            )
          )
          yield* retry("DeleteObject", (abortSignal) =>
            s3.send(new DeleteObjectCommand({ Bucket, Key }), { abortSignal })
          )
        },
        failing("rejected events", "retire")
      )

      return RejectedEvents.of({ list, open, retire })
    })
  )
