import { PutObjectCommand } from "@aws-sdk/client-s3"
import { Config, Effect, Layer } from "effect"
import { Quarantine, type Quarantined, quarantineKey } from "../quarantine.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"
import { headerSafe, S3 } from "./s3.ts"

/** Objects put at a time. */
const OBJECTS_IN_FLIGHT = 8

/** The quarantine on S3: raw bytes, with reason, arrival and detail as metadata. Calls: `PutObject`. */
export const quarantine = (bucket: string) => Layer.effect(Quarantine, make(bucket))

/** The same, from `QUARANTINE_BUCKET`. */
export const quarantineFromConfig = Layer.effect(
  Quarantine,
  Effect.flatMap(Config.NonEmptyString("QUARANTINE_BUCKET"), (bucket) => make(bucket))
)

const make = Effect.fnUntraced(function* (Bucket: string) {
  const s3 = yield* S3

  const putOne = (entry: Quarantined) =>
    retry("PutObject", (abortSignal) =>
      s3.send(
        new PutObjectCommand({
          Bucket,
          Key: quarantineKey(entry),
          Body: entry.raw,
          ContentType: "application/octet-stream",
          Metadata: {
            reason: headerSafe(entry.reason),
            received: String(entry.received),
            detail: headerSafe(entry.detail)
          }
        }),
        { abortSignal }
      )
    )

  const put = Effect.fn("Quarantine.put")((entries: ReadonlyArray<Quarantined>) =>
    Effect.forEach(entries, putOne, { concurrency: OBJECTS_IN_FLIGHT, discard: true }).pipe(
      failing("quarantine", "put")
    )
  )

  return Quarantine.of({ put })
})
