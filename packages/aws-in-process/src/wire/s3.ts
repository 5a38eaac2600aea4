import type { HttpRequest, HttpResponse } from "@smithy/types"
import { type Principal, type Service, ServiceError } from "../core/types.ts"
import { NO_VERSION, type S3Input, type S3Object, type S3Page, type S3VersionPage } from "../s3/shapes.ts"
import { bodyBytes, crc32Base64, refuseUnknownHeaders, response } from "./http.ts"

interface Route {
  readonly operation: "PutObject" | "GetObject" | "HeadObject" | "DeleteObject" | "ListObjectsV2" | "ListObjectVersions"
  readonly headers: ReadonlySet<string>
  readonly query: ReadonlySet<string>
}

const PUT: Route = {
  operation: "PutObject",
  headers: new Set([
    "content-encoding",
    "content-type",
    "if-match",
    "if-none-match",
    "transfer-encoding",
    "x-amz-checksum-crc32",
    "x-amz-decoded-content-length",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-storage-class",
    "x-amz-trailer"
  ]),
  query: new Set(["x-id"])
}
const GET: Route = {
  operation: "GetObject",
  headers: new Set(["x-amz-checksum-mode"]),
  query: new Set(["x-id", "versionId"])
}
const HEAD: Route = { operation: "HeadObject", headers: new Set(["x-amz-checksum-mode"]), query: new Set() }
const DELETE: Route = { operation: "DeleteObject", headers: new Set(), query: new Set(["x-id", "versionId"]) }
const LIST: Route = {
  operation: "ListObjectsV2",
  headers: new Set(),
  query: new Set(["list-type", "prefix", "max-keys", "continuation-token", "start-after"])
}
const VERSIONS: Route = {
  operation: "ListObjectVersions",
  headers: new Set(),
  query: new Set(["versions", "prefix", "max-keys", "key-marker", "version-id-marker"])
}

const META = "x-amz-meta-"

/** Virtual host (`bucket.s3.region...`) or path style (`s3.region.../bucket/key`). */
const locate = (request: HttpRequest): { readonly bucket: string; readonly key: string } => {
  const path = request.path.split("/").map(decodeURIComponent).slice(1)
  const at = `.${request.hostname}`.lastIndexOf(".s3.")
  if (at < 0 || !request.hostname.endsWith(".amazonaws.com"))
    throw new Error(`not implemented by aws-in-process: ${request.method} ${request.hostname}`)
  return at === 0
    ? { bucket: path[0] ?? "", key: path.slice(1).join("/") }
    : { bucket: request.hostname.slice(0, at - 1), key: path.join("/") }
}

const routeOf = (request: HttpRequest, key: string): Route => {
  if (key !== "" && request.method === "PUT") return PUT
  if (key !== "" && request.method === "GET") return GET
  if (key !== "" && request.method === "HEAD") return HEAD
  if (key !== "" && request.method === "DELETE") return DELETE
  if (key === "" && request.method === "GET" && request.query?.["list-type"] === "2") return LIST
  if (key === "" && request.method === "GET" && request.query?.versions !== undefined) return VERSIONS
  throw new Error(`not implemented by aws-in-process: S3 ${request.method} ${request.path}`)
}

/** Undoes `aws-chunked`: size in hex, extensions ignored by the format itself, data, ..., size 0, trailers. */
const unchunk = (bytes: Uint8Array): { readonly body: Uint8Array; readonly trailers: Record<string, string> } => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Array<Buffer> = []
  let at = 0
  for (;;) {
    const end = buffer.indexOf("\r\n", at)
    const size = Number.parseInt(buffer.toString("latin1", at, end), 16)
    if (end < 0 || Number.isNaN(size)) throw new ServiceError("IncompleteBody", "The aws-chunked body is malformed")
    at = end + 2
    if (size === 0) break
    chunks.push(buffer.subarray(at, at + size))
    at += size + 2
  }
  const lines = buffer.toString("latin1", at).split("\r\n").filter(Boolean)
  const trailers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":")
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    })
  )
  return { body: Buffer.concat(chunks), trailers }
}

