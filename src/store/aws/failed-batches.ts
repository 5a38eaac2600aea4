import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3"
import { Effect, Layer } from "effect"
import { iso } from "../../domain/stamp.ts"
import { readBatch } from "../batch-document.ts"
import {
  type BatchSelection,
  FAILED_FOLDER,
  type FailedBatch,
  FailedBatches,
  type OpenedBatch,
  parseFailedKey
} from "../failed-batches.ts"
import { retiredKey } from "../rejected-events.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"

/** Given-up batches on S3. Calls: `ListBucket`, `GetObject`, and to retire `PutObject` and `DeleteObject`. */
export const failedBatches = (Bucket: string) =>
  Layer.effect(
    FailedBatches,
    Effect.gen(function* () {
      const s3 = yield* S3

      const list = Effect.fn("FailedBatches.list")(
        function* (selection: BatchSelection) {
          const { since = 0, until = Number.POSITIVE_INFINITY, limit } = selection
          const found: Array<FailedBatch> = []
          for (let after: string | undefined = ""; after !== undefined; ) {
            const StartAfter: string = after
            const { Contents = [], IsTruncated = false } = yield* retry("ListObjectsV2", (abortSignal) =>
              s3.send(
                new ListObjectsV2Command({
                  Bucket,
                  Prefix: FAILED_FOLDER,
                  ...(StartAfter === "" ? {} : { StartAfter })
                }),
                { abortSignal }
              )
            )
            for (const { Key = "", Size = 0 } of Contents) {
              const named = parseFailedKey(Key)
              if (named !== undefined && named.at >= since && named.at < until)
                found.push({ key: Key, size: Size, ...named })
            }
            after = IsTruncated ? Contents.at(-1)?.Key : undefined
          }
          // Keys are in the order of time only within their shard.
          found.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
          return { batches: found.slice(0, limit), more: found.length > limit }
        },
        failing("failed batches", "list")
      )

      const open = Effect.fn("FailedBatches.open")(
        function* (Key: string) {
          return yield* retry("GetObject", async (abortSignal) => {
            const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal })
            return readBatch((await Body?.transformToByteArray()) ?? new Uint8Array())
          }).pipe(
            Effect.catchIf(
              ({ reason }) => reason === "NoSuchKey" || reason === "NotFound",
              () => Effect.undefined
            )
          )
        },
        failing("failed batches", "open")
      )

      const retire = Effect.fn("FailedBatches.retire")(
        function* (Key: string, { raw }: OpenedBatch, at: number) {
          const kept = {
            Bucket,
            Key: retiredKey(Key),
            Body: raw,
            ContentType: "application/json",
            Metadata: { redriven: iso(at) }
          }
          yield* retry("PutObject", (abortSignal) => s3.send(new PutObjectCommand(kept), { abortSignal }))
          yield* retry("DeleteObject", (abortSignal) =>
            s3.send(new DeleteObjectCommand({ Bucket, Key }), { abortSignal })
          )
        },
        failing("failed batches", "retire")
      )

      return FailedBatches.of({ list, open, retire })
    })
  )
