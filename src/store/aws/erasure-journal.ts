import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3"
import { Effect, Layer } from "effect"
import type { Json } from "../../domain/json.ts"
import { BEGUN, ErasureJournal, journalFolder } from "../erasure-journal.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"

/** Objects read or deleted at a time. */
const IN_FLIGHT = 8

/** The journal on S3, an object an entry. Calls: `ListBucket`, `GetObject`, `PutObject`, `DeleteObject`. */
export const erasureJournal = (Bucket: string) =>
  Layer.effect(
    ErasureJournal,
    Effect.gen(function* () {
      const s3 = yield* S3

      const keys = Effect.fnUntraced(function* (Prefix: string) {
        const found: Array<string> = []
        for (let after: string | undefined = ""; after !== undefined; ) {
          const StartAfter: string = after
          const { Contents = [], IsTruncated = false } = yield* retry("ListObjectsV2", (abortSignal) =>
            s3.send(new ListObjectsV2Command({ Bucket, Prefix, ...(StartAfter && { StartAfter }) }), { abortSignal })
          )
          found.push(...Contents.map(({ Key = "" }) => Key))
          after = IsTruncated ? found.at(-1) : undefined
        }
        return found
      })

      const read = Effect.fn("ErasureJournal.read")(
        function* (request: string) {
          const folder = journalFolder(request)
          const entries = yield* Effect.forEach(
            yield* keys(folder),
            (Key) =>
              retry("GetObject", async (abortSignal) => {
                const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal })
                const value = JSON.parse((await Body?.transformToString()) ?? "null") as Json
                return [Key.slice(folder.length), value] as const
              }),
            { concurrency: IN_FLIGHT }
          )
          return new Map(entries)
        },
        failing("erasure journal", "read")
      )

      const write = Effect.fn("ErasureJournal.write")(
        (request: string, name: string, value: Json) =>
          Effect.asVoid(
            retry("PutObject", (abortSignal) =>
              s3.send(
                new PutObjectCommand({
                  Bucket,
                  Key: `${journalFolder(request)}${name}`,
                  Body: JSON.stringify(value),
                  ContentType: "application/json"
                }),
                { abortSignal }
              )
            )
          ),
        failing("erasure journal", "write")
      )

      const deleteOne = (Key: string) =>
        retry("DeleteObject", (abortSignal) => s3.send(new DeleteObjectCommand({ Bucket, Key }), { abortSignal }))

      const remove = Effect.fn("ErasureJournal.remove")(
        function* (request: string) {
          const folder = journalFolder(request)
          // Where it began goes last: whoever is cut off here is not taken for somebody who begins.
          const others = (yield* keys(folder)).filter((key) => key !== `${folder}${BEGUN}`)
          yield* Effect.forEach(others, deleteOne, { concurrency: IN_FLIGHT, discard: true })
          yield* deleteOne(`${folder}${BEGUN}`)
        },
        failing("erasure journal", "remove")
      )

      return ErasureJournal.of({ read, write, remove })
    })
  )
