import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3"
import { Effect } from "effect"
import type { Fault } from "./faults.ts"
import { retry } from "./retry.ts"

type Read = (key: string) => Effect.Effect<string, Fault>

/** Reads an object as text, such as a body that no item could hold, by its key. Calls: `GetObject`. */
export const readText =
  (s3: S3Client, Bucket: string): Read =>
  (Key) =>
    retry("GetObject", async (abortSignal) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal })
      return (await Body?.transformToString()) ?? ""
    })

/** The same; `null` of a body that is gone, which is no reason to stop for whoever reads them all. */
export const unlessGone =
  (read: Read) =>
  (key: string): Effect.Effect<string | null, Fault> =>
    Effect.catchIf(
      read(key),
      ({ reason }) => reason === "NoSuchKey",
      () => Effect.succeed(null)
    )
