import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis"
import { Config, Context, Effect, Layer } from "effect"
import { type StreamRecord, StreamSink } from "../hand-over.ts"
import { client } from "./client.ts"
import { handOver } from "./hand-over.ts"

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

/** The stream on Kinesis. Calls: `PutRecords`. */
export const streamSink = (name: string) => Layer.effect(StreamSink, make(name))

/** The same, from `STREAM_NAME`. */
export const streamSinkFromConfig = Layer.effect(
  StreamSink,
  Effect.flatMap(Config.NonEmptyString("STREAM_NAME"), (name) => make(name))
)

const make = Effect.fnUntraced(function* (StreamName: string) {
  const kinesis = yield* Kinesis

  const put = Effect.fn("StreamSink.put")((records: ReadonlyArray<StreamRecord>) =>
    handOver(
      {
        operation: "PutRecords",
        items: RECORDS_A_CALL,
        bytes: BYTES_A_CALL,
        bytesOf: ({ data, key }) => data.byteLength + key.length,
        send: async (some, abortSignal) => {
          const command = new PutRecordsCommand({
            StreamName,
            Records: some.map(({ data, key }) => ({ Data: data, PartitionKey: key }))
          })
          const { Records = [] } = await kinesis.send(command, { abortSignal })
          return some.map((_, i) => {
            const { SequenceNumber, ErrorCode = "NoAnswer" } = Records[i] ?? {}
            return SequenceNumber === undefined ? { reason: ErrorCode, again: true } : undefined
          })
        }
      },
      records
    )
  )

  return StreamSink.of({ put })
})
