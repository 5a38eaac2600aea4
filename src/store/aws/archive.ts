import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand
} from "@aws-sdk/client-s3"
import { Config, Effect, Layer, Schema } from "effect"
import { ARCHIVE_CLASSES, type ArchiveClass } from "../../domain/archive-window.ts"
import { Archive } from "../archive.ts"
import { archiveOn } from "../archive-objects.ts"
import { failing } from "./faults.ts"
import { dropVersion, formerVersions } from "./object-versions.ts"
import { retry } from "./retry.ts"
import { S3 } from "./s3.ts"

/** How S3 says that something else is under a key than the call demands, or that it changes just now. */
const OTHER: ReadonlySet<string> = new Set(["ConditionalRequestConflict", "NoSuchKey", "PreconditionFailed"])

/** Where the archive is. `storageClass`: of the objects that it writes. */
export interface ArchiveSettings {
  readonly bucket: string
  readonly storageClass: ArchiveClass
}

/** The archive on S3. Calls: `PutObject`, `GetObject` and `ListObjectsV2` (`s3:ListBucket`) on the bucket; to erase also `ListObjectVersions`, and `GetObject` and `DeleteObject` of versions. */
export const archive = (settings: ArchiveSettings) => Layer.effect(Archive, make(settings))

/** The same, from `ARCHIVE_BUCKET` and `ARCHIVE_CLASS`. */
export const archiveFromConfig = Layer.effect(
  Archive,
  Effect.flatMap(
    Config.all({
      bucket: Config.NonEmptyString("ARCHIVE_BUCKET"),
      storageClass: Config.schema(Schema.Literals(ARCHIVE_CLASSES), "ARCHIVE_CLASS")
    }),
    (settings) => make(settings)
  )
)

const make = Effect.fnUntraced(function* ({ bucket: Bucket, storageClass }: ArchiveSettings) {
  const s3 = yield* S3
  return archiveOn({
    put: (Key, Body, kind, over) =>
      retry("PutObject", (abortSignal) =>
        s3.send(
          new PutObjectCommand({
            Bucket,
            Key,
            Body,
            ...(over === null ? { IfNoneMatch: "*" } : { IfMatch: over }),
            ...(kind === "events"
              ? { ContentType: "application/x-ndjson", ContentEncoding: "gzip", StorageClass: storageClass }
              : { ContentType: "application/json" })
          }),
          { abortSignal }
        )
      ).pipe(
        Effect.as(true),
        Effect.catchIf(
          ({ reason }) => OTHER.has(reason),
          () => Effect.succeed(false)
        ),
        failing("archive", "put")
      ),
    get: (Key, VersionId) =>
      retry("GetObject", async (abortSignal) => {
        const { Body, ETag = "" } = await s3.send(
          new GetObjectCommand({ Bucket, Key, ...(VersionId && { VersionId }) }),
          {
            abortSignal
          }
        )
        return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), tag: ETag }
      }).pipe(
        Effect.catchIf(
          ({ reason }) => reason === "NoSuchKey" || reason === "NoSuchVersion",
          () => Effect.succeed(null)
        ),
        failing("archive", "get")
      ),
    former: (prefix) => formerVersions(s3, Bucket, prefix).pipe(failing("archive", "former")),
    drop: ({ key, version }) => dropVersion(s3, Bucket, key, version).pipe(failing("archive", "drop")),
    keys: Effect.fnUntraced(
      function* (Prefix: string) {
        const keys: Array<string> = []
        let token: string | undefined
        do {
          const command = new ListObjectsV2Command({ Bucket, Prefix, ...(token && { ContinuationToken: token }) })
          const page: ListObjectsV2CommandOutput = yield* retry("ListObjectsV2", (abortSignal) =>
            s3.send(command, { abortSignal })
          )
          keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])))
          token = page.NextContinuationToken
        } while (token !== undefined)
        return keys
      },
      failing("archive", "list")
    )
  })
})
