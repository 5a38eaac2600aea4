import { createHash } from "node:crypto"
import { join } from "node:path"
import { type Authorize, type EngineClock, type Principal, type Service, ServiceError } from "../core/types.ts"
import { crc32Base64 } from "../wire/http.ts"
import { folderObjects, memoryObjects } from "./objects.ts"
import { NO_VERSION, type S3Input, type S3Object, type S3Page, type S3VersionPage } from "./shapes.ts"
import { type VersionedObjects, versionedObjects } from "./versions.ts"

export interface S3 {
  readonly service: Service
  /** Makes a bucket, or opens the one that `path` holds already. `versions`: whether it keeps them; else what is deleted or put again is gone. */
  readonly createBucket: (name: string, options?: { readonly versions?: boolean }) => void
  /** For the host, past all permissions: the objects under a prefix, in key order. */
  readonly listAll: (bucket: string, prefix?: string) => ReadonlyArray<S3Object>
  /** For the host, past all permissions. Absent when there is no such object. */
  readonly read: (bucket: string, key: string) => Uint8Array | undefined
  /** For the host, past all permissions: what objects were before, and those that are deleted, by key and the newest first. */
  readonly former: (
    bucket: string,
    prefix?: string
  ) => ReadonlyArray<{ readonly object: S3Object; readonly body: Uint8Array }>
}

type Input<K extends string> = Extract<S3Input, { readonly [name in K]?: unknown }>

const MAX_KEY_BYTES = 1024
const MAX_PAGE = 1000

/** Classes whose objects are read at once. What is in another must be restored first, which is not imitated. */
const STORAGE_CLASSES: ReadonlySet<string> = new Set([
  "STANDARD",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER_IR"
])

/** Below the folder of a bucket, what its objects were before. */
const PAST = "versions"

const noSuchKey = () => new ServiceError("NoSuchKey", "The specified key does not exist.", 404)
const noSuchVersion = () => new ServiceError("NoSuchVersion", "The specified version does not exist.", 404)
const unmet = () =>
  new ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)

