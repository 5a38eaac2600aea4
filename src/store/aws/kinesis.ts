import { KinesisClient } from "@aws-sdk/client-kinesis"
import { Context, Layer } from "effect"
import { client } from "./client.ts"

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
