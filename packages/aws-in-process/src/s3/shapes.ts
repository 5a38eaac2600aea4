/** The id of the one version that an object has which was put while its bucket kept no versions. */
export const NO_VERSION = "null"

/** The input of the S3 service: every option that the wire may carry here, and no other. */
export type S3Input =
  | {
      readonly Bucket: string
      readonly Key: string
      readonly Body: Uint8Array
      readonly ContentType?: string
      readonly ContentEncoding?: string
      readonly Metadata: Readonly<Record<string, string>>
      readonly IfNoneMatch?: string
      readonly IfMatch?: string
      readonly StorageClass?: string
    }
  | { readonly Bucket: string; readonly Key: string; readonly VersionId?: string }
  | {
      readonly Bucket: string
      readonly Prefix?: string
      readonly MaxKeys?: number
      readonly ContinuationToken?: string
      readonly StartAfter?: string
    }
  | {
      readonly Bucket: string
      readonly Prefix?: string
      readonly MaxKeys?: number
      readonly KeyMarker?: string
      readonly VersionIdMarker?: string
    }

/** What the service returns for one object. Times are epoch ms. */
export interface S3Object {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly crc32: string
  readonly modified: number
  readonly contentType?: string
  readonly contentEncoding?: string
  /** Absent: `STANDARD`, which S3 does not name. */
  readonly storageClass?: string
  readonly metadata: Readonly<Record<string, string>>
  /** Absent: `NO_VERSION`. */
  readonly version?: string
  /** It says that the object was deleted, and holds nothing. */
  readonly marker?: true
}

/** One version of an object, or a delete marker. */
export interface S3Version {
  readonly object: S3Object
  readonly latest: boolean
}

export interface S3VersionPage {
  readonly versions: ReadonlyArray<S3Version>
  /** The last of the page, where more follow. */
  readonly next?: { readonly key: string; readonly version: string }
}

export interface S3Page {
  readonly objects: ReadonlyArray<S3Object>
  readonly next?: string
}
