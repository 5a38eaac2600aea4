import { S3Client } from "@aws-sdk/client-s3"
import { Context, Layer } from "effect"
import { client } from "./client.ts"

export class S3 extends Context.Service<S3, S3Client>()("projections/S3") {
  static readonly layer = Layer.effect(
    S3,
    client((settings) => new S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined }))
  )
}

/** S3 takes 2 KB of metadata in all. */
const MAX_LENGTH = 1_024

/** A text as object metadata, which travels in headers. */
export const headerSafe = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_LENGTH)
