import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3"
import { Effect, Layer, Result, Schema } from "effect"
import { UseLog, type UseRange, UseRecord, useKey, usesFolder } from "../use-log.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"

/** Objects read at a time. */
const OBJECTS_IN_FLIGHT = 8

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(UseRecord))

/** The use log on S3, one object a record. Calls: `PutObject`, `GetObject`, `ListBucket`. */
export const useLog = (Bucket: string) =>
  Layer.effect(
    UseLog,
    Effect.gen(function* () {
      const s3 = yield* S3

      const read = (Key: string) =>
        retry("GetObject", async (abortSignal) => {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal })
          return (await Body?.transformToString()) ?? ""
        })

      const append = Effect.fn("UseLog.append")(
        function* (record: UseRecord) {
          const Key = useKey(record)
          const Body = `${JSON.stringify(record, undefined, 2)}\n`
          yield* retry("PutObject", (abortSignal) =>
            s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/json", IfNoneMatch: "*" }), {
              abortSignal
            })
          ).pipe(
            // The answer to our own write may have been lost.
            Effect.catchIf(
              ({ reason }) => reason === "PreconditionFailed",
              (fault) => Effect.flatMap(read(Key), (stored) => (stored === Body ? Effect.void : Effect.fail(fault)))
            )
          )
          return Key
        },
        failing("use log", "append")
      )

      const keys = Effect.fnUntraced(function* ({ since, until }: UseRange) {
        const found: Array<string> = []
        for (let after = usesFolder(since); ; ) {
          const { Contents = [], IsTruncated = false } = yield* retry("ListObjectsV2", (abortSignal) =>
            s3.send(new ListObjectsV2Command({ Bucket, Prefix: "audit/", StartAfter: after }), { abortSignal })
          )
          for (const { Key = "" } of Contents) {
            const at = Date.parse(Key.split("/")[2]?.slice(0, 24) ?? "")
            if (at >= until) return found
            if (at >= since) found.push(Key)
          }
          after = Contents.at(-1)?.Key ?? ""
          if (!IsTruncated || after === "") return found
        }
      })

      const list = Effect.fn("UseLog.list")(
        function* (range: UseRange) {
          const newest = (yield* keys(range)).slice(-range.limit)
          const texts = yield* Effect.forEach(newest, read, { concurrency: OBJECTS_IN_FLIGHT })
          // What is no record was put there by somebody else.
          return texts.flatMap((text) => {
            const record = decode(text)
            return Result.isSuccess(record) ? [record.success] : []
          })
        },
        failing("use log", "list")
      )

      return UseLog.of({ append, list })
    })
  )
