import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client
} from "@aws-sdk/client-s3"
import { Effect } from "effect"
import { retry } from "./retry.ts"

/** Deletes one version of an object, or one delete marker, for good. Calls: `DeleteObject` of a version. */
export const dropVersion = (s3: S3Client, Bucket: string, Key: string, VersionId: string) =>
  Effect.asVoid(
    retry("DeleteObject", (abortSignal) =>
      s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }), { abortSignal })
    )
  )

/** All versions and delete markers below a prefix. */
const versionsBelow = Effect.fnUntraced(function* (s3: S3Client, Bucket: string, Prefix: string) {
  const found: Array<{
    readonly key: string
    readonly version: string
    readonly latest: boolean
    readonly marker: boolean
  }> = []
  let from: Pick<ListObjectVersionsCommandOutput, "NextKeyMarker" | "NextVersionIdMarker"> | undefined = {}
  while (from !== undefined) {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = from
    const command = new ListObjectVersionsCommand({
      Bucket,
      Prefix,
      ...(KeyMarker && { KeyMarker }),
      ...(VersionIdMarker && { VersionIdMarker })
    })
    const page: ListObjectVersionsCommandOutput = yield* retry("ListObjectVersions", (abortSignal) =>
      s3.send(command, { abortSignal })
    )
    for (const [list, marker] of [
      [page.Versions ?? [], false],
      [page.DeleteMarkers ?? [], true]
    ] as const)
      for (const { Key = "", VersionId = "", IsLatest = false } of list)
        found.push({ key: Key, version: VersionId, latest: IsLatest, marker })
    from = page.IsTruncated === true ? page : undefined
  }
  return found
})

/**
 * Deletes an object with all its versions and delete markers, which a bucket that keeps versions would go on to hold. Calls:
 * `ListObjectVersions`, `DeleteObject` of a version.
 */
export const dropObject = Effect.fnUntraced(function* (s3: S3Client, bucket: string, key: string) {
  for (const one of yield* versionsBelow(s3, bucket, key))
    if (one.key === key) yield* dropVersion(s3, bucket, key, one.version)
})

/** What objects below a prefix were before they were written over or deleted. Calls: `ListObjectVersions`. */
export const formerVersions = (s3: S3Client, bucket: string, prefix: string) =>
  Effect.map(versionsBelow(s3, bucket, prefix), (found) =>
    found.flatMap(({ key, version, latest, marker }) => (latest || marker ? [] : [{ key, version }]))
  )
