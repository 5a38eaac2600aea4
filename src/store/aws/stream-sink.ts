import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis"
import { Config, Context, Effect, Layer, Result } from "effect"
import { type HandedOver, type StreamRecord, StreamSink } from "../hand-over.ts"
import { client } from "./client.ts"
import { blamesContent } from "./faults.ts"
import { packed } from "./packing.ts"
import { attempt, inRounds } from "./retry.ts"

export class Kinesis extends Context.Service<Kinesis, KinesisClient>()("projections/Kinesis") {
  static readonly layer = Layer.effect(
    Kinesis,
    client(({ requestHandler, ...settings }) => {
      // This client speaks HTTP/2. A session of its own for each call, as is the SDK's default, because one that is kept does not
      // survive that Lambda freezes the environment.
      const http = "handle" in requestHandler ? requestHandler : { ...requestHandler, disableConcurrentStreams: true }
      return new KinesisClient({ ...settings, requestHandler: http })
    })
  )
}

/** What one `PutRecords` takes; AWS has raised the size before, and half of a call costs nothing. */
const RECORDS_A_CALL = 500
const BYTES_A_CALL = 5 * 1_024 * 1_024

interface Item {
  readonly at: number
  readonly record: StreamRecord
  readonly bytes: number
}

/** The stream on Kinesis. Calls: `PutRecords`. */
export const streamSink = (name: string) => Layer.effect(StreamSink, make(name))

/** The same, from `STREAM_NAME`. */
export const streamSinkFromConfig = Layer.effect(
  StreamSink,
  Effect.flatMap(Config.NonEmptyString("STREAM_NAME"), (name) => make(name))
)

const make = Effect.fnUntraced(function* (StreamName: string) {
  const kinesis = yield* Kinesis

  const put = Effect.fn("StreamSink.put")(function* (records: ReadonlyArray<StreamRecord>) {
    const outcomes = new Array<HandedOver>(records.length)

    /** Returns the items that may be tried again. */
    const call: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Item>> = Effect.fnUntraced(
      function* (items) {
        const command = new PutRecordsCommand({
          StreamName,
          Records: items.map(({ record }) => ({ Data: record.data, PartitionKey: record.key }))
        })
        const result = yield* attempt("PutRecords", (abortSignal) => kinesis.send(command, { abortSignal }))
        if (Result.isSuccess(result)) {
          const answers = result.success.Records ?? []
          return items.filter(({ at }, i) => {
            const { ErrorCode, SequenceNumber } = answers[i] ?? {}
            const accepted = SequenceNumber !== undefined
            outcomes[at] = accepted ? { _tag: "accepted" } : { _tag: "unavailable", reason: ErrorCode ?? "NoAnswer" }
            return !accepted
          })
        }
        const { reason, retryable } = result.failure
        if (blamesContent(reason) && items.length > 1) {
          // One record may be to blame for the call; halves find it.
          const half = items.length >> 1
          return [...(yield* call(items.slice(0, half))), ...(yield* call(items.slice(half)))]
        }
        const _tag = blamesContent(reason) ? "refused" : "unavailable"
        for (const { at } of items) outcomes[at] = { _tag, reason }
        return retryable ? items : []
      }
    )

    const items = records.map((record, at) => ({ at, record, bytes: record.data.byteLength + record.key.length }))
    yield* inRounds(items, (open) =>
      Effect.map(Effect.forEach(packed(open, RECORDS_A_CALL, BYTES_A_CALL), call), (left) => left.flat())
    )
    return outcomes
  })

  return StreamSink.of({ put })
})