const putInput = async (request: HttpRequest, bucket: string, key: string): Promise<S3Input> => {
  const headers = request.headers
  const encodings = (headers["content-encoding"] ?? "").split(",").map((encoding) => encoding.trim())
  const bytes = await bodyBytes(request.body)
  const { body, trailers } = encodings.includes("aws-chunked") ? unchunk(bytes) : { body: bytes, trailers: {} }
  const checksum = headers["x-amz-checksum-crc32"] ?? trailers["x-amz-checksum-crc32"]
  if (checksum !== undefined && checksum !== crc32Base64(body))
    throw new ServiceError("BadDigest", "The CRC32 you specified did not match the calculated checksum.")
  const encoding = encodings.filter((name) => name !== "" && name !== "aws-chunked").join(",")
  return {
    Bucket: bucket,
    Key: key,
    Body: body,
    Metadata: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith(META) ? [[name.slice(META.length), value]] : []
      )
    ),
    ...(headers["content-type"] === undefined ? {} : { ContentType: headers["content-type"] }),
    ...(encoding === "" ? {} : { ContentEncoding: encoding }),
    ...(headers["x-amz-storage-class"] === undefined ? {} : { StorageClass: headers["x-amz-storage-class"] }),
    ...(headers["if-none-match"] === undefined ? {} : { IfNoneMatch: headers["if-none-match"] }),
    ...(headers["if-match"] === undefined ? {} : { IfMatch: headers["if-match"] })
  }
}

const listInput = (request: HttpRequest, bucket: string): S3Input => {
  const text = (name: string) => request.query?.[name] as string | undefined
  const [prefix, max, token, after] = ["prefix", "max-keys", "continuation-token", "start-after"].map(text)
  return {
    Bucket: bucket,
    ...(prefix === undefined ? {} : { Prefix: prefix }),
    ...(max === undefined ? {} : { MaxKeys: Number(max) }),
    ...(token === undefined ? {} : { ContinuationToken: token }),
    ...(after === undefined ? {} : { StartAfter: after })
  }
}

const versionsInput = (request: HttpRequest, bucket: string): S3Input => {
  const { prefix, "max-keys": max, "key-marker": key, "version-id-marker": version } = request.query ?? {}
  return {
    Bucket: bucket,
    ...(prefix === undefined ? {} : { Prefix: String(prefix) }),
    ...(max === undefined ? {} : { MaxKeys: Number(max) }),
    ...(key === undefined ? {} : { KeyMarker: String(key) }),
    ...(version === undefined ? {} : { VersionIdMarker: String(version) })
  }
}

const versionOf = ({ query }: HttpRequest) =>
  query?.versionId === undefined ? {} : { VersionId: String(query.versionId) }

const objectHeaders = (object: S3Object): Record<string, string> => ({
  "accept-ranges": "bytes",
  "content-length": String(object.size),
  "content-type": object.contentType ?? "binary/octet-stream",
  etag: object.etag,
  "last-modified": new Date(object.modified).toUTCString(),
  ...(object.contentEncoding === undefined ? {} : { "content-encoding": object.contentEncoding }),
  ...(object.storageClass === undefined ? {} : { "x-amz-storage-class": object.storageClass }),
  ...Object.fromEntries(Object.entries(object.metadata).map(([name, value]) => [META + name, value]))
})

