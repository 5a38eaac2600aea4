import { createHash } from "node:crypto"
import { join } from "node:path"
import { type Authorize, type EngineClock, type Principal, type Service, ServiceError } from "../core/types.ts"
import { crc32Base64 } from "../wire/http.ts"
import { folderObjects, memoryObjects, type ObjectStorage } from "./objects.ts"
import { NO_VERSION, type S3Input, type S3Object, type S3Page } from "./shapes.ts"

export interface S3 {
  readonly service: Service
  /** Makes a bucket, or opens the one that `path` holds already. */
  readonly createBucket: (name: string) => void
  /** For the host, past all permissions: the objects under a prefix, in key order. */
  readonly listAll: (bucket: string, prefix?: string) => ReadonlyArray<S3Object>
  /** For the host, past all permissions. Absent when there is no such object. */
  readonly read: (bucket: string, key: string) => Uint8Array | undefined
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

const noSuchKey = () => new ServiceError("NoSuchKey", "The specified key does not exist.", 404)

/** Buckets in memory, or below the folder `path`, where they outlive the engine. Keeps no versions: what is deleted is gone. */
export const makeS3 = (options: {
  readonly clock: EngineClock
  readonly authorize: Authorize
  readonly path?: string
}): S3 => {
  const { clock, authorize, path } = options
  const buckets = new Map<string, ObjectStorage>()

  const storageOf = (bucket: string): ObjectStorage => {
    const objects = buckets.get(bucket)
    if (objects === undefined)
      throw new ServiceError("NoSuchBucket", `The specified bucket does not exist: ${bucket}`, 404)
    return objects
  }
  const objectArn = (input: { Bucket: string; Key: string }) => `arn:aws:s3:::${input.Bucket}/${input.Key}`

  const find = (input: Input<"Key">, principal: Principal): S3Object => {
    authorize(principal, "s3:GetObject", objectArn(input))
    const object = storageOf(input.Bucket).head(input.Key)
    if (object !== undefined) return object
    // S3 tells who may not list the bucket "access denied" instead of "not found".
    authorize(principal, "s3:ListBucket", `arn:aws:s3:::${input.Bucket}`)
    throw noSuchKey()
  }

  const put = (input: Input<"Body">, principal: Principal): S3Object => {
    authorize(principal, "s3:PutObject", objectArn(input))
    const objects = storageOf(input.Bucket)
    if (Buffer.byteLength(input.Key) > MAX_KEY_BYTES) throw new ServiceError("KeyTooLongError", "Your key is too long")
    if (input.IfNoneMatch !== undefined) {
      if (input.IfNoneMatch !== "*") throw new Error("not implemented by aws-in-process: If-None-Match other than *")
      if (objects.head(input.Key) !== undefined)
        throw new ServiceError(
          "PreconditionFailed",
          "At least one of the pre-conditions you specified did not hold",
          412
        )
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
    objects.put(object, Uint8Array.from(input.Body))
    return object
  }

  /** S3 returns the same whether there was such an object or not. */
  const remove = (input: Input<"VersionId">, principal: Principal) => {
    const { VersionId } = input
    authorize(principal, VersionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion", objectArn(input))
    if (VersionId === undefined || VersionId === NO_VERSION) storageOf(input.Bucket).remove(input.Key)
    return {}
  }

  const listing = (action: string) => (input: Input<"Prefix">, principal: Principal) => {
    authorize(principal, action, `arn:aws:s3:::${input.Bucket}`, { "s3:prefix": input.Prefix ?? "" })
    return pageOf(input)
  }

  const pageOf = (input: Input<"Prefix">): S3Page => {
    const objects = storageOf(input.Bucket)
    const after = input.ContinuationToken === undefined ? input.StartAfter : decodeToken(input.ContinuationToken)
    const keys = objects.keys().filter((key) => key.startsWith(input.Prefix ?? ""))
    const from =
      after === undefined ? 0 : keys.filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0).length
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
    ListObjectsV2: listing("s3:ListBucket"),
    ListObjectVersions: listing("s3:ListBucketVersions"),
    GetObject: (input: Input<"Key">, principal: Principal) => {
      const object = find(input, principal)
      return { object, body: storageOf(input.Bucket).body(input.Key) }
    }
  }

  return {
    service: async (operation, input, principal) => {
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined
      if (run === undefined) throw new Error(`not implemented by aws-in-process: S3 ${operation}`)
      return run(input as never, principal)
    },
    createBucket: (name) => {
      if (!buckets.has(name)) buckets.set(name, path === undefined ? memoryObjects() : folderObjects(join(path, name)))
    },
    listAll: (bucket, prefix = "") => {
      const objects = storageOf(bucket)
      return objects
        .keys()
        .filter((key) => key.startsWith(prefix))
        .map((key) => objects.head(key)!)
    },
    read: (bucket, key) => {
      const objects = storageOf(bucket)
      return objects.head(key) === undefined ? undefined : objects.body(key)
    }
  }
}

const encodeToken = (key: string) => Buffer.from(key).toString("base64url")
const decodeToken = (token: string) => Buffer.from(token, "base64url").toString()
