import { DeleteObjectCommand, ListObjectVersionsCommand, type ObjectVersion, type S3Client } from "@aws-sdk/client-s3"
import { Effect } from "effect"
import { retry } from "./retry.ts"

const dropVersions = Effect.fnUntraced(function* (
  s3: S3Client,
  Bucket: string,
  Key: string,
  isDropped: (version: ObjectVersion) => boolean
) {
  for (let more = true; more; ) {
    const {
      Versions = [],
      DeleteMarkers = [],
      IsTruncated = false
    } = yield* retry("ListObjectVersions", (abortSignal) =>
      s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }), { abortSignal })
    )
    const own = [...Versions, ...DeleteMarkers].filter((one) => one.Key === Key && isDropped(one))
    for (const { VersionId } of own)
      yield* retry("DeleteObject", (abortSignal) =>
        s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }), { abortSignal })
      )
    more = IsTruncated && own.length > 0
  }
})

/**
 * Deletes an object with all its versions and delete markers, which a bucket that keeps versions would go on to hold. Calls:
 * `ListObjectVersions`, `DeleteObject` of a version.
 */
export const dropObject = (s3: S3Client, bucket: string, key: string) => dropVersions(s3, bucket, key, () => true)

/** Deletes what an object was before it was written over. Calls: the same. */
export const dropOldVersions = (s3: S3Client, bucket: string, key: string) =>
  dropVersions(s3, bucket, key, ({ IsLatest }) => IsLatest === false)
