import { PutObjectCommand } from "@aws-sdk/client-s3"
import { Config, Effect, Layer } from "effect"
import { Parked, type ParkedLetter, parkedKey } from "../parked.ts"
import { failing } from "./faults.ts"
import { retry } from "./retry.ts"
import { headerSafe, S3 } from "./s3.ts"

/** Parked letters on S3: the body, with reason, arrival, attempts and detail as metadata. Calls: `PutObject`. */
export const parked = (bucket: string) => Layer.effect(Parked, make(bucket))

/** The same, from `QUARANTINE_BUCKET`. */
export const parkedFromConfig = Layer.effect(
  Parked,
  Effect.flatMap(Config.NonEmptyString("QUARANTINE_BUCKET"), (bucket) => make(bucket))
)

const make = Effect.fnUntraced(function* (Bucket: string) {
  const s3 = yield* S3

  const put = Effect.fn("Parked.put")((letter: ParkedLetter) =>
    retry("PutObject", (abortSignal) =>
      s3.send(
        new PutObjectCommand({
          Bucket,
          Key: parkedKey(letter),
          Body: Buffer.from(letter.body),
          ContentType: "application/octet-stream",
          Metadata: {
            reason: headerSafe(letter.reason),
            received: String(letter.received),
            attempts: String(letter.attempts),
            detail: headerSafe(letter.detail)
          }
        }),
        { abortSignal }
      )
    ).pipe(Effect.asVoid, failing("parked letters", "put"))
  )

  return Parked.of({ put })
})