const checksumHeaders = (object: S3Object) => ({
  "x-amz-checksum-crc32": object.crc32,
  "x-amz-checksum-type": "FULL_OBJECT"
})

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;"
}
const xml = (text: string) => text.replace(/[&<>"\r]/g, (c) => entities[c]!)
const element = (name: string, text: string | number | boolean) => `<${name}>${xml(String(text))}</${name}>`

const listXml = (
  bucket: string,
  input: S3Input & { readonly Prefix?: string; readonly MaxKeys?: number },
  page: S3Page
) =>
  `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${[
    element("Name", bucket),
    element("Prefix", input.Prefix ?? ""),
    element("MaxKeys", input.MaxKeys ?? 1000),
    element("KeyCount", page.objects.length),
    element("IsTruncated", page.next !== undefined),
    ...(page.next === undefined ? [] : [element("NextContinuationToken", page.next)]),
    ...page.objects.map(
      (object) =>
        `<Contents>${element("Key", object.key)}${element("LastModified", new Date(object.modified).toISOString())}` +
        `${element("ETag", object.etag)}${element("Size", object.size)}${element("StorageClass", object.storageClass ?? "STANDARD")}</Contents>`
    )
  ].join("")}</ListBucketResult>`

const versionsXml = (bucket: string, { versions, next }: S3VersionPage) =>
  `<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${[
    element("Name", bucket),
    element("IsTruncated", next !== undefined),
    ...(next === undefined ? [] : [element("NextKeyMarker", next.key), element("NextVersionIdMarker", next.version)]),
    ...versions.map(({ object, latest }) => {
      const both =
        `${element("Key", object.key)}${element("VersionId", object.version ?? NO_VERSION)}${element("IsLatest", latest)}` +
        element("LastModified", new Date(object.modified).toISOString())
      return object.marker === true
        ? `<DeleteMarker>${both}</DeleteMarker>`
        : `<Version>${both}${element("ETag", object.etag)}${element("Size", object.size)}` +
            `${element("StorageClass", object.storageClass ?? "STANDARD")}</Version>`
    })
  ].join("")}</ListVersionsResult>`

/** S3 spells a refused permission in its own way; everything else keeps its name. */
const errorResponse = (error: ServiceError, head: boolean): HttpResponse => {
  const denied = error.code === "AccessDeniedException"
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error>${element("Code", denied ? "AccessDenied" : error.code)}${element(
    "Message",
    error.message
  )}</Error>`
  return response(
    denied ? 403 : error.status,
    { "content-type": "application/xml" },
    head ? undefined : Buffer.from(body)
  )
}

const exchange = async (call: Service, request: HttpRequest, principal: Principal): Promise<HttpResponse> => {
  const { bucket, key } = locate(request)
  const route = routeOf(request, key)
  refuseUnknownHeaders(
    request,
    route.operation,
    (name) => route.headers.has(name) || (route === PUT && name.startsWith(META))
  )
  const option = Object.keys(request.query ?? {}).find((name) => !route.query.has(name))
  if (option !== undefined) throw new Error(`not implemented by aws-in-process: ${option} on ${route.operation}`)

  switch (route.operation) {
    case "PutObject": {
      const object: S3Object = await call(route.operation, await putInput(request, bucket, key), principal)
      return response(200, { etag: object.etag, ...checksumHeaders(object) })
    }
    case "GetObject": {
      const { object, body }: { object: S3Object; body: Uint8Array } = await call(
        route.operation,
        { Bucket: bucket, Key: key, ...versionOf(request) },
        principal
      )
      const checksum = request.headers["x-amz-checksum-mode"] === undefined ? {} : checksumHeaders(object)
      return response(200, { ...objectHeaders(object), ...checksum }, body)
    }
    case "HeadObject":
      return response(200, objectHeaders(await call(route.operation, { Bucket: bucket, Key: key }, principal)))
    case "DeleteObject":
      await call(route.operation, { Bucket: bucket, Key: key, ...versionOf(request) }, principal)
      return response(204, {})
    case "ListObjectsV2": {
      const input = listInput(request, bucket)
      const page: S3Page = await call(route.operation, input, principal)
      return response(200, { "content-type": "application/xml" }, Buffer.from(listXml(bucket, input, page)))
    }
    case "ListObjectVersions": {
      const page: S3VersionPage = await call(route.operation, versionsInput(request, bucket), principal)
      return response(200, { "content-type": "application/xml" }, Buffer.from(versionsXml(bucket, page)))
    }
  }
}

/** One call in S3's protocol: the operation is in method, path and query; input in headers and body; output in XML. */
export const s3Exchange = async (
  call: Service | undefined,
  request: HttpRequest,
  principal: Principal
): Promise<HttpResponse> => {
  if (call === undefined) throw new Error(`not implemented by aws-in-process: ${request.method} ${request.hostname}`)
  try {
    return await exchange(call, request, principal)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return errorResponse(error, request.method === "HEAD")
  }
}