/** Buckets in memory, or below the folder `path`, where they outlive the engine. */
export const makeS3 = (options: {
  readonly clock: EngineClock
  readonly authorize: Authorize
  readonly path?: string
}): S3 => {
  const { clock, authorize, path } = options
  const buckets = new Map<string, VersionedObjects>()

  const storageOf = (bucket: string): VersionedObjects => {
    const objects = buckets.get(bucket)
    if (objects === undefined)
      throw new ServiceError("NoSuchBucket", `The specified bucket does not exist: ${bucket}`, 404)
    return objects
  }
  const objectArn = (input: { Bucket: string; Key: string }) => `arn:aws:s3:::${input.Bucket}/${input.Key}`

  const find = (input: Input<"Key">, principal: Principal): S3Object => {
    authorize(principal, "s3:GetObject", objectArn(input))
    const object = storageOf(input.Bucket).current.head(input.Key)
    if (object !== undefined) return object
    // S3 tells who may not list the bucket "access denied" instead of "not found".
    authorize(principal, "s3:ListBucket", `arn:aws:s3:::${input.Bucket}`)
    throw noSuchKey()
  }

  const put = (input: Input<"Body">, principal: Principal): S3Object => {
    authorize(principal, "s3:PutObject", objectArn(input))
    const objects = storageOf(input.Bucket)
    if (Buffer.byteLength(input.Key) > MAX_KEY_BYTES) throw new ServiceError("KeyTooLongError", "Your key is too long")
    const held = objects.current.head(input.Key)
    if (input.IfNoneMatch !== undefined) {
      if (input.IfNoneMatch !== "*") throw new Error("not implemented by aws-in-process: If-None-Match other than *")
      if (held !== undefined) throw unmet()
    }
    if (input.IfMatch !== undefined) {
      authorize(principal, "s3:GetObject", objectArn(input))
      if (held === undefined) throw noSuchKey()
      if (held.etag !== input.IfMatch) throw unmet()
    }
    const { StorageClass = "STANDARD" } = input
    if (!STORAGE_CLASSES.has(StorageClass))
      throw new Error(`not implemented by aws-in-process: the storage class ${StorageClass}`)
    const object: S3Object = {
      key: input.Key,
      size: input.Body.length,
      etag: `"${createHash("md5").update(input.Body).digest("hex")}"`,
      crc32: crc32Base64(input.Body),
      modified: clock.now(),
      metadata: input.Metadata,
      ...(input.ContentType === undefined ? {} : { contentType: input.ContentType }),
      ...(input.ContentEncoding === undefined ? {} : { contentEncoding: input.ContentEncoding }),
      ...(StorageClass === "STANDARD" ? {} : { storageClass: StorageClass })
    }
    return objects.put(object, Uint8Array.from(input.Body))
  }

  /** S3 returns the same whether there was such an object or not. */
  const remove = (input: Input<"VersionId">, principal: Principal) => {
    const { VersionId } = input
    authorize(principal, VersionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion", objectArn(input))
    storageOf(input.Bucket).remove(input.Key, VersionId, clock.now())
    return {}
  }

  const list = (input: Input<"StartAfter">, principal: Principal): S3Page => {
    authorize(principal, "s3:ListBucket", `arn:aws:s3:::${input.Bucket}`, { "s3:prefix": input.Prefix ?? "" })
    return pageOf(input)
  }

  const listVersions = (input: Input<"KeyMarker">, principal: Principal): S3VersionPage => {
    authorize(principal, "s3:ListBucketVersions", `arn:aws:s3:::${input.Bucket}`, { "s3:prefix": input.Prefix ?? "" })
    const all = storageOf(input.Bucket).all(input.Prefix ?? "")
    const { KeyMarker: key, VersionIdMarker: version } = input
    const last = all.findLastIndex(
      ({ object }) => object.key === key && (version === undefined || (object.version ?? NO_VERSION) === version)
    )
    // What the markers name may be deleted by now.
    const after =
      key === undefined ? 0 : last < 0 ? all.filter(({ object }) => isUpTo(object.key, key)).length : last + 1
    const count = Math.min(input.MaxKeys ?? MAX_PAGE, MAX_PAGE)
    const versions = all.slice(after, after + count)
    const end = versions.at(-1)?.object
    const more = end !== undefined && after + count < all.length
    return { versions, ...(more ? { next: { key: end.key, version: end.version ?? NO_VERSION } } : {}) }
  }

  const pageOf = (input: Input<"StartAfter">): S3Page => {
    const objects = storageOf(input.Bucket).current
    const after = input.ContinuationToken === undefined ? input.StartAfter : decodeToken(input.ContinuationToken)
    const keys = objects.keys().filter((key) => key.startsWith(input.Prefix ?? ""))
    const from = after === undefined ? 0 : keys.filter((key) => isUpTo(key, after)).length
    const count = Math.min(input.MaxKeys ?? MAX_PAGE, MAX_PAGE)
    const page = keys.slice(from, from + count)
    const more = page.length > 0 && from + count < keys.length
    return {
      objects: page.map((key) => objects.head(key)!),
      ...(more ? { next: encodeToken(page.at(-1)!) } : {})
    }
  }

  const operations: Readonly<Record<string, (input: never, principal: Principal) => unknown>> = {
    PutObject: put,
    HeadObject: find,
    DeleteObject: remove,
    ListObjectsV2: list,
    ListObjectVersions: listVersions,
    GetObject: (input: Input<"VersionId">, principal: Principal) => {
      const { Bucket, Key, VersionId } = input
      if (VersionId === undefined) return { object: find(input, principal), body: storageOf(Bucket).current.body(Key) }
      authorize(principal, "s3:GetObjectVersion", objectArn(input))
      const found = storageOf(Bucket).find(Key, VersionId)
      if (found === undefined) throw noSuchVersion()
      if (found.object.marker === true)
        throw new ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
      return found
    }
  }

  return {
    service: async (operation, input, principal) => {
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined
      if (run === undefined) throw new Error(`not implemented by aws-in-process: S3 ${operation}`)
      return run(input as never, principal)
    },
    createBucket: (name, { versions = false } = {}) => {
      if (buckets.has(name)) return
      const folder = path === undefined ? undefined : join(path, name)
      const open = (inside: string) => (folder === undefined ? memoryObjects() : folderObjects(join(folder, inside)))
      buckets.set(name, versionedObjects(open(""), versions ? open(PAST) : undefined))
    },
    listAll: (bucket, prefix = "") => {
      const { current } = storageOf(bucket)
      return current
        .keys()
        .filter((key) => key.startsWith(prefix))
        .map((key) => current.head(key)!)
    },
    read: (bucket, key) => {
      const { current } = storageOf(bucket)
      return current.head(key) === undefined ? undefined : current.body(key)
    },
    former: (bucket, prefix = "") => {
      const objects = storageOf(bucket)
      return objects
        .all(prefix)
        .filter(({ object, latest }) => !latest && object.marker === undefined)
        .map(({ object }) => objects.find(object.key, object.version ?? NO_VERSION)!)
    }
  }
}

const isUpTo = (key: string, last: string) => Buffer.compare(Buffer.from(key), Buffer.from(last)) <= 0
const encodeToken = (key: string) => Buffer.from(key).toString("base64url")
const decodeToken = (token: string) => Buffer.from(token, "base64url").toString()
