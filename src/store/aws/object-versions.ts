import { DeleteObjectCommand, ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3"
import { Effect } from "effect"
import { retry } from "./retry.ts"

/**
 * Deletes an object with all its versions and delete markers, which a bucket that keeps versions would go on to hold. Calls:
 * `ListObjectVersions`, `DeleteObject` of a version.
 */
export const dropObject = Effect.fnUntraced(function* (s3: S3Client, Bucket: string, Key: string) {
  for (let more = true; more; ) {
    const {
      Versions = [],
      DeleteMarkers = [],
      IsTruncated = false
    } = yield* retry("ListObjectVersions", (abortSignal) =>
      s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }), { abortSignal })
    )
    const own = [...Versions, ...DeleteMarkers].filter((one) => one.Key === Key)
    for (const { VersionId } of own)
      yield* retry("DeleteObject", (abortSignal) =>
        s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }), { abortSignal })
      )
    more = IsTruncated && own.length > 0
  }
})
