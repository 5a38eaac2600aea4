import { Readable } from "node:stream"
import { crc32 } from "node:zlib"
import type { HttpRequest, HttpResponse } from "@smithy/types"

/** Headers of every signed request, which carry nothing that an engine without a network could act on. */
const transport = new Set([
  "amz-sdk-invocation-id",
  "amz-sdk-request",
  "authorization",
  "content-length",
  "expect",
  "host",
  "user-agent",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-user-agent"
])

/** Throws when a header carries something that `known` does not name: an option may not be ignored. */
export const refuseUnknownHeaders = (
  request: HttpRequest,
  operation: string,
  known: (name: string) => boolean
): void => {
  for (const name of Object.keys(request.headers)) {
    const lower = name.toLowerCase()
    if (!transport.has(lower) && !known(lower))
      throw new Error(`not implemented by aws-in-process: header ${lower} on ${operation}`)
  }
}

/** The body as bytes, whatever the SDK made of it. */
export const bodyBytes = async (body: unknown): Promise<Uint8Array> => {
  if (body === undefined || body === null) return new Uint8Array()
  if (typeof body === "string") return Buffer.from(body)
  if (body instanceof Uint8Array) return body
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  if (body instanceof Readable) {
    const chunks: Array<Uint8Array> = []
    for await (const chunk of body) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk)
    return Buffer.concat(chunks)
  }
  throw new Error("not implemented by aws-in-process: a request body of this kind")
}

export const bodyText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")

/** CRC-32 as S3 and DynamoDB write it: big-endian, base64. */
export const crc32Base64 = (bytes: Uint8Array): string => {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(crc32(bytes))
  return buffer.toString("base64")
}

/** No `date` header: the SDK would take engine time for clock skew and shift its signatures. */
export const response = (statusCode: number, headers: Record<string, string>, body?: Uint8Array): HttpResponse => ({
  statusCode,
  headers,
  body: Readable.from(body === undefined || body.length === 0 ? [] : [body], { objectMode: false })
})
