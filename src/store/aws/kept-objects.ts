import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3"
import { Effect, Layer } from "effect"
import { type KeptObject, KeptObjects, type ObjectBucket } from "../kept-objects.ts"
import { failing } from "./faults.ts"
import { dropObject } from "./object-versions.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"

/** Objects on S3, by the names of the buckets; an empty name is a bucket without objects. Calls: `ListBucket`, `GetObject`, `PutObject`, and those of `dropObject`. */
export const keptObjects = (buckets: Readonly<Record<ObjectBucket, string>>) =>
  Layer.effect(
    KeptObjects,
    Effect.gen(function* () {
      const s3 = yield* S3

      const keys = Effect.fn("KeptObjects.keys")(
        function* (bucket: ObjectBucket, Prefix: string, after?: string) {
          const Bucket = buckets[bucket]
          if (Bucket === "") return { keys: [], more: false }
          const command = new ListObjectsV2Command({ Bucket, Prefix, ...(after && { StartAfter: after }) })
          const { Contents = [], IsTruncated = false } = yield* retry("ListObjectsV2", (abortSignal) =>
            s3.send(command, { abortSignal })
          )
          return { keys: Contents.map(({ Key = "", Size = 0 }) => ({ key: Key, size: Size })), more: IsTruncated }
        },
        failing("object storage", "list")
      )

      const read = Effect.fn("KeptObjects.read")(
        (bucket: ObjectBucket, Key: string) =>
          retry("GetObject", async (abortSignal): Promise<KeptObject> => {
            const command = new GetObjectCommand({ Bucket: buckets[bucket], Key })
            const { Body, ContentType, Metadata = {} } = await s3.send(command, { abortSignal })
            const body = (await Body?.transformToByteArray()) ?? new Uint8Array()
            return { body, metadata: Metadata, ...(ContentType && { contentType: ContentType }) }
          }).pipe(
            Effect.catchIf(
              ({ reason }) => reason === "NoSuchKey",
              () => Effect.undefined
            )
          ),
        failing("object storage", "read")
      )

      const rewrite = Effect.fn("KeptObjects.rewrite")(
        (bucket: ObjectBucket, Key: string, { body, metadata, contentType }: KeptObject) =>
          Effect.asVoid(
            retry("PutObject", (abortSignal) =>
              s3.send(
                new PutObjectCommand({
                  Bucket: buckets[bucket],
                  Key,
                  Body: body,
                  Metadata: { ...metadata },
                  ...(contentType && { ContentType: contentType })
                }),
                { abortSignal }
              )
            )
          ),
        failing("object storage", "rewrite")
      )

      const remove = Effect.fn("KeptObjects.remove")(
        (bucket: ObjectBucket, key: string) => dropObject(s3, buckets[bucket], key),
        failing("object storage", "remove")
      )

      return KeptObjects.of({ keys, read, rewrite, remove })
    })
  )
